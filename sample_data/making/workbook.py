"""The college's tables as an office keeps them: Dutch sheets and headers, Belgian dates, numbers as numbers, wishes side by side."""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from making.tables import Sheet

Cell = str | int | float | None

WISHES = 5
MODES = {"car": "auto", "pt": "OV", "bike": "fiets", "foot": "te voet"}
FLAGS = {"true": "ja", "false": "nee"}
STATUS = {"regular": "regulier", "working": "werkstudent", "jobseeker": "werkzoekend"}
KINDS = {
    "pin": "vast",
    "forbid": "verboden",
    "same_placement": "samen",
    "same_company": "zelfde bedrijf",
    "same_region": "zelfde regio",
    "apart": "niet samen",
    "coach": "trajectbegeleider",
    "assessor": "eindbeoordelaar",
}

HEADERS: dict[str, tuple[str, dict[str, str]]] = {
    "students": (
        "Studenten 26-27 (def)",
        {
            "student_id": "Studentnummer",
            "programme_id": "Opleiding",
            "institution_id": "Campus",
            "region_id": "Arrondissement",
            "postcode": "Postcode",
            "lat": "Breedtegraad",
            "lon": "Lengtegraad",
            "mode": "Vervoer",
            "max_minutes": "Max. reistijd (min)",
            "mandatory": "Stage verplicht",
            "status": "Statuut",
            "prior_route": "Vooropleiding",
            "own_company_id": "Eigen werkgever",
            "languages": "Talen",
            "checks": "Attesten",
            "available_from": "Beschikbaar vanaf",
            "available_to": "Beschikbaar tot",
            "pattern": "Weekpatroon",
            "excluded_companies": "Uitgesloten bedrijven",
            "min_pay": "Min. vergoeding",
            "priority": "Voorrang",
            "groups": "Kenmerken",
        },
    ),
    "placements": (
        "Stageplaatsen",
        {
            "placement_id": "Code plaats",
            "name": "Naam stageplaats",
            "capacity": "Aantal plaatsen",
            "capacity_min": "Minimum aantal",
            "company_id": "Ondernemingsnummer",
            "sector_id": "Sector",
            "region_id": "Arrondissement",
            "postcode": "Postcode",
            "lat": "Breedtegraad",
            "lon": "Lengtegraad",
            "programmes": "Voor opleidingen",
            "forms": "Leervormen",
            "from": "Startdatum",
            "to": "Einddatum",
            "pattern": "Weekpatroon",
            "competences": "Aangeboden competenties",
            "languages": "Talen",
            "checks_required": "Vereiste attesten",
            "mentors": "Aantal mentoren",
            "students_per_mentor": "Studenten per mentor",
            "mentor_trained_until": "Mentoropleiding geldig tot",
            "recognised_until": "Erkend tot",
            "insured": "Verzekering in orde",
            "pay_month": "Vergoeding",
            "remote_share": "Thuiswerk",
        },
    ),
    "programmes": (
        "Opleidingen",
        {
            "programme_id": "Opleidingscode",
            "name": "Naam opleiding",
            "form": "Leervorm",
            "workplace_share": "Aandeel werkplekleren",
            "competences_company": "Competenties bedrijf",
            "shortage": "Knelpunt",
        },
    ),
    "companies": (
        "Bedrijven",
        {
            "company_id": "Ondernemingsnummer",
            "name": "Naam bedrijf",
            "sector_id": "Sector",
            "region_id": "Arrondissement",
            "nace": "NACE-code",
            "joint_committees": "Paritaire comités",
            "employees": "Aantal werknemers",
        },
    ),
    "sectors": ("Sectoren", {"sector_id": "Sectorcode", "name": "Naam sector", "parent_id": "Hoofdsector"}),
    "regions": ("Arrondissementen", {"region_id": "Code regio", "name": "Naam regio", "parent_id": "Provincie", "lat": "Breedtegraad", "lon": "Lengtegraad"}),
    "quotas": (
        "Quota",
        {
            "quota_id": "Quotumcode",
            "students": "Filter studenten",
            "placements": "Filter stageplaatsen",
            "per": "Voor elke",
            "min": "Minimum",
            "max": "Maximum",
            "hard": "Bindend",
            "weight": "Gewicht",
            "source": "Herkomst",
        },
    ),
    "reserves": (
        "Voorbehouden plaatsen",
        {
            "reserve_id": "Reservecode",
            "order": "Volgorde",
            "students": "Filter studenten",
            "placements": "Filter stageplaatsen",
            "seats": "Aantal plaatsen",
            "weight": "Gewicht",
        },
    ),
    "teams": ("Teams", {"team_id": "Teamcode", "student_id": "Studentnummer", "kind": "Afspraak"}),
    "staff": (
        "Begeleiders",
        {
            "staff_id": "Personeelsnummer",
            "kind": "Rol",
            "max_students": "Max. studenten",
            "regions": "Arrondissementen",
            "programmes": "Opleidingen",
            "sectors": "Sectoren",
            "company_id": "Ondernemingsnummer",
        },
    ),
    "pins": ("Vast en verboden", {"student_id": "Studentnummer", "placement_id": "Code plaats", "kind": "Soort", "reason": "Reden", "by": "Beslist door"}),
    "recognitions": ("Erkenningen", {"placement_id": "Code plaats", "programme_id": "Opleidingscode", "from": "Erkend vanaf", "until": "Erkend tot"}),
}
"""Table -> its sheet, and its columns with the headers that the office uses."""

WHOLE = {
    "max_minutes",
    "min_pay",
    "priority",
    "capacity",
    "capacity_min",
    "mentors",
    "pay_month",
    "employees",
    "min",
    "max",
    "postcode",
    "order",
    "seats",
    "weight",
    "max_students",
}
DECIMAL = {"lat", "lon", "students_per_mentor", "remote_share", "workplace_share"}
DATES = {"available_from", "available_to", "from", "to", "mentor_trained_until", "recognised_until", "until"}
WORDS = {"mode": MODES, "mandatory": FLAGS, "insured": FLAGS, "shortage": FLAGS, "hard": FLAGS, "status": STATUS, "kind": KINDS}
LISTS = {"programmes", "languages", "checks", "checks_required", "regions", "sectors"}


@dataclass
class Grid:
    """A sheet that can be spoiled: headers, rows of cells, where each column of the format stands, and what somebody wrote above it all."""

    headers: list[str]
    rows: list[list[Cell]]
    at: dict[str, int] = field(default_factory=dict)
    above: str = ""

    def cell(self, row: int, column: str) -> Cell:
        """The cell of a row in a column of the format."""
        return self.rows[row][self.at[column]]

    def put(self, row: int, column: str, value: Cell) -> None:
        """Write a cell."""
        self.rows[row][self.at[column]] = value


def workbook(tables: Mapping[str, Sheet]) -> dict[str, Grid]:
    """The clean workbook: sheet name -> grid, wishes side by side (placements only, as the form asked)."""
    grids = {}
    for name, (title, headers) in HEADERS.items():
        table = tables[name]
        columns = [[_cell(column, text) for text in table.column(column)] for column in headers]
        grids[title] = Grid(list(headers.values()), [list(row) for row in zip(*columns, strict=True)], {column: i for i, column in enumerate(headers)})
    grids["Voorkeuren"] = _wide(tables)
    grids["Stageplaatsen"].above = "Stagebureau - stand op 12/01/2027"
    return grids


def settings_sheet(settings: str) -> Grid:
    """round.toml as a sheet, for a workbook that travels without it."""
    document = tomllib.loads(settings)
    rows: list[list[Cell]] = [
        [section, key, ", ".join(value) if isinstance(value, list) else str(value)] for section, keys in document.items() for key, value in keys.items()
    ]
    return Grid(["Onderdeel", "Instelling", "Waarde"], rows)


def _cell(column: str, text: str) -> Cell:
    """A text of the clean round as the office's cell."""
    if not text:
        return None
    if column in WHOLE:
        return int(text)
    if column in DECIMAL:
        number = float(text)
        return int(number) if number.is_integer() else number
    if column in DATES or (column == "from" and "-" in text):
        return f"{dt.date.fromisoformat(text):%d/%m/%Y}"
    if column in WORDS:
        return WORDS[column][text]
    return text.replace("|", ", ") if column in LISTS else text


def _wide(tables: Mapping[str, Sheet]) -> Grid:
    """One row for each student with wishes: the placements in order of their ranks."""
    wishes: dict[str, list[Cell]] = {}
    for student, rank, kind, target in tables["preferences"].rows:
        if kind == "placement" and rank != "no" and len(wishes.setdefault(student, [])) < WISHES:
            wishes[student].append(target)
    rows: list[list[Cell]] = [[student, *targets, *[None] * (WISHES - len(targets))] for student, targets in sorted(wishes.items())]
    names = [f"wish{k}" for k in range(1, WISHES + 1)]
    return Grid(["Studentnummer", *(f"Voorkeur {k}" for k in range(1, WISHES + 1))], rows, {name: i for i, name in enumerate(["student_id", *names])})


def write_xlsx(path: Path, grids: Mapping[str, Grid]) -> None:
    """Write the workbook; the same content gives the same bytes."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": False, "strings_to_numbers": False}) as book:
        book.set_properties({"title": "Stageronde", "created": dt.datetime(2027, 1, 12, tzinfo=dt.UTC)})
        bold = book.add_format({"bold": True})
        for title, grid in grids.items():
            sheet = book.add_worksheet(title)
            top = 1 if grid.above else 0
            if grid.above:
                sheet.write_string(0, 0, grid.above)
            sheet.freeze_panes(top + 1, 0)
            sheet.write_row(top, 0, grid.headers, bold)
            for number, row in enumerate(grid.rows, start=top + 1):
                for position, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(number, position, cell)
                    elif cell is not None:
                        sheet.write_number(number, position, cell)


def write_belgian_csv(folder: Path, grids: Mapping[str, Grid]) -> None:
    """Write every sheet as Excel does in Belgium: semicolons, cp1252, decimal commas, CR LF."""
    folder.mkdir(parents=True, exist_ok=True)
    for title, grid in grids.items():
        with (folder / f"{title}.csv").open("w", encoding="cp1252", newline="") as file:
            writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
            if grid.above:
                writer.writerow([grid.above, *[""] * (len(grid.headers) - 1)])
            writer.writerow(grid.headers)
            writer.writerows([_belgian(cell) for cell in row] for row in grid.rows)


def _belgian(cell: Cell) -> str:
    if cell is None:
        return ""
    return repr(cell).replace(".", ",") if isinstance(cell, float) else str(cell)
