"""The command `matcher`: a shell that calls the same functions as `import matcher` and the service.

It holds no arithmetic and no tables; everything heavy is imported by the command that needs it, so that `matcher --help` answers at once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from matcher import console
from matcher.console import answer, answer_json, guarded, interruptible, progress, remark, spoken
from matcher.progress import Cancel, Progress
from matcher.words import LANGUAGES, say

if TYPE_CHECKING:
    from matcher.report.further import Further
    from matcher.result import Result, TierValue
    from matcher.round import Round

WORKBOOK_ROWS = 200_000
"""A workbook with more rows than this takes minutes to write and to open; it is written only where somebody asks for it."""

app = typer.Typer(name="matcher", no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

RoundPath = Annotated[Path, typer.Argument(metavar="ROUND", help="Folder of CSV or Parquet files, workbook, zip or JSON document.")]
ResultPath = Annotated[Path, typer.Argument(metavar="DIR", help="Result folder that `solve` wrote.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write the answer as one JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
Language = Annotated[str | None, typer.Option(help="nl, en or fr; otherwise that of the round (results) or of the system (messages).")]


def _version(wanted: bool) -> None:
    if wanted:
        from matcher.about import versions

        for name, version in versions().items():
            answer(f"{name} {version}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Versions of the matcher and its engines.")] = False,
) -> None:
    """Pair students with workplace placements: proven best, verified, with a reason for everybody.

    Exit codes: 0 solved and verified; 1 verification found a violation, or with --strict somebody is unplaced; 2 bad input or usage; 3 proven infeasible;
    4 stopped without an answer; 5 internal error; 130 interrupted, after writing what was found.
    """
    del version


@app.command()
@guarded
def solve(
    round_path: RoundPath,
    out: Annotated[Path, typer.Option(help="Folder for the result.")],
    mechanism: Annotated[str | None, typer.Option(help="Mechanism instead of the one in round.toml.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="Stop after so many seconds with the best found.")] = None,
    gap: Annotated[float | None, typer.Option(min=0, help="Stop once the proven gap is this small.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Chooses among equally good matchings.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when somebody is unplaced.")] = False,
    reports: Annotated[
        bool | None,
        typer.Option("--reports/--no-reports", help="Write report.html and report.xlsx too. Default: both, without the workbook where it would be very long."),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: Language = None,
) -> None:
    """Match a round, verify the answer, and write the result folder."""
    with progress(quiet=quiet) as shown, interruptible() as cancel:
        round_, reading = console.clocked(lambda: _chosen(_read(round_path, shown, cancel), mechanism, language))
        from matcher import solve as run
        from matcher.followup import follow

        result = run(round_, seconds=seconds, gap=gap, seed=seed, on_progress=shown, cancel=cancel).with_seconds(read=reading)
        further = follow(round_, result, seconds=seconds, compare=reports is not False, on_progress=shown, cancel=cancel)
        _write(round_, result, further, out, reports=reports, shown=shown, cancel=cancel)
    _tell(result, out, as_json=as_json)
    raise typer.Exit(_exit_code(result, strict=strict))


@app.command()
@guarded
def check(
    round_path: RoundPath,
    out: Annotated[
        Path | None, typer.Option(help="With --fix: where the corrected round goes. With .xlsx: the workbook back, with a sheet of problems.")
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Apply the safe fixes; write the corrected round and the list of changes.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Import a round and list every problem: table, row, column, value, what to do."""
    from matcher import intake

    with progress(quiet=quiet) as shown:
        with interruptible() as cancel:
            checked = intake.check(round_path, on_progress=shown, cancel=cancel)
        fixed = intake.fix_round(checked, out or _beside(round_path), language=spoken()) if fix else None
        if out is not None and not fix:
            intake.write_problems_workbook(checked.raw, checked.issues, out, spoken())
    left = fixed.checked if fixed is not None else checked
    if as_json:
        answer_json(intake.as_document(left.issues, spoken(), fixed))
    else:
        console.list_issues(left.issues, answer)
        if fixed is not None:
            answer(say("cli.fixed", spoken(), count=len(fixed.changes), folder=fixed.folder))
        answer(intake.summary(left.issues, spoken()))
        if out is not None and not fix:
            answer(say("cli.written", spoken(), what=out))
    raise typer.Exit(console.OK if left.round is not None else console.BAD_INPUT)


@app.command()
@guarded
def verify(round_path: RoundPath, result_path: ResultPath, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Check a result independently of the solvers; list every violation."""
    from matcher import verify as check_result
    from matcher.followup import check_followup

    with progress(quiet=quiet) as shown, interruptible() as cancel:
        round_ = _read(round_path, shown, cancel)
        found = check_result(round_, result_path, on_progress=shown, cancel=cancel)
        faults = check_followup(round_, result_path) if found.tiers else ()  # without tiers there are no matches to follow up
    language = spoken()
    violations = [(wrong.code, wrong.message(language)) for wrong in found.violations] + [(wrong.code, wrong.message(language)) for wrong in faults]
    if as_json:
        answer_json(
            {
                "ok": not violations,
                "violations": [{"code": code, "message": message} for code, message in violations],
                "tiers": [{"name": tier.name, "value": tier.value, "bound": tier.bound} for tier in found.tiers],
                "proven_optimal": found.proven_optimal,
                "infeasible_proven": found.infeasible_proven,
            }
        )
    else:
        for _, message in violations:
            answer(message)
        _tell_tiers(found.tiers)
        answer(say(_verdict(found) if not violations else "cli.verify.violated", language, count=len(violations)))
    raise typer.Exit(console.VIOLATED if violations else console.OK)


@app.command()
@guarded
def explain(
    round_path: RoundPath,
    result_path: ResultPath,
    student: Annotated[str, typer.Option(help="The student to tell.")],
    why_not: Annotated[str | None, typer.Option(help="One placement to explain instead of all wishes.")] = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Tell one student why, for every placement wished for."""
    from dataclasses import asdict

    from matcher import explain_student
    from matcher.report import read_result

    with progress() as shown:
        round_ = _read(round_path, shown)
        told = explain_student(round_, read_result(result_path), student, why_not=why_not, language=_language(language) or spoken())
    if as_json:
        answer_json(asdict(told))
        return
    for sentence in (*told.reasons, *(wish.sentence for wish in told.wishes)):
        answer(sentence)


@app.command()
@guarded
def report(round_path: RoundPath, result_path: ResultPath, language: Language = None, quiet: Quiet = False) -> None:
    """Write report.html and report.xlsx into a result folder."""
    from matcher.report import read_result, write_report

    with progress(quiet=quiet) as shown:
        round_ = _chosen(_read(round_path, shown), None, language)
        result = read_result(result_path)
        shown(Progress("report"))
        write_report(round_, result, result_path)
    answer(say("cli.written", spoken(), what=result_path))


@app.command()
@guarded
def frontier(
    round_path: RoundPath,
    moves: Annotated[
        str | None, typer.Option(help="Budgets of moves, such as 0,5,10,20. Otherwise from the fewest possible to what the best matching moves.")
    ] = None,
    steps: Annotated[int, typer.Option(min=2, help="About how many budgets, where --moves names none.")] = 8,
    out: Annotated[Path | None, typer.Option(help="Folder for frontier.csv and frontier.html.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="For all budgets together.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    language: Language = None,
) -> None:
    """Show what each number of moves away from the table previous can bring: unplaced, and every goal with its bound."""
    budgets = _budgets(moves)
    with progress(quiet=quiet) as shown, interruptible() as cancel:
        round_ = _chosen(_read(round_path, shown, cancel), None, language)
        from matcher import frontier as solve_points
        from matcher.rerun import write_frontier
        from matcher.rerun.page import table_of

        found = solve_points(round_, budgets, steps=steps, seconds=seconds, on_progress=shown, cancel=cancel)
        if out is not None:
            write_frontier(found, out)
    if as_json:
        answer_json({"previous": found.previous, "least": found.least, "points": json.loads(found.to_frame().to_json(orient="records"))})
    else:
        from matcher.report.texts import Texts

        table = table_of(found, Texts(_language(language) or spoken()))
        console.aligned(table.head, table.rows, {0, *table.numeric})
        if found.least:
            answer(say("report.frontier.least", spoken(), count=found.least))
        if out is not None:
            answer(say("cli.written", spoken(), what=out))
    codes = [_exit_code(point.result, strict=False) for point in found.points]
    raise typer.Exit(console.INTERRUPTED if cancel.is_set() else min(codes, default=console.NO_ANSWER))


@app.command()
@guarded
def convert(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="A round in any format, or a PrefLib file (.soi, .soc, .toi, .toc).")],
    target: Annotated[Path, typer.Argument(metavar="TO", help="Folder, .xlsx, .json or .zip.")],
    parquet: Annotated[bool, typer.Option("--parquet", help="Write Parquet instead of CSV into the folder.")] = False,
) -> None:
    """Rewrite a round in another format."""
    from matcher.intake import convert as rewrite

    with progress() as shown:
        rewrite(source, target, format="parquet" if parquet else "csv", on_progress=shown)
    answer(say("cli.written", spoken(), what=target))


@app.command()
@guarded
def template(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="Where the workbook goes.")],
    language: Language = None,
) -> None:
    """Write an empty workbook with drop-downs and a read-me sheet."""
    from matcher.intake import write_template

    write_template(file, _language(language) or spoken())
    answer(say("cli.written", spoken(), what=file))


@app.command()
@guarded
def generate(
    students: Annotated[int, typer.Option(min=1, help="How many students.")],
    out: Annotated[Path, typer.Option(help="Folder, .xlsx, .json or .zip.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same cohort.")] = 0,
    placements: Annotated[int | None, typer.Option(min=1, help="How many placements (otherwise a tenth of the students).")] = None,
    wishes: Annotated[int, typer.Option(min=0, help="How many wishes each student gives.")] = 10,
    spare: Annotated[float, typer.Option(help="Seats = (1 + spare) x students.")] = 0.05,
    popularity: Annotated[float, typer.Option(help="Exponent of Zipf's law for the popularity of placements.")] = 0.7,
    ties: Annotated[float, typer.Option(help="Share of wishes tied with the one before.")] = 0.0,
    no_wish_share: Annotated[float, typer.Option(help="Share of students without wishes.")] = 0.0,
    rules: Annotated[bool, typer.Option("--rules", help="Add programmes, regions, travel and the columns of the other rules.")] = False,
    parquet: Annotated[bool, typer.Option("--parquet", help="Write Parquet instead of CSV into the folder.")] = False,
) -> None:
    """Make a synthetic cohort."""
    from matcher.intake import write_round
    from matcher.synth import generate as make

    with progress() as shown:
        cohort = make(
            students,
            seed=seed,
            placements=placements,
            wishes=wishes,
            spare=spare,
            popularity=popularity,
            ties=ties,
            no_wish_share=no_wish_share,
            rules=rules,
        )
        write_round(cohort, out, format="parquet" if parquet else "csv", on_progress=shown)
    answer(say("cli.written", spoken(), what=out))


@app.command()
@guarded
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the result.")] = Path("matcher-demo"),
    serve_page: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the page afterwards.")] = True,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page.")] = 8000,
    language: Language = None,
) -> None:
    """Solve the sample round of a college with 3,000 students, write the report, then serve the page."""
    from matcher import solve as run
    from matcher.about import sample

    with progress() as shown, interruptible() as cancel:
        round_ = _chosen(_read(sample("college"), shown, cancel), None, _language(language) or spoken())
        result = run(round_, on_progress=shown, cancel=cancel)
        _write(round_, result, None, out, reports=True, shown=shown, cancel=cancel)
    _tell(result, out, as_json=False)
    if serve_page and not cancel.is_set():
        _serve("127.0.0.1", port, None, 1)


@app.command()
@guarded
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; the default is this machine alone.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port.")] = 8000,
    instance: Annotated[Path | None, typer.Option(help="Folder for the database and the uploads.")] = None,
    workers: Annotated[int, typer.Option(min=0, help="Solves at the same time; 0 leaves them to `matcher worker`.")] = 1,
) -> None:
    """Serve the pages and the HTTP interface."""
    _serve(host, port, instance, workers)


@app.command()
@guarded
def worker(
    instance: Annotated[Path | None, typer.Option(help="Folder for the database and the uploads.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Solves at the same time.")] = 1,
) -> None:
    """Solve batches for a `matcher serve` that shares the instance folder."""
    from api.worker import run_worker

    run_worker(instance, workers=workers)


def main() -> None:
    """Run the command line."""
    console.run(app)


def _serve(host: str, port: int, instance: Path | None, workers: int) -> None:
    from api.serve import serve as listen

    listen(host, port, instance=instance, workers=workers)


def _read(path: Path, shown: console.Shown, cancel: Cancel | None = None) -> Round:
    from matcher import read

    return read(path, on_progress=shown, cancel=cancel)


def _language(wanted: str | None) -> str | None:
    if wanted is not None and wanted not in LANGUAGES:
        raise typer.BadParameter(say("cli.language", spoken(), wanted=wanted))
    return wanted


def _chosen(round_: Round, mechanism: str | None, language: str | None) -> Round:
    """The round with what the command line says instead of `round.toml`."""
    changes: dict[str, Any] = {}
    if mechanism is not None:
        changes["mechanism"] = mechanism
    if _language(language) is not None:
        changes["language"] = language
    return round_.with_settings(**changes) if changes else round_


def _write(round_: Round, result: Result, further: Further | None, out: Path, *, reports: bool | None, shown: console.Shown, cancel: Cancel) -> None:
    """Write the result folder; after a stop that left an answer (or none) it is still written, and a second Ctrl-C ends that too."""
    from matcher.about import peak_memory_mb
    from matcher.report import write_result

    long = reports is None and len(result.matches) > WORKBOOK_ROWS
    extras: tuple[Literal["html", "xlsx"], ...] = ("html", "xlsx") if reports is not False else ()
    if long:
        remark(say("cli.no_workbook", spoken(), rows=len(result.matches), most=WORKBOOK_ROWS))
        extras = ("html",)
    still = None if result.reason == "cancelled" else cancel
    write_result(round_, result, out, extras=extras, further=further, peak_mb=peak_memory_mb(), on_progress=shown, cancel=still)


def _tell(result: Result, out: Path, *, as_json: bool) -> None:
    """The answer in a few lines, or the stored summary."""
    language = spoken()
    if as_json:
        answer((out / "result.json").read_text(encoding="utf-8").rstrip())
        return
    answer(say(f"cli.outcome.{result.outcome}.{result.reason}", language, placed=result.placed, demands=len(result.matches), unplaced=result.unplaced))
    _tell_tiers(result.tiers)
    summary = json.loads((out / "result.json").read_text(encoding="utf-8"))
    _tell_further(summary)
    if summary["peak_mb"] is not None:
        answer(say("cli.effort", language, seconds=sum(summary["seconds"].values()), mb=summary["peak_mb"]))
    answer(say("cli.written", language, what=out))


def _tell_tiers(tiers: Sequence[TierValue]) -> None:
    """A line for every goal: its value, what is proven of it, and the gap where there is one."""
    from matcher.report.outcome import standings
    from matcher.report.texts import Texts

    texts = Texts(spoken())
    for tier, standing in zip(tiers, standings(tiers), strict=True):
        label = texts.tier(tier.label)
        if tier.bound is None:
            answer("  " + say("cli.tier_open", spoken(), label=label, value=texts.worth(tier.value)))
        else:
            words = {"value": texts.worth(tier.value), "bound": texts.worth(tier.bound), "gap": texts.gap(tier)}
            answer("  " + say(f"cli.tier.{standing}", spoken(), label=label, **words))


def _tell_further(summary: dict[str, Any]) -> None:
    """A line for every kind of staff, and one for what the reserves changed."""
    for kind, tiers in summary.get("staff", {}).get("tiers", {}).items():
        served = tiers[0]
        code = "cli.staff.proven" if served["value"] == served["bound"] else "cli.staff.open"
        answer("  " + say(code, spoken(), kind=say(f"staff.kind.{kind}", spoken()), value=served["value"], bound=served["bound"]))
    reserves = summary.get("reserves")
    if reserves is not None:
        words = say("cli.reserves", spoken(), moved=reserves["moved"]) if reserves["moved"] is not None else None
        answer("  " + (words or say(f"report.reserves.unknown.{reserves['unknown']}", spoken())))


def _verdict(found: Any) -> str:
    if found.infeasible_proven:
        return "cli.verify.infeasible"
    return "cli.verify.optimal" if found.proven_optimal else "cli.verify.sound"


def _budgets(given: str | None) -> list[int] | None:
    """The budgets of moves that somebody wrote."""
    if given is None:
        return None
    parts = [part.strip() for part in given.split(",")]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise typer.BadParameter(say("cli.budgets", spoken(), given=given))
    return [int(part) for part in parts]


def _exit_code(result: Result, *, strict: bool) -> int:
    if result.reason == "cancelled":
        return console.INTERRUPTED
    codes = {"infeasible": console.INFEASIBLE, "no_answer": console.NO_ANSWER, "failed": console.INTERNAL}
    if result.outcome in codes:
        return codes[result.outcome]
    if strict and result.unplaced:
        remark(say("cli.strict", spoken(), unplaced=result.unplaced))
        return console.VIOLATED
    return console.OK


def _beside(path: Path) -> Path:
    """Where a corrected round goes when nobody said: beside the original."""
    return path.with_name(path.stem + "-fixed")
