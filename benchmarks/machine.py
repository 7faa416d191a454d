"""On what it was measured: versions and processor; never a name or a path of the machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from matcher.about import versions

PEERS = ("numba", "POT", "scipy")
"""Libraries of the measurements that a matcher may be without."""


def describe() -> dict[str, str | int]:
    """Versions (of the peers too, where they are installed), processor, cores and operating system."""
    return {**versions(), **dict(_peers()), "processor": _processor(), "cores": cores(), "system": f"{platform.system()} {platform.machine()}"}


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _peers() -> Iterator[tuple[str, str]]:
    for name in PEERS:
        with suppress(metadata.PackageNotFoundError):
            yield name, metadata.version(name)


def _processor() -> str:
    """The model of the processor."""
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        for line in facts.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
