"""The page and the table of a frontier."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import matcher
from matcher.report.svg import Figure
from matcher.report.texts import Texts
from matcher.rerun import write_frontier
from matcher.rerun.chart import Dot, steps
from matcher.rerun.page import render_frontier
from matcher.rerun.points import Frontier
from matcher.words import LANGUAGES
from tests.report.test_page import parsed
from tests.rerun.test_points import rerun


@cache
def found(language: str) -> Frontier:
    return matcher.frontier(rerun().with_settings(language=language, name="Again"), isolate=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_and_every_picture_has_words_and_a_table(language: str) -> None:
    html = render_frontier(found(language))
    tree = parsed(html)
    assert not tree.named("script")
    assert len(tree.named("main")) == 1
    figures = re.findall(r"<figure.*?</figure>", html, re.DOTALL)
    assert len(figures) == 1  # the ranks; nobody is unplaced, nothing else changes
    assert all('role="img"' in figure and figure.count("<table>") == 1 and "<desc" in figure for figure in figures)
    assert not re.search(r"report\.\w+|\{\w*\}|\bNone\b|\bnan\b|<NA>", " ".join(tree.text))
    assert Texts(language).say("frontier.verdict_proven") in html


def test_files_are_written_beside_whatever_is_there(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    write_frontier(found("en"), tmp_path)
    write_frontier(found("en"), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", "frontier.csv", "frontier.html"}
    table = pd.read_csv(tmp_path / "frontier.csv")
    assert table["budget"].tolist() == [0, 1, 2, 3]
    assert table["rank"].tolist() == [6, 6, 6, 3]


def test_a_point_that_is_not_proven_says_so_with_its_bound() -> None:
    whole = found("en")
    last = whole.points[-1]
    tiers = tuple(replace(tier, bound=2) if tier.name == "rank" else tier for tier in last.result.tiers)
    html = render_frontier(
        replace(whole, points=(*whole.points[:-2], replace(whole.points[-2], carried=True), replace(last, result=replace(last.result, tiers=tiers))))
    )
    assert "3 (bound 2)" in html
    assert "not proven for “Sum of ranks”" in html
    assert "as with fewer changes; not proven" in html
    assert "not every point is proven" in html


def test_a_dot_is_full_where_it_is_proven_and_hollow_with_a_bar_where_it_is_not() -> None:
    svg = steps(Figure("f", "title", "words"), [Dot(0, 9, 9), Dot(5, 7, 4), Dot(9, 7, None)], "axis", Texts("en"))
    assert re.findall(r'<circle[^>]*class="(\w+)"', svg) == ["full", "hollow", "hollow"]
    assert svg.count('class="reach"') == 1


def test_one_point_and_many_points_are_drawn_within_the_picture() -> None:
    for dots in ([Dot(4, 1, 1)], [Dot(budget, 100 - budget, 100 - budget) for budget in range(100)]):
        svg = steps(Figure("f", "title", "words"), dots, "axis", Texts("en"))
        shares = [float(x) for x in re.findall(r'c?x[12]?="([-\d.]+)%"', svg)]
        assert all(0 <= share <= 100 for share in shares)
        assert svg.count('class="middle"') <= 12
