"""The companies and their establishments: sector, region, seats, programmes, mentors, recognition, insurance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from making.dice import Dice, apportion
from making.facts import PROGRAMMES, REGIONS, SECTORS
from making.land import BETWEEN, CODES, PEOPLE, settle
from making.names import enterprise_number, invented
from making.people import home_shares

ESTABLISHMENTS, COMPANIES = 1240, 980
NOMINAL, USABLE = 3420, 3060
START, END_WEEK, END_BLOCK, LATE_START = "2027-02-08", "2027-06-18", "2027-04-30", "2027-03-01"

# Where the seats go that are there on paper only (together NOMINAL - USABLE).
LOST = {"mentors": 150, "recognition": 95, "training": 70, "insurance": 45}

SECTOR_AT = {sector.code: i for i, sector in enumerate(SECTORS)}
SMALL, MEDIUM = 3, 8
"""Seats up to which an establishment (or a company) is small, or medium."""

SHARED = (0.75, 0.36)
"""Shares of the establishments that also take students of a second, and of a third programme of their sector."""

EVENING = 0.34
CHECKS = {"ZW-JEU": "strafregister", "ZW-GEH": "strafregister", "OVH-OND": "strafregister", "ZW-ZIE": "medisch"}
SIZES = ((0.02, 0.55), (0.3, 0.27), (1.2, 0.14), (14.0, 0.04))
"""Relative seats, and share of the establishments, of micro, small, medium and large ones."""


@dataclass(frozen=True)
class Places:
    """Establishments as they stand in placements.csv, as arrays, with codes for what they are made of."""

    sector: np.ndarray
    region: np.ndarray
    capacity: np.ndarray
    usable: np.ndarray
    programmes: list[list[int]]
    columns: dict[str, np.ndarray]
    at: np.ndarray
    companies: dict[str, np.ndarray]
    recognitions: list[tuple[str, str, str, str]]

    def __len__(self) -> int:
        return len(self.capacity)

    def __getitem__(self, column: str) -> np.ndarray:
        return self.columns[column]

    def accepts(self, programme: int) -> np.ndarray:
        """Which establishments name the programme."""
        return np.array([programme in accepted for accepted in self.programmes])


def places(seed: int) -> Places:
    """All establishments, in random order."""
    dice = Dice(seed, 2)
    sector, programme, region, capacity = _establishments(dice)
    m = len(capacity)
    accepted = _programmes(dice, sector, programme)
    company, companies = _companies(dice, sector, region, capacity)
    at, postcode = settle(dice, region, 11.0)
    lacks = _defects(dice, capacity)
    patterns, ends = _patterns(dice, programme)
    ratio = np.where(lacks["mentors"] > 0, "1", dice.words({"1": 5, "2": 4, "1.5": 1}, m))
    usable = np.where(lacks["recognition"] | lacks["training"] | lacks["insurance"], 0, capacity - lacks["mentors"])
    sector_codes = np.array([item.code for item in SECTORS], dtype=object)[sector]
    ids = np.array([f"V{k + 1:04d}" for k in range(m)], dtype=object)
    columns = {
        "placement_id": ids,
        "capacity": capacity,
        "company_id": companies["company_id"][company],
        "sector_id": sector_codes,
        "region_id": CODES[region],
        "postcode": postcode,
        "lat": at[:, 0],
        "lon": at[:, 1],
        "programmes": np.array(["|".join(PROGRAMMES[code].code for code in codes) for codes in accepted], dtype=object),
        "forms": dice.words({"graduaat": 6, "graduaat|duaal_so": 3, "": 1}, m),
        "from": np.where(dice.chance(0.05, m), LATE_START, START),
        "to": ends,
        "pattern": patterns,
        "competences": _competences(dice, accepted),
        "languages": np.where((CODES[region] == "BE100") & dice.chance(0.5, m), "nl|fr", dice.words({"nl": 6, "": 3, "nl|en": 0.4}, m)),
        "checks_required": np.array([CHECKS.get(code, "") for code in sector_codes], dtype=object),
        "mentors": _mentors(usable, capacity, ratio),
        "students_per_mentor": ratio,
        "mentor_trained_until": np.where(
            lacks["training"], dice.words({"2027-02-28": 1, "2026-12-31": 2}, m), dice.words({"2028-08-31": 2, "2030-01-31": 3, "": 1}, m)
        ),
        "recognised_until": np.where(dice.chance(0.3, m), "2030-06-30", ""),
        "insured": np.where(lacks["insurance"], "false", dice.words({"true": 12, "": 1}, m)),
        "pay_month": dice.words({"": 5, "0": 3, "150": 1, "250": 1}, m),
        "remote_share": np.where(np.isin(sector_codes, ("DIE-ICT", "DIE-MAR", "DIE-ACC")), dice.words({"": 3, "0.2": 2, "0.4": 1}, m), ""),
        "name": np.array([f"{companies['name'][c]} ({REGIONS[r].name})" for c, r in zip(company, region, strict=True)], dtype=object),
    }
    recognitions = _recognitions(dice, ids, accepted, lacks["recognition"])
    return Places(sector, region, capacity, usable, accepted, columns, at, companies, recognitions)


def _establishments(dice: Dice) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Sector, main programme, region and seats on paper of every establishment: as many seats as the students nearby need, give or take."""
    cells = [(p, SECTOR_AT[s], item.students * (1 + item.margin) * share) for p, item in enumerate(PROGRAMMES) for s, share in item.sectors.items()]
    seats = apportion(NOMINAL, [weight for _, _, weight in cells])
    rows = []
    for (programme, sector, _), total in zip(cells, seats, strict=True):
        near = home_shares(programme).sum(axis=0)
        share = (0.88 * near / near.sum() + 0.12 * PEOPLE / PEOPLE.sum()) * (0.6 + 0.8 * dice.uniform(len(PEOPLE)))
        rows += [(programme, sector, region, count) for region, count in enumerate(apportion(total, share)) if count]
    programme, sector, region, seats = (np.array(column) for column in zip(*rows, strict=True))
    count = _counts(seats, np.array([item.size for item in SECTORS])[sector])
    capacity = np.concatenate([_heavy(dice, int(total), int(parts)) for total, parts in zip(seats, count, strict=True)])
    order = dice.order(ESTABLISHMENTS)
    return *(np.repeat(column, count)[order] for column in (sector, programme, region)), capacity[order]


def _counts(seats: np.ndarray, size: np.ndarray) -> np.ndarray:
    """How many establishments hold the seats of each cell: about seats / size, and ESTABLISHMENTS together."""
    count = np.clip(np.rint(seats / size).astype(int), 1, seats)
    while (gap := ESTABLISHMENTS - count.sum()) != 0:
        # One at a time where the mean size is farthest from what it should be.
        off = seats / count / size
        off[(count == seats) if gap > 0 else (count == 1)] = -np.inf if gap > 0 else np.inf
        count[np.argmax(off) if gap > 0 else np.argmin(off)] += np.sign(gap)
    return count


def _heavy(dice: Dice, seats: int, parts: int) -> np.ndarray:
    """Seats divided over establishments of very unequal size."""
    weight, share = zip(*SIZES, strict=True)
    return apportion(seats, np.array(weight)[dice.pick(share, parts)], least=1)


def _programmes(dice: Dice, sector: np.ndarray, programme: np.ndarray) -> list[list[int]]:
    """The programmes that each establishment takes: its own, and for most one or two more of the same sector."""
    luck = dice.uniform(len(sector))
    accepted = []
    for own, place, chance in zip(programme, sector, luck, strict=True):
        others = [p for p, item in enumerate(PROGRAMMES) if p != own and SECTORS[place].code in item.sectors]
        more = sum(chance < share for share in SHARED)
        accepted.append([int(own), *(others[k] for k in dice.order(len(others))[:more])])
    return accepted


def _companies(dice: Dice, sector: np.ndarray, region: np.ndarray, capacity: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The company of every establishment, and the companies: each has one establishment, some have more in the neighbourhood."""
    company = np.full(len(sector), -1)
    per_sector = apportion(COMPANIES, np.bincount(sector, minlength=len(SECTORS)))
    made = 0
    for code, count in enumerate(per_sector):
        members = np.flatnonzero(sector == code)
        members = members[dice.order(len(members))]
        heads, rest = members[:count], members[count:]
        company[heads] = made + np.arange(count)
        for place in rest:
            company[place] = company[heads[dice.pick(np.exp(-BETWEEN[region[place], region[heads]] / 25.0), 1)[0]]]
        made += count
    head = np.unique(company, return_index=True)[1]
    seats = np.bincount(company, weights=capacity).astype(int)
    low = np.select([seats <= 1, seats <= SMALL, seats <= MEDIUM], [1, 5, 50], 200)
    employees = np.floor(low * (1 + 8 * dice.uniform(COMPANIES) ** 2)).astype(int)
    items = [SECTORS[code] for code in sector[head]]
    table = {
        "company_id": np.array([enterprise_number(k) for k in range(COMPANIES)], dtype=object),
        "name": np.array([f"{item.word} {invented(k)}" for k, item in enumerate(items)], dtype=object),
        "sector_id": np.array([item.code for item in items], dtype=object),
        "region_id": CODES[region[head]],
        "nace": np.array([item.nace for item in items], dtype=object),
        "joint_committees": np.array([item.committees for item in items], dtype=object),
        "employees": employees,
    }
    return company, table


def _defects(dice: Dice, capacity: np.ndarray) -> dict[str, np.ndarray]:
    """What makes seats unusable, so that exactly LOST seats are: lost seats by `mentors`, and flags for what closes a whole establishment."""
    free = capacity <= MEDIUM
    lacks: dict[str, np.ndarray] = {}
    for kind in ("recognition", "training", "insurance"):
        left, flags = LOST[kind], np.zeros(len(capacity), dtype=bool)
        for place in dice.of(free, len(capacity)):
            if capacity[place] <= left:
                flags[place] = True
                left -= capacity[place]
        free = free & ~flags
        lacks[kind] = flags
    open_ = ~(lacks["recognition"] | lacks["training"] | lacks["insurance"])
    lost, left = np.zeros(len(capacity), dtype=int), LOST["mentors"]
    for place in dice.of(open_ & (capacity > 1), len(capacity)):
        lost[place] = min(left, 1 + (capacity[place] > SMALL))
        left -= lost[place]
    lacks["mentors"] = lost
    return lacks


def _patterns(dice: Dice, programme: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days that each establishment offers, and when the placement ends."""
    days = np.array([PROGRAMMES[code].pattern for code in programme], dtype=object)
    both = days == "2d|block"
    days[both] = dice.words({"2d|block": 14, "2d": 3, "block": 3}, int(both.sum()))
    evening = dice.chance(EVENING, len(days))
    days[evening] += "|evening"
    return days, np.where(days == "block", END_BLOCK, END_WEEK)


def _competences(dice: Dice, accepted: list[list[int]]) -> np.ndarray:
    """What can be learned there, where the main programme asks for it: mostly all, sometimes a part or something else."""
    cells = []
    for codes, complete in zip(accepted, dice.chance(0.92, len(accepted)), strict=True):
        wanted = PROGRAMMES[codes[0]].competences
        part = wanted.partition("|")[2] or "onderhoud"
        cells.append(wanted if complete or not wanted else part)
    return np.array(cells, dtype=object)


def _mentors(usable: np.ndarray, capacity: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    """Enough mentors for the usable seats (or, where the establishment is closed for another reason, for all)."""
    seats = np.where(usable > 0, usable, capacity)
    return np.ceil(seats / ratio.astype(float)).astype(int)


def _recognitions(dice: Dice, ids: np.ndarray, accepted: list[list[int]], lapsed: np.ndarray) -> list[tuple[str, str, str, str]]:
    """Rows placement, programme, from, until. A lapsed establishment has only rows that end too early; a few others have no rows at all."""
    m = len(ids)
    unlisted, early_second = dice.chance(0.04, m) & ~lapsed, dice.chance(0.06, m)
    since, last = 2023 + dice.pick((1, 1, 1, 1), m), dice.words({"2026-11-30": 2, "2027-03-31": 3}, m)
    rows = []
    for k in np.flatnonzero(~unlisted):
        for position, code in enumerate(accepted[k]):
            early = lapsed[k] or (position > 0 and early_second[k])
            span = ("2021-09-01", last[k]) if early else (f"{since[k]}-09-01", f"{since[k] + 5}-08-31")
            rows.append((str(ids[k]), PROGRAMMES[code].code, *span))
    return rows
