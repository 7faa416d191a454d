"""Parquet files: typed columns stay typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from matcher.errors import UnreadableFile
from matcher.intake import limits
from matcher.intake.arrow import arrow, arrow_parquet
from matcher.intake.sheet import Remark, Sheet, trimmed
from matcher.intake.texts import clean, cleaned, missing_column

BLOCK_ROWS = 1 << 20
"""So many rows are read at a time, so that a long read can be stopped between two of them."""


def read_parquet(data: bytes, name: str, source: str, tell: Callable[[float], None] = lambda _: None) -> Sheet:
    """Read a file. Records are counted from 2, as they would stand in a file with a header. O(cells), in Arrow's threads.

    `tell` hears the fraction that was read, after every block of rows.

    Raises
    ------
    UnreadableFile
        400: broken. 413: too many rows or columns.
    """
    (pa, _), parquet = arrow(), arrow_parquet()

    try:
        file = parquet.ParquetFile(pa.BufferReader(data))
        headers = trimmed([clean(header) for header in file.schema_arrow.names], name)
        size, width = file.metadata.num_rows, len(headers)
        if size > limits.DOCUMENT_ROWS or size * width > limits.DOCUMENT_ROWS * 10:
            raise UnreadableFile("reading.rows", status=413, name=name, limit=limits.DOCUMENT_ROWS)
        blocks = []
        for block in file.iter_batches(BLOCK_ROWS):
            blocks.append(block)
            tell(min(1.0, len(blocks) * BLOCK_ROWS / max(1, size)))
        table = pa.Table.from_batches(blocks, file.schema_arrow)
        columns = [_column(column) for column in table.columns]
    except (pa.ArrowException, OSError, ValueError, KeyError, NotImplementedError) as broken:
        raise UnreadableFile("reading.broken_parquet", name=name) from broken
    remarks = [
        Remark("reading.column_type", "error", None, position, params=(("kind", str(table.schema.types[position])),))
        for position, column in enumerate(columns)
        if column is None
    ]
    found = tuple(missing_column(table.num_rows) if column is None else column for column in columns)
    return Sheet(PurePath(name).stem, source, headers, found, np.arange(table.num_rows, dtype=np.int64) + 2, tuple(remarks))


def _column(column: Any) -> pd.Series | None:
    """One Arrow column as pandas knows it; None where its type is no cell."""
    pa, pc = arrow()

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_null(kind):
        return missing_column(len(column))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return cleaned(column.cast(pa.large_string()))
    if (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and (pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type)):
        empty = pc.equal(pc.list_value_length(column), 0)
        return cleaned(pc.if_else(empty, "none", pc.binary_join(column, "|")).cast(pa.large_string()))
    if pa.types.is_boolean(kind):
        flags: pd.Series = column.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get)
        return flags
    if pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    elif pa.types.is_date(kind):
        column = column.cast(pa.timestamp("s"))
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_timestamp(kind)):
        return None
    series: pd.Series = column.to_pandas()
    return series
