"""The strongest property of typing: a clean round, written the way offices write, is still the same round."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.intake.checked import check_raw
from matcher.intake.fixes import fix
from matcher.intake.raw import RawRound, RawTable

CLEAN = {
    "students": pd.DataFrame(
        {
            "student_id": ["S001", "S002", "S003", "S004"],
            "programme_id": ["PB-VPK", "GR-PRG", "PB-VPK", "0123"],
            "lat": ["51.05", "50.88", "51.22", "50.93"],
            "lon": ["3.72", "4.7", "4.4", "5.34"],
            "mode": ["car", "pt", "bike", "foot"],
            "mandatory": ["true", "false", "true", "false"],
            "languages": ["nl|fr", "nl", "nl|en", "nl|fr|en"],
            "available_from": ["2026-09-01", "2026-09-14", "2026-02-09", "2026-10-31"],
            "min_pay": ["500.5", "0", "1250", "650"],
        }
    ),
    "placements": pd.DataFrame(
        {
            "placement_id": ["P-GENT", "P-LEUV", "P-BRUG"],
            "capacity": ["2", "1", "5"],
            "programmes": ["PB-VPK|0123", "GR-PRG", "PB-VPK|GR-PRG|0123"],
            "languages": ["nl", "nl|fr", "nl"],
            "remote_share": ["0.25", "0.5", "0"],
        }
    ),
    "preferences": pd.DataFrame(
        {
            "student_id": ["S001", "S001", "S002", "S003", "S004"],
            "rank": ["1", "2", "1", "no", "1"],
            "target_type": ["placement", "region", "any", "placement", "placement"],
            "target_id": ["P-GENT", "R1", "x", "P-LEUV", "P-BRUG"],
        }
    ),
    "programmes": pd.DataFrame({"programme_id": ["PB-VPK", "GR-PRG", "0123"], "name": ["Verpleegkunde", "Programmeren", "Bouw"]}),
    "regions": pd.DataFrame({"region_id": ["R1", "R2"]}),
}
NAMES = dict(zip(CLEAN["programmes"]["programme_id"], CLEAN["programmes"]["name"], strict=True))
FLAGS = {"true": ["ja", "oui", "x", "1", "WAAR"], "false": ["nee", "non", "0", "ONWAAR"]}
MODES = {"car": ["auto", "Wagen"], "pt": ["OV", "trein"], "bike": ["fiets", "vélo"], "foot": ["te voet", "à pied"]}
RANKS = {"1": ["1e", "1ste", "1.0"], "2": ["2de", "2nd"], "no": ["geen", "NEE", "x"]}
TYPES = {"placement": ["stageplaats", "Placement"], "region": ["regio"], "any": ["alles"]}

Dirt = Callable[[str], list[str]]


def ids(text: str) -> list[str]:
    return [text.lower(), f"{text}\u00a0", text.replace("-", " "), text.lstrip("0"), NAMES.get(text, text), NAMES.get(text, text).upper()]


def lists(text: str) -> list[str]:
    return [text.replace("|", " | "), text.replace("|", ", "), text.replace("|", ";"), text.replace("|", "/"), f"|{text}||"]


def dates(text: str) -> list[str]:
    day = dt.date.fromisoformat(text)
    return [
        f"{day:%d/%m/%Y}",
        f"{day:%d-%m-%y}",
        f"{day.day} {('sept' if day.month == 9 else day.strftime('%b')).lower()} {day.year}",
        str((day - dt.date(1899, 12, 30)).days),
    ]


def decimals(text: str) -> list[str]:
    return [text.replace(".", ",")]


WAYS: dict[tuple[str, str], Dirt] = {
    ("students", "programme_id"): ids,
    ("students", "lat"): decimals,
    ("students", "lon"): decimals,
    ("students", "mode"): lambda text: [*MODES[text], text.upper()],
    ("students", "mandatory"): lambda text: FLAGS[text],
    ("students", "languages"): lists,
    ("students", "available_from"): dates,
    ("students", "min_pay"): lambda text: [text.replace(".", ","), f"€ {text}", f"{text} EUR"],
    ("placements", "programmes"): lambda text: [
        *lists(text),
        "|".join(part.lower() for part in text.split("|")),
        ", ".join(NAMES[part] for part in text.split("|")),
    ],
    ("placements", "languages"): lists,
    ("placements", "remote_share"): lambda text: [text.replace(".", ","), f"{float(text):.0%}"],
    ("preferences", "student_id"): lambda text: [text.lower(), f" {text}"],
    ("preferences", "rank"): lambda text: RANKS[text],
    ("preferences", "target_type"): lambda text: TYPES[text],
}
CELLS = [(table, column, row) for table, column in WAYS for row in range(len(CLEAN[table]))]


def raw_with(changes: dict[tuple[str, str, int], int], swapped: list[int], repeated: list[int]) -> RawRound:
    """The clean round with some cells in another way of writing, coordinates exchanged in some rows of students, and some rows sent twice."""
    tables = {}
    for name, clean in CLEAN.items():
        frame = clean.astype("str").set_axis(pd.RangeIndex(2, len(clean) + 2))
        for (table, column, row), way in changes.items():
            if table == name:
                ways = WAYS[table, column](frame[column].iloc[row])
                frame.loc[row + 2, column] = ways[way % len(ways)]
        if name == "students":
            for row in swapped:
                frame.loc[row + 2, ["lat", "lon"]] = frame.loc[row + 2, ["lon", "lat"]].tolist()
            frame = pd.concat([frame, frame.iloc[repeated]])
            frame.index = pd.RangeIndex(2, len(frame) + 2)
        tables[name] = RawTable(name, frame, f"{name}.csv")
    return RawRound(tables)


PLAIN = check_raw(raw_with({}, [], []))


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(CELLS), st.integers(0, 11), max_size=12),
    st.lists(st.integers(0, 3), max_size=2, unique=True),
    st.lists(st.integers(0, 3), max_size=2, unique=True),
)
def test_a_clean_round_written_otherwise_is_the_same_round(changes: dict[tuple[str, str, int], int], swapped: list[int], repeated: list[int]) -> None:
    assert PLAIN.round is not None
    raw = raw_with(changes, swapped, repeated)
    checked = check_raw(raw)
    assert checked.errors == ()
    assert checked.round is not None
    assert checked.round.digest == PLAIN.round.digest
    fixed, _ = fix(raw, checked.issues)
    again = check_raw(fixed)
    assert not [issue for issue in again.issues if issue.severity == "warning"]
    assert again.round is not None
    assert again.round.digest == PLAIN.round.digest


def test_the_clean_round_is_clean() -> None:
    assert {issue.code for issue in PLAIN.issues} <= {"students_without_wishes", "wishes_cover_nothing"}
