"""A result as files: `result.json` and `matches.csv`, written and read back (`proofs` does the same for `proof.npz`).

CSV here is plain: UTF-8, commas, a point in numbers, nothing for a missing value, texts quoted. A text that a spreadsheet would take for a formula (it
begins with = + - @, a tab or a return) is written with an apostrophe before it, and so is one that already begins with such an apostrophe; reading
takes one away, so every id comes back as it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from matcher.errors import UnreadableFile
from matcher.report.proofs import read_proof
from matcher.result import MATCH_COLUMNS, Outcome, Reason, Result, RuleCount, TierValue, no_matches
from matcher.round import Round

MATCHES, SUMMARY, PROOF = "matches.csv", "result.json", "proof.npz"
FORMULA = r"^('*[=+\-@\t\r])"
GUARDED = r"^'('*[=+\-@\t\r])"
BLOCK_ROWS = 1 << 17
MAY_LACK = ("placement_id", "period_id", "rank")


def write_csv(frame: pd.DataFrame, path: Path, tell: Callable[[float], None] = lambda _: None) -> None:
    """Write a table; 100,000 rows of seven columns take about 0.06 s. `tell` hears the fraction that is written, after every BLOCK_ROWS."""
    pa, pc, csv = (import_module(name) for name in ("pyarrow", "pyarrow.compute", "pyarrow.csv"))  # by name: the library has no types
    table = pa.Table.from_pandas(frame, preserve_index=False)
    with path.open("wb") as file:
        file.write((",".join(frame.columns) + "\n").encode())
        for start in range(0, len(frame), BLOCK_ROWS):
            columns = [
                pc.replace_substring_regex(column, FORMULA, r"'\1") if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) else column
                for column in table.slice(start, BLOCK_ROWS).columns
            ]
            csv.write_csv(pa.table(columns, names=table.column_names), file, csv.WriteOptions(include_header=False))
            tell(min(1.0, (start + BLOCK_ROWS) / len(frame)))


def write_summary(
    round_: Round, result: Result, path: Path, *, seconds: Mapping[str, float], peak_mb: float | None = None, further: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """Write `result.json`: what a program, or a person in a hurry, wants to know of a result; `further` entries stand behind its own."""
    settings = round_.settings
    summary = {
        "outcome": result.outcome.value,
        "reason": result.reason.value,
        "round": {"id": settings.id, "name": settings.name},
        "tiers": [{"name": t.name, "value": t.value, "bound": t.bound, "gap": t.gap} for t in result.tiers],
        "rank_measure": settings.rank_measure,
        "placed": result.placed,
        "unplaced": result.unplaced,
        "rank_profile": result.rank_profile(),
        "candidate_pairs": int(result.candidate_pairs),
        "eligible_pairs": int(result.eligible_pairs),
        "rules": [
            {"rule": r.rule, "strength": r.strength, "removed": int(r.removed), "only": int(r.only), "unknown": int(r.unknown)} for r in result.rule_counts
        ],
        "seed": int(result.seed),
        "digest": result.digest,
        "engine": result.engine,
        "version": result.version,
        "seconds": {stage: round(float(value), 4) for stage, value in seconds.items()},
        "peak_mb": peak_mb,
        "notes": list(result.notes),
        **further,
    }
    path.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")


def read_result(folder: str | Path) -> Result:
    """Read a result folder back.

    Raises
    ------
    UnreadableFile
        The folder holds no result, or a file of it is missing or damaged.
    """
    folder = Path(folder)
    if not (folder / SUMMARY).is_file():
        raise UnreadableFile("report.stored.none", folder=folder.name or str(folder))
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        head = _head(summary)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise broken(SUMMARY) from error
    solved = head["outcome"] == Outcome.SOLVED
    return Result(matches=_matches(folder / MATCHES) if solved else no_matches(), proof=read_proof(folder / PROOF), **head)


def _head(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "outcome": Outcome(summary["outcome"]),
        "reason": Reason(summary["reason"]),
        "tiers": tuple(TierValue(str(t["name"]), _worth(t["value"]), None if t["bound"] is None else _worth(t["bound"])) for t in summary["tiers"]),
        "rule_counts": tuple(
            RuleCount(str(r["rule"]), str(r["strength"]), int(r["removed"]), int(r["only"]), int(r["unknown"])) for r in summary.get("rules", ())
        ),
        "candidate_pairs": int(summary.get("candidate_pairs", 0)),
        "eligible_pairs": int(summary.get("eligible_pairs", 0)),
        "seed": int(summary["seed"]),
        "digest": str(summary["digest"]),
        "engine": str(summary["engine"]),
        "version": str(summary.get("version", "")),
        "seconds": {str(stage): float(value) for stage, value in summary.get("seconds", {}).items()},
        "notes": tuple(str(note) for note in summary.get("notes", ())),
    }


def _worth(stored: Any) -> Any:
    """A value or bound: a number, or the numbers of a profile, None where a rank has no bound."""
    return tuple(None if count is None else int(count) for count in stored) if isinstance(stored, list) else int(stored)


def _matches(path: Path) -> pd.DataFrame:
    dtypes = {name: "Int64" if name == "rank" else "str" for name in MATCH_COLUMNS}
    return read_csv(path, dtypes, may_lack=MAY_LACK, may_miss=("sentence",))


def read_csv(path: Path, dtypes: Mapping[str, str], *, may_lack: Sequence[str] = (), may_miss: Sequence[str] = ()) -> pd.DataFrame:
    """Read a table of ours back: the columns named, with these dtypes.

    `may_lack` are the columns with empty cells that mean missing; a column of `may_miss` that is not there is made of empty texts.

    Raises
    ------
    UnreadableFile
        The file is missing or damaged, or lacks a column.
    """
    try:
        frame = pd.read_csv(path, dtype=dict(dtypes), keep_default_na=False, na_values={name: [""] for name in may_lack}, encoding="utf-8-sig")
        frame = frame.assign(**{name: "" for name in may_miss if name not in frame.columns})
        frame = frame[list(dtypes)]
    except (OSError, ValueError, KeyError) as error:
        raise broken(path.name) from error
    return frame.assign(**{name: frame[name].str.replace(GUARDED, r"\1", regex=True) for name, dtype in dtypes.items() if dtype == "str"})


def broken(file: str) -> UnreadableFile:
    """What is said of a file that is missing or damaged."""
    return UnreadableFile("report.stored.broken", status=422, file=file)
