"""How the loops of the forest are compiled, and where the machine code is kept."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from numba import config as _config
from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

config: Any = _config

BARE: dict[str, Any] = {"nogil": True, "_nrt": False}
"""Other threads may run meanwhile, and references are not counted: all arrays are made outside, and the loops touch some hundred of them in a microsecond."""


def _shelf() -> str:
    """The folder for machine code of exactly these sources.

    Numba itself looks at the file of the outermost function only, and would run old code after a change in another file. Where neither the folder of
    this package nor the user's own can be written, the code is kept for this process alone: never where somebody else could leave some for us.
    """
    here = Path(__file__).parent
    version = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(here.glob("*.py")))).hexdigest()[:16]
    bases = [Path(config.CACHE_DIR)] if config.CACHE_DIR else [here / "__pycache__", Path.home() / ".cache" / "matcher"]
    for base in bases:
        shelf = base / f"forest-{version}"
        with contextlib.suppress(OSError):
            shelf.mkdir(parents=True, exist_ok=True)
            (shelf / "writable").touch()
            for old in base.glob("forest-*") if base.parent == here else ():
                if old != shelf:
                    shutil.rmtree(old, ignore_errors=True)
            return str(shelf)
    return tempfile.mkdtemp(prefix="matcher-forest-")


SHELF = _shelf()


@contextlib.contextmanager
def _kept() -> Iterator[None]:
    """Code that is compiled from functions named here goes to our shelf; everybody else's stays where it was."""
    before = config.CACHE_DIR
    config.CACHE_DIR = SHELF
    try:
        yield
    finally:
        config.CACHE_DIR = before


def bare(function: Function) -> Function:
    """Compile a function that makes no arrays."""
    with _kept():
        compiled: Function = njit(cache=True, **BARE)(function)
    return compiled


def piece(function: Function) -> Function:
    """Compile a function that makes no arrays as a part of whoever calls it."""
    compiled: Function = njit(inline="always", **BARE)(function)
    return compiled


def whole(function: Function) -> Function:
    """Compile a function that may make arrays."""
    with _kept():
        compiled: Any = njit(cache=True, nogil=True)(function)
    result: Function = compiled
    return result
