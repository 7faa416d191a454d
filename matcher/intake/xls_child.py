"""Reads an old workbook (XLS) in a process of its own: damaged ones can make the reader abort, which would take everything else in its process along.

Run as a script, alone: the workbook comes on standard input, its sheets go to standard output as JSON. It imports nothing of the project, so it starts fast.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import sys

LOCKED = 3
"""Exit code for a workbook with a password."""
TOO_LARGE = 4
"""Exit code for a sheet with more cells than the first argument allows."""
MEMORY = 2 * 2**30
"""Bytes that reading may take, where the system lets itself be told."""


def main() -> None:
    """Read one workbook; any fault ends the process with another exit code than 0."""
    _limit_memory()
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    except PasswordError:
        sys.exit(LOCKED)
    sheets = []
    for name in book.sheet_names:
        page = book.get_sheet_by_name(name)
        if page.total_height * page.total_width > int(sys.argv[1]):
            sys.exit(TOO_LARGE)
        rows = [[_plain(cell) for cell in row] for row in page.to_python(skip_empty_area=False)]
        sheets.append({"name": name, "rows": rows, "merged": page.merged_cell_ranges or []})
    sys.stdout.write(json.dumps(sheets))


def _plain(cell: object) -> object:
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ", timespec="seconds")
    return cell if isinstance(cell, (str, bool, int, float)) else str(cell)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # no such limits on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    main()
