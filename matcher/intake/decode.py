"""Bytes of a text file as clean UTF-8, whatever program wrote them."""

from __future__ import annotations

import codecs
import re

from matcher.errors import UnreadableFile
from matcher.intake.sheet import Remark

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 12, 13)) + b"\x7f"
_SAMPLE = 2**16
_FEW = 0.01
"""Share of control signs above which a file is no text. Noise has 0.11, texts have none; a few NULs are known to occur."""
_STRAY = 8
"""So many control signs may always be there."""
_HIDDEN = tuple(sign.encode() for sign in "\x00\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad")
_BLANKS = tuple(sign.encode() for sign in "\u00a0\u2007\u202f")
_BROKEN = "\ufffd"
_OLD = "cp1252"


def plain_text(data: bytes, name: str) -> tuple[bytes, list[Remark]]:
    """Decode a text and encode it as UTF-8, without byte order mark, invisible signs and no-break blanks.

    UTF-8 is believed when it is valid; a text with a few broken signs in it stays UTF-8; anything else is taken for Windows-1252, which West European
    spreadsheets write.

    Raises
    ------
    UnreadableFile
        415: the file is no text.
    """
    mark, encoding = next(((mark, encoding) for mark, encoding in _MARKS if data.startswith(mark)), (b"", ""))
    if encoding and encoding != "utf-8":
        try:
            data = data[len(mark) :].decode(encoding).encode()
        except UnicodeError as broken:
            raise UnreadableFile("reading.not_text", status=415, name=name) from broken
    elif mark:
        data = data[len(mark) :]
    sample = data[:_SAMPLE]
    if len(sample) - len(sample.translate(None, _CONTROLS)) > max(_STRAY, _FEW * len(sample)):
        raise UnreadableFile("reading.not_text", status=415, name=name)
    if data.isascii():
        return data.replace(b"\x00", b"").rstrip(b"\x1a"), []
    data, remarks = _decoded(data)
    for sign in _HIDDEN:
        if sign in data:
            data = data.replace(sign, b"")
    for sign in _BLANKS:
        if sign in data:
            data = data.replace(sign, b" ")
    return data.rstrip(b"\x1a"), remarks


def _decoded(data: bytes) -> tuple[bytes, list[Remark]]:
    """Valid UTF-8, and what to say about how it came about."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return data, []
    text = data.decode("utf-8", "replace")
    broken = text.count(_BROKEN)
    if broken <= len(re.findall(r"[^\x00-\x7f]", text[: 2**20])) - broken:
        return text.encode(), [Remark("reading.encoding_mixed", "warning", params=(("count", broken),))]
    old = data.decode(_OLD, "replace")
    lost = old.count(_BROKEN)
    if lost:
        return old.encode(), [Remark("reading.encoding_mixed", "warning", params=(("count", lost),))]
    return old.encode(), [Remark("reading.encoding_old", "note")]
