"""What a file is, by what is in it: people rename files, and mail programs give them other endings."""

from __future__ import annotations

from pathlib import PurePath
from typing import Literal

from matcher.errors import UnreadableFile
from matcher.intake.archive import Archive, open_archive

Content = Literal["csv", "json", "parquet", "zip", "xlsx", "ods", "xls", "preflib", "toml"]

CSV_ENDINGS = (".csv", ".tsv", ".txt", ".tab")
PREFLIB_ENDINGS = (".soc", ".soi", ".toc", ".toi")
_BINARY_ENDINGS = (".parquet", ".xlsx", ".xlsm", ".xlsb", ".ods", ".zip")
"""A text cannot be one of these. Many programs do write texts that are called .xls."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"{\\rtf", "RTF"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"SQLite format", "SQLite"),
    (b"\x7fELF", "ELF"),
    (b"MZ\x90", "EXE"),
)
_IN_ARCHIVES = (("word/document.xml", "Word"), ("ppt/presentation.xml", "PowerPoint"), ("xl/workbook.bin", "XLSB"))
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


def content_of(data: bytes, name: str) -> tuple[Content, Archive | None]:
    """Tell what a file is by its first bytes, and by its name only where the bytes leave it open; an archive comes opened.

    Raises
    ------
    UnreadableFile
        400: the file is empty, or a workbook with a password. 415: something that cannot hold tables.
    """
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if not start:
        raise UnreadableFile("reading.empty", name=name)
    for sign, kind in _OTHERS:
        if data.startswith(sign):
            raise UnreadableFile("reading.kind", status=415, name=name, kind=kind)
    if data.startswith(_OLE):
        return _in_compound_file(data, name), None
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        archive = open_archive(data, name)
        return _in_archive(archive), archive
    return "parquet" if data.startswith(b"PAR1") else _text(start, PurePath(name).suffix.lower(), name), None


def _in_compound_file(data: bytes, name: str) -> Content:
    """An OLE container holds an old workbook, or a new one with a password, or something else of Office."""
    if _wide("EncryptedPackage") in data:
        raise UnreadableFile("reading.password", name=name)
    if _wide("Workbook") in data or _wide("Book") in data:
        return "xls"
    raise UnreadableFile("reading.kind", status=415, name=name, kind="Office")


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _in_archive(archive: Archive) -> Content:
    names = set(archive.names())
    for part, kind in _IN_ARCHIVES:
        if part in names:
            raise UnreadableFile("reading.kind", status=415, name=archive.name, kind=kind)
    if "[Content_Types].xml" in names or "xl/workbook.xml" in names:
        return "xlsx"
    if "mimetype" in names:
        if archive.read("mimetype").strip().startswith(_ODS):
            return "ods"
        raise UnreadableFile("reading.kind", status=415, name=archive.name, kind="OpenDocument")
    return "zip"


def _text(start: bytes, ending: str, name: str) -> Content:
    head = start[:1024].lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml", b"<workbook")) or b"<html" in head[:200]:
        raise UnreadableFile("reading.markup", status=415, name=name)
    if ending in PREFLIB_ENDINGS:
        return "preflib"
    if ending == ".toml":
        return "toml"
    if ending == ".json" or (start[:1] in (b"{", b"[") and ending not in CSV_ENDINGS):
        return "json"
    if ending in _BINARY_ENDINGS:
        raise UnreadableFile("reading.not_what_it_says", status=415, name=name, kind=ending.lstrip(".").upper())
    return "csv"
