"""The further tables as files: `staff.csv`, `staff_loads.csv` and `reserves.csv`, with their heads in `result.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from matcher.report.further import Further, ReserveTables, StaffTables, Unknown
from matcher.report.stored import SUMMARY, broken, read_csv, write_csv
from matcher.result import Reason, TierValue

STAFF, LOADS, STAFF_PROOF, RESERVES = "staff.csv", "staff_loads.csv", "staff_proof.npz", "reserves.csv"

_STAFF_TEXTS = ("student_id", "placement_id", "period_id", "kind", "staff_id", "reason", "sentence")
_LOADS = {"staff_id": "str", "kind": "str", "max_students": "int64", "load": "int64"}
_COUNTS = dict.fromkeys(("level", "seats", "used", "placed"), "int64")
_RESERVES = {"reserve_id": "str", "students": "str", **_COUNTS, **dict.fromkeys(("used_without", "placed_without"), "Int64")}


def write_further(further: Further, folder: Path) -> None:
    """Write the tables that there are."""
    if further.staff is not None:
        write_csv(further.staff.frame, folder / STAFF)
        write_csv(further.staff.loads, folder / LOADS)
        if further.staff.write_proof is not None:
            further.staff.write_proof(folder / STAFF_PROOF)
    if further.reserves is not None:
        write_csv(further.reserves.frame, folder / RESERVES)


def heads(further: Further) -> dict[str, Any]:
    """What `result.json` says of them; nothing where there are none."""
    found: dict[str, Any] = {}
    if (staff := further.staff) is not None:
        kinds = {kind: [{"name": t.name, "value": t.value, "bound": t.bound, "gap": t.gap} for t in tiers] for kind, tiers in staff.tiers.items()}
        seconds = {stage: round(float(value), 4) for stage, value in staff.seconds.items()}
        found["staff"] = {"reason": staff.reason.value, "tiers": kinds, "engine": staff.engine, "seconds": seconds}
    if (reserves := further.reserves) is not None:
        found["reserves"] = {"moved": reserves.moved, "proven": reserves.proven, "unknown": reserves.unknown}
    return found


def read_further(folder: Path) -> Further:
    """Read the tables of a result folder back.

    Raises
    ------
    UnreadableFile
        A file is missing or damaged.
    """
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        staff, reserves = summary.get("staff"), summary.get("reserves")
        return Further(None if staff is None else _staff(staff, folder), None if reserves is None else _reserves(reserves, folder))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise broken(SUMMARY) from error


def _staff(said: Mapping[str, Any], folder: Path) -> StaffTables:
    tiers = {str(kind): tuple(_tier(tier) for tier in listed) for kind, listed in said["tiers"].items()}
    frame = read_csv(folder / STAFF, dict.fromkeys(_STAFF_TEXTS, "str"), may_lack=("period_id", "staff_id"))
    seconds = {str(stage): float(value) for stage, value in said["seconds"].items()}
    return StaffTables(frame, read_csv(folder / LOADS, _LOADS), tiers, Reason(said["reason"]), str(said["engine"]), seconds)


def _tier(said: Mapping[str, Any]) -> TierValue:
    return TierValue(str(said["name"]), int(said["value"]), None if said["bound"] is None else int(said["bound"]))


def _reserves(said: Mapping[str, Any], folder: Path) -> ReserveTables:
    frame: pd.DataFrame = read_csv(folder / RESERVES, _RESERVES, may_lack=("students", "used_without", "placed_without"))
    unknown = said["unknown"] if said["unknown"] in get_args(Unknown) else None
    return ReserveTables(frame, None if said["moved"] is None else int(said["moved"]), unknown, bool(said["proven"]))
