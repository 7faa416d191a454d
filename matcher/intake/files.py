"""From a path to the bytes of files: one file, the files of a folder, or the members of a zip."""

from __future__ import annotations

import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from matcher.errors import UnreadableFile
from matcher.intake import limits
from matcher.intake.archive import Archive
from matcher.intake.content import CSV_ENDINGS

SETTINGS = "round.toml"
TABLE_ENDINGS = (*CSV_ENDINGS, ".parquet")
DOCUMENT_ENDINGS = (".xlsx", ".xlsm", ".ods", ".xls", ".json")
_CLUTTER = ("thumbs.db", "desktop.ini", "__macosx")


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """A file that may hold tables: its name, and its bytes when asked for."""

    name: str
    read: Callable[[], bytes]

    @property
    def ending(self) -> str:
        """The ending, in small letters, with its point."""
        return PurePosixPath(self.name).suffix.lower()


def one_file(path: Path) -> bytes:
    """The bytes of a file.

    Raises
    ------
    UnreadableFile
        400: it is not there, not allowed, or no plain file (a folder, a device, a pipe). 413: it is too large.
    """
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            raise UnreadableFile("reading.no_file", name=path.name)
        if state.st_size > limits.FILE_BYTES:
            raise UnreadableFile("reading.file_size", status=413, name=path.name, limit=limits.FILE_BYTES // 2**20)
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as missing:
        raise UnreadableFile("reading.missing", name=str(path)) from missing
    except (OSError, ValueError) as refused:  # ValueError: a path with a NUL in it
        raise UnreadableFile("reading.no_access", name=path.name) from refused


def folder_files(folder: Path) -> list[File]:
    """The files in a folder, without those in folders below it and without what systems and spreadsheets leave behind."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as refused:
        raise UnreadableFile("reading.no_access", name=folder.name) from refused
    return [_of_path(entry) for entry in entries if not _is_clutter(entry.name) and (not entry.is_dir() or entry.suffix.lower() in TABLE_ENDINGS)]


def _of_path(path: Path) -> File:
    return File(path.name, lambda: one_file(path))


def archive_files(archive: Archive) -> list[File]:
    """The files in a zip: those at the top, or, where it holds one folder only, those in that folder."""
    names = [name for name in archive.names() if not any(_is_clutter(part) for part in PurePosixPath(name).parts)]
    folders = {str(PurePosixPath(name).parent) for name in names}
    top = min(folders, key=lambda folder: (len(PurePosixPath(folder).parts), folder)) if folders else "."
    return [_of_member(archive, name) for name in names if str(PurePosixPath(name).parent) == top]


def _of_member(archive: Archive, name: str) -> File:
    return File(PurePosixPath(name).name, lambda: archive.read(name))


def _is_clutter(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower() in _CLUTTER


def chosen(files: Sequence[File], where: str) -> tuple[list[File], list[File]]:
    """The files to be read, and those left over: tables and settings; where there are no tables, the only workbook or document.

    Raises
    ------
    UnreadableFile
        400: there is no table, and not exactly one workbook or document.
    """
    tables = [file for file in files if file.ending in TABLE_ENDINGS]
    settings = [file for file in files if file.name.lower() == SETTINGS]
    if not tables:
        documents = [file for file in files if file.ending in DOCUMENT_ENDINGS]
        if len(documents) != 1:
            code = "reading.folder_several" if documents else "reading.folder_empty"
            raise UnreadableFile(code, name=where, names=", ".join(file.name for file in documents[:10]))
        tables = documents
    wanted = {id(file) for file in (*tables, *settings)}
    return [*tables, *settings], [file for file in files if id(file) not in wanted]
