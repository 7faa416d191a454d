"""Arrow, loaded only when something is read or written. It has no types of its own, so its modules count as Any."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def arrow() -> tuple[Any, Any]:
    """`pyarrow` and `pyarrow.compute`."""
    return import_module("pyarrow"), import_module("pyarrow.compute")


def arrow_csv() -> Any:
    """`pyarrow.csv`."""
    return import_module("pyarrow.csv")


def arrow_parquet() -> Any:
    """`pyarrow.parquet`."""
    return import_module("pyarrow.parquet")
