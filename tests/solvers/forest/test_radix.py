"""The monotone queue against a plain dictionary of due times."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matcher.solvers.forest.radix import BUCKETS, IDLE, advance, later, soon, take

STOP = 10**12
FAR = st.one_of(st.integers(0, 8), st.integers(0, 2**20), st.sampled_from([2**k for k in range(40)]))
MOVES = st.lists(st.one_of(st.tuples(st.just("later"), st.integers(0, 9), FAR), st.tuples(st.just("soon"), st.integers(0, 9)), st.just(("go",))), max_size=60)


class Queue:
    """The arrays of one queue."""

    def __init__(self, items: int, level: int) -> None:
        self.level = level
        self.key, self.where = np.zeros(items, dtype=np.int64), np.full(items, IDLE, dtype=np.int8)
        self.after, self.before = np.zeros(items, dtype=np.int32), np.zeros(items, dtype=np.int32)
        self.bucket, self.line = np.full(BUCKETS, -1, dtype=np.int32), np.full(2, -1, dtype=np.int64)
        self.lists = (self.where, self.after, self.before, self.bucket)

    def later(self, item: int, at: int) -> None:
        later(item, at, self.level, self.key, *self.lists)

    def soon(self, item: int) -> None:
        soon(item, self.line, *self.lists)

    def waiting(self) -> list[int]:
        """Everybody in the line, who leaves it."""
        found = []
        while (item := int(take(self.line, self.where, self.after))) >= 0:
            found.append(item)
        return found

    def advance(self, stop: int = STOP) -> int:
        self.level = int(advance(stop, self.line, self.key, *self.lists))
        return self.level


@given(st.sampled_from([-(10**11), -1, 0, 12345]), MOVES)
def test_everybody_is_called_at_the_earliest_time_that_was_asked_for(start: int, moves: list[tuple[str, int, int]]) -> None:
    queue, due, line = Queue(10, start), {}, []
    for move in [*moves, *[("go",)] * 11]:
        if move[0] == "later":
            item, at = move[1], queue.level + move[2]
            queue.later(item, at)
            if item not in line:
                due[item] = min(at, due.get(item, at))
        elif move[0] == "soon":
            queue.soon(move[1])
            due.pop(move[1], None)
            if move[1] not in line:
                line.append(move[1])
        else:
            assert queue.waiting() == line
            line = []
            if not due:
                assert queue.advance() == STOP
                queue.level = start
                return
            level = min(due.values())
            assert queue.advance() == level
            expected = {item for item, at in due.items() if at == level}
            called = queue.waiting()
            assert set(called) == expected
            assert len(called) == len(expected)
            for item in called:
                del due[item]
    assert not due


@given(st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=200))
def test_it_sorts_numbers_of_both_signs(numbers: list[int]) -> None:
    queue = Queue(len(numbers), -(2**41))
    for item, number in enumerate(numbers):
        queue.later(item, number)
    called = []
    while queue.advance(2**41) < 2**41:
        called += [(queue.level, item) for item in queue.waiting()]
    assert [level for level, _ in called] == sorted(numbers)
    assert all(numbers[item] == level for level, item in called)
    assert len(called) == len(numbers)


def test_nobody_is_called_at_or_after_the_stop() -> None:
    queue = Queue(3, 0)
    for item, at in enumerate((7, 5, 9)):
        queue.later(item, at)
    assert queue.advance(stop=5) == 5
    assert queue.waiting() == []


def test_the_line_keeps_its_order_and_takes_everybody_once() -> None:
    queue = Queue(5, 0)
    queue.later(3, 4)
    for item in (2, 3, 2, 0, 3):
        queue.soon(item)
    queue.later(2, 1)
    assert queue.waiting() == [2, 3, 0]
    assert queue.advance() == STOP
