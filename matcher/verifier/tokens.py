"""Token lists as bit sets, so that "every token here is among those there" costs one look per pair whatever the lists hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.verifier.codes import Bools, Ints


@dataclass(frozen=True, slots=True, eq=False)
class TokenSets:
    """The tokens of each row: bit b of `words[w, row]` stands for token 64 w + b of a shared vocabulary; `known` where the cell is not empty."""

    words: npt.NDArray[np.uint64]
    known: Bools


def one_token(cell: object) -> tuple[str, ...] | None:
    """A cell that holds one id, as a token list."""
    return (cell,) if isinstance(cell, str) else None


Reader = Callable[[object], tuple[str, ...] | None]


def token_sets(left: tuple[pd.Series[Any], Reader], right: tuple[pd.Series[Any], Reader]) -> tuple[TokenSets, TokenSets]:
    """Two columns of token lists over one vocabulary. O(rows + tokens of the different cells)."""
    read = []
    number: dict[str, int] = {}
    for column, reader in (left, right):
        found, cells = pd.factorize(column)
        lists = [reader(cell) for cell in cells]
        for tokens in lists:
            for token in tokens or ():
                number.setdefault(token, len(number))
        read.append((found, lists))
    width = len(number) // 64 + 1
    ours, theirs = (_spread(found, lists, number, width) for found, lists in read)
    return ours, theirs


def _spread(found: npt.NDArray[np.intp], lists: Sequence[tuple[str, ...] | None], number: dict[str, int], width: int) -> TokenSets:
    words = np.zeros((width, len(lists) + 1), dtype=np.uint64)  # the last column serves the empty cells
    for cell, tokens in enumerate(lists):
        for token in tokens or ():
            word, bit = divmod(number[token], 64)
            words[word, cell] |= np.uint64(1) << np.uint64(bit)
    known = np.array([tokens is not None for tokens in lists] + [False])
    return TokenSets(words[:, found], known[found])


def lacks(need: TokenSets, have: TokenSets, needing: Ints, having: Ints) -> Bools:
    """Whether a token of `need[needing]` is not among `have[having]`; never where either is not known."""
    missing = np.zeros(len(needing), dtype=bool)
    for wanted, given in zip(need.words, have.words, strict=True):
        missing |= (wanted[needing] & ~given[having]) != 0
    return missing & need.known[needing] & have.known[having]


def how_many_lack(need: TokenSets, have: TokenSets, needing: Ints, having: Ints) -> Ints:
    """How many tokens of `need[needing]` are not among `have[having]`; 0 where either is not known."""
    missing = np.zeros(len(needing), dtype=np.int64)
    for wanted, given in zip(need.words, have.words, strict=True):
        missing += np.bitwise_count(wanted[needing] & ~given[having])
    return np.where(need.known[needing] & have.known[having], missing, 0)


def shares_none(left: TokenSets, right: TokenSets, at_left: Ints, at_right: Ints) -> Bools:
    """Whether the two token lists have no token in common; never where either is not known."""
    shared = np.zeros(len(at_left), dtype=bool)
    for ours, theirs in zip(left.words, right.words, strict=True):
        shared |= (ours[at_left] & theirs[at_right]) != 0
    return ~shared & left.known[at_left] & right.known[at_right]
