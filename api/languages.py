"""The language of an answer: what the person chose on a page, else what the client prefers, else English."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import g, has_request_context, request

from matcher.words import LANGUAGES, say

COOKIE = "language"
DEFAULT = "en"


def language() -> str:
    """The language of the present request."""
    if not has_request_context():
        return DEFAULT
    if "language" not in g:
        chosen = request.cookies.get(COOKIE)
        g.language = chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, default=DEFAULT)
    return str(g.language)


def tell(code: str, **params: Any) -> str:
    """The sentence of a code in the language of the request."""
    return say(code, language(), **params)


def number(value: float) -> str:
    """A number as the language writes it: 1.234,5 or 1,234.5 or 1 234,5."""
    text = f"{value:,}"
    thousands, point = {"nl": (".", ","), "en": (",", "."), "fr": ("\u202f", ",")}[language()]
    return text.translate({ord(","): thousands, ord("."): point})


def moment(seconds: float | None) -> str:
    """A time of this machine's clock, to the minute."""
    if seconds is None:
        return ""
    return dt.datetime.fromtimestamp(seconds).astimezone().strftime("%d/%m/%Y %H:%M" if language() != "en" else "%d %b %Y %H:%M")


def iso(seconds: float | None) -> str | None:
    """A time as ISO 8601 in UTC."""
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="milliseconds")
