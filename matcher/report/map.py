"""A map of the regions without boundaries: a disc per region, its area the seats, its filled sector the share that is taken.

Projection: equirectangular, with longitude shortened by the cosine of the middle latitude; true to scale within a country's size.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matcher.report.svg import Figure, element, picture, text
from matcher.report.texts import Texts

WIDTH = 960.0
TALLEST = 620.0
MARGIN = 64.0
LARGEST = 34.0
SMALLEST = 4.0
LETTER = 7.7
LINE = 14.0
KM_PER_DEGREE = 111.195


@dataclass(frozen=True, slots=True)
class Spot:
    """One region on the map; degrees."""

    name: str
    lat: float
    lon: float
    filled: int
    seats: int


@dataclass(frozen=True, slots=True)
class Disc:
    """A spot on paper; pixels."""

    spot: Spot
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle that words or a disc take."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """Area in common."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, across) * max(0.0, down)


def region_map(figure: Figure, spots: Sequence[Spot], texts: Texts) -> str:
    """The picture: discs from large to small, names where they fit best, and a scale."""
    discs, height, km = _project(spots)
    frame = Box(0, 0, WIDTH, height)
    taken = [Box(d.x - d.radius, d.y - d.radius, d.x + d.radius, d.y + d.radius) for d in discs]
    drawn = [_disc(disc, figure) for disc in discs]
    for disc in discs:
        words = (disc.spot.name, texts.say("of", part=texts.share(disc.spot.filled, disc.spot.seats), whole=disc.spot.seats))
        anchor, x, y, box = min(_places(disc, words), key=lambda place: _cost(place[3], taken, frame))
        taken.append(box)
        drawn.append(text(words[0], x=x, y=y, cls=f"strong halo {anchor}") + text(words[1], x=x, y=y + LINE, cls=f"figure halo {anchor}"))
    return picture(figure, "".join(drawn) + _scale(km, height), height=height, view=f"0 0 {WIDTH:.0f} {height:.0f}")


def _project(spots: Sequence[Spot]) -> tuple[list[Disc], float, float]:
    """Discs from large to small, the picture's height, and pixels per kilometre."""
    south, north = min(s.lat for s in spots), max(s.lat for s in spots)
    west, east = min(s.lon for s in spots), max(s.lon for s in spots)
    shrink = math.cos(math.radians((south + north) / 2))
    across, down = max(1e-9, (east - west) * shrink), max(1e-9, north - south)
    scale = min((WIDTH - 2 * MARGIN) / across, (TALLEST - 2 * MARGIN) / down)
    scale = min(scale, (WIDTH - 2 * MARGIN) / 0.2)  # a handful of villages is not blown up beyond 20 km across
    left = (WIDTH - across * scale) / 2
    most = max(s.seats for s in spots) or 1
    discs = [
        Disc(s, left + (s.lon - west) * shrink * scale, MARGIN + (north - s.lat) * scale, max(SMALLEST, LARGEST * math.sqrt(s.seats / most)))
        for s in sorted(spots, key=lambda s: (-s.seats, s.name))
    ]
    return discs, down * scale + 2 * MARGIN, scale / KM_PER_DEGREE


def _disc(disc: Disc, figure: Figure) -> str:
    """A hatched disc, the filled share of it as a solid sector from twelve o'clock on, and a rim."""
    x, y, r = disc.x, disc.y, disc.radius
    share = disc.spot.filled / disc.spot.seats if disc.spot.seats else 0.0
    ground = element("circle", cx=x, cy=y, r=r, fill=figure.hatch)
    rim = element("circle", cx=x, cy=y, r=r, cls="rim")
    if share >= 1:
        return element("circle", cx=x, cy=y, r=r, cls="full") + rim
    if share <= 0:
        return ground + rim
    angle = 2 * math.pi * share
    end_x, end_y = x + r * math.sin(angle), y - r * math.cos(angle)
    sector = f"M{x:.1f} {y:.1f}V{y - r:.1f}A{r:.1f} {r:.1f} 0 {int(share > 0.5)} 1 {end_x:.1f} {end_y:.1f}Z"  # noqa: PLR2004  # half a turn
    return ground + element("path", d=sector, cls="full") + rim


def _places(disc: Disc, words: tuple[str, str]) -> Iterator[tuple[str, float, float, Box]]:
    """Where two lines of words may stand around a disc, best first: anchor, baseline of the first line, and the room taken."""
    wide = LETTER * max(len(line) for line in words)
    gap, r = 5.0, disc.radius
    near = 0.7 * r + gap
    for anchor, x, y in (
        ("start", disc.x + r + gap, disc.y - 1),
        ("end", disc.x - r - gap, disc.y - 1),
        ("middle", disc.x, disc.y + r + gap + 9),
        ("middle", disc.x, disc.y - r - gap - LINE),
        ("start", disc.x + near, disc.y + near + 9),
        ("start", disc.x + near, disc.y - near - LINE),
        ("end", disc.x - near, disc.y + near + 9),
        ("end", disc.x - near, disc.y - near - LINE),
    ):
        left = x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        yield anchor, x, y, Box(left, y - 11, left + wide, y + LINE + 3)


def _cost(box: Box, taken: Sequence[Box], frame: Box) -> float:
    """What it costs to write here: area over words and discs, and ten times the area outside the picture."""
    area = (box.right - box.left) * (box.bottom - box.top)
    return sum(box.overlap(other) for other in taken) + 10 * (area - box.overlap(frame))


def _scale(km: float, height: float) -> str:
    """A bar of a round number of kilometres, at most a sixth of the picture's width."""
    length = next((k for k in (500, 200, 100, 50, 20, 10, 5, 2, 1) if k * km <= WIDTH / 6), 1)
    y, x = height - 14, 12.0
    line = element("path", d=f"M{x} {y - 4}v4h{length * km:.1f}v-4", cls="scale")
    return line + text(f"{length} km", x=x + length * km + 6, y=y + 1, cls="axis")
