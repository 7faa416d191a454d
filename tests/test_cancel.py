"""A job can be stopped at every report of its progress, and then leaves nothing half-done."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import matcher
from matcher.intake import csv_files, parquet, write_round
from matcher.progress import Beside, Cancelled, OnProgress, Progress, abandonable, silent, stoppable
from matcher.report import read_result, write_report, write_result
from matcher.round import Round
from matcher.synth import generate

SMALL = Path(__file__).resolve().parents[1] / "sample_data" / "small"


class StopAt:
    """A Cancel that is set while the given step (by number) of the progress is told; it counts the steps and notes their stages."""

    def __init__(self, step: int | None = None) -> None:
        self.step, self.stages = step, list[str]()
        self._set = threading.Event()

    def is_set(self) -> bool:
        return self._set.is_set()

    def __call__(self, step: Progress) -> None:
        if len(self.stages) == self.step:
            self._set.set()
        self.stages.append(step.stage)


def points(stages: list[str]) -> list[int]:
    """The first, the last and a few of the steps of each stage."""
    places: dict[str, list[int]] = {}
    for at, stage in enumerate(stages):
        places.setdefault(stage, []).append(at)
    return sorted({at for several in places.values() for at in (*several[:: max(1, len(several) // 6)], several[-1])})


@pytest.fixture(scope="module")
def round_() -> Round:
    return matcher.read(SMALL)


@pytest.fixture(scope="module")
def result(round_: Round) -> matcher.Result:
    return matcher.solve(round_, isolate=False)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_reading_and_checking_stop_at_every_report(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "BLOCK_ROWS", 1000)
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", 10_000)
    write_round(generate(400, seed=5), tmp_path / "round", format=kind)  # type: ignore[arg-type]  # one of the two
    whole = StopAt()
    read = matcher.read(tmp_path / "round", on_progress=whole, cancel=whole)
    assert read.digest == generate(400, seed=5).digest
    assert whole.stages.count("read") > 8
    assert set(whole.stages) == {"read", "check"}
    for at in range(len(whole.stages) - 1):
        stop = StopAt(at)
        with pytest.raises(Cancelled):
            matcher.read(tmp_path / "round", on_progress=stop, cancel=stop)
        assert len(stop.stages) == at + 1, "no report after the stop"


@pytest.mark.parametrize("isolate", [True, False])
def test_a_solve_stops_at_every_stage_and_says_so(round_: Round, isolate: bool) -> None:
    whole = StopAt()
    best = matcher.solve(round_, on_progress=whole, cancel=whole, isolate=isolate)
    assert best.reason == "optimal"
    for at in points(whole.stages[:-1])[:: 3 if isolate else 1]:
        stop = StopAt(at)
        found = matcher.solve(round_, on_progress=stop, cancel=stop, isolate=isolate)
        if found.outcome == "solved":  # the solver was through, or had handed over a matching: it is explained and verified
            assert whole.stages[at] == "solve"
            assert found.placed == best.placed
        else:
            assert (found.outcome, found.reason, len(found.matches)) == ("no_answer", "cancelled", 0)
            assert found.proof is None
            assert found.digest in ("", best.digest)


def test_a_verification_stops_at_every_report(round_: Round, result: matcher.Result) -> None:
    whole = StopAt()
    assert matcher.verify(round_, result, on_progress=whole, cancel=whole).ok
    for at in range(len(whole.stages) - 1):
        stop = StopAt(at)
        with pytest.raises(Cancelled):
            matcher.verify(round_, result, on_progress=stop, cancel=stop)


def test_writing_stops_at_every_report_and_leaves_the_earlier_result_alone(round_: Round, result: matcher.Result, tmp_path: Path) -> None:
    earlier = matcher.solve(round_.with_settings(language="fr"), isolate=False)
    write_result(round_, earlier, tmp_path / "out", extras=("html",))
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    whole = StopAt()
    write_result(round_, result, tmp_path / "whole", extras=("html", "xlsx"), on_progress=whole, cancel=whole)
    assert {"write", "report"} == set(whole.stages)
    for at in range(len(whole.stages) - 1):
        for place in ("out", "new"):
            stop = StopAt(at)
            with pytest.raises(Cancelled):
                write_result(round_, result, tmp_path / place, extras=("html", "xlsx"), on_progress=stop, cancel=stop)
        assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
        assert not (tmp_path / "new").exists()


def test_a_result_that_was_written_in_blocks_reads_back(round_: Round, result: matcher.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matcher.report import stored

    monkeypatch.setattr(stored, "BLOCK_ROWS", 7)
    write_result(round_, result, tmp_path / "out")
    assert read_result(tmp_path / "out").matches.equals(result.matches)
    assert matcher.verify(round_, tmp_path / "out").ok
    write_report(round_, result, tmp_path / "out")
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]


def test_work_beside_gives_its_answer_and_its_error() -> None:
    assert Beside(lambda: 7).wait(lambda: None) == 7
    with pytest.raises(ZeroDivisionError):
        Beside(lambda: 1 // 0).wait(lambda: None)
    assert abandonable(lambda: 7, None) == 7
    assert abandonable(lambda: 7, threading.Event()) == 7


def test_work_that_does_not_listen_is_left_alone() -> None:
    """The work only ends when this test lets it: whoever waited for it would wait for ever."""
    told, free, over = threading.Event(), threading.Event(), threading.Event()

    def deaf() -> None:
        told.set()
        free.wait()
        over.set()

    with pytest.raises(Cancelled):
        abandonable(deaf, told)
    assert not over.is_set()
    free.set()
    assert over.wait(60)


def test_reports_end_a_job_only_once_it_was_told() -> None:
    heard: list[Progress] = []
    told = threading.Event()
    report: OnProgress = stoppable(heard.append, told)
    report(Progress("read", 0.1))
    told.set()
    with pytest.raises(Cancelled):
        report(Progress("read", 0.2))
    assert heard == [Progress("read", 0.1)]
    assert stoppable(silent, None) is silent
