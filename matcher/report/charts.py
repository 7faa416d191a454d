"""The charts of the report: columns, a histogram and bars of filled seats, each a few lines of SVG.

Lengths across are percentages and heights are pixels, so a chart fits a telephone and a printed page without becoming unreadable.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matcher.report.svg import Figure, element, percent, picture, text
from matcher.report.texts import Texts

PLOT = 170
TOP = 22
ROW = 40
LABEL_EVERY = 9
WORDY = 1.8
LETTERS_ACROSS = {True: 50, False: 54}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its value, the words under and above it, and whether it stands for what was *not* reached (drawn hatched)."""

    label: str
    value: float
    shown: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A whole and the part of it that is reached, with the words before and after it; `depth` indents a node of a tree, and `strong` marks its roots."""

    label: str
    part: int
    whole: int
    shown: str
    depth: int = 0
    strong: bool = False


def columns(figure: Figure, bars: Sequence[Column], axis: str) -> str:
    """Columns side by side with their figures above them; a label in words gets more room, and a line per word."""
    room = [WORDY if " " in bar.label else 1.0 for bar in bars]
    unit = 100 / sum(room)
    tallest = max((bar.value for bar in bars), default=0) or 1
    drawn = []
    left = 0.0
    for bar, share in zip(bars, room, strict=True):
        wide, height = share * unit, PLOT * bar.value / tallest
        middle = percent(left + wide / 2)
        look = {"fill": figure.hatch} if bar.missing else {"cls": "full"}
        drawn += [
            element("rect", x=percent(left + wide / 2 - 0.36 * unit), y=TOP + PLOT - height, width=percent(0.72 * unit), height=height, **look),
            text(bar.shown, x=middle, y=TOP + PLOT - height - 6, cls="figure middle"),
            *(text(word, x=middle, y=TOP + PLOT + 17 + 14 * line, cls="middle") for line, word in enumerate(bar.label.split(" ", 1))),
        ]
        left += wide
    return picture(figure, _floor() + "".join(drawn) + _axis(axis, 2), height=TOP + PLOT + 58)


def histogram(figure: Figure, edges: Sequence[float], counts: Sequence[int], mark: tuple[float, str] | None, axis: str, texts: Texts) -> str:
    """Counts between consecutive edges of equal width, with gridlines, and a line at `mark` (a value and its words)."""
    low, high = edges[0], edges[-1]
    top = _nice(max(counts, default=0) or 1)
    step = 100 / len(counts)
    drawn = [_gridline(top * part / 2, PLOT * part / 2, texts) for part in (1, 2)]
    for i, count in enumerate(counts):
        height = PLOT * count / top
        drawn.append(element("rect", x=percent((i + 0.06) * step), y=TOP + PLOT - height, width=percent(0.88 * step), height=height, cls="full"))
    stride = max(1, math.ceil(len(edges) / LABEL_EVERY))
    for i in range(0, len(edges), stride):
        anchor = "middle" if 0 < i < len(edges) - 1 else "start" if i == 0 else "end"
        drawn.append(text(texts.number(edges[i]), x=percent(i * step), y=TOP + PLOT + 17, cls=anchor))
    if mark is not None:
        value, words = mark
        x = 100 * (value - low) / (high - low)
        drawn.append(element("line", x1=percent(x), x2=percent(x), y1=TOP - 8, y2=TOP + PLOT, cls="mark"))
        drawn.append(text(words, x=percent(x), y=TOP - 12, cls="figure middle" if 15 < x < 85 else "figure start" if x <= 15 else "figure end"))  # noqa: PLR2004  # room for words in per cent
    return picture(figure, _floor() + "".join(drawn) + _axis(axis, 1), height=TOP + PLOT + 44)


def bars(figure: Figure, rows: Sequence[Bar]) -> str:
    """One bar per row: the part solid, the rest of the whole hatched, the words above it."""
    most = max((row.whole for row in rows), default=0) or 1
    drawn = []
    for i, row in enumerate(rows):
        y = i * ROW
        part, rest = 100 * row.part / most, 100 * (row.whole - row.part) / most
        drawn += [
            text(
                _short(row.label, LETTERS_ACROSS[row.strong] - len(row.shown) - 2 * row.depth), x=16 * row.depth, y=y + 14, cls="strong" if row.strong else None
            ),
            text(row.shown, x="100%", y=y + 14, cls="figure end"),
            element("rect", x=percent(part), y=y + 20, width=percent(rest), height=9, fill=figure.hatch),
            element("rect", x=0, y=y + 20, width=percent(part), height=9, cls="full lighter" if row.depth else "full"),
        ]
    return picture(figure, "".join(drawn), height=ROW * len(rows))


def equal_bins(values_low: float, values_high: float, most: int = 20) -> tuple[float, float, int]:
    """Low edge, width and number of bins: a width of 1, 2, 5, 10, 15, 20, 30, 60 ... minutes so that at most `most` bins are needed."""
    width = next((w for w in (1, 2, 5, 10, 15, 20, 30, 60, 120, 240) if (values_high - values_low) / w < most), None)
    width = width or math.ceil((values_high - values_low) / most)
    low = math.floor(values_low / width) * width
    return low, width, max(1, math.floor((values_high - low) / width) + 1)


def _short(label: str, most: int) -> str:
    """A label that leaves room for the figures beside it; the table under the chart has it whole."""
    return label if len(label) <= most else label[: most - 1].rstrip() + "\u2026"


def _floor() -> str:
    return element("line", x1=0, x2="100%", y1=TOP + PLOT, y2=TOP + PLOT, cls="floor")


def _axis(words: str, lines: int) -> str:
    return text(words, x="50%", y=TOP + PLOT + 24 + 14 * lines, cls="axis middle")


def _gridline(value: float, height: float, texts: Texts) -> str:
    y = TOP + PLOT - height
    return element("line", x1=0, x2="100%", y1=y, y2=y, cls="grid") + text(texts.number(value), x="100%", y=y - 3, cls="axis end halo")


def _nice(value: float) -> float:
    """The least of 2, 4, 10, 20, 40, 100 ... that is at least the value: its half is whole too."""
    power = 10 ** math.floor(math.log10(value))
    return float(max(2.0, next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= value)))
