"""Does the matching keep the rules? Eligibility, pins, seats, pools, quotas (docs/rules.md sections 2, 3 and 5)."""

from __future__ import annotations

import numpy as np

from matcher.verifier.details import detail
from matcher.verifier.matching import Matching, Placed, demand_label
from matcher.verifier.pairs import Pairs, Rulebook
from matcher.verifier.rows import Rows
from matcher.verifier.view import ANY
from matcher.verifier.violations import Findings


def check_pairs(book: Rulebook, placed: Placed, findings: Findings) -> None:
    """Every matched pair keeps every hard rule; a pinned one need not keep the rules of the wishes."""
    view, pairs, pinned, opinion = book.view, placed.pairs, placed.pinned, placed.opinion
    wishes = {"wish_no": opinion.forbidden, "unlisted": opinion.unlisted, "no_wishes": opinion.skipped}
    verdicts = [(rule, book.eligibility.broken(rule, pairs.student, pairs.placement)) for rule in book.eligibility.hard]
    for rule, broken in [*((rule, removes & ~pinned) for rule, removes in wishes.items()), *verdicts]:
        for at in np.flatnonzero(broken) if broken is not None else ():
            student, placement = int(pairs.student[at]), int(pairs.placement[at])
            words = detail(book.eligibility, rule, student, placement)
            findings.add(f"not_eligible.{rule}", student=view.students[student], placement=view.placements[placement], rule=rule, **words)


def check_rows_alone(book: Rulebook, matching: Matching, placed: Placed, findings: Findings) -> None:
    """The rank, the status and the reason that each row of the matches states fit its pair."""
    view = book.view
    has = matching.seat >= 0
    right = np.zeros(len(has), dtype=np.int64)
    right[placed.row] = placed.pairs.rank
    fixed = np.zeros(len(has), dtype=bool)
    fixed[placed.row] = placed.pinned
    judged = (has | matching.empty) & (matching.rank >= 0)
    for at in np.flatnonzero(judged & (matching.rank != right)):
        placement = view.placements[matching.placement[at]] if has[at] else ""
        words = {"given": int(matching.rank[at]) or "-", "expected": int(right[at]) or "-"}
        findings.add("wrong_rank", placement=placement, **demand_label(view, int(matching.demand[at])), **words)
    status = np.where(matching.empty, "unplaced", np.where(fixed, "pinned", "placed"))
    given = matching.status.fillna("").to_numpy(dtype=object)
    for at in np.flatnonzero(given != status):
        findings.add("wrong_status", given=given[at], expected=str(status[at]), **demand_label(view, int(matching.demand[at])))
    for at in np.flatnonzero(matching.empty & matching.reason.isna().to_numpy()):
        findings.add("reason_missing", **demand_label(view, int(matching.demand[at])))


def check_pins(book: Rulebook, pairs: Pairs, findings: Findings) -> None:
    """Every pinned pair is in the matching."""
    view, pins = book.view, book.pins
    if not len(pins.demand):
        return
    kept = np.isin(view.key(pins.demand, pins.placement), view.key(pairs.demand, pairs.placement)) & (pins.demand >= 0)
    for at in np.flatnonzero(~kept):
        period = str(view.periods[pins.period[at]]) if pins.period[at] != ANY else ""
        findings.add("pin_dropped", student=view.students[pins.student[at]], placement=view.placements[pins.placement[at]], period=period)


def check_seats(rows: Rows, pairs: Pairs, findings: Findings) -> None:
    """No seat holds more than its usable capacity or fewer than it must; a seat with a minimum is open or closed."""
    loads = rows.seat_loads(pairs.seat)
    closed_below = rows.seat_open_or_closed
    checks = (
        ("over_capacity", loads > rows.seat_upper, rows.seat_upper),
        ("must_open", loads < rows.seat_lower, rows.seat_lower),
        ("open_or_closed", (loads > 0) & (loads < closed_below), closed_below),
    )
    for code, wrong, limit in checks:
        for seat in np.flatnonzero(wrong):
            placement, period = rows.view.seat_label(int(seat))
            findings.add(code, placement=placement, period=period, count=int(loads[seat]), limit=int(limit[seat]))


def check_groups(rows: Rows, pairs: Pairs, findings: Findings) -> None:
    """No pool and no hard quota is outside its bounds."""
    loads = rows.pool_loads(pairs.placement)
    for pool in np.flatnonzero(loads > rows.pool_upper):
        findings.add("pool_over", pool=rows.pool_ids[int(pool)], count=int(loads[pool]), limit=int(rows.pool_upper[pool]))
    quotas = rows.quotas
    loads = rows.quota_loads(pairs.student, pairs.placement)
    for code, wrong, limit in (("quota_over", loads > quotas.upper, quotas.upper), ("quota_under", loads < quotas.lower, quotas.lower)):
        for quota in np.flatnonzero(wrong & quotas.hard):
            findings.add(code, quota=quotas.ids[int(quota)], count=int(loads[quota]), limit=int(limit[quota]))
