"""Parts of a problem that share no seats and no rows: they can be solved apart, and their optima together are the optimum of the whole.

Tuples add up, and a sum of tuples is least when each is; so are the prices of the parts together the proof of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matcher.problem import Answer, Problem

Codes = npt.NDArray[np.int32]

PARCEL = 10_000
"""Pairs that are worth a call of their own: smaller parts are solved together."""


@dataclass(frozen=True, eq=False)
class Part:
    """A problem of its own, and what its demands, pairs, seats and rows are called in the whole."""

    problem: Problem
    demands: npt.NDArray[np.int64]
    pairs: npt.NDArray[np.int64]
    seats: npt.NDArray[np.int64]
    rows: tuple[int, ...]


def labels_of(problem: Problem) -> npt.NDArray[np.int64]:
    """Per seat the least seat of its component.

    O(pairs x log seats), by hooking and pointer jumping (Shiloach, Vishkin 1982, doi:10.1016/0196-6774(82)90008-6).
    """
    seat = problem.seat.astype(np.int64)
    same = np.flatnonzero(np.diff(problem.demand_of_pair()) == 0)
    one, other = [seat[same]], [seat[same + 1]]
    for row in problem.rows:
        inside = np.unique(seat[row.pairs])
        one.append(inside[:-1])
        other.append(inside[1:])
    a, b = np.concatenate(one), np.concatenate(other)
    label = np.arange(problem.seats)
    while len(a):
        low, high = np.minimum(label[a], label[b]), np.maximum(label[a], label[b])
        apart = low < high
        if not apart.any():
            break
        a, b = a[apart], b[apart]
        np.minimum.at(label, high[apart], low[apart])
        while True:
            above = label[label]
            if (above == label).all():
                break
            label = above
    return label


def parts_of(problem: Problem, parcel: int = PARCEL) -> list[Part]:
    """The parts, small ones put together until they hold `parcel` pairs, in the order of their first seat; one part where there is nothing to gain."""
    if problem.pairs < 2 * parcel or problem.teams:
        return [_whole(problem)]
    label = labels_of(problem)
    size = np.bincount(label[problem.seat], minlength=problem.seats)
    bin_of_label = np.zeros(problem.seats, dtype=np.int64)
    filled, number = 0, 0
    for first in np.flatnonzero(size):
        if filled >= parcel:
            filled, number = 0, number + 1
        bin_of_label[first] = number
        filled += int(size[first])
    if number == 0:
        return [_whole(problem)]
    bin_of_seat = bin_of_label[label]
    return [_part(problem, bin_of_seat, k) for k in range(number + 1)]


def together(problem: Problem, parts: list[Part], answers: list[Answer]) -> Answer:
    """The answer of the whole; infeasible as soon as one part is."""
    refuted = next((i for i, answer in enumerate(answers) if answer.outcome == "infeasible"), None)
    used = [i for i in range(len(answers)) if refuted is None or i == refuted]
    tiers = answers[used[0]].tiers
    chosen = np.full(problem.demands, -1, dtype=np.int32)
    seat_prices = np.zeros((problem.seats, len(tiers)), dtype=np.int64)
    row_prices = np.zeros((len(problem.rows), len(tiers)), dtype=np.int64)
    for i in used:
        part, answer = parts[i], answers[i]
        matched = np.flatnonzero(answer.pair_of_demand >= 0)
        chosen[part.demands[matched]] = part.pairs[answer.pair_of_demand[matched]]
        seat_prices[part.seats] = answer.seat_prices
        row_prices[list(part.rows)] = answer.row_prices
    seconds = {name: sum(answer.seconds[name] for answer in answers) for name in ("start", "solve")}
    return replace(answers[used[0]], pair_of_demand=chosen, seat_prices=seat_prices, row_prices=row_prices, seconds=seconds)


def _whole(problem: Problem) -> Part:
    return Part(problem, np.arange(problem.demands), np.arange(problem.pairs), np.arange(problem.seats), tuple(range(len(problem.rows))))


def _part(problem: Problem, bin_of_seat: npt.NDArray[np.int64], number: int) -> Part:
    """One part with numbers of its own. Demands, seats and rows without pairs belong to the first."""
    seats = np.flatnonzero(bin_of_seat == number)
    pairs = np.flatnonzero(bin_of_seat[problem.seat] == number)
    count = np.diff(problem.first_pair)
    bin_of_demand = np.zeros(problem.demands, dtype=np.int64)
    active = count > 0
    bin_of_demand[active] = bin_of_seat[problem.seat[problem.first_pair[:-1][active]]]
    demands = np.flatnonzero(bin_of_demand == number)
    new_pair, new_seat = np.full(problem.pairs, -1, dtype=np.int32), np.full(problem.seats, -1, dtype=np.int32)
    new_pair[pairs], new_seat[seats] = np.arange(len(pairs)), np.arange(len(seats))
    mine = tuple(i for i, row in enumerate(problem.rows) if (int(bin_of_seat[problem.seat[row.pairs[0]]]) if len(row.pairs) else 0) == number)
    return Part(
        Problem(
            problem.tiers,
            np.concatenate(([0], np.cumsum(count[demands]))).astype(np.int64),
            new_seat[problem.seat[pairs]],
            np.ascontiguousarray(problem.cost[:, pairs]),
            np.zeros_like(problem.constant),
            problem.seat_lower[seats],
            problem.seat_upper[seats],
            problem.open_or_closed[seats],
            problem.must[demands],
            tuple(replace(problem.rows[i], pairs=new_pair[problem.rows[i].pairs]) for i in mine),
        ),
        demands,
        pairs,
        seats,
        mine,
    )
