"""The matches of a result, by position and by student; those of the last few batches that were asked for are kept at hand."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import json


class Matches:
    """The table of matches."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self.total = len(frame)

    def page(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """Rows by position."""
        return _rows(self._frame.iloc[offset:].iloc[:limit])

    def of_student(self, student_id: str) -> list[dict[str, Any]]:
        """Rows of one student."""
        return _rows(self._frame[self._frame["student_id"] == student_id])


@lru_cache(maxsize=4)
def read_matches(folder: Path, engine: Any) -> Matches:
    """The matches of a result folder. A result never changes."""
    return Matches(engine.read_result(folder).matches)


def forget() -> None:
    """Keep nothing at hand: a batch was deleted."""
    read_matches.cache_clear()


def _rows(frame: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records"))
    return rows
