"""Repeated keys are found in blocks, whatever the order of the rows and the size of the blocks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.intake import duplicates


@given(st.lists(st.integers(-1, 12), max_size=60), st.integers(1, 9), st.sampled_from(["as given", "sorted", "grouped"]))
def test_repeated_keys_are_those_that_pandas_finds(values: list[int], size: int, order: str) -> None:
    keys = np.array(values, dtype=np.int64)
    if order != "as given":
        keys = np.sort(keys)
    if order == "grouped":  # as wishes by student: groups in order, members in any
        keys = keys // 4 * 4 + np.random.default_rng(0).permutation(4)[keys % 4]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "BLOCK_ROWS", size)
        heard: list[float] = []
        later, first = duplicates._repeated(keys, heard.append)
    known = pd.Series(keys)
    expected = np.flatnonzero(known.duplicated().to_numpy() & (keys >= 0))
    assert later.tolist() == expected.tolist()
    assert first.tolist() == [int(np.flatnonzero(keys == keys[at])[0]) for at in expected]
    assert heard == sorted(heard)
