"""The proof of a result: written to `proof.npz` and read back (docs/proof.md), and its prices row by row."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.errors import UnreadableFile
from matcher.result import Cases, Proof

CASES = "cases"
"""What the array `form` says of a proof by cases; a proof of prices over tuples has no such array."""

_TEXTS = ("kind", "id", "part")
_NUMBERS = tuple(part.name for part in fields(Cases) if part.name not in {*_TEXTS, "tiers"})
_TREE = ("node_tier", "node_row", "node_value")
_PRICES = ("price_leaf", "price_row", "price")


@dataclass(frozen=True, slots=True, eq=False)
class RowPrices:
    """The prices of some rows of a proof.

    Attributes
    ----------
    id, part
        Texts, R: the names of the rows; `part` is the period, the group or the level.
    price
        int64, R x K: over `denominator`, zero where the row has no price in the tier.
    denominator
        int64, R x K.
    """

    id: npt.NDArray[np.object_]
    part: npt.NDArray[np.object_]
    price: npt.NDArray[np.int64]
    denominator: npt.NDArray[np.int64]


def write_proof(proof: Proof | Cases, path: Path) -> None:
    """Write `proof.npz`: fixed-width texts and whole numbers, so that reading needs no pickle."""
    names = dict.fromkeys(("kind", "id", "part" if isinstance(proof, Cases) else "period", "tiers"))
    texts = {name: _fixed_width(getattr(proof, name)) for name in names}
    if isinstance(proof, Cases):
        numbers = {name: np.asarray(getattr(proof, name), dtype=np.int64) for name in _NUMBERS}
        arrays = {"form": _fixed_width(CASES), **texts, **numbers}
    else:
        arrays = {**texts, "prices": np.asarray(proof.prices, dtype=np.int64), "denominator": np.asarray(proof.denominator, dtype=np.int64)}
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # its stub takes a name for its option


def read_proof(path: Path) -> Proof | Cases | None:
    """The proof, or None where there is no such file.

    Raises
    ------
    UnreadableFile
        The file is damaged, or no proof.
    """
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            proof = _cases(stored) if "form" in stored else _prices(stored)
    except (OSError, ValueError, KeyError, TypeError, EOFError, IndexError, zipfile.BadZipFile) as error:
        raise UnreadableFile("report.stored.broken", status=422, file=path.name) from error
    return proof


def row_prices(proof: Proof | Cases | None, kind: str) -> RowPrices:
    """The rows of a kind that have a price, in the order of the proof.

    In a proof by cases a row has a price in every leaf. With one leaf that is the one; with several it is the largest, with its sign: if the row had a unit
    more of room, the bound of each leaf would give way by its own price at most, so the bound of the tier, the least of them, gives way by the largest at most.
    O(rows + prices x log prices).
    """
    if proof is None:
        nothing = np.zeros(0, dtype=object)
        return RowPrices(nothing, nothing, np.zeros((0, 0), dtype=np.int64), np.ones((0, 0), dtype=np.int64))
    if isinstance(proof, Cases):
        part, price, denominator = proof.part, *_largest(proof)
    else:
        part, price = proof.period, np.asarray(proof.prices, dtype=np.int64)
        denominator = np.full(price.shape, proof.denominator, dtype=np.int64)
    rows = np.flatnonzero((np.asarray(proof.kind, dtype=object) == kind) & price.any(axis=1))
    return RowPrices(np.asarray(proof.id, dtype=object)[rows], np.asarray(part, dtype=object)[rows], price[rows], denominator[rows])


def conflicting(proof: Proof | Cases) -> Iterator[tuple[str, str, str, int]]:
    """The rows that the proof of an impossible round leans on: kind, id, part, and which of its bounds: 1 the upper, -1 the lower, 0 both.

    A single pair is no bound of the round: where cases are told apart by one, it is left out.
    """
    if isinstance(proof, Cases):
        size = len(proof.kind)
        sign = np.sign(proof.price)
        upper, lower = (np.bincount(proof.price_row[sign == side], minlength=size) > 0 for side in (1, -1))
        split = np.bincount(proof.node_row[proof.node_row >= 0], minlength=size) > 0
        part, used, side = proof.part, upper | lower | split, np.where(split | (upper & lower), 0, np.where(upper, 1, -1))
    else:
        total = np.asarray(proof.prices).sum(axis=1)
        part, used, side = proof.period, total != 0, np.sign(total)
    for row in np.flatnonzero(used):
        if str(proof.kind[row]) != "pair":
            yield str(proof.kind[row]), str(proof.id[row]), str(part[row]), int(side[row])


def _largest(proof: Cases) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The price of each row in each tier that is the largest among the leaves of the tier, and its denominator."""
    leaf = np.flatnonzero(proof.node_row < 0)
    tier = proof.node_tier[leaf][proof.price_leaf]
    whole = proof.denominator[proof.price_leaf]
    price, denominator = np.zeros((len(proof.kind), len(proof.tiers)), dtype=np.int64), np.ones((len(proof.kind), len(proof.tiers)), dtype=np.int64)
    rising = np.argsort(np.abs(proof.price) / whole, kind="stable")  # where a cell is written several times, the last stays
    at = proof.price_row[rising], tier[rising]
    price[at], denominator[at] = proof.price[rising], whole[rising]
    return price, denominator


def _prices(stored: np.lib.npyio.NpzFile) -> Proof:
    kind, name, period = (stored[key].astype(object) for key in ("kind", "id", "period"))
    prices, tiers, denominator = stored["prices"].astype(np.int64, casting="safe"), _tiers(stored), int(stored["denominator"])
    if prices.shape != (len(kind), len(tiers)) or not len(kind) == len(name) == len(period) or denominator < 1:
        raise ValueError(prices.shape)
    return Proof(tiers, kind, name, period, prices, denominator)


def _cases(stored: np.lib.npyio.NpzFile) -> Cases:
    """A proof by cases whose arrays fit each other; whether it proves anything is the verifier's business."""
    if stored["form"].item() != CASES:
        raise ValueError(stored["form"].item())
    tiers, texts = _tiers(stored), {name: stored[name].astype(object) for name in _TEXTS}
    numbers = {name: stored[name].astype(np.int64, casting="safe") for name in _NUMBERS}
    leaves = len(numbers["denominator"])
    in_step = [[texts[name].shape for name in _TEXTS], [numbers[name].shape for name in _TREE], [numbers[name].shape for name in _PRICES]]
    pointers = ((numbers["node_row"], -1, len(texts["kind"])), (numbers["node_tier"], 0, len(tiers)), (numbers["price_leaf"], 0, leaves))
    inside = all(((low <= array) & (array < high)).all() for array, low, high in (*pointers, (numbers["price_row"], 0, len(texts["kind"]))))
    fit = all(len(set(shapes)) == 1 and len(shapes[0]) == 1 for shapes in in_step) and numbers["multipliers"].shape == (leaves, len(tiers))
    if not (fit and inside and np.count_nonzero(numbers["node_row"] < 0) == leaves and (numbers["denominator"] >= 1).all()):
        raise ValueError(leaves)
    return Cases(tiers=tiers, **texts, **numbers)


def _tiers(stored: np.lib.npyio.NpzFile) -> tuple[str, ...]:
    return tuple(str(tier) for tier in stored["tiers"])


def _fixed_width(words: npt.ArrayLike) -> npt.NDArray[np.str_]:
    return np.asarray(words, dtype=np.str_)
