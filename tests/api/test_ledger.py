"""The life of a batch: who may change its status, and when."""

from __future__ import annotations

import threading

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from api.finding import Finding, Status
from api.ledger import Ledger, Newcomer
from api.settings import Settings
from api.store import Store

DONE = Finding(Status.DONE, summary={"placed": 1}, folder="run-1")


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(tmp_path, clock):
    settings = Settings(instance=tmp_path, lease_seconds=10, max_attempts=3, keep_days=30)
    store = Store(settings)
    yield Ledger(store, settings, clock)
    store.close()


def arrive(ledger, name="b1", clock=None):
    if clock is not None:
        clock.now += 1
    batch, _ = ledger.accept(Newcomer(name, "round.xlsx", 10, "f", "nl"))
    return batch.id


def test_a_batch_is_claimed_once(ledger):
    arrive(ledger)
    claims = []
    threads = [threading.Thread(target=lambda: claims.append(ledger.claim("b1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([claim for claim in claims if claim]) == 1


def test_a_batch_of_a_living_worker_is_left_alone(ledger, clock):
    arrive(ledger)
    claim = ledger.claim("b1")
    for _ in range(20):
        clock.now += 9
        assert ledger.recover() == []
        assert ledger.report("b1", claim, "solve", 0.5, "")
    assert ledger.finish("b1", claim, DONE)


def test_a_batch_of_a_silent_worker_goes_back_and_the_old_worker_can_change_nothing(ledger, clock):
    arrive(ledger)
    old = ledger.claim("b1")
    clock.now += 11
    assert ledger.recover() == [("b1", Status.QUEUED)]
    new = ledger.claim("b1")
    assert not ledger.report("b1", old, "solve", 0.9, "")
    assert not ledger.finish("b1", old, DONE)
    assert ledger.give_back("b1", old, died=True) is None
    assert ledger.finish("b1", new, DONE)
    assert ledger.get("b1").attempts == 2


def test_after_three_attempts_a_batch_fails_with_a_sentence(ledger):
    arrive(ledger)
    endings = [ledger.give_back("b1", ledger.claim("b1"), died=True) for _ in range(3)]
    assert endings == [Status.QUEUED, Status.QUEUED, Status.FAILED]
    assert ledger.get("b1").error == {"code": "api.failed.died", "params": {"attempts": 3}}


def test_a_worker_that_stops_costs_no_attempt(ledger):
    arrive(ledger)
    for _ in range(10):
        assert ledger.give_back("b1", ledger.claim("b1"), died=False) is Status.QUEUED
    assert ledger.get("b1").attempts == 0


def test_a_cancelled_batch_does_not_come_back(ledger, clock):
    arrive(ledger)
    claim = ledger.claim("b1")
    ledger.cancel("b1")
    clock.now += 11
    assert ledger.recover() == [("b1", Status.CANCELLED)]
    assert ledger.claim("b1") is None
    assert not ledger.finish("b1", claim, DONE)


def test_cancelling_a_finished_batch_changes_nothing(ledger):
    arrive(ledger)
    ledger.finish("b1", ledger.claim("b1"), DONE)
    ledger.cancel("b1")
    assert ledger.get("b1").status == Status.DONE


def test_only_finished_batches_are_purged(ledger):
    arrive(ledger)
    assert not ledger.purge("b1")
    claim = ledger.claim("b1")
    assert not ledger.purge("b1")
    ledger.finish("b1", claim, DONE)
    assert ledger.purge("b1")
    assert ledger.get("b1") is None


def test_places_count_those_who_came_before(ledger, clock):
    for name in ("c", "a", "b"):
        arrive(ledger, name, clock)
    assert [ledger.place(ledger.get(name)) for name in ("c", "a", "b")] == [1, 2, 3]
    ledger.claim("c")
    assert [ledger.place(ledger.get(name)) for name in ("c", "a", "b")] == [None, 1, 2]


def test_batches_are_kept_for_some_days_after_they_finished(ledger, clock):
    arrive(ledger)
    clock.now += 40 * 86_400
    assert ledger.outdated() == []
    ledger.finish("b1", ledger.claim("b1"), DONE)
    assert ledger.outdated() == []
    clock.now += 31 * 86_400
    assert ledger.outdated() == ["b1"]


def test_workers_are_alive_while_they_say_so(ledger, clock):
    ledger.greet("w1")
    clock.now += 8
    ledger.greet("w2")
    assert ledger.workers() == (2, clock.now)
    clock.now += 8
    assert ledger.workers()[0] == 1
    ledger.part("w2")
    assert ledger.workers()[0] == 0


class Life(RuleBasedStateMachine):
    """Whatever workers, clocks and people do: nothing is lost, nothing ends twice, and only the holder of the claim reports."""

    def __init__(self):
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        from pathlib import Path

        self.settings = Settings(instance=Path(self.folder.name), lease_seconds=10, max_attempts=3)
        self.store = Store(self.settings)
        self.clock = Clock()
        self.ledger = Ledger(self.store, self.settings, self.clock)
        self.ledger.accept(Newcomer("b", "round.xlsx", 10, "f", "nl"))
        self.claims = []
        self.ended = None

    def holder(self):
        return self.ledger.get("b").claim

    @rule()
    def claim(self):
        before = self.ledger.get("b").status
        claim = self.ledger.claim("b")
        assert (claim is not None) == (before == Status.QUEUED)
        if claim:
            self.claims.append(claim)

    @rule(data=st.data(), status=st.sampled_from([Status.DONE, Status.REJECTED, Status.FAILED, Status.CANCELLED]))
    def finish(self, data, status):
        if self.claims:
            claim = data.draw(st.sampled_from(self.claims))
            holds = claim == self.holder()
            assert self.ledger.finish("b", claim, Finding(status)) == holds
            self.ended = status if holds else self.ended

    @rule(data=st.data(), died=st.booleans())
    def give_back(self, data, died):
        if self.claims:
            claim = data.draw(st.sampled_from(self.claims))
            holds = claim == self.holder()
            status = self.ledger.give_back("b", claim, died=died)
            assert (status is not None) == holds
            self.note(status)

    @rule(seconds=st.sampled_from([1, 6, 11]))
    def wait_and_recover(self, seconds):
        self.clock.now += seconds
        for _, status in self.ledger.recover():
            self.note(status)

    @rule()
    def cancel(self):
        queued = self.ledger.get("b").status == Status.QUEUED
        self.ledger.cancel("b")
        self.ended = Status.CANCELLED if queued else self.ended

    def note(self, status):
        if status is not None and status.final:
            assert self.ended is None
            self.ended = status

    @invariant()
    def the_status_is_the_expected_one(self):
        batch = self.ledger.get("b")
        assert batch.attempts <= self.settings.max_attempts
        assert (batch.claim is not None) == (batch.status == Status.RUNNING)
        assert Status(batch.status).final == (self.ended is not None)
        assert self.ended is None or batch.status == self.ended

    def teardown(self):
        self.store.close()
        self.folder.cleanup()


TestLife = Life.TestCase
TestLife.settings = hypothesis_settings(max_examples=25, stateful_step_count=20, deadline=None)
