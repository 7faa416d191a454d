"""What a report page is made of, before it becomes HTML: sections with charts and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts. The first column names the row; `numeric` columns are set to the right; `depth` indents rows of a tree."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int] = frozenset()
    depth: Sequence[int] = ()
    more: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture, its caption, and the same figures as a table; `wide` pictures may be scrolled on a small screen."""

    svg: str
    caption: str
    table: Table
    legend: Sequence[tuple[str, str]] = ()
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One subject: a heading, a few sentences, then charts and tables; narrow tables may stand beside a chart."""

    id: str
    title: str
    words: Sequence[str] = ()
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """What the matching means to one party: figures as (value, what it is)."""

    id: str
    title: str
    figures: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report."""

    language: str
    title: str
    kicker: str
    headline: str
    words: Sequence[str] = ()
    proven: bool = False
    verdict: str = ""
    panels: Sequence[Panel] = ()
    sections: Sequence[Section] = ()
    facts: Sequence[tuple[str, str]] = ()
