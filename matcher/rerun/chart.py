"""The chart of a frontier: a value at every budget, as steps, with the proven bound beside it where it differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matcher.report.svg import Figure, element, percent, picture, text
from matcher.report.texts import Texts

PLOT, TOP, LEFT, RIGHT = 130, 34, 5.0, 95.0
RADIUS = 4.5
ROOM = 10.0
"""A value and a budget are written only where so much of the width, in per cent, is free for them; the table under the chart has them all."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One point: the budget, the value, the bound (None: none is proven)."""

    budget: int
    value: int
    bound: int | None


def steps(figure: Figure, dots: Sequence[Dot], axis: str, texts: Texts) -> str:
    """Filled dots are proven, hollow ones are not; a small bar with a dashed line to the dot is the bound."""
    known = [number for dot in dots for number in (dot.value, dot.bound) if number is not None]
    low, high = min(known), max(known)
    first, last = dots[0].budget, dots[-1].budget
    across = [LEFT + (RIGHT - LEFT) * ((dot.budget - first) / (last - first) if last > first else 0.5) for dot in dots]
    labelled = _labelled(across)

    def height(number: int) -> float:
        return TOP + PLOT * (1 - (number - low) / (high - low) if high > low else 0.5)

    drawn = [element("line", x1=0, x2="100%", y1=TOP + PLOT + 10, y2=TOP + PLOT + 10, cls="floor")]
    for i, (dot, x) in enumerate(zip(dots, across, strict=True)):
        y = height(dot.value)
        if i + 1 < len(dots):
            turn = height(dots[i + 1].value)
            drawn.append(element("line", x1=percent(x), x2=percent(across[i + 1]), y1=y, y2=y, cls="step"))
            drawn.append(element("line", x1=percent(across[i + 1]), x2=percent(across[i + 1]), y1=y, y2=turn, cls="step"))
    for i, (dot, x) in enumerate(zip(dots, across, strict=True)):
        y = height(dot.value)
        if dot.bound is not None and dot.bound != dot.value:
            drawn.append(element("line", x1=percent(x), x2=percent(x), y1=y, y2=height(dot.bound), cls="mark"))
            drawn.append(element("line", x1=percent(x - 1.2), x2=percent(x + 1.2), y1=height(dot.bound), y2=height(dot.bound), cls="reach"))
        drawn.append(element("circle", cx=percent(x), cy=y, r=RADIUS, cls="full" if dot.bound == dot.value else "hollow"))
        if i in labelled:
            falls = i > 0 and height(dots[i - 1].value) < y  # then a line comes down to the dot, and the figure stands beside it
            side, shift = ("middle", 0) if not falls else ("end", -7) if i == len(dots) - 1 else ("start", 7)
            drawn.append(text(texts.number(dot.value), x=percent(x), dx=shift, y=y - 11 + abs(shift) // 2, cls=f"figure {side} halo"))
            drawn.append(text(texts.number(dot.budget), x=percent(x), y=TOP + PLOT + 28, cls="middle"))
    drawn.append(text(axis, x="50%", y=TOP + PLOT + 50, cls="axis middle"))
    return picture(figure, "".join(drawn), height=TOP + PLOT + 58)


def _labelled(across: Sequence[float]) -> set[int]:
    """The first and the last, and those between that leave room for their neighbours."""
    chosen = [0]
    for i, x in enumerate(across):
        if x - across[chosen[-1]] >= ROOM and across[-1] - x >= ROOM:
            chosen.append(i)
    return {*chosen, len(across) - 1}
