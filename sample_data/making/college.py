"""The round of a fictional college: 3,000 students, 16 programmes, 1,240 establishments."""

from __future__ import annotations

from collections import Counter

import numpy as np

from making.college_rules import group_or_nobody, rules
from making.dice import Dice
from making.facts import PROGRAMMES, PROVINCES, REGIONS, SECTOR_GROUPS, SECTORS
from making.people import Students, students
from making.places import Places, places
from making.staff import staff
from making.tables import Sheet, from_columns, sheet
from making.teams import one_list, team_rows, teams
from making.wishes import World, wishes, world

PINNED, EXCLUDED, FORBIDDEN = 190, 40, 30
RANK_OWN_EMPLOYER, SILENT = 0.8, 0.125
FEW, NEAR, NEIGHBOURS = 4, 40, 40
"""Establishments that are all a student has, minutes that are near, and establishments that are."""

SETTINGS = """\
# De stageronde van een verzonnen hogeschool.

[round]
id = "college-2027"
name = "Werkplekleren, tweede semester 2026-2027"
seed = 2027
language = "nl"
start_date = 2027-02-08

[rules]
unlisted = "last"     # wie buiten de eigen wensen terechtkomt, staat daar liever dan nergens
no_wishes = "any"

[policy]
tiers = ["placed_mandatory", "placed", "soft", "rank", "travel"]
"""


def college(seed: int) -> tuple[dict[str, Sheet], str]:
    """All tables, and round.toml."""
    people, offer = students(seed), places(seed)
    possible = world(people, offer)
    dice = Dice(seed, 3)
    pinned = _pinned(dice, people, offer, possible)
    excluded, forbidden = _conflicts(dice, possible, pinned)
    for student, place in excluded:
        people["excluded_companies"][student] = offer["company_id"][place]
    asks = {student: place for student, place in pinned.items() if dice.chance(RANK_OWN_EMPLOYER, 1)[0]}
    refused = {(student, other) for student, place in excluded for other in np.flatnonzero(offer["company_id"] == offer["company_id"][place])} | set(forbidden)
    lines = wishes(seed, people, offer, possible, asks, refused)
    formed = teams(seed, people, offer, possible, lines, {*pinned, *(student for student, _ in refused)})
    lines = one_list(formed, people, lines)
    groups = group_or_nobody(seed, offer, Counter(target for _, _, _, target in lines), set(pinned.values()))
    ids, codes = people["student_id"], offer["placement_id"]
    pins = [(ids[s], codes[p], "pin", "eigen werkgever", "trajectbegeleider") for s, p in sorted(pinned.items())]
    pins += [(ids[s], codes[p], "forbid", "belangenconflict", "stagebureau") for s, p in sorted(forbidden)]
    tables = {
        "students": from_columns(people.columns),
        "placements": from_columns(_beside(offer.columns, "capacity", "capacity_min", groups)),
        "preferences": sheet(("student_id", "rank", "target_type", "target_id"), sorted(lines, key=lambda line: line[0])),
        "companies": from_columns(offer.companies),
        "recognitions": sheet(("placement_id", "programme_id", "from", "until"), offer.recognitions),
        "pins": sheet(("student_id", "placement_id", "kind", "reason", "by"), pins),
        "teams": team_rows(formed, people),
        "staff": staff(seed, people, offer),
        **rules(),
        **reference(),
    }
    return tables, SETTINGS


def reference() -> dict[str, Sheet]:
    """Programmes, sectors and regions."""
    programmes = [(p.code, p.name, "graduaat", "0.34", p.competences, "true" if p.shortage else "false") for p in PROGRAMMES]
    sectors = [(code, name, "", "") for code, name in SECTOR_GROUPS.items()] + [(s.code, s.name, s.parent, s.committees) for s in SECTORS]
    regions = [(code, name, "", "", "") for code, name in PROVINCES.items()] + [(r.code, r.name, r.province, r.lat, r.lon) for r in REGIONS]
    return {
        "programmes": sheet(("programme_id", "name", "form", "workplace_share", "competences_company", "shortage"), programmes),
        "sectors": sheet(("sector_id", "name", "parent_id", "joint_committees"), sectors),
        "regions": sheet(("region_id", "name", "parent_id", "lat", "lon"), regions),
    }


def _beside(columns: dict[str, np.ndarray], old: str, new: str, cells: np.ndarray) -> dict[str, np.ndarray]:
    """The columns with a new one behind an old one."""
    return {name: column for each, cell in columns.items() for name, column in ([(each, cell), (new, cells)] if each == old else [(each, cell)])}


def _pinned(dice: Dice, people: Students, offer: Places, possible: World) -> dict[int, int]:
    """Working students who stay with their own employer; the others work for a company that may or may not take trainees of their programme."""
    left = offer.usable.copy()
    pinned: dict[int, int] = {}
    for student in dice.of(people["status"] == "working", len(people)):
        near = possible.possible[student] & (left > 0) & (possible.travel[student] <= NEAR)
        if len(pinned) < PINNED and near.any():
            place = int(dice.of(near, 1)[0])
            pinned[int(student)] = place
            left[place] -= 1
        else:
            # Any establishment nearby, whatever it does; some did not say where they work.
            place = int(np.argsort(possible.travel[student], kind="stable")[dice.order(NEIGHBOURS)[0]])
            if dice.chance(SILENT, 1)[0]:
                continue
        people["own_company_id"][student] = offer["company_id"][place]
    return pinned


def _conflicts(dice: Dice, possible: World, pinned: dict[int, int]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Students and establishments that may not meet: through the company (excluded), or through one establishment (forbidden)."""
    eligible = possible.possible.sum(axis=1) > FEW
    eligible[list(pinned)] = False
    pairs = [(int(s), int(dice.of(possible.possible[s], 1)[0])) for s in dice.of(eligible, EXCLUDED + FORBIDDEN)]
    return pairs[:EXCLUDED], pairs[EXCLUDED:]
