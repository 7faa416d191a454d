"""PrefLib's files of preferences (preflib.org): soc, soi, toc and toi, with the `.dat` of a session of project bidding where there is one.

Voters become students, alternatives placements with one seat, and each list the wishes of its voters: the first place has rank 1, alternatives in braces
share a rank. A line `3: 5,2,{1,4}` stands for three voters. In a `.dat` file each row names a supervisor, how many students that person can take (0 is
a real value), and the projects; a supervisor becomes a pool. Projects are counted there as in the names of the alternatives ("Project 0"), not as the
alternatives themselves are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from matcher.errors import UnreadableFile
from matcher.intake import limits
from matcher.intake.content import content_of
from matcher.intake.decode import plain_text
from matcher.intake.files import one_file
from matcher.intake.raw import RawRound, RawTable
from matcher.intake.settings_text import toml_text

TIERS = ("placed", "rank")
"""What such a round is solved for: as many students as possible, then the least sum of ranks."""

VOTERS = 1_000_000
_FIELD = re.compile(r"#\s*([A-Z ]+?)\s*(\d+)?\s*:\s*(.*)")
_LINE = re.compile(r"(\d{1,9})\s*:\s*(.*)")
_ORDER = re.compile(r"(?:\d{1,9}|\{\d{1,9}(?:,\d{1,9})*\})(?:,(?:\d{1,9}|\{\d{1,9}(?:,\d{1,9})*\}))*|")
_GROUP = re.compile(r"\{([\d,]*)\}|(\d+)")
_TRAILING_NUMBER = re.compile(r"(\d+)\s*$")


@dataclass(frozen=True, slots=True)
class _Ballot:
    """One line: how many voters wrote it, the alternatives with their ranks, and the number of the line."""

    voters: int
    alternatives: tuple[int, ...]
    ranks: tuple[int, ...]
    row: int


@dataclass(frozen=True, slots=True)
class _Election:
    fields: Mapping[str, str]
    names: Mapping[int, str]
    """Alternative -> its name."""
    rows: Mapping[int, int]
    """Alternative -> the line that names it."""
    ballots: Sequence[_Ballot]


def read_preflib(path: Path) -> RawRound:
    """Read a file of preferences, and the `.dat` beside it, if there is one of the same name.

    Raises
    ------
    UnreadableFile
        400: no such file, or not laid out as PrefLib does since 2022.
    """
    data = one_file(path)
    if content_of(data, path.name)[0] != "preflib":
        raise UnreadableFile("reading.preflib_kind", name=path.name)
    text, _ = plain_text(data, path.name)
    election = _read(text.decode(), path.name)
    width = max(2, len(str(max(election.names))))
    placements = {number: f"P{number:0{width}d}" for number in election.names}
    tables = {
        "students": _students(election, path.name),
        "placements": _placements(election, placements, path.name),
        "preferences": _preferences(election, placements, path.name),
    }
    supervisors = path.with_suffix(".dat")
    if supervisors.is_file():
        tables |= _pools(supervisors, election, tables["placements"])
    settings = {"round": {"id": path.stem, "name": election.fields.get("TITLE", "")}, "policy": {"tiers": list(TIERS)}}
    return RawRound(tables, toml_text(settings))


def _read(text: str, name: str) -> _Election:
    fields: dict[str, str] = {}
    names: dict[int, str] = {}
    rows: dict[int, int] = {}
    ballots: list[_Ballot] = []
    for row, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#"):
            field = _FIELD.fullmatch(line.strip())
            if field and field[2] and field[1] == "ALTERNATIVE NAME":
                names[int(field[2])], rows[int(field[2])] = field[3].strip(), row
            elif field:
                fields[field[1]] = field[3].strip()
        elif line.strip():
            ballots.append(_ballot(line, row, name, names))
    stated = fields.get("NUMBER VOTERS", "")
    if not names or fields.get("NUMBER ALTERNATIVES") != str(len(names)) or not stated.isdecimal():
        raise UnreadableFile("reading.preflib_kind", name=name)
    found = sum(ballot.voters for ballot in ballots)
    if int(stated) != found:
        raise UnreadableFile("reading.preflib_count", name=name, stated=stated, found=found)
    if found > VOTERS or sum(ballot.voters * len(ballot.ranks) for ballot in ballots) > limits.DOCUMENT_ROWS:
        raise UnreadableFile("reading.rows", status=413, name=name, limit=VOTERS)
    return _Election(fields, names, rows, ballots)


def _ballot(line: str, row: int, name: str, names: Mapping[int, str]) -> _Ballot:
    found = _LINE.fullmatch(line.strip())
    order = found[2].replace(" ", "") if found else ""
    if found is None or not _ORDER.fullmatch(order):
        raise UnreadableFile("reading.preflib_line", name=name, row=row, value=line.strip()[:60])
    alternatives: list[int] = []
    ranks: list[int] = []
    for rank, group in enumerate(_GROUP.finditer(order), start=1):
        for number in (group[1] or group[2]).split(","):
            alternatives.append(int(number))
            ranks.append(rank)
    seen: set[int] = set()
    for alternative in alternatives:
        if alternative not in names or alternative in seen:
            raise UnreadableFile("reading.preflib_number", name=name, row=row, value=alternative)
        seen.add(alternative)
    return _Ballot(int(found[1]), tuple(alternatives), tuple(ranks), row)


def _students(election: _Election, source: str) -> RawTable:
    voters = np.array([ballot.voters for ballot in election.ballots], dtype=np.int64)
    rows = np.repeat(np.array([ballot.row for ballot in election.ballots], dtype=np.int64), voters)
    return RawTable("students", pd.DataFrame({"student_id": _student_ids(len(rows))}, index=rows), source)


def _student_ids(count: int) -> pd.Index:
    width = max(2, len(str(count)))
    return pd.Index([f"S{number:0{width}d}" for number in range(1, count + 1)], dtype="str")


def _placements(election: _Election, ids: Mapping[int, str], source: str) -> RawTable:
    numbers = list(election.names)
    columns = {
        "placement_id": pd.array([ids[number] for number in numbers], dtype="str"),
        "capacity": np.ones(len(numbers), dtype=np.int64),
        "name": pd.array([election.names[number] or None for number in numbers], dtype="str"),
    }
    return RawTable("placements", pd.DataFrame(columns, index=[election.rows[number] for number in numbers]), source)


def _preferences(election: _Election, ids: Mapping[int, str], source: str) -> RawTable:
    """Wishes, ballot by ballot; the list of a ballot repeats for each of its voters."""
    students = iter(_student_ids(sum(ballot.voters for ballot in election.ballots)))
    owners: list[str] = []
    ranks: list[int] = []
    targets: list[str] = []
    rows: list[int] = []
    for ballot in election.ballots:
        wished = [ids[alternative] for alternative in ballot.alternatives]
        for student in islice(students, ballot.voters):
            owners += [student] * len(wished)
            ranks += ballot.ranks
            targets += wished
        rows += [ballot.row] * (ballot.voters * len(wished))
    columns = {
        "student_id": pd.array(owners, dtype="str"),
        "rank": np.array(ranks, dtype=np.int64),
        "target_type": pd.array(["placement"] * len(owners), dtype="str"),
        "target_id": pd.array(targets, dtype="str"),
    }
    return RawTable("preferences", pd.DataFrame(columns, index=rows), source)


def _pools(path: Path, election: _Election, placements: RawTable) -> dict[str, RawTable]:
    """The supervisors as pools, and the placements with the pool of each."""
    text, _ = plain_text(one_file(path), path.name)
    records = list(csv.reader(io.StringIO(text.decode())))
    width = max(2, len(str(len(records))))
    by_number = _projects(election)
    pool_of: dict[int, str] = {}
    rows: list[tuple[str, int, str]] = []
    for row, record in enumerate(records[1:], start=2):
        if not any(cell.strip() for cell in record):
            continue
        pool = f"T{row - 1:0{width}d}"
        numbers = record[2].split() if len(record) == len(("supervisor", "capacity", "projects")) else [""]
        projects = [by_number.get(int(number)) if number.isdecimal() else None for number in numbers]
        twice = len(set(projects)) < len(projects) or any(project in pool_of for project in projects)
        if twice or None in projects or not record[1].strip().isdecimal():
            raise UnreadableFile("reading.preflib_dat", name=path.name, row=row)
        pool_of |= {project: pool for project in projects if project is not None}
        rows.append((pool, int(record[1]), record[0].strip()))
    pools = pd.DataFrame(
        {
            "pool_id": pd.array([pool for pool, _, _ in rows], dtype="str"),
            "capacity": np.array([capacity for _, capacity, _ in rows], dtype=np.int64),
            "name": pd.array([name for _, _, name in rows], dtype="str"),
        },
        index=range(2, len(rows) + 2),
    )
    of_placement = pd.array([pool_of.get(number) for number in election.names], dtype="str")
    placed = placements.frame.assign(pool_id=of_placement)
    return {"placements": RawTable("placements", placed, placements.source), "pools": RawTable("pools", pools, path.name)}


def _projects(election: _Election) -> dict[int, int]:
    """The number in the name of each alternative -> the alternative; numbers that two names share lead nowhere."""
    found: dict[int, int] = {}
    twice: set[int] = set()
    for alternative, name in election.names.items():
        number = _TRAILING_NUMBER.search(name)
        if number and found.setdefault(int(number[1]), alternative) != alternative:
            twice.add(int(number[1]))
    return {number: alternative for number, alternative in found.items() if number not in twice}
