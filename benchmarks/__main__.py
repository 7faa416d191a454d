"""`python -m benchmarks`: measure, print the tables, keep the figures."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.fresh import Wrong
from benchmarks.page import refresh
from benchmarks.registry import SIZES, SPECS
from benchmarks.suite import measure
from benchmarks.tables import render


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--small", action="store_true", help=f"{SIZES[0]:,} students only, once each: checks that every result is right")
    parser.add_argument("--max", type=int, default=SIZES[-1], metavar="N", help="the largest number of students")
    parser.add_argument("--case", action="append", choices=sorted(SPECS), help="only this case (may be given more than once)")
    parser.add_argument("--repeats", type=int, metavar="K", help="how often each is measured; otherwise more often where it is cheap")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    parser.add_argument("--page", action="store_true", help="only write docs/benchmarks.md anew from the figures in benchmarks/results")
    chosen = parser.parse_args()
    if chosen.page:
        refresh()
        return 0
    most, repeats = (SIZES[0], chosen.repeats or 1) if chosen.small else (chosen.max, chosen.repeats)
    try:
        document = measure(chosen.case or list(SPECS), most, repeats=repeats, programs=not chosen.case)
    except Wrong as wrong:
        print(f"wrong: {wrong}", file=sys.stderr)
        return 1
    print(render(document))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
