"""The tables, and the one way to open them. The queue (`jobs.py`) lives in the same SQLite file, in tables of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import JSON, Engine, String, create_engine, event, insert, inspect, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from matcher.errors import CodedError

from .settings import Settings

SCHEMA = 1
"""The version of the tables below. A database of another version is refused."""


class Base(DeclarativeBase):
    """All tables of the service."""


class Batch(Base):
    """One round that somebody handed in. Times are seconds since 1970 (UTC).

    `claim` names the one run that may report on the batch: a worker that lost its batch to another can change nothing any more. `folder` is the
    result folder of the run that finished.
    """

    __tablename__ = "batches"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    status: Mapped[str] = mapped_column(String(16), index=True)
    created: Mapped[float] = mapped_column(index=True)
    started: Mapped[float | None]
    finished: Mapped[float | None]
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    key: Mapped[str | None] = mapped_column(String(64), unique=True)
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    reader: Mapped[str] = mapped_column(String(2))
    attempts: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(String(32))
    lease: Mapped[float | None]
    cancel: Mapped[bool] = mapped_column(default=False)
    stage: Mapped[str] = mapped_column(String(16), default="")
    fraction: Mapped[float | None]
    detail: Mapped[str] = mapped_column(String(200), default="")
    folder: Mapped[str | None] = mapped_column(String(64))
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    problems: Mapped[dict[str, int] | None] = mapped_column(JSON)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Worker(Base):
    """A process that takes batches from the queue, and when it last said so."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    started: Mapped[float]
    seen: Mapped[float]


class SchemaVersion(Base):
    """One row: the version of the tables, and when the database was last found to be writable."""

    __tablename__ = "schema_version"

    version: Mapped[int] = mapped_column(primary_key=True)
    probed: Mapped[float]


class Store:
    """The database of one instance."""

    def __init__(self, settings: Settings) -> None:
        try:
            settings.batches_folder.mkdir(parents=True, exist_ok=True)
            settings.instance.chmod(0o700)
        except OSError as error:
            raise CodedError("api.settings.folder", folder=settings.instance, detail=error.strerror or str(error)) from error
        self._engine = create_engine(settings.database_url)
        event.listen(self._engine, "connect", _prepare)
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)
        try:
            _create(self._engine)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction: committed when the block ends well, rolled back when it does not. What it hands out stays readable afterwards."""
        with self._sessions.begin() as session:
            yield session

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()


def _create(engine: Engine) -> None:
    """Make the tables in an empty database; refuse tables of another version.

    Raises
    ------
    CodedError
        The database was made by another version of the program.
    """
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # of two processes that meet in an empty folder, one waits for the other
        if not inspect(connection).has_table(SchemaVersion.__tablename__):
            Base.metadata.create_all(connection)
            connection.execute(insert(SchemaVersion).values(version=SCHEMA, probed=0.0))
        found = connection.scalar(select(SchemaVersion.version))
        connection.commit()
    if found != SCHEMA:
        raise CodedError("api.settings.schema", found=found, wanted=SCHEMA)


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    """Readers do not wait for the writer, writers wait for each other, an accepted batch is on the disk, deleted bytes are gone."""
    cursor = connection.cursor()
    for pragma in ("busy_timeout = 20000", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
