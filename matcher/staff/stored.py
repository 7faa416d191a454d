"""The proof as a file: `staff_proof.npz`, fixed-width texts and whole numbers, so that reading needs no pickle."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from matcher.errors import UnreadableFile
from matcher.staff.result import TIERS, StaffProof

STAFF_PROOF = "staff_proof.npz"


def write_staff_proof(proof: StaffProof, path: Path) -> None:
    """Write the prices."""
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            staff=np.asarray(proof.staff, dtype=np.str_),
            prices=np.asarray(proof.prices, dtype=np.int64),
            tiers=np.asarray(TIERS, dtype=np.str_),
            denominator=np.int64(proof.denominator),
        )


def read_staff_proof(path: Path) -> StaffProof:
    """Read the prices back.

    Raises
    ------
    UnreadableFile
        The file is damaged, or a proof of something else.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            tiers = tuple(stored["tiers"].tolist())
            staff, prices = stored["staff"].astype(object), stored["prices"].astype(np.int64, casting="safe")
            denominator = int(stored["denominator"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise UnreadableFile("report.stored.broken", status=422, file=path.name) from error
    if tiers != TIERS or prices.shape != (len(staff), len(TIERS)) or denominator < 1:
        raise UnreadableFile("report.stored.broken", status=422, file=path.name)
    return StaffProof(staff, prices, denominator)
