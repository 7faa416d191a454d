"""The service's settings: one frozen value, with a default for everything and an environment variable for each.

`MATCHER_PORT`-like variables carry the field's name in capitals: `MATCHER_MAX_UPLOAD_BYTES=16000000`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from matcher.errors import CodedError

MEGABYTE = 1_000_000
PREFIX = "MATCHER_"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set.

    Attributes
    ----------
    instance
        Folder of the database and of everybody's files; made where missing, closed to other users of the machine.
    max_upload_bytes, max_form_parts, max_form_field_bytes
        What one request may bring: bytes in all, parts of a form, bytes of its plain fields (at least 100,000: files are read through a buffer of
        the same limit).
    check_at_once_bytes
        A round up to this size is checked before a request to the REST API is answered; a larger one in the queue. An archive (a zip or a
        workbook) counts 20 times, Parquet is always left to the queue: what is in them may be far larger.
    max_queue
        Batches that may wait; the next one is told to come back later.
    max_attempts
        How often a batch is started whose job dies.
    lease_seconds
        How long a worker may stay silent before its batch is given to another.
    cancel_grace_seconds
        How long a job may take to stop by itself before it is ended.
    keep_days
        When finished batches are deleted with their files; 0: never.
    engine
        The module that reads, solves and reports (see `engine.py`).
    trusted_hosts
        Host names under which requests are accepted, separated by commas; empty: any.
    """

    instance: Path = Path("instance")
    max_upload_bytes: int = 64 * MEGABYTE
    max_form_parts: int = 64
    max_form_field_bytes: int = 500_000
    check_at_once_bytes: int = 2 * MEGABYTE
    max_queue: int = 100
    max_attempts: int = 3
    lease_seconds: float = 15.0
    cancel_grace_seconds: float = 0.7
    keep_days: float = 30.0
    engine: str = ""
    trusted_hosts: str = ""

    @property
    def database_url(self) -> str:
        """Where the tables are."""
        return f"sqlite:///{self.database_file}"

    @property
    def database_file(self) -> Path:
        """The SQLite file of the tables and the queue."""
        return self.instance.absolute() / "service.sqlite"

    @property
    def batches_folder(self) -> Path:
        """One folder per batch: the upload, the problems and the result."""
        return self.instance.absolute() / "batches"


def from_environment(environment: Mapping[str, str] | None = None, **given: object) -> Settings:
    """Settings from the environment; what is `given` (and not None) goes before it.

    Raises
    ------
    CodedError
        A variable is no number, or below zero.
    """
    environment = os.environ if environment is None else environment
    found: dict[str, object] = {}
    for field in fields(Settings):
        text = environment.get(PREFIX + field.name.upper(), "")
        if text:
            found[field.name] = _typed(field.name, text)
    found.update({name: value for name, value in given.items() if value is not None})
    return replace(Settings(), **found)  # type: ignore[arg-type]  # _typed gives each field its type


def _typed(name: str, text: str) -> object:
    kind = type(getattr(Settings(), name))
    if kind not in (int, float):
        return Path(text) if name == "instance" else text
    try:
        number = kind(text)
    except ValueError:
        number = -1
    if not number >= 0:
        raise CodedError("api.settings.number", name=PREFIX + name.upper(), value=text)
    return number
