"""How the loops of the forest are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

BARE: dict[str, Any] = {"nogil": True, "_nrt": False}
"""Other threads may run meanwhile, and references are not counted: all arrays are made outside, and the loops touch some hundred of them in a microsecond."""


def bare(function: Function) -> Function:
    """Compile a function that makes no arrays."""
    compiled: Function = njit(cache=True, **BARE)(function)
    return compiled


def piece(function: Function) -> Function:
    """Compile a function that makes no arrays as a part of whoever calls it."""
    compiled: Function = njit(inline="always", **BARE)(function)
    return compiled


def whole(function: Function) -> Function:
    """Compile a function that may make arrays."""
    compiled: Any = njit(cache=True, nogil=True)(function)
    result: Function = compiled
    return result
