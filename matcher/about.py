"""Facts about this installation: versions, the sample rounds, the memory used."""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from pathlib import Path

import matcher
from matcher.errors import UnreadableFile

ENGINES = ("ortools", "numpy", "pandas", "pyarrow", "networkx")
"""The libraries whose versions a result may depend on."""


def versions() -> dict[str, str]:
    """Version of the matcher, of Python and of the libraries behind the engines."""
    return {"matcher": matcher.__version__, "python": platform.python_version(), **{name: metadata.version(name) for name in ENGINES}}


def sample(name: str) -> Path:
    """Folder of a sample round: inside the installed package, or beside it in a checkout.

    Raises
    ------
    UnreadableFile
        The installation does not have it.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "sample_data" / name, package.parent / "sample_data" / name):
        if folder.is_dir():
            return folder
    raise UnreadableFile("cli.no_sample", name=name)


def peak_memory_mb() -> float | None:
    """The most memory that a run can have held: the largest resident memory of this process and of the largest child it waited for (the solver), together.

    In MB; None where the system does not tell (Windows). The two peaks need not have come at one moment: a machine with so much free memory is large enough.
    """
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1e6 if sys.platform == "darwin" else 1e3
    used = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(used / unit, 1)
