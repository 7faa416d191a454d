"""A value with large arrays, handed to another process through files: the arrays are written once and read by mapping them into memory.

A problem of a million students holds some 250 MB of arrays. The child maps them, so it reads only what it looks at, and a page is copied only where
it writes to one.
"""

from __future__ import annotations

import mmap
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

HEAD, ARRAYS = "parcel.pickle", "parcel.arrays"

ALIGNED = 64
"""Arrays begin at multiples of so many bytes, as processors like it."""

BLOCK = 1 << 25
"""So much is written at a time."""


def send(value: object, folder: Path, tick: Callable[[], None] = lambda: None) -> None:
    """Write a value for `fetch` in another process; `tick` is called between the blocks of a large array, and may raise."""
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    places: list[tuple[int, int]] = []
    with (folder / ARRAYS).open("wb") as file:
        for buffer in buffers:
            raw = buffer.raw()
            file.write(bytes(-file.tell() % ALIGNED))
            places.append((file.tell(), raw.nbytes))
            for start in range(0, raw.nbytes, BLOCK):
                if start:
                    tick()
                file.write(raw[start : start + BLOCK])
        file.write(bytes(ALIGNED))  # nothing at all cannot be mapped
    with (folder / HEAD).open("wb") as file:
        pickle.dump((head, places), file, protocol=5)


def fetch(folder: Path) -> Any:
    """Read what `send` wrote into our own private folder. The arrays can be written to; that changes neither the files nor the other process."""
    with (folder / HEAD).open("rb") as file:
        head, places = pickle.load(file)  # noqa: S301 - written by the other half of this module
    with (folder / ARRAYS).open("rb") as file:
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    return pickle.loads(head, buffers=[mapped[at : at + size] for at, size in places])  # noqa: S301 - as above
