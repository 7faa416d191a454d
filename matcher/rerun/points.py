"""The frontier: one verified answer for each budget of moves, from the smallest budget to the largest."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

import pandas as pd

from matcher.errors import CodedError
from matcher.measures import Measures
from matcher.progress import Cancel, OnProgress, Progress, silent
from matcher.result import Outcome, Reason, Result, TierValue, no_matches
from matcher.round import Round
from matcher.settings import LARGER_IS_BETTER, WORST_FIRST
from matcher.solving import solve

STEPS = 8
"""So many budgets are tried about, where nobody says which."""


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """The best found with at most `budget` moves.

    Attributes
    ----------
    round, result
        The round with that budget, and its verified answer; `infeasible` where no matching keeps all rules with so few moves.
    moves
        Demands that do move; None without a matching.
    carried
        Round and result are those of a smaller budget: in its time nothing better was found for this one, so nothing is proven about it.
    """

    budget: int
    round: Round
    result: Result
    moves: int | None
    carried: bool = False

    @property
    def tiers(self) -> tuple[TierValue, ...]:
        """Values, and the bounds that hold for this budget."""
        return tuple(replace(tier, bound=None) for tier in self.result.tiers) if self.carried else self.result.tiers

    @property
    def proven(self) -> bool:
        """Whether nothing better exists within the budget."""
        return self.result.outcome == Outcome.INFEASIBLE or (self.result.outcome == Outcome.SOLVED and all(tier.proven for tier in self.tiers))


@dataclass(frozen=True, slots=True, eq=False)
class Frontier:
    """Points of rising budget, none of them worse than the one before.

    Attributes
    ----------
    round
        The round whose policy was followed. `moves` was its last tier where it had none: among equally good matchings the least disturbing.
    previous
        Demands in `previous`.
    least
        With fewer moves no matching keeps all rules; None where that was not asked for, because every budget was possible.
    """

    round: Round
    previous: int
    points: tuple[Point, ...]
    least: int | None = None

    def to_frame(self) -> pd.DataFrame:
        """One row per budget: `budget`, `outcome`, `reason`, `moves`, `placed`, `unplaced`, `proven`, then every tier and its bound (`NAME`, `NAME_bound`)."""
        frame = pd.DataFrame([_row(point, self.tiers) for point in self.points])
        return frame.astype(dict.fromkeys(("moves", "placed", "unplaced"), "Int64")).convert_dtypes()

    @property
    def tiers(self) -> tuple[TierValue, ...]:
        """The tiers in the order in which they were taken, as of the largest budget that has a matching."""
        return next((point.tiers for point in reversed(self.points) if point.tiers), ())


def frontier(
    round_: Round,
    budgets: Iterable[int] | None = None,
    *,
    steps: int = STEPS,
    seconds: float | None = None,
    gap: float | None = None,
    seed: int | None = None,
    on_progress: OnProgress = silent,
    cancel: Cancel | None = None,
    isolate: bool = True,
) -> Frontier:
    """Solve a round for a range of budgets of moves.

    Parameters
    ----------
    round_
        A round with the table `previous`.
    budgets
        The most demands in `previous` that may change, one number for each point. Where not given, about `steps` numbers from the least possible to the moves
        of the best matching without any budget.
    seconds
        For all points together: each gets an equal part of what is left.
    gap, seed, on_progress, cancel, isolate
        As for `solve`; a cancel ends the frontier at the point it had reached.

    Returns
    -------
    Frontier
        Every point is verified, and none is worse than one with a smaller budget: where a stopped solve found something worse, or nothing, the matching of
        the smaller budget stands in its place, which it may, because it moves even fewer.

    Raises
    ------
    CodedError
        The round has no earlier matching.
    InputError, Unsupported, VerificationFailed
        As `solve`.
    """
    policy = _with_moves(round_)
    previous = Measures(policy, no_matches()).in_previous
    if not previous:
        raise CodedError("frontier.no_previous")
    until = None if seconds is None else time.monotonic() + seconds

    def answer(max_moves: int | None, done: float, still: int, tiers: tuple[str, ...] = policy.settings.tiers) -> tuple[Round, Result]:
        """Solve with so many moves at most, in its part of the time: as if `still` such solves were to come."""
        only: dict[str, Any] = {} if tiers == policy.settings.tiers else {"tiers": tiers, "tier_weights": {}}
        asked = policy.with_settings(max_moves=max_moves, **only)
        left = None if until is None else max(0.0, until - time.monotonic()) / still
        inner = cast("OnProgress", lambda _: on_progress(Progress("frontier", done)))  # the inner stages repeat for every point
        return asked, solve(asked, seconds=left, gap=gap, seed=seed, on_progress=inner, cancel=cancel, isolate=isolate)

    def fewest() -> int | None:
        """The moves that no matching can do without; None where there is no matching, or no answer."""
        _, found = answer(None, 0.1, steps, ("moves",))
        return int(cast("int", found.tiers[0].value)) if found.outcome == Outcome.SOLVED and found.reason == Reason.OPTIMAL else None

    if budgets is None:
        _, free = answer(None, 0.0, steps + 1)
        most = Measures(policy, free.matches).moves if free.outcome == Outcome.SOLVED else previous
        impossible = answer(0, 0.1, steps, ("moves",))[1].outcome == Outcome.INFEASIBLE
        least = fewest() if impossible else None
        chosen = [previous] if free.outcome == Outcome.INFEASIBLE else spread(least or 0, most, steps)
    else:
        chosen, least = sorted({int(budget) for budget in budgets}), None
    points: list[Point] = []
    for number, budget in enumerate(chosen):
        asked, found = answer(budget, 0.2 + 0.8 * number / len(chosen), len(chosen) - number)
        points.append(_point(budget, asked, found, points[-1] if points else None))
        if cancel is not None and cancel.is_set():
            break
    else:
        if least is None and points and points[0].result.outcome == Outcome.INFEASIBLE:
            least = fewest()
    return Frontier(policy, previous, tuple(points), least)


def spread(low: int, high: int, steps: int) -> list[int]:
    """At most so many numbers (but at least two) from low to high, both among them, the others multiples of 1, 2, 5, 10, 20, 50 ...

    >>> spread(0, 137, 8)
    [0, 20, 40, 60, 80, 100, 120, 137]
    >>> spread(3, 8, 8)
    [3, 4, 5, 6, 7, 8]
    """
    high = max(low, high)
    sizes = (nice * 10**tens for tens in range(20) for nice in (1, 2, 5))
    step = next(size for size in sizes if high - low <= size * max(1, steps - 1))
    return sorted({low, high, *range(-(-low // step) * step, high, step)})


def _point(budget: int, asked: Round, found: Result, before: Point | None) -> Point:
    """The point of a budget: what was found, or the matching of the smaller budget where that is better."""
    if before is not None and before.moves is not None and (found.outcome != Outcome.SOLVED or _order(found, asked) > _order(before.result, asked)):
        return replace(before, budget=budget, carried=True)
    return Point(budget, asked, found, Measures(asked, found.matches).moves if found.outcome == Outcome.SOLVED else None)


def _order(result: Result, round_: Round) -> list[tuple[int, ...]]:
    """The values of a matching, smaller for the better of two."""
    return [_as_cost(tier, worst_first=round_.settings.rank_measure in WORST_FIRST) for tier in result.tiers]


def _as_cost(tier: TierValue, *, worst_first: bool) -> tuple[int, ...]:
    if isinstance(tier.value, int):
        return (-tier.value if tier.name in LARGER_IS_BETTER else tier.value,)
    return tier.value[::-1] if worst_first else tuple(-count for count in tier.value)


def _with_moves(round_: Round) -> Round:
    """The round with the moves as its last tier, unless it compares them already."""
    settings = round_.settings
    there = "moves" in settings.tiers or "moves" in settings.tier_weights
    return round_ if there else round_.with_settings(tiers=(*settings.tiers, "moves"))


def _row(point: Point, tiers: Iterable[TierValue]) -> dict[str, object]:
    """One row of the table; a profile as its counts with blanks between them."""
    result = point.result
    solved = result.outcome == Outcome.SOLVED
    counts = (point.moves, result.placed, result.unplaced) if solved else (None, None, None)
    row: dict[str, object] = {"budget": point.budget, "outcome": result.outcome.value, "reason": result.reason.value}
    row |= dict(zip(("moves", "placed", "unplaced"), counts, strict=True)) | {"proven": point.proven}
    for tier in tiers:
        own = next((one for one in point.tiers if one.name == tier.name), None)
        row |= {tier.name: _cell(own.value) if own else None, f"{tier.name}_bound": _cell(own.bound) if own else None}
    return row


def _cell(worth: int | tuple[int | None, ...] | None) -> int | str | None:
    return " ".join("-" if count is None else str(count) for count in worth) if isinstance(worth, tuple) else worth
