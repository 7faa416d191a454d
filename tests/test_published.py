"""Rounds of others, with answers that were published or proven elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import matcher
from matcher.intake import convert
from tests.shared_data import SHARED, needs_shared

pytestmark = [pytest.mark.shared, needs_shared]

LEAST_COST = {"00038-00000001": (35, 57), "00038-00000004": (34, 50)}
"""PrefLib 00038 (Kwanashie, Irving, Manlove, Sng 2014): students placed, and the least rank sum of placing so many."""


@pytest.mark.parametrize("session", LEAST_COST)
def test_project_bidding_reaches_the_published_optimum(session: str, tmp_path: Path) -> None:
    convert(SHARED / "preflib-00038" / f"{session}.soi", tmp_path / "round")
    round_ = matcher.read(tmp_path / "round")
    result = matcher.solve(round_, isolate=False)
    assert tuple(tier.value for tier in result.tiers) == LEAST_COST[session]
    assert tuple(tier.bound for tier in result.tiers) == LEAST_COST[session]
    assert matcher.verify(round_, result).proven_optimal


@pytest.mark.parametrize("name", ["a", "b", "f"])
def test_example_rounds_reach_the_proven_value_of_every_tier(name: str) -> None:
    folder = SHARED / "example-rounds"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[name]
    result = matcher.solve(matcher.read(folder / name), isolate=False)
    assert result.outcome == expected["outcome"]
    assert {tier.name: tier.value for tier in result.tiers} == expected["tiers"]
    assert all(tier.value == tier.bound for tier in result.tiers)


@pytest.mark.parametrize(("name", "table", "row"), [("c", "quotas", 3), ("d", "teams", 2), ("e", "quotas", 2)])
def test_structures_without_an_engine_are_refused_by_table_and_row(name: str, table: str, row: int) -> None:
    with pytest.raises(matcher.Unsupported, match=rf"Table {table}, row {row}:"):
        matcher.solve(matcher.read(SHARED / "example-rounds" / name), isolate=False)
