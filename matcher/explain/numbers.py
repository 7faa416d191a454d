"""Rows of whole numbers as single numbers, so that what reads the same is said once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.int64]

ROOM = 2**62


def numbered(*columns: npt.NDArray[np.integer]) -> Numbers:
    """A number for each row, the same for rows that agree in all columns; the numbers are 0, 1, 2, ...

    The columns hold whole numbers from 0 on, below 2^62 divided by the number of rows. O(rows x columns).
    """
    number = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        span = int(column.max(initial=0)) + 1
        if (int(number.max(initial=0)) + 1) * span >= ROOM:
            number = pd.factorize(number)[0].astype(np.int64)
        number = number * span + column
    return pd.factorize(number)[0].astype(np.int64)
