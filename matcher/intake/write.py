"""Writing a round: as a folder, a zip, a workbook or a JSON document, whole or not at all."""

from __future__ import annotations

import io
import json
import os
import shutil
import tomllib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import pandas as pd

from matcher.errors import CodedError, InputError
from matcher.intake.arrow import arrow, arrow_parquet
from matcher.intake.checked import check_raw
from matcher.intake.files import SETTINGS
from matcher.intake.reading import read_raw
from matcher.intake.settings_file import dump
from matcher.intake.write_csv import csv_bytes
from matcher.progress import OnProgress, Progress, silent
from matcher.round import Round
from matcher.schema import NO, TABLES

FileFormat = Literal["csv", "parquet"]

_FILES = (".xlsx", ".json", ".zip")
_NOT_WRITTEN = (".xls", ".xlsm", ".xlsb", ".ods", ".csv", ".tsv", ".txt", ".parquet", ".toml", ".soi", ".soc", ".toi", ".toc", ".pdf")
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def write_round(round_: Round, path: str | Path, *, format: FileFormat = "csv", on_progress: OnProgress = silent) -> None:  # noqa: A002 - the natural word
    """Write a round so that reading it gives the same digest.

    Parameters
    ----------
    round_
        What to write.
    path
        A name that ends in `.xlsx`, `.json` or `.zip`; any other name is a folder. It appears only when it is complete. A file of that name is replaced;
        so is a folder, if it is empty or holds a round and nothing else.
    format
        Of the tables in a folder or zip: `csv` for people and version control, `parquet` for large rounds.

    Raises
    ------
    CodedError
        The folder holds something else, the name asks for a format that is not written, the round does not fit a workbook, or the disk refuses.
    """
    target = Path(path)
    ending = target.suffix.lower()
    on_progress(Progress("write", 0.0, target.name))
    try:
        if ending in _NOT_WRITTEN:
            raise CodedError("reading.write_kind", name=target.name)
        if ending in _FILES:
            replace_file(target, lambda part: _write_file(round_, part, ending, format))
        else:
            _replace_folder(target.resolve(), _members(round_, format))
    except OSError as refused:
        raise CodedError("reading.write_failed", name=target.name, reason=refused.strerror or type(refused).__name__) from refused
    on_progress(Progress("write", 1.0, target.name))


def convert(source: str | Path, target: str | Path, *, format: FileFormat = "csv", on_progress: OnProgress = silent) -> Round:  # noqa: A002 - the natural word
    """Read a round in any form (also PrefLib's), check it, and write it in another.

    Raises
    ------
    UnreadableFile
        No table could be read.
    InputError
        The round has errors; nothing is written.
    CodedError
        It cannot be written there.
    """
    checked = check_raw(read_raw(source, on_progress=on_progress), on_progress=on_progress)
    if checked.round is None:
        raise InputError(checked.issues)
    write_round(checked.round, target, format=format, on_progress=on_progress)
    return checked.round


def _write_file(round_: Round, part: Path, ending: str, format_: FileFormat) -> None:
    if ending == ".xlsx":
        from matcher.intake.write_workbook import write_workbook

        write_workbook(round_, part)
    elif ending == ".json":
        part.write_text(_json(round_), encoding="utf-8")
    else:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, contents in _members(round_, format_).items():
                archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), contents(), zipfile.ZIP_DEFLATED)


def _members(round_: Round, format_: FileFormat) -> Mapping[str, Callable[[], bytes]]:
    """File name -> how to make its contents, for a folder or a zip."""
    members: dict[str, Callable[[], bytes]] = {SETTINGS: lambda: dump(round_.settings).encode()}
    for name in (name for name in TABLES if name in round_.tables):
        members[f"{name}.{format_}"] = lambda name=name: _table(name, round_.tables[name], format_)  # type: ignore[misc]  # the default binds the loop's name
    return members


def _table(name: str, frame: pd.DataFrame, format_: FileFormat) -> bytes:
    if format_ == "csv":
        return csv_bytes(frame, TABLES[name])
    held = io.BytesIO()
    pa, _ = arrow()
    for column in (column.name for column in TABLES[name].columns if column.kind == "rank"):
        if column in frame and (frame[column] == NO).any():
            frame = frame.assign(**{column: frame[column].astype("str").mask(frame[column] == NO, "no")})
    arrow_parquet().write_table(pa.Table.from_pandas(frame, preserve_index=False), held)
    return held.getvalue()


def _json(round_: Round) -> str:
    """One line per column, so that two versions compare well and a million rows need no million names."""
    tables = []
    for name in (name for name in TABLES if name in round_.tables):
        frame = round_.tables[name]
        columns = [f"  {json.dumps(str(column))}: {json.dumps(_values(frame[column], name), ensure_ascii=False)}" for column in frame.columns]
        tables.append(f" {json.dumps(name)}: {{\n" + ",\n".join(columns) + "\n }")
    settings = json.dumps(tomllib.loads(dump(round_.settings)), ensure_ascii=False, default=str)
    return "{\n" + ",\n".join([f' "settings": {settings}', *tables]) + "\n}\n"


def _values(cells: pd.Series, table: str) -> list[object]:
    known = TABLES[table].column(str(cells.name))
    if known is not None and known.kind == "rank":
        return ["no" if rank == NO else rank for rank in cells.tolist()]
    if cells.dtype.kind == "M":
        cells = cells.dt.strftime("%Y-%m-%d")
    return [None if missing else cell for cell, missing in zip(cells.tolist(), cells.isna().tolist(), strict=True)]


def replace_file(target: Path, write: Callable[[Path], None]) -> None:
    """Write beside the target and rename: it is whole or not there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part{target.suffix}")
    try:
        write(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _replace_folder(target: Path, members: Mapping[str, Callable[[], bytes]]) -> None:
    """Write a folder beside the target and rename; what stood there before goes when the new one is in place."""
    _check_free(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    old = target.with_name(f".{target.name}.{os.getpid()}.old")
    try:
        part.mkdir()
        for name, contents in members.items():
            (part / name).write_bytes(contents())
        if target.exists():
            target.rename(old)
        try:
            part.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _check_free(target: Path) -> None:
    """Refuse to replace anything but an empty folder or a round."""
    if not target.exists():
        return
    if not target.is_dir():
        raise CodedError("reading.write_in_use", name=target.name, other=target.name)
    ours = {SETTINGS, *(f"{name}.{ending}" for name in TABLES for ending in ("csv", "parquet"))}
    other = sorted(entry.name for entry in target.iterdir() if entry.name not in ours or not entry.is_file())
    if other:
        raise CodedError("reading.write_in_use", name=target.name, other=", ".join(other[:5]))
