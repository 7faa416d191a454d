"""Problems made to cost an engine of the primal-dual kind as much as possible, at any size n.

In all of them but `shared_wishes` everybody is better off matched by far, so the engine has to fight for every place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from matcher.problem import Problem, Row

FAR = 10**9
"""What staying unmatched costs more than a place."""


def wishing(wishes: Sequence[Iterable[int]], cost: np.ndarray, capacity: Sequence[int], rows: Sequence[Row] = (), far: int = FAR) -> Problem:
    """A problem of one tier from the seats each demand wants and the cost of each pair."""
    lists = [np.asarray(list(w), dtype=np.int32) for w in wishes]
    seats = len(capacity)
    zero = np.zeros(seats, dtype=np.int64)
    return Problem(
        ("rank",),
        np.concatenate(([0], np.cumsum([len(w) for w in lists]))).astype(np.int64),
        np.concatenate(lists),
        (np.asarray(cost, dtype=np.int64).reshape(1, -1) - far).astype(np.int32),
        np.zeros(1, dtype=np.int64),
        zero,
        np.array(capacity, dtype=np.int64),
        zero,
        np.zeros(len(lists), dtype=np.bool_),
        tuple(rows),
    )


def drawn(n: int, seats: int, length: int, seed: int = 1) -> tuple[list[np.ndarray], np.random.Generator]:
    """So many different seats for each demand."""
    rng = np.random.default_rng(seed)
    return [np.sort(rng.choice(seats, length, replace=False)) for _ in range(n)], rng


def chain(n: int) -> Problem:
    """Demand i wants seat i or, a little less, seat i + 1; the last wants seat 0 only: one way through everything."""
    wishes = [[i, i + 1] for i in range(n - 1)] + [[0]]
    return wishing(wishes, np.array([0, 1] * (n - 1) + [0]), [1] * n)


def short_chain(n: int) -> Problem:
    """The same with one seat less: the way ends nowhere, and the dearest must be found."""
    wishes = [[i, min(i + 1, n - 2)][: 1 + (i < n - 2)] for i in range(n - 1)] + [[0]]
    return wishing(wishes, np.concatenate([np.arange(len(w)) for w in wishes]), [1] * (n - 1))


def ladder(n: int) -> Problem:
    """Each step of the chain costs one more than the step before."""
    wishes = [[i, i + 1] for i in range(n - 1)] + [[n - 1], [0]]
    return wishing(wishes, np.array([c for i in range(n - 1) for c in (0, i + 1)] + [0, 0]), [1] * (n - 1) + [2])


def fight(n: int) -> Problem:
    """All want all of n - 1 places, and like them alike: only one goes without, after every price has risen past the cost of that."""
    return wishing([range(n - 1)] * n, np.tile(np.arange(n - 1), n), [1] * (n - 1))


def sparse_fight(n: int) -> Problem:
    """Four wishes each among n - 1 places, costs 0, 1 or 2."""
    wishes, rng = drawn(n, n - 1, 4)
    return wishing(wishes, rng.integers(0, 3, 4 * n), [1] * (n - 1))


def powers(n: int) -> Problem:
    """Six wishes each among n - 1 places, whose costs are powers of two: many levels, each with little to do."""
    wishes, rng = drawn(n, n - 1, 6)
    return wishing(wishes, 2 ** rng.integers(0, 29, 6 * n), [1] * (n - 1))


def fibonacci(n: int) -> Problem:
    """A chain whose steps cost the numbers of Fibonacci, over and over: prices rise by ever other differences."""
    steps = [1, 2]
    while len(steps) < 40:
        steps.append(steps[-1] + steps[-2])
    wishes = [[i, (i + 1) % n, (7 * i + 3) % n] if (7 * i + 3) % n not in {i, (i + 1) % n} else [i, (i + 1) % n] for i in range(n)] + [[0]]
    cost = [c for i, w in enumerate(wishes) for c in (0, steps[i % 40], steps[(i + 20) % 40])[: len(w)]]
    return wishing(wishes, np.array(cost), [1] * n)


def shared_wishes(n: int) -> Problem:
    """All want seat 0; demand d has a seat of its own that costs d + 1, so the roots die in the order in which seat 0 refused them."""
    return _own_seats(n, [1], far=2 * n)


def dying_youngest_first(n: int) -> Problem:
    """The same, with the costs the other way round."""
    cost = np.array([c for d in range(n) for c in (0, n - d)])
    return wishing([[0, 1 + d] for d in range(n)], cost, [1] * (n + 1), far=2 * n)


def giant_seat(n: int) -> Problem:
    """Seat 0 has n / 2 places; everybody has a seat outside that costs d + 1: a level for each of them."""
    return _own_seats(n, [n // 2], far=3 * n)


def _own_seats(n: int, first: list[int], far: int) -> Problem:
    cost = np.array([c for d in range(n) for c in (0, d + 1)])
    return wishing([[0, 1 + d] for d in range(n)], cost, first + [1] * n, far=far)


def giant_pool(n: int) -> Problem:
    """A pool of n / 2 places over n seats, one for each demand; outside it costs d + 1."""
    cost = np.array([c for d in range(n) for c in (0, d + 1)])
    pool = Row("pool", 0, np.arange(0, 2 * n, 2, dtype=np.int32), 0, n // 2)
    return wishing([[d, n + d] for d in range(n)], cost, [1] * (2 * n), [pool], far=3 * n)


def schools(n: int) -> Problem:
    """Ten large seats that everybody lists, a little too small together, with costs that hardly ever agree."""
    rng = np.random.default_rng(2)
    return wishing([range(10)] * n, rng.integers(0, 10**6, 10 * n), [max(1, n * 97 // 1000)] * 10)


def long_lists(n: int) -> Problem:
    """Every tenth demand lists 300 seats (or all), the others three."""
    rng = np.random.default_rng(3)
    wishes = [np.sort(rng.choice(n, min(n, 300) if d % 10 == 0 else 3, replace=False)) for d in range(n)]
    return wishing(wishes, rng.integers(0, 1000, sum(map(len, wishes))), [1] * n)


def all_alike(n: int) -> Problem:
    """Ten wishes each that cost the same, and five seats too few."""
    wishes, _ = drawn(n, n // 10, 10)
    return wishing(wishes, np.zeros(10 * n), [10] * (n // 10 - 1) + [5])


def slack_of_one(n: int) -> Problem:
    """Trees that live long, with edges among their own nodes that are tight but for one, while the way out costs nearly as much as staying."""
    wishes, rng = drawn(n, n // 2, 5)
    cost = np.column_stack([rng.integers(0, 2, (n, 5)), np.full(n, FAR - 2 * n) + np.arange(n)])
    return wishing([[*w, n // 2 + d] for d, w in enumerate(wishes)], cost, [1] * (n // 2 + n))


ADVERSARIES: dict[str, Callable[[int], Problem]] = {
    made.__name__: made
    for made in (
        chain,
        short_chain,
        ladder,
        fight,
        sparse_fight,
        powers,
        fibonacci,
        shared_wishes,
        dying_youngest_first,
        giant_seat,
        giant_pool,
        schools,
        long_lists,
        all_alike,
        slack_of_one,
    )
}
