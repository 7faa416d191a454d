"""How the command line speaks: progress on stderr, answers on stdout, one exit code per kind of ending."""

from __future__ import annotations

import functools
import json
import os
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import typer

from matcher.errors import InputError, MatcherError, VerificationFailed
from matcher.progress import Cancelled, Progress
from matcher.words import LANGUAGES, say

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

P = ParamSpec("P")
T = TypeVar("T")

OK, VIOLATED, BAD_INPUT, INFEASIBLE, NO_ANSWER, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
"""Exit codes: solved and verified; a violation (or, with --strict, somebody unplaced); bad input or usage; proven infeasible; stopped
without an answer; an error of ours; interrupted, after writing what was found."""

QUIET_SECONDS = 1.0
"""A job shorter than this shows no progress."""

HEADING = 14
"""A heading of a table is broken where its lines would be longer."""

ISSUES_SHOWN = 20
"""How many problems are listed before the rest is summed up."""


def spoken() -> str:
    """The language of the messages: MATCHER_LANGUAGE, else that of the system, else English."""
    for name in ("MATCHER_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        code = os.environ.get(name, "")[:2].lower()
        if code in LANGUAGES:
            return code
    return "en"


def answer(text: str) -> None:
    """One line of the answer, to stdout."""
    sys.stdout.write(text + "\n")


def answer_json(document: object) -> None:
    """The answer as one JSON document."""
    answer(json.dumps(document, ensure_ascii=False, indent=2))


def remark(text: str) -> None:
    """A remark for the person, to stderr."""
    sys.stderr.write(text + "\n")


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Turn everything that may go wrong in a command into a sentence and an exit code; no traceback reaches a person.

    MATCHER_DEBUG=1 lets an error of ours through, for whoever mends it.
    """

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except MatcherError as error:
            explain(error)
            raise typer.Exit(error.exit_code) from None
        except (KeyboardInterrupt, Cancelled):
            remark(say("cli.interrupted", spoken()))
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # The reader of our output went away (`| head`): nothing is left to say.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(OK) from None
        except OSError as error:
            remark(say("cli.file", spoken(), detail=error.strerror or str(error), file=error.filename or ""))
            raise typer.Exit(BAD_INPUT) from None
        except MemoryError:
            remark(say("cli.memory", spoken()))
            raise typer.Exit(INTERNAL) from None
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except Exception as error:
            if os.environ.get("MATCHER_DEBUG"):
                raise
            remark(say("cli.internal", spoken(), kind=type(error).__name__))
            raise typer.Exit(INTERNAL) from None

    return run


def run(app: Callable[[], object]) -> None:
    """Run a program. After an interrupt nothing waits for work that was abandoned: by then all files are as they should be."""
    try:
        app()
    except SystemExit as over:
        if over.code == INTERRUPTED and threading.active_count() > 1:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(INTERRUPTED)
        raise


def explain(error: MatcherError) -> None:
    """Say what is wrong, to stderr: for input, every problem with its place and its mend."""
    language = spoken()
    if isinstance(error, InputError):
        list_issues(error.issues, remark)
    elif isinstance(error, VerificationFailed):
        remark(say("cli.not_verified", language))
        for line in error.violations:
            remark(f"  {line}")
    else:
        remark(error.sentence(language))


def list_issues(issues: Any, write: Callable[[str], None]) -> None:
    """List problems, the errors first, grouped so that four hundred of one kind do not bury the others."""
    language = spoken()
    shown: dict[str, int] = {}
    ranked = sorted(issues, key=lambda issue: ("error", "warning", "note").index(issue.severity))
    each = max(3, ISSUES_SHOWN // max(1, len({issue.code for issue in ranked})))
    for issue in ranked:
        shown[issue.code] = shown.get(issue.code, 0) + 1
        if shown[issue.code] > each:
            continue
        write(f"{say(f'cli.{issue.severity}', language)}: {issue.message(language)}")
        write(f"    {issue.todo(language)}")
    for code, count in shown.items():
        if count > each:
            write(say("cli.more_of", language, count=count - each, code=code))


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]], numeric: Collection[int]) -> None:
    """A table on stdout, its columns as wide as they must be; `numeric` ones are set to the right. A long heading is broken over lines."""
    titles = [textwrap.wrap(title, HEADING) for title in head]
    tall = max(map(len, titles))
    lines = [[""] * (tall - len(each)) + each for each in titles]
    table = [*zip(*lines, strict=True), *rows]
    widths = [max(len(line[i]) for line in table) for i in range(len(head))]
    for line in table:
        cells = [cell.rjust(width) if i in numeric else cell.ljust(width) for i, (cell, width) in enumerate(zip(line, widths, strict=True))]
        answer("  ".join(cells).rstrip())


def clocked(work: Callable[[], T]) -> tuple[T, float]:
    """Do something, and say how many seconds it took."""
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


class Interrupt:
    """A cancel that Ctrl-C sets: the first stops the job and keeps what was found, the second ends the program."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def is_set(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._asked.is_set()

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        """Handle SIGINT."""
        if self._asked.is_set():
            raise KeyboardInterrupt
        self._asked.set()
        remark(say("cli.stopping", spoken()))


@contextmanager
def interruptible() -> Iterator[Interrupt]:
    """Let Ctrl-C set a cancel instead of breaking off."""
    interrupt = Interrupt()
    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)


class Shown:
    """Progress on stderr for a job that takes longer than a second: bars on a terminal, else a line per stage."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._begun = time.monotonic()
        self._stage = ""
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: Progress) -> None:
        """Show one step (an OnProgress)."""
        if self._quiet or time.monotonic() - self._begun < QUIET_SECONDS:
            return
        if sys.stderr.isatty():
            self._draw(step)
        elif step.stage != self._stage:
            remark(f"[{time.monotonic() - self._begun:5.1f} s] {say(f'stage.{step.stage}', spoken())}")
        self._stage = step.stage

    def _draw(self, step: Progress) -> None:
        if self._bars is None:
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as RichProgress

            columns = (TextColumn("{task.description:<12}"), BarColumn(), TimeElapsedColumn())
            self._bars = RichProgress(*columns, console=Console(stderr=True), transient=True)
            self._bars.start()
        if step.stage not in self._tasks:
            for done in self._tasks.values():
                self._bars.update(done, completed=1.0, total=1.0)
            self._tasks[step.stage] = self._bars.add_task(say(f"stage.{step.stage}", spoken()), total=1.0 if step.fraction is not None else None)
        self._bars.update(self._tasks[step.stage], completed=step.fraction or 0.0)

    def close(self) -> None:
        """Take the bars away."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = None


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Shown]:
    """Progress for the length of a block."""
    shown = Shown(quiet=quiet)
    try:
        yield shown
    finally:
        shown.close()
