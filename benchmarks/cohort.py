"""Make a case and write it in both formats: `python -m benchmarks.cohort CASE STUDENTS FOLDER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.registry import FORMATS, SPECS
from matcher.intake import write_round


def write(case: str, students: int, folder: Path) -> None:
    """The round as `folder/parquet` and `folder/csv`."""
    round_ = SPECS[case].build(students)
    for name in FORMATS:
        write_round(round_, folder / name, format=name)


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
    print(json.dumps({}))
