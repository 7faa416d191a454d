"""Proofs of both forms: the same when read back, and their prices row by row."""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from matcher.errors import UnreadableFile
from matcher.report.proofs import conflicting, read_proof, row_prices, write_proof
from matcher.report.tables import price_texts
from matcher.result import Cases, Proof

TEXTS = ("kind", "id", "part")


def cases(**changes: object) -> Cases:
    """Two tiers: the first with one leaf, the second split by a pair into two."""
    whole = {
        "kind": ["quota", "quota", "pair", "team"],
        "id": ["A", "A", "s1", "T"],
        "part": ["G1|x", "G2|x", "p|", "|s2|p"],
        "node_tier": [0, 1, 1, 1],
        "node_row": [-1, 2, -1, -1],
        "node_value": [0, 0, 0, 0],
        "denominator": [2, 3, 1],
        "multipliers": [[0, 0], [7, 0], [-7, 0]],
        "price_leaf": [0, 1, 2, 1, 2],
        "price_row": [0, 0, 0, 1, 3],
        "price": [3, 5, -2, 4, 6],
        **changes,
    }
    arrays = {name: np.array(value, dtype=object if name in TEXTS else np.int64) for name, value in whole.items()}
    return Cases(("placed", "rank"), **arrays)


def test_a_proof_by_cases_comes_back_as_it_was(tmp_path: Path) -> None:
    write_proof(cases(), tmp_path / "proof.npz")
    again = read_proof(tmp_path / "proof.npz")
    assert isinstance(again, Cases)
    assert again.tiers == ("placed", "rank")
    for part in fields(Cases)[1:]:
        np.testing.assert_array_equal(getattr(again, part.name), getattr(cases(), part.name))


def test_an_empty_proof_by_cases_comes_back_too(tmp_path: Path) -> None:
    nothing: dict[str, object] = {part.name: [] for part in fields(Cases)[1:]}
    empty = cases(**{**nothing, "multipliers": np.zeros((0, 2))})
    write_proof(empty, tmp_path / "proof.npz")
    again = read_proof(tmp_path / "proof.npz")
    assert isinstance(again, Cases)
    assert again.multipliers.shape == (0, 2)


def test_no_file_is_no_proof(tmp_path: Path) -> None:
    assert read_proof(tmp_path / "proof.npz") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"node_row": [-1, 4, -1, -1]},
        {"node_tier": [0, 2, 2, 2]},
        {"denominator": [2, 0, 1]},
        {"denominator": [2, 3]},
        {"multipliers": [[0], [7], [-7]]},
        {"price_leaf": [0, 1, 3, 1, 2]},
        {"price_row": [0, 0, -1, 1, 3]},
        {"price": [3, 5]},
        {"part": ["", ""]},
    ],
    ids=str,
)
def test_arrays_that_do_not_fit_each_other_are_no_proof(tmp_path: Path, changes: dict[str, object]) -> None:
    write_proof(cases(**changes), tmp_path / "proof.npz")
    with pytest.raises(UnreadableFile):
        read_proof(tmp_path / "proof.npz")


@pytest.mark.parametrize("form", ["trees", ""])
def test_an_unknown_form_is_no_proof(tmp_path: Path, form: str) -> None:
    with (tmp_path / "proof.npz").open("wb") as file:
        np.savez(file, form=np.array(form), tiers=np.array(["placed"]))
    with pytest.raises(UnreadableFile):
        read_proof(tmp_path / "proof.npz")


def test_of_several_leaves_the_largest_price_stands_with_its_sign() -> None:
    found = row_prices(cases(), "quota")
    priced = [tuple(map(Fraction, *pair)) for pair in zip(found.price.tolist(), found.denominator.tolist(), strict=True)]
    assert list(found.part) == ["G1|x", "G2|x"]
    assert priced == [(Fraction(3, 2), Fraction(-2)), (Fraction(0), Fraction(4, 3))]
    assert price_texts(cases(), "quota").to_dict() == {("A", "G1|x"): "placed=3/2; rank=-2", ("A", "G2|x"): "rank=4/3"}


def test_prices_over_tuples_are_read_in_the_same_way() -> None:
    proof = Proof(("placed", "rank"), np.array(["seat", "quota"]), np.array(["p", "Q"]), np.array(["T1", ""]), np.array([[0, 4], [2, -1]]), 6)
    assert price_texts(proof, "seat").to_dict() == {("p", "T1"): "rank=2/3"}
    assert price_texts(proof, "quota").to_dict() == {("Q", ""): "placed=1/3; rank=-1/6"}
    assert not len(row_prices(proof, "pool").id)
    assert not len(row_prices(None, "seat").id)


def test_a_contradiction_names_the_rows_it_leans_on_but_no_single_pair() -> None:
    assert list(conflicting(cases())) == [("quota", "A", "G1|x", 0), ("quota", "A", "G2|x", 1), ("team", "T", "|s2|p", 1)]
    split = cases(node_row=[-1, 3, -1, -1])
    assert ("team", "T", "|s2|p", 0) in list(conflicting(split))
    proof = Proof(("infeasible",), np.array(["quota", "seat"]), np.array(["Q", "p"]), np.array(["", ""]), np.array([[-1], [0]]))
    assert list(conflicting(replace(proof))) == [("quota", "Q", "", -1)]
