"""The pictures: lengths and areas stand for what they say."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.report.charts import PLOT, Bar, Column, bars, columns, equal_bins, histogram
from matcher.report.map import WIDTH, Spot, region_map
from matcher.report.svg import Figure, element, text
from matcher.report.texts import Texts
from tests.report.fake import REGIONS

FIGURE = Figure("a-chart", "Title", "Description")
TEXTS = Texts("en")


def attributes(svg: str, tag: str, cls: str | None = None) -> list[dict[str, str]]:
    """The attributes of the elements with that tag (and class), in the order of the picture."""
    found = [dict(re.findall(r'([\w-]+)="([^"]*)"', body)) for body in re.findall(rf"<{tag} ([^>]*?)/?>", svg)]
    return [entry for entry in found if cls is None or cls in entry.get("class", "").split()]


def number(length: str) -> float:
    return float(length.rstrip("%"))


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)), min_size=1, max_size=12))
def test_bars_are_as_long_as_their_numbers(pairs: list[tuple[int, int]]) -> None:
    rows = [Bar(f"row {i}", part, part + rest, "") for i, (part, rest) in enumerate(pairs)]
    most = max(row.whole for row in rows) or 1
    drawn = [entry for entry in attributes(bars(FIGURE, rows), "rect") if entry["width"].endswith("%")]
    for row, (rest, part) in zip(rows, zip(drawn[::2], drawn[1::2], strict=True), strict=True):
        assert number(part["width"]) == pytest.approx(100 * row.part / most, abs=0.01)
        assert number(rest["x"]) == pytest.approx(number(part["width"]), abs=0.01)
        assert number(rest["x"]) + number(rest["width"]) == pytest.approx(100 * row.whole / most, abs=0.02)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=12))
def test_columns_are_as_high_as_their_numbers_and_stand_on_the_floor(values: list[int]) -> None:
    shown = [Column(str(i), value, "", missing=i % 3 == 0) for i, value in enumerate(values)]
    drawn = [entry for entry in attributes(columns(FIGURE, shown, "axis"), "rect") if entry["width"].endswith("%")]
    tops = {number(entry["y"]) + number(entry["height"]) for entry in drawn}
    assert max(tops) - min(tops) < 0.02
    for value, entry in zip(values, drawn, strict=True):
        assert number(entry["height"]) == pytest.approx(PLOT * value / (max(values) or 1), abs=0.01)
    assert all(number(a["x"]) + number(a["width"]) <= number(b["x"]) for a, b in pairwise(drawn))


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=30))
def test_a_histogram_has_a_place_for_every_value(minutes: list[int]) -> None:
    low, width, bins = equal_bins(min(minutes), max(minutes))
    edges = [low + i * width for i in range(bins + 1)]
    assert 1 <= bins <= 21
    assert edges[0] <= min(minutes)
    assert max(minutes) < edges[-1]
    counts = [int(count) for count in np.histogram(minutes, bins=edges)[0]]
    assert sum(counts) == len(minutes)
    drawn = attributes(histogram(FIGURE, edges, counts, (minutes[0], "here"), "minutes", TEXTS), "rect", "full")
    assert [number(entry["height"]) > 0 for entry in drawn] == [count > 0 for count in counts]
    assert all(number(entry["height"]) <= PLOT for entry in drawn)


def flanders() -> list[Spot]:
    rng = np.random.default_rng(1)
    seats = rng.integers(1, 900, len(REGIONS))
    return [Spot(name, lat, lon, int(n * 0.8), int(n)) for (_, name, _, lat, lon), n in zip(REGIONS, seats, strict=True) if lat is not None]


def test_a_disc_has_the_area_of_its_seats_and_stands_where_it_should() -> None:
    spots = flanders()
    svg = region_map(FIGURE, spots, TEXTS)
    rims = attributes(svg, "circle", "rim")
    drawn = dict(zip(sorted(spots, key=lambda spot: (-spot.seats, spot.name)), rims, strict=True))
    largest = max(spots, key=lambda spot: spot.seats)
    for spot, rim in drawn.items():
        share = (number(rim["r"]) / number(drawn[largest]["r"])) ** 2
        assert share == pytest.approx(spot.seats / largest.seats, abs=0.02)
        assert 0 < number(rim["cx"]) < WIDTH
    by_name = {spot.name: rim for spot, rim in drawn.items()}
    assert number(by_name["Veurne"]["cx"]) < number(by_name["Gent"]["cx"]) < number(by_name["Maaseik"]["cx"])
    assert number(by_name["Turnhout"]["cy"]) < number(by_name["Kortrijk"]["cy"])
    across, down = (number(by_name["Antwerpen"][key]) - number(by_name["Gent"][key]) for key in ("cx", "cy"))
    scale = number(re.search(r"h([\d.]+)v-4", svg)[1]) / number(re.search(r">(\d+) km<", svg)[1])  # type: ignore[index]  # the scale is always drawn
    assert math.hypot(across, down) / scale == pytest.approx(52, abs=1)  # kilometres between Antwerpen and Gent as the crow flies


def test_the_names_on_the_map_of_flanders_do_not_run_through_each_other() -> None:
    svg = region_map(FIGURE, flanders(), TEXTS)
    boxes = []
    for across, down, anchor, words in re.findall(r'<text x="([\d.]+)" y="([\d.]+)" class="\w+ halo (\w+)">([^<]*)</text>', svg):
        x, y = float(across), float(down)
        wide = 6.5 * len(words)
        left = x - wide * {"start": 0, "middle": 0.5, "end": 1}[anchor]
        boxes.append((left, y - 9, left + wide, y + 1))
    assert len(boxes) == 2 * len(flanders())
    clashes = [1 for i, a in enumerate(boxes) for b in boxes[:i] if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]]
    assert not clashes


@pytest.mark.parametrize("spots", [[Spot("a", 51.0, 4.0, 0, 5), Spot("b", 51.0, 4.0, 5, 5)], [Spot("a", -89.9, -180, 1, 2), Spot("b", 89.9, 180, 0, 1)]])
def test_a_map_of_odd_places_is_drawn_all_the_same(spots: list[Spot]) -> None:
    svg = region_map(FIGURE, spots, TEXTS)
    assert "nan" not in svg
    assert "inf" not in svg
    assert len(attributes(svg, "circle", "rim")) == 2


def test_words_in_a_picture_are_escaped() -> None:
    assert text("<b>&", x=1) == '<text x="1">&lt;b&gt;&amp;</text>'
    assert element("g", "", id='"><script>') == '<g id="&quot;&gt;&lt;script&gt;"/>'
