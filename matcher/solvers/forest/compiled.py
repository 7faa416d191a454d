"""How the loops of the forest are compiled, and where the machine code is kept."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba import njit, types
from numba.core import cgutils
from numba.core.compiler_lock import global_compiler_lock
from numba.extending import intrinsic
from numba.np import arrayobj

Function = TypeVar("Function", bound=Callable[..., Any])

compiler: Any = numba
config: Any = numba.config
build: Any = cgutils
indexing: Any = arrayobj
"""Parts of numba that tell no types."""

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


def compile_for(function: Any, *arguments: Any) -> None:
    """Compile a `bare` function, and what it calls, for arguments like these, unless that is done; indexes are taken as they are.

    No loop here uses a negative index, and numba's question whether one is meant costs a sixth of the time. There is no option to leave it out, so the function
    inside numba that asks is replaced meanwhile, under numba's own lock. Where there is no such function the loops are only slower.
    """
    signature = tuple(compiler.typeof(argument) for argument in arguments)
    if signature in function.overloads:
        return
    with global_compiler_lock:
        before = getattr(indexing, "fix_integer_index", None)
        if before is not None:
            indexing.fix_integer_index = _as_it_is
        try:
            function.compile(signature)
        finally:
            if before is not None:
                indexing.fix_integer_index = before


def _as_it_is(context: Any, builder: Any, kind: Any, index: Any, _: Any) -> Any:
    """The index itself, as wide as a pointer."""
    return context.cast(builder, index, kind, types.intp if kind.signed else types.uintp)


def _prefetch(_context: Any, array: Any, index: Any) -> Any:
    """Ask for the memory of an entry (of a flattened array) that will be read soon. The result does not depend on it, and there need be no such entry."""

    def code(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        data = context.make_array(array)(context, builder, arguments[0]).data
        byte, number = build.ir.IntType(8).as_pointer(), build.ir.IntType(32)
        at = builder.bitcast(builder.gep(data, [context.cast(builder, arguments[1], index, types.intp)]), byte)
        call = build.ir.FunctionType(build.ir.VoidType(), [byte, number, number, number])
        # To read; to keep near; data.
        builder.call(build.get_or_insert_function(builder.module, call, "llvm.prefetch.p0i8"), [at, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.none(array, index), code


prefetch: Any = intrinsic(_prefetch)
