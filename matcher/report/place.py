"""Writing into a result folder: everything beside first, then moved in place, or nothing at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from matcher.errors import CodedError
from matcher.report.stored import MATCHES, PROOF, SUMMARY

FILES = (
    MATCHES,
    *("placements.csv", "quotas.csv", "reserves.csv", "staff.csv", "staff_loads.csv"),
    *(PROOF, "staff_proof.npz", "report.html", "report.xlsx", SUMMARY),
)
"""What a result folder may hold. The summary goes in last and out first: where it stands, everything is there."""

BESIDE = ".matcher-"


@contextmanager
def staged(folder: Path, *, whole: bool) -> Iterator[Path]:
    """A new folder to write into; what was written moves into `folder` when the block ends well, and disappears when it does not.

    Parameters
    ----------
    folder
        Made where it is missing. Other people's files in it are left alone.
    whole
        The files are a whole result: files of an older result that were not written anew are removed.

    Raises
    ------
    CodedError
        The folder is not empty and holds no result, or it cannot be written.
    """
    made: list[Path] = []
    try:
        _refuse_foreign(folder)
        made = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=BESIDE, dir=folder))
        try:
            yield beside
            _move(beside, folder, whole=whole)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except BaseException as error:
        for path in made:
            with suppress(OSError):  # not empty: the fault came while the files moved in
                path.rmdir()
        if isinstance(error, OSError):
            raise CodedError("report.folder.unwritable", folder=folder.name or str(folder), detail=error.strerror or str(error)) from error
        raise


def _refuse_foreign(folder: Path) -> None:
    """Refuse a folder that holds something else than a result; clear what a killed run left behind."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise CodedError("report.folder.file", folder=folder.name)
    names = {path.name for path in folder.iterdir()}
    for name in names:
        if name.startswith(BESIDE):
            shutil.rmtree(folder / name, ignore_errors=True)
    seen = {name for name in names if not name.startswith(".")}
    interrupted = MATCHES in seen and seen <= set(FILES)
    if seen and SUMMARY not in seen and not interrupted:
        raise CodedError("report.folder.foreign", folder=folder.name or str(folder))


def _move(beside: Path, folder: Path, *, whole: bool) -> None:
    written = {path.name for path in beside.iterdir()}
    if whole:
        (folder / SUMMARY).unlink(missing_ok=True)
        for name in set(FILES) - written:
            (folder / name).unlink(missing_ok=True)
    for name in sorted(written, key=FILES.index):
        (beside / name).replace(folder / name)
