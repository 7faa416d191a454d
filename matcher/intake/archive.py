"""Zip archives (also XLSX and ODS workbooks) from people one does not know: nothing is unpacked before it is known to be small.

The sizes that an archive states are not believed: each member is unpacked in pieces, counted and thrown away before anything else reads it.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from matcher.errors import UnreadableFile
from matcher.intake import limits

_PIECE = 2**18
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_ENCRYPTED = 1
_DIRECTORY_ENTRY = 1024
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, NotImplementedError, EOFError, OSError, RuntimeError, OverflowError, LookupError)
"""What the zip libraries raise for archives that are damaged or lie."""


@dataclass(frozen=True, slots=True, eq=False)
class Archive:
    """An archive whose members were all measured."""

    name: str
    data: bytes
    members: tuple[zipfile.ZipInfo, ...]

    def names(self) -> list[str]:
        """The names of its files."""
        return [member.filename for member in self.members]

    def read(self, name: str) -> bytes:
        """One file, unpacked; of several with one name the last, as all programs do. Raises KeyError where there is none."""
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """The same, in pieces of bounded size."""
        found = next((member for member in reversed(self.members) if member.filename == name), None)
        if found is None:
            raise KeyError(name)
        return _inflate(self.data, found, self.name)


def open_archive(data: bytes, name: str) -> Archive:
    """Measure all members of an archive.

    Raises
    ------
    UnreadableFile
        413: too many members, too much in them, or packed as tight as only a bomb is. 400: broken, encrypted, or with names that lead out of the folder.
    """
    if _directory_bytes(data) > limits.MEMBERS * _DIRECTORY_ENTRY:
        raise UnreadableFile("reading.zip_members", status=413, name=name, limit=limits.MEMBERS)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except _BROKEN as broken:
        raise UnreadableFile("reading.broken_zip", name=name) from broken
    if len(members) > limits.MEMBERS:
        raise UnreadableFile("reading.zip_members", status=413, name=name, limit=limits.MEMBERS)
    for member in members:
        _check_name(member.filename, name)
        if member.flag_bits & _ENCRYPTED:
            raise UnreadableFile("reading.password", name=name)
    _measure(data, members, name)
    return Archive(name, data, tuple(members))


def _directory_bytes(data: bytes) -> int:
    """The size of the list of members, which is read whole; 0 where it cannot be found (then nobody else finds it either)."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 2**16 - 22))
    return int.from_bytes(data[at + 12 : at + 16], "little") if at >= 0 else 0


def _check_name(member: str, name: str) -> None:
    path = PurePosixPath(member.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in member or "\0" in member:
        raise UnreadableFile("reading.zip_path", name=name)


def _measure(data: bytes, members: list[zipfile.ZipInfo], name: str) -> None:
    total = 0
    for member in members:
        size = 0
        for piece in _inflate(data, member, name):
            size += len(piece)
            if size > limits.RATIO_FROM and size > limits.RATIO * max(1, member.compress_size):
                raise UnreadableFile("reading.zip_bomb", status=413, name=name)
            if total + size > limits.FILE_BYTES:
                raise UnreadableFile("reading.zip_size", status=413, name=name, limit=limits.FILE_BYTES // 2**20)
        total += size


def _inflate(data: bytes, member: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """The contents of a member, in pieces of bounded size, as far as its packed bytes go and no matter what size it states."""
    try:
        header = _LOCAL_HEADER.unpack_from(data, member.header_offset)
        start = member.header_offset + _LOCAL_HEADER.size + header[-2] + header[-1]
        packed = memoryview(data)[start : start + member.compress_size]
        if header[0] != b"PK\x03\x04" or len(packed) != member.compress_size:
            raise UnreadableFile("reading.broken_zip", name=name)
        if member.compress_type == zipfile.ZIP_STORED:
            yield from (bytes(packed[at : at + _PIECE]) for at in range(0, len(packed), _PIECE))
        elif member.compress_type == zipfile.ZIP_DEFLATED:
            yield from _deflated(packed, name)
        else:
            raise UnreadableFile("reading.zip_method", status=415, name=name)
    except _BROKEN as broken:
        raise UnreadableFile("reading.broken_zip", name=name) from broken


def _deflated(packed: memoryview, name: str) -> Iterator[bytes]:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    for at in range(0, len(packed), _PIECE):
        rest: bytes | memoryview = packed[at : at + _PIECE]
        while rest and not engine.eof:
            yield engine.decompress(rest, _PIECE)
            rest = engine.unconsumed_tail
    while not engine.eof:
        piece = engine.decompress(b"", _PIECE)
        if not piece:
            raise UnreadableFile("reading.broken_zip", name=name)
        yield piece
