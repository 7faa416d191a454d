"""What a result says of itself, taken from a `Result` or read from a result folder. Whatever is wrong with a file becomes a violation."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from matcher.result import Cases, Outcome, Proof, Reason, Result
from matcher.verifier.violations import Findings

COLUMNS = ("student_id", "placement_id", "period_id", "rank", "status", "reason")
"""The columns of `matches` that are checked."""

LARGEST_PROOF = 1 << 30
"""A proof that unfolds to more bytes than this is not read."""

_GUARD = r"^'('*[=+\-@\t\r])"
"""The apostrophe that is written before a text which a spreadsheet would take for a formula."""

_BROKEN = (OSError, ValueError, EOFError, KeyError, TypeError, SyntaxError, MemoryError, OverflowError, RuntimeError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, slots=True)
class ClaimedTier:
    """What the result says of one tier; `gap` is None where it does not say."""

    name: str
    value: int | tuple[int, ...]
    bound: int | tuple[int | None, ...] | None
    gap: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """Everything a result says that can be checked. A count is None where it was not written down."""

    outcome: Outcome
    reason: Reason
    matches: pd.DataFrame
    tiers: tuple[ClaimedTier, ...]
    proof: Proof | Cases | None
    digest: str
    placed: int | None = None
    unplaced: int | None = None
    rank_profile: tuple[int, ...] | None = None


def of_result(result: Result) -> Claim:
    """The claim of a result in memory. Its counts follow from its matches, so they are not claims of their own."""
    tiers = tuple(ClaimedTier(tier.name, tier.value, tier.bound) for tier in result.tiers)
    return Claim(Outcome(result.outcome), Reason(result.reason), result.matches, tiers, result.proof, result.digest)


def of_folder(folder: Path, findings: Findings) -> Claim | None:
    """The claim of a result folder; None, with the reasons among the findings, where it cannot be read."""
    if not folder.is_dir():
        findings.add("folder_missing", folder=str(folder))
        return None
    said = _read_json(folder / "result.json", findings)
    if said is None:
        return None
    before = len(findings)
    outcome = _word(said, "outcome", [outcome.value for outcome in Outcome], findings)
    reason = _word(said, "reason", [reason.value for reason in Reason], findings)
    tiers = _tiers(said.get("tiers"), findings)
    counts = {name: _count(said, name, findings) for name in ("placed", "unplaced")}
    profile = said.get("rank_profile")
    if not (isinstance(profile, list) and all(_whole(count) for count in profile)):
        findings.add("result_malformed", field="rank_profile", value=_short(profile))
    digest = said.get("digest")
    if not isinstance(digest, str):
        findings.add("result_malformed", field="digest", value=_short(digest))
    if len(findings) > before:
        return None
    proof = _read_proof(folder / "proof.npz", findings)
    there = outcome == Outcome.SOLVED or (folder / "matches.csv").is_file()  # only a solved round needs matches
    matches = _read_matches(folder / "matches.csv", findings) if there else pd.DataFrame(columns=list(COLUMNS))
    if matches is None:
        return None
    return Claim(Outcome(outcome), Reason(reason), matches, tiers, proof, str(digest), counts["placed"], counts["unplaced"], tuple(profile or ()))


def _read_json(file: Path, findings: Findings) -> dict[str, Any] | None:
    if not file.is_file():
        findings.add("file_missing", file=file.name)
        return None
    try:
        said = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        findings.add("file_broken", file=file.name, why=_short(error))
        return None
    if not isinstance(said, dict):
        findings.add("file_broken", file=file.name, why=_short(said))
        return None
    return said


def _read_matches(file: Path, findings: Findings) -> pd.DataFrame | None:
    """The table of matches, all cells as text, empty ones missing."""
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    arrow: Any = pa  # its types do not name what its modules hold
    csv: Any = pa_csv
    if not file.is_file():
        findings.add("file_missing", file=file.name)
        return None
    try:
        with file.open("rb") as stream:
            header = stream.readline(10_000)
        table = csv.read_csv(
            file,
            parse_options=csv.ParseOptions(delimiter=";" if header.count(b";") > header.count(b",") else ",", newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys((*COLUMNS, "sentence"), arrow.string()), strings_can_be_null=True, null_values=[""], quoted_strings_can_be_null=True
            ),
        )
        names = table.column_names
    except (arrow.ArrowException, OSError, ValueError) as error:
        findings.add("file_broken", file=file.name, why=_short(error))
        return None
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        findings.add("columns_twice", file=file.name, columns=", ".join(twice))
        return None
    frame: pd.DataFrame = table.select([name for name in COLUMNS if name in names]).to_pandas()
    return frame.assign(**{str(name): frame[name].str.replace(_GUARD, r"\1", regex=True) for name in frame})


def _read_proof(file: Path, findings: Findings) -> Proof | Cases | None:
    if not file.is_file():
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > LARGEST_PROOF:
            raise ValueError(f"{size:,} bytes")
        with np.load(file, allow_pickle=False) as arrays:
            tiers = tuple(str(tier) for tier in np.atleast_1d(arrays["tiers"]))
            if "form" in arrays:
                return Cases(tiers, *(arrays[key] for key in _in_cases(str(arrays["form"].item()))))
            kind, name, period, prices, denominator = (arrays[key] for key in ("kind", "id", "period", "prices", "denominator"))
        return Proof(tiers, kind, name, period, prices, denominator.item())
    except _BROKEN as error:
        findings.add("file_broken", file=file.name, why=_short(error))
        return None


def _in_cases(form: str) -> tuple[str, ...]:
    """The arrays of a proof by cases."""
    if form != "cases":
        raise ValueError(form)
    return tuple(part.name for part in fields(Cases) if part.name != "tiers")


def _word(said: dict[str, Any], field: str, words: list[str], findings: Findings) -> str:
    value = said.get(field)
    if value not in words:
        findings.add("result_malformed", field=field, value=_short(value))
    return str(value)


def _count(said: dict[str, Any], field: str, findings: Findings) -> int | None:
    value = said.get(field)
    if not _whole(value):
        findings.add("result_malformed", field=field, value=_short(value))
        return None
    return int(value)  # type: ignore[arg-type]  # `_whole` has looked


def _tiers(said: object, findings: Findings) -> tuple[ClaimedTier, ...]:
    if not isinstance(said, list):
        findings.add("result_malformed", field="tiers", value=_short(said))
        return ()
    tiers = []
    for entry in said:
        tier = entry if isinstance(entry, dict) else {}
        name, value, bound, gap = (tier.get(key) for key in ("name", "value", "bound", "gap"))
        value, bound = (tuple(number) if isinstance(number, list) else number for number in (value, bound))
        if isinstance(name, str) and _worth(value) and (bound is None or _worth(bound, gaps=True)) and (gap is None or _number(gap)):
            tiers.append(ClaimedTier(name, value, bound, None if gap is None else float(gap)))  # type: ignore[arg-type]  # `_worth` has looked
        else:
            findings.add("result_malformed", field="tiers", value=_short(entry))
    return tuple(tiers)


def _worth(value: object, *, gaps: bool = False) -> bool:
    """Whether it is a whole number, or the numbers of a profile (with nothing in the places that have no bound)."""
    return all(_whole(number) or (gaps and number is None) for number in value) if isinstance(value, tuple) else _whole(value)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(float(value))


def _short(value: object) -> str:
    """A value or an error as text on one line, cut where it is long."""
    text = " ".join(str(value).split())
    return text if len(text) <= 120 else f"{text[:117]}..."  # noqa: PLR2004  # a line on a screen
