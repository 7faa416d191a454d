"""The growth as a picture: seconds against students, both on scales by powers of ten, a panel per case. Plain SVG; every line has its own marker and dashes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.growth import Line
from benchmarks.registry import SPECS
from matcher.report.svg import element, text

WIDE, LEFT, TOP, ACROSS, DOWN, GAP, STEP = 1000, 76, 46, 390, 300, 96, 22
SIDE = 4.5
"""Half the width of a marker."""

LOOKS = (("#000000", None), ("#0072b2", None), ("#c2410c", "9 4"), ("#00735c", "2 4"), ("#8c3a78", "9 4 2 4"))
"""Colour and dashes of the lines in order: dark enough on white, and told apart without colour by dashes and markers."""

STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1a1a1a}.title{font-weight:600}.end{text-anchor:end}.middle{text-anchor:middle}"
    ".grid{stroke:#d7d7d7;fill:none}.axis{stroke:#6b6b6b;fill:none}"
)


@dataclass(frozen=True)
class Scale:
    """Powers of ten from low to high, over a length in pixels."""

    low: int
    high: int
    length: int

    @classmethod
    def over(cls, values: Iterable[float], length: int) -> Scale:
        """Whole powers of ten around the values."""
        logs = [math.log10(value) for value in values]
        low = math.floor(min(logs))
        return cls(low, max(math.ceil(max(logs)), low + 1), length)

    def at(self, value: float) -> float:
        """Where a value stands, from the low end."""
        return (math.log10(value) - self.low) / (self.high - self.low) * self.length

    @property
    def powers(self) -> range:
        """The exponents at which a line of the grid stands."""
        return range(self.low, self.high + 1)


def draw(lines: Sequence[Line]) -> str:
    """The whole SVG document; empty where there is nothing to draw. The same lines give the same text."""
    if not lines:
        return ""
    cases, labels = _cases(lines), list(dict.fromkeys(line.label for line in lines))
    across = Scale.over([students for line in lines for students, _ in line.points], ACROSS)
    up = Scale.over([seconds for line in lines for _, seconds in line.points], DOWN)
    panels = [_panel(case, [line for line in lines if line.case == case], labels, across, up, LEFT + i * (ACROSS + GAP)) for i, case in enumerate(cases)]
    below = TOP + DOWN + 62
    height = below + STEP * len(labels)
    legend = [_sample(i, label, below + STEP * i) for i, label in enumerate(labels)]
    told = element("title", "How the time grows with the number of students", id="title") + element("desc", escape(describe(lines)), id="desc")
    ground = element("rect", width=WIDE, height=height, fill="#ffffff")
    body = told + element("style", STYLE) + ground + "".join(panels) + "".join(legend)
    view = f"0 0 {WIDE} {height}"
    return element("svg", body, xmlns="http://www.w3.org/2000/svg", viewBox=view, width=WIDE, height=height, role="img", aria_labelledby="title desc") + "\n"


def describe(lines: Sequence[Line]) -> str:
    """The picture in words, for who cannot see it."""
    said = []
    for case in _cases(lines):
        parts = [f"{line.label}: {_seconds(line.points[0])} to {_seconds(line.points[-1])}" for line in lines if line.case == case]
        said.append(f"{SPECS[case].about.split(', ')[-1].capitalize()}: {'; '.join(parts)}.")
    return "Seconds against students, both by powers of ten. " + " ".join(said)


def _seconds(point: tuple[int, float]) -> str:
    return f"{point[1]:.2g} s at {point[0]:,} students"


def _cases(lines: Sequence[Line]) -> list[str]:
    """The two cases with the widest range of sizes."""
    reach = {line.case: max(size for each in lines if each.case == line.case for size, _ in each.points) for line in lines}
    return sorted(reach, key=lambda case: -reach[case])[:2]


def _panel(case: str, lines: Sequence[Line], labels: Sequence[str], across: Scale, up: Scale, left: float) -> str:
    """Frame, grid and lines."""
    floor = TOP + DOWN
    parts = [text(SPECS[case].about.split(", ")[-1].capitalize(), x=left, y=TOP - 20, cls="title")]
    for power in across.powers:
        x = left + across.at(10.0**power)
        parts += [element("path", d=f"M{x:.1f} {TOP}V{floor}", cls="grid"), text(f"{10**power:,}", x=x, y=floor + 18, cls="middle")]
    for power in up.powers:
        y = floor - up.at(10.0**power)
        parts += [element("path", d=f"M{left} {y:.1f}H{left + ACROSS}", cls="grid"), text(f"{10.0**power:g} s", x=left - 8, y=y + 4, cls="end")]
    parts += [element("rect", x=left, y=TOP, width=ACROSS, height=DOWN, cls="axis"), text("students", x=left + ACROSS / 2, y=floor + 38, cls="middle")]
    for line in lines:
        index = labels.index(line.label)
        places = [(left + across.at(students), floor - up.at(seconds)) for students, seconds in line.points]
        parts += [_stroke(index, places), *(_marker(index, x, y) for x, y in places)]
    return "".join(parts)


def _stroke(index: int, places: Sequence[tuple[float, float]]) -> str:
    colour, dashes = LOOKS[index % len(LOOKS)]
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    return element("path", d=f"M{way}", fill="none", stroke=colour, stroke_width=2, stroke_dasharray=dashes)


def _marker(index: int, x: float, y: float) -> str:
    """Circle, square, triangle, diamond, cross, ring."""
    colour, s = LOOKS[index % len(LOOKS)][0], SIDE
    shapes = (
        f"M{x - s:.1f} {y:.1f}a{s} {s} 0 1 0 {2 * s} 0a{s} {s} 0 1 0 {-2 * s} 0Z",
        f"M{x - s:.1f} {y - s:.1f}h{2 * s}v{2 * s}h{-2 * s}Z",
        f"M{x:.1f} {y - s - 1:.1f}l{s + 1} {2 * s}h{-2 * s - 2}Z",
        f"M{x:.1f} {y - s - 1:.1f}l{s + 1} {s + 1}l{-s - 1} {s + 1}l{-s - 1} {-s - 1}Z",
        f"M{x - s:.1f} {y - s:.1f}l{2 * s} {2 * s}m0 {-2 * s}l{-2 * s} {2 * s}",
    )
    return element("path", d=shapes[index % len(shapes)], fill=colour, stroke=colour, stroke_width=2)


def _sample(index: int, label: str, y: float) -> str:
    """A line of the legend."""
    return _stroke(index, [(LEFT, y - 4), (LEFT + 46, y - 4)]) + _marker(index, LEFT + 23, y - 4) + text(label, x=LEFT + 58, y=y)
