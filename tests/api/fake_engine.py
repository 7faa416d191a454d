"""An engine for tests: the same doors as `api/engine.py`, and behaviour that stands in the upload (`behave=slow`)."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matcher.errors import Fix, InputError, Issue, UnreadableFile, Unsupported, VerificationFailed
from matcher.progress import Progress

ERRORS = (
    Issue("number_range", "placements", row=17, column="capacity", value="2 a 3", fix=Fix("2"), params=(("low", 2), ("high", 3))),
    Issue("reference_unknown", "students", row=4, column="region_id", value="<b>Gend</b>", params=(("of", "regions"),)),
    Issue("choice_unknown", "students", "warning", row=5, column="mode", value="auto", params=(("choices", "car, pt"),)),
)
WARNINGS = ERRORS[2:]

MATCHES = """student_id,placement_id,period_id,rank,status,reason,sentence
S/1,P1,,1,placed,placed_first,Geplaatst op je eerste keuze.
S2,,,,unplaced,full,Alles is volzet.
S3,P2,,2,placed,placed_full,Keuze 2.
"""


@dataclass
class Checked:
    """What `check` answers."""

    round: str | None
    issues: tuple[Issue, ...]


@dataclass
class Answer:
    """What `solve` answers."""

    outcome: str
    behaviour: str


def behaviour(path: Path) -> str:
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    found = re.search(rb"behave=(\w+)", b"".join(file.read_bytes() for file in files))
    return found[1].decode() if found else "solve"


def check(path: Path, on_progress: Any = None) -> Checked:
    how = behaviour(path)
    if how == "errors":
        return Checked(None, ERRORS)
    if how == "many":
        return Checked(
            None, tuple(Issue("api.option.seconds", "students", row=row, column="x", value=str(row), params=(("allowed", ""),)) for row in range(1200))
        )
    if how == "unreadable":
        raise UnreadableFile("api.upload.kind", status=415, name=path.name)
    return Checked(how, WARNINGS if how == "warnings" else ())


def solve(round_: str, options: dict[str, Any], *, on_progress: Any, cancel: Any) -> tuple[str, Answer]:
    on_progress(Progress("compile"))
    match round_:
        case "pins":
            raise InputError(ERRORS)
        case "unsupported":
            raise Unsupported("unsupported.mechanism", name="stable", known="optimal")
        case "wrong":
            raise VerificationFailed(["one", "two"])
        case "crash":
            raise RuntimeError("Jan Peeters")
        case "die":
            os._exit(9)
        case "once":
            _die_the_first_time()
        case "slow":
            _wait(on_progress, cancel, seconds=options["seconds"] or 60)
        case "stubborn":
            time.sleep(60)
    return round_, Answer({"infeasible": "infeasible", "broken": "failed"}.get(round_, "solved"), round_)


def _die_the_first_time() -> None:
    mark = Path(os.environ["FAKE_MARK"])
    if not mark.exists():
        mark.touch()
        os._exit(9)


def _wait(on_progress: Any, cancel: Any, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not cancel.is_set():
        on_progress(Progress("solve", 0.5, "halfway"))
        time.sleep(0.02)


def follow(round_: str, answer: Answer, options: dict[str, Any], *, on_progress: Any, cancel: Any) -> str:
    on_progress(Progress("staff"))
    return "staff" if round_ == "staff" else ""


def write(round_: str, answer: Answer, further: str, folder: Path, on_progress: Any) -> dict[str, Any]:
    folder.mkdir()
    solved = answer.outcome == "solved"
    summary = {
        "outcome": answer.outcome,
        "reason": "optimal" if solved else "proven_infeasible",
        "tiers": [{"name": "placed", "value": 2, "bound": 2, "gap": 0.0}, {"name": "rank", "value": 3, "bound": None, "gap": None}] if solved else [],
        "placed": 2 if solved else 0,
        "unplaced": 1 if solved else 0,
        "rank_profile": [1, 1] if solved else [],
        "seed": 0,
        "digest": "d1",
        "engine": "fake",
        "seconds": {"solve": 0.1},
        "peak_mb": None,
    }
    if solved:
        (folder / "matches.csv").write_text(MATCHES, encoding="utf-8")
        for name in ("placements.csv", "quotas.csv", "proof.npz", *(["staff.csv", "reserves.csv"] if further else [])):
            (folder / name).write_bytes(b"x")
    (folder / "result.json").write_text(json.dumps(summary), encoding="utf-8")
    return summary


def write_reports(round_: str, answer: Answer, folder: Path) -> None:
    if round_ == "no_report":
        raise ValueError("cannot convert float NaN to integer")
    (folder / "report.html").write_text("<!doctype html><style>p{color:red}</style><p>report", encoding="utf-8")
    (folder / "report.xlsx").write_bytes(b"x")


def write_problems(checked: Checked, issues: Sequence[Issue], path: Path, language: str) -> None:
    path.write_bytes(f"PK {language} {len(issues)}".encode())


@dataclass
class Read:
    """What `read_result` answers."""

    matches: Any


def read_result(folder: Path) -> Read:
    import pandas as pd

    return Read(pd.read_csv(folder / "matches.csv", dtype={"rank": "Int64", "period_id": "str"}))


def write_template(path: Path, language: str) -> None:
    path.write_bytes(f"PK template {language}".encode())


def sample() -> Path | None:
    folder = os.environ.get("FAKE_SAMPLE")
    return Path(folder) if folder else None
