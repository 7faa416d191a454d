"""`python -m benchmarks`: measure, print the tables, keep the figures."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.effort import CHECK, FULL, QUICK, Effort
from benchmarks.fresh import Wrong
from benchmarks.registry import SPECS
from benchmarks.suite import measure
from benchmarks.tables import render


def main() -> int:
    """Run the command line."""
    chosen = _options()
    if chosen.page:
        from benchmarks.page import refresh

        refresh()
        return 0
    try:
        document = measure(chosen.case or list(SPECS), _effort(chosen), engines=chosen.engine or [], programs=not chosen.case)
    except Wrong as wrong:
        print(f"wrong: {wrong}", file=sys.stderr)
        return 1
    print(render(document))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if chosen.keep:
        # Not before: what this process holds in memory would count as that of the processes it starts.
        from benchmarks.page import keep

        keep(document)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--small", action="store_true", help=f"up to {CHECK.most:,} students, once each, everybody takes part: checks that every result is right")
    how.add_argument("--quick", action="store_true", help=f"up to {QUICK.most:,} students, once each")
    how.add_argument("--page", action="store_true", help="measure nothing: write docs/benchmarks.md and its picture anew from benchmarks/results")
    parser.add_argument("--max", type=int, metavar="N", help=f"the largest number of students (otherwise {FULL.most:,})")
    parser.add_argument("--case", action="append", choices=sorted(SPECS), help="only this case (may be given more than once)")
    parser.add_argument("--engine", action="append", metavar="NAME", help="also this engine of ours by name, whatever the router would choose")
    parser.add_argument("--repeats", type=int, metavar="K", help="how often each is measured (otherwise three times, and once where it takes long)")
    parser.add_argument("--limit", type=float, metavar="S", help=f"leave out a solver that would take more seconds for a run (otherwise {FULL.seconds:g})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file")
    parser.add_argument(
        "--keep", action="store_true", help="keep the figures in benchmarks/results, with older ones of other cases, and show them in docs/benchmarks.md"
    )
    return parser.parse_args()


def _effort(chosen: argparse.Namespace) -> Effort:
    """What was asked for, changed where an option says so."""
    effort = CHECK if chosen.small else QUICK if chosen.quick else FULL
    wanted = {"most": chosen.max, "repeats": chosen.repeats, "seconds": chosen.limit}
    return replace(effort, **{name: value for name, value in wanted.items() if value is not None})


if __name__ == "__main__":
    raise SystemExit(main())
