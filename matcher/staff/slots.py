"""The assignment of staff as a `Problem`, turned round: the slots of the members are its demands, the groups of pairs its seats.

A member of staff with at most c students has slots 1, 2, ..., c, and the j-th costs floor(100 j / c), whichever pair it takes. The cost of a load is then
the cost of its slots, and as it rises with j an optimum fills them in order: even loads are plain costs of pairs, exact, without a single row. (The other
way round every step of every member is a soft row: 10,000 of them for 300 members.) All pairs of a group can be taken by the same members, so a group is
one seat with as many places as it has pairs.

The best assignment is therefore a base of a polymatroid of least convex cost (Federgruen, Groenevelt 1986, doi:10.1287/opre.34.6.909); as a flow it is
the semi-matching of Harvey, Ladner, Lovasz, Tamir 2006 (doi:10.1016/j.jalgor.2005.01.003) with capacities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.problem import Answer, Problem
from matcher.rules.facts import Codes, spelled_out
from matcher.staff.needs import Needs
from matcher.staff.result import TIERS

Sizes = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Slots:
    """The problem, and the way back.

    Attributes
    ----------
    problem
        D slots (demands), P slots with a group each (pairs), G groups (seats).
    member
        int32, D: whose slot it is.
    fill
        int64, D: what it costs in the tier `balance`.
    """

    problem: Problem
    member: Codes
    fill: Sizes


def slots_of(needs: Needs) -> Slots:
    """The slots of all members, each with the groups that its member may take. O(P) for P = sum over members of slots x groups."""
    size, may = needs.size, needs.may
    reach = size @ may
    count = np.minimum(needs.most, reach)  # slots beyond the pairs that a member may take stay empty anyway
    member = np.repeat(np.arange(len(count), dtype=np.int32), count)
    number = spelled_out(np.ones(len(count), dtype=np.int64), count)
    fill = 100 * number // needs.most[member]
    groups = may.sum(axis=0, dtype=np.int64)
    begin = np.cumsum(groups) - groups
    choices = groups[member]
    seat = np.nonzero(may.T)[1].astype(np.int32)[spelled_out(begin[member], choices)]
    cost = np.empty((len(TIERS), len(seat)), dtype=np.int32)
    cost[0], cost[1] = -1, np.repeat(fill, choices)
    none = np.zeros(len(size), dtype=np.int64)
    first = np.concatenate(([0], np.cumsum(choices))).astype(np.int64)
    problem = Problem(TIERS, first, seat, cost, np.zeros(len(TIERS), dtype=np.int64), none, size, none, np.zeros(len(member), dtype=np.bool_))
    return Slots(problem, member, fill)


def member_of_need(needs: Needs, slots: Slots, answer: Answer) -> Codes:
    """int32, N: who takes each need, -1 for nobody.

    Within a group everything is equal to the rules, so its needs are dealt out by placement, then student: whoever takes several pairs of a group takes
    neighbours, and a student's periods at one placement mostly stay in one hand. The last ones go without.
    """
    used = np.flatnonzero(answer.pair_of_demand >= 0)
    group, member = slots.problem.seat[answer.pair_of_demand[used]], slots.member[used]
    taken = np.lexsort((member, group))
    place = needs.pairs["placement_id"].rank(method="dense").to_numpy(dtype=np.int64)[needs.pair]
    needs_of_group = np.lexsort((needs.pair, place, needs.group))
    begin = np.cumsum(needs.size) - needs.size
    filled = np.bincount(group, minlength=len(needs.size))
    found = np.full(len(needs.pair), -1, dtype=np.int32)
    found[needs_of_group[spelled_out(begin, filled)]] = member[taken]
    return found


def group_prices(needs: Needs, answer: Answer) -> Sizes:
    """int64, G x 2: the price of a place in each group; nothing where nobody may take it."""
    return np.where(needs.may.any(axis=1, keepdims=True), answer.seat_prices, 0)


def cheapest(needs: Needs, prices: Sizes) -> tuple[Sizes, npt.NDArray[np.bool_]]:
    """int64, M x 2: the least price, as words in a dictionary, of the groups that each member may take; and whether there is one."""
    order = np.lexsort((prices[:, 1], prices[:, 0]))
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    least = np.where(needs.may, position[:, None], len(order)).min(axis=0, initial=len(order))
    return np.concatenate([prices[order], np.zeros((1, len(TIERS)), dtype=np.int64)])[least], least < len(order)


def member_prices(needs: Needs, answer: Answer) -> Sizes:
    """int64, M x 2: the prices of the members that prove at least as much as those of the groups.

    With u_g the price of a group and a_m the least of those that member m may take, the price of m is (1, 0) - a_m: a pair of group g then pays at least
    -u_g, because a_m <= u_g, and the slots of m pay exactly what they paid.
    """
    least, reached = cheapest(needs, group_prices(needs, answer))
    return np.where(reached[:, None], np.array([answer.denominator, 0]) - least, 0)


def least_costs(needs: Needs, slots: Slots, answer: Answer, kind: int) -> tuple[int, int]:
    """What no assignment of a kind can beat, from the prices of the groups, times the denominator (docs/proof.md): the engine's own claim."""
    prices = group_prices(needs, answer)
    least, _ = cheapest(needs, prices)
    mine = needs.kind_of_member == kind
    own = mine[slots.member]
    first = least[slots.member[own], 0] - answer.denominator
    second = least[slots.member[own], 1] + answer.denominator * slots.fill[own]
    worth = (first < 0) | ((first == 0) & (second < 0))
    groups = needs.may[:, mine].any(axis=1)
    paid = needs.size[groups] @ prices[groups]
    return int(first[worth].sum() - paid[0]), int(second[worth].sum() - paid[1])
