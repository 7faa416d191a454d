"""Where the files of a batch are: what was handed in, and what each run left behind.

batches/ID/upload/            the workbook, the zip, the JSON document, or the tables
batches/ID/run-CLAIM/         one run: issues.json, problems.xlsx, result/, and last of all finding.json
batches/ID/job.log            what the job wrote to stderr, for the operator
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .settings import Settings

ISSUES, PROBLEMS, FINDING, RESULT = "issues.json", "problems.xlsx", "finding.json", "result"


@dataclass(frozen=True, slots=True)
class BatchFiles:
    """The folder of one batch."""

    folder: Path

    @property
    def upload(self) -> Path:
        """What the matcher reads: the one file, or the folder of tables."""
        entries = list(self.upload_folder.iterdir())
        return entries[0] if len(entries) == 1 else self.upload_folder

    @property
    def upload_folder(self) -> Path:
        """Where the upload is kept."""
        return self.folder / "upload"

    @property
    def log(self) -> Path:
        """What the job wrote to stderr."""
        return self.folder / "job.log"

    def run(self, claim: str) -> Path:
        """The folder of one run."""
        return self.folder / f"run-{claim}"

    def remove(self) -> None:
        """Delete everything."""
        shutil.rmtree(self.folder, ignore_errors=True)


def batch_files(settings: Settings, batch_id: str) -> BatchFiles:
    """The files of a batch."""
    return BatchFiles(settings.batches_folder / batch_id)


def remove_strays(settings: Settings, known: Iterable[str], older_than: float) -> None:
    """Delete the folders that belong to no batch: a request or a deletion broke off halfway. Young ones may be on their way in."""
    kept = set(known)
    for folder in settings.batches_folder.iterdir():
        if folder.name not in kept and folder.stat().st_mtime < time.time() - older_than:
            shutil.rmtree(folder, ignore_errors=True)
