"""What goes wrong with a workbook between five campuses and one office: about 400 problems of 14 kinds, planted where they meet no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from making.dice import Dice
from making.facts import PROGRAMMES, REGIONS
from making.names import enterprise_number
from making.places import COMPANIES
from making.workbook import FLAGS, HEADERS, Grid

Codes = Counter[str]


class Spoiler:
    """Plants problems and counts them by the code with which a check names them."""

    def __init__(self, seed: int, grids: dict[str, Grid]) -> None:
        self.dice = Dice(seed, 5)
        self.grids = grids
        self.students, self.places, self.wishes = grids[HEADERS["students"][0]], grids["Stageplaatsen"], grids["Voorkeuren"]
        self.pins, self.companies = grids["Vast en verboden"], grids["Bedrijven"]
        # What a pin, a team or a minimum speaks of as well would tell of a problem twice.
        teams = grids[HEADERS["teams"][0]]
        bound = {str(row[i]) for row in self.pins.rows for i in (0, 1)} | {str(row[teams.at["student_id"]]) for row in teams.rows}
        bound |= {str(row[self.places.at["placement_id"]]) for row in self.places.rows if row[self.places.at["capacity_min"]]}
        self._free = {
            "students": [k for k in self.dice.order(len(self.students.rows)) if str(self.students.cell(int(k), "student_id")) not in bound],
            "places": [k for k in self.dice.order(len(self.places.rows)) if str(self.places.cell(int(k), "placement_id")) not in bound],
            "wishes": list(self.dice.order(len(self.wishes.rows))),
            "pins": list(self.dice.order(len(self.pins.rows))),
        }

    def take(self, kind: str, count: int, fits: Callable[[int], bool] = lambda _: True) -> list[int]:
        """Rows that nothing else has touched."""
        chosen = [int(k) for k in self._free[kind] if fits(int(k))][:count]
        if len(chosen) < count:
            raise ValueError(f"too few rows of {kind} to spoil")
        taken = set(chosen)
        self._free[kind] = [k for k in self._free[kind] if int(k) not in taken]
        return chosen

    def leading_zeros(self) -> Codes:
        """Numbers that a spreadsheet took for numbers: enterprise and student numbers without their zeros."""
        for row in self.take("places", 30):
            self.places.put(row, "company_id", int(str(self.places.cell(row, "company_id"))))
        for row in self.take("students", 15, lambda k: bool(self.students.cell(k, "own_company_id"))):
            self.students.put(row, "own_company_id", int(str(self.students.cell(row, "own_company_id"))))
        for row in self.take("pins", 15):
            self.pins.put(row, "student_id", int(str(self.pins.cell(row, "student_id"))))
        whole = self._whole_column(12)
        # Where the number of a company is mended, the placement that names it has to follow.
        return Counter(leading_zeros_lost=60 + whole, kbo_zero_lost=whole)

    def _whole_column(self, count: int) -> int:
        """Companies whose number lost its zero wherever it stands, so that only the number itself tells."""
        named = Counter(str(row[self.places.at["company_id"]]) for row in self.places.rows)
        elsewhere = {
            str(cell) for row in self.students.rows for cell in (row[self.students.at["own_company_id"]], row[self.students.at["excluded_companies"]]) if cell
        }
        staff = self.grids[HEADERS["staff"][0]]
        elsewhere |= {str(cell) for row in staff.rows if (cell := row[staff.at["company_id"]])}
        where = {str(row[0]): k for k, row in enumerate(self.companies.rows)}

        def alone(row: int) -> bool:
            number = str(self.places.cell(row, "company_id"))
            return number in where and named[number] == 1 and not any(number in cell for cell in elsewhere)

        for row in self.take("places", count, alone):
            number = str(self.places.cell(row, "company_id"))
            self.places.put(row, "company_id", int(number))
            self.companies.put(where[number], "company_id", int(number))
        return count

    def duplicate_students(self) -> Codes:
        """Students who were sent by two campuses, row for row the same."""
        for row in self.take("students", 12):
            self._later("students", list(self.students.rows[row]))
        return Counter(duplicate_row=12)

    def two_campuses(self) -> Codes:
        """Students who stand at two campuses with other data."""
        for row in self.take("students", 10):
            copy = list(self.students.rows[row])
            campus = self.students.at["institution_id"]
            copy[campus] = "MEC" if copy[campus] != "MEC" else "GNT"
            copy[self.students.at["max_minutes"]] = 45
            self._later("students", copy)
        return Counter(student_twice=10)

    def _later(self, kind: str, row: list) -> None:
        """Rows that come at the end once everything else is done, so that row numbers stay."""
        {"students": self.students, "companies": self.companies}[kind].rows.append(row)

    def programme_titles(self) -> Codes:
        """Titles from leaflets instead of codes."""
        names = {item.code: item.name for item in PROGRAMMES}
        for k, row in enumerate(self.take("students", 32)):
            name = names[str(self.students.cell(row, "programme_id"))]
            self.students.put(row, "programme_id", (f"Graduaat {name} (dag)", f"Graduaat {name} (avond)", f"{name} - graduaat")[k % 3])
        return Counter(reference_near=32)

    def names_for_codes(self) -> Codes:
        """Names of regions and sectors instead of codes."""
        regions = {item.code: item.name for item in REGIONS}
        for row in self.take("students", 12):
            self.students.put(row, "region_id", regions[str(self.students.cell(row, "region_id"))])
        for row in self.take("places", 12):
            self.places.put(row, "region_id", regions[str(self.places.cell(row, "region_id"))])
        names = {str(row[0]): row[1] for row in self.grids["Sectoren"].rows}
        for row in self.take("places", 8):
            self.places.put(row, "sector_id", names[str(self.places.cell(row, "sector_id"))])
        return Counter(reference_by_name=32)

    def doubtful_capacity(self) -> Codes:
        """Two a three places, about four, two and a remark."""
        for k, row in enumerate(self.take("places", 24)):
            low = int(str(self.places.cell(row, "capacity")))
            self.places.put(row, "capacity", (f"{low} a {low + 1}", f"{low} à {low + 1}", f"{low} tot {low + 1}", f"{low}-{low + 1}")[k % 4])
        for row in self.take("places", 6):
            self.places.put(row, "capacity", f"ca. {self.places.cell(row, 'capacity')}")
        for row in self.take("places", 4):
            self.places.put(row, "capacity", f"{self.places.cell(row, 'capacity')} plaatsen")
        return Counter(number_range=24, number_about=6, number_with_words=4)

    def date_order(self) -> Codes:
        """The month before the day, as a computer with American settings writes it."""
        for row in self.take("places", 18):
            day, month, year = str(self.places.cell(row, "to")).split("/")
            self.places.put(row, "to", f"{month}/{day}/{year}")
        for row in self.take("places", 10, lambda k: self.places.cell(k, "from") == "08/02/2027"):
            self.places.put(row, "from", "02/08/2027")
        return Counter(date_swapped=18, dates_reversed=10)

    def coordinates(self) -> Codes:
        """A lost decimal point, latitude and longitude exchanged, the coordinates of another town."""
        for row in self.take("places", 14):
            self.places.put(row, "lat", int(f"{self.places.cell(row, 'lat'):.4f}".replace(".", "")))
        for row in self.take("students", 6):
            lat, lon = self.students.cell(row, "lat"), self.students.cell(row, "lon")
            self.students.put(row, "lat", lon)
            self.students.put(row, "lon", lat)
        far = {"BE254": "BE224", "BE224": "BE251", "BE211": "BE254", "BE234": "BE223", "BE212": "BE255"}
        centre = {item.code: (item.lat, item.lon) for item in REGIONS}
        for home, away in far.items():
            (row,) = self.take("places", 1, lambda k, home=home: self.places.cell(k, "region_id") == home)
            self.places.put(row, "lat", centre[away][0])
            self.places.put(row, "lon", centre[away][1])
        # An exchange is told for both cells of the row.
        return Counter(decimal_point_lost=14, coordinates_swapped=12, far_from_region=5)

    def old_wishes(self) -> Codes:
        """Wishes for places of last year, which had other codes."""
        for k, row in enumerate(self.take("wishes", 40, lambda k: bool(self.wishes.cell(k, "wish2")))):
            self.wishes.put(row, f"wish{1 + k % 2}", f"SP25/{1000 + 13 * k}")
        return Counter(wish_unknown=40)

    def double_wishes(self) -> Codes:
        """The same placement as first and as third wish."""
        for row in self.take("wishes", 20, lambda k: bool(self.wishes.cell(k, "wish3"))):
            self.wishes.put(row, "wish3", self.wishes.cell(row, "wish1"))
        return Counter(wish_twice=20)

    def spelling(self) -> Codes:
        """Codes in small letters, with a blank in the middle, or enterprise numbers with dots."""
        for k, row in enumerate(self.take("wishes", 24)):
            code = str(self.wishes.cell(row, "wish1"))
            self.wishes.put(row, "wish1", code.lower() if k % 2 else f"{code[0]} {code[1:]}")
        for row in self.take("places", 12):
            number = str(self.places.cell(row, "company_id"))
            self.places.put(row, "company_id", f"{number[:4]}.{number[4:7]}.{number[7:]}")
        # Blanks at the end are read without a word about each.
        for row in self.take("wishes", 25):
            self.wishes.put(row, "wish1", f"{self.wishes.cell(row, 'wish1')} ")
        return Counter(reference_spelling=36)

    def impossible_cells(self) -> Codes:
        """Places below zero, and cells that must not be empty."""
        for row in self.take("places", 6):
            self.places.put(row, "capacity", -int(str(self.places.cell(row, "capacity"))))
        for row in self.take("places", 5):
            self.places.put(row, "capacity", None)
        asked = {str(row[0]) for row in self.wishes.rows}
        for row in self.take("students", 4, lambda k: str(self.students.cell(k, "student_id")) not in asked):
            self.students.put(row, "student_id", None)
        return Counter(negative=6, empty_required=9)

    def unknown_words(self) -> Codes:
        """Remarks where yes or no, or a means of transport, was asked."""
        for k, row in enumerate(self.take("places", 8, lambda k: self.places.cell(k, "insured") == FLAGS["true"])):
            self.places.put(row, "insured", ("zie mail", "in aanvraag")[k % 2])
        for k, row in enumerate(self.take("students", 9)):
            self.students.put(row, "mode", ("rijdt mee met ouders", "auto of trein", "heeft nog geen rijbewijs")[k % 3])
        return Counter(flag_unreadable=8, choice_unknown=9)

    def same_companies(self) -> Codes:
        """Companies that stand there twice: in capitals, with another legal form, under another number."""
        for k, row in enumerate(self.dice.order(len(self.companies.rows))[:8]):
            copy = list(self.companies.rows[int(row)])
            copy[0] = enterprise_number(COMPANIES + k)
            copy[self.companies.at["name"]] = f"{str(copy[self.companies.at['name']]).upper()} NV"
            self._later("companies", copy)
        return Counter(same_company=8)


KINDS: tuple[str, ...] = (
    "leading_zeros",
    "duplicate_students",
    "two_campuses",
    "programme_titles",
    "names_for_codes",
    "doubtful_capacity",
    "date_order",
    "coordinates",
    "old_wishes",
    "double_wishes",
    "spelling",
    "impossible_cells",
    "unknown_words",
    "same_companies",
)
"""The kinds of problems, each a method of Spoiler; those that copy rows come early, so that nothing spoilt is copied."""


def spoil(seed: int, grids: dict[str, Grid]) -> Mapping[str, Mapping[str, int]]:
    """Spoil a workbook in place; returns kind -> code -> how many."""
    spoiler = Spoiler(seed, grids)
    return {kind: dict(sorted(getattr(spoiler, kind)().items())) for kind in KINDS}
