"""Getting a round onto the disk: what cannot hold a round is refused here, by its first bytes; everything else is for the matcher to judge."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from typing import IO

from werkzeug.datastructures import FileStorage
from werkzeug.utils import secure_filename

from matcher.errors import UnreadableFile

CHUNK = 1 << 16
UNPACKED_PER_PACKED = 20
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
PARQUET = b"PAR1"
ZIP_ENDINGS = (".xlsx", ".xlsm", ".zip", ".ods")
TEXT_ENDINGS = (".csv", ".txt", ".tsv", ".toml", ".json")


@dataclass(frozen=True, slots=True)
class Received:
    """An upload that is on the disk.

    Attributes
    ----------
    name
        For people.
    size
        Bytes.
    digest
        Of names and contents.
    burden
        Bytes that a check may have to handle: an archive is counted several times over, and a Parquet file has no bound at all.
    """

    name: str
    size: int
    digest: str
    burden: float


def receive_body(stream: IO[bytes], folder: Path) -> Received:
    """Keep a JSON document. Raises UnreadableFile when it is empty."""
    size, digest = _keep(stream, folder / "round.json")
    return Received("round.json", size, digest, size)


def receive_files(uploads: Sequence[FileStorage], folder: Path) -> Received:
    """Keep the files of a form: a workbook, a zip, a JSON document, or several tables.

    Raises
    ------
    UnreadableFile
        A file is empty (400) or of a kind that cannot hold a round (415), or two have one name (400).
    """
    named = sorted(((safe_name(upload), upload.stream) for upload in uploads if upload.filename), key=itemgetter(0))
    if not named:
        raise UnreadableFile("api.upload.none")
    return _receive(named, folder)


def receive_copy(source: Path, name: str, folder: Path) -> Received:
    """Keep a copy of a round that is on this machine, under a name for people."""
    paths = sorted(path for path in source.iterdir() if path.is_file()) if source.is_dir() else [source]
    opened = [(path.name, path.open("rb")) for path in paths]
    try:
        return replace(_receive(opened, folder), name=name)
    finally:
        for _, stream in opened:
            stream.close()


def safe_name(upload: FileStorage) -> str:
    """A file name without tricks, with the ending that belongs to the content (people rename files).

    Raises
    ------
    UnreadableFile
        415: a file of this kind holds no round.
    """
    name = secure_filename(upload.filename or "")[-100:] or "round"
    start = upload.stream.read(4096)
    upload.stream.seek(0)
    ending = Path(name).suffix.lower()
    if start.startswith(OLD_EXCEL):
        raise UnreadableFile("api.upload.old_excel", status=415, name=name)
    if start.startswith(ZIP):
        return name if ending in ZIP_ENDINGS else f"{name}.zip"
    if start.startswith(PARQUET):
        return name if ending == ".parquet" else f"{name}.parquet"
    if not start or ending in TEXT_ENDINGS:
        return name
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return f"{name}.json"
    raise UnreadableFile("api.upload.kind", status=415, name=name)


def _receive(named: Sequence[tuple[str, IO[bytes]]], folder: Path) -> Received:
    size, burden, digest = 0, 0.0, hashlib.sha256()
    names: list[str] = []
    for name, stream in named:
        if name.lower() in map(str.lower, names):
            raise UnreadableFile("api.upload.same_name", name=name)
        start = stream.read(4)
        stream.seek(0)
        bytes_, content = _keep(stream, folder / name)
        digest.update(f"{name}\n{content}\n".encode())
        size += bytes_
        burden += bytes_ * {ZIP: UNPACKED_PER_PACKED, PARQUET: math.inf}.get(start, 1)
        names.append(name)
    shown = names[0] if len(names) == 1 else f"{names[0]} + {len(names[1:])}"
    return Received(shown, size, digest.hexdigest(), burden)


def _keep(stream: IO[bytes], target: Path) -> tuple[int, str]:
    """Write to the disk, past its caches; returns the size and the digest."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    size, digest = 0, hashlib.sha256()
    with target.open("wb") as file:
        while piece := stream.read(CHUNK):
            file.write(piece)
            digest.update(piece)
            size += len(piece)
        file.flush()
        os.fsync(file.fileno())
    if size == 0:
        raise UnreadableFile("api.upload.empty", name=target.name)
    return size, digest.hexdigest()
