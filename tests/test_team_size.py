"""The rule `team_size`: engine, verifier and referee read it alike, and it removes no pair that any matching could have (docs/rules.md sections 3 and 6).

`CONTRACT_ROUNDS=1000 pytest tests/test_team_size.py` plays more rounds than every run of the tests does.
"""

from __future__ import annotations

import os
import random
from collections import Counter

import numpy as np
import pytest

import matcher
from matcher.compile import compile_round
from matcher.errors import InputError
from matcher.result import Outcome, Proof
from matcher.round import Round
from matcher.rules.facts import Facts
from matcher.rules.teams import team_size
from matcher.settings import Settings
from matcher.verifier.details import detail
from matcher.verifier.pairs import Rulebook, all_pairs
from matcher.verifier.view import View
from tests.brute_force import Referee, Row, Value, best
from tests.contract import TESTED, groups_owe
from tests.rounds import frame, make_round
from tests.rules.naming import pair_names
from tests.wider_rounds import wider_round

ROUNDS = int(os.environ.get("CONTRACT_ROUNDS", "0")) or 50
"""Rounds of each part of the tests on random rounds."""

PARTS = range(8)
PATH = Settings(teams="path")


class Unsized(Referee):
    """A referee who does not know the rule, and tries every pair that the others leave."""

    def team_size(self, student: str, period: str) -> int:
        del student, period
        return 0


def refused(round_: Round) -> set[str]:
    """The pairs (student, placement) that break the rule; engine, verifier and referee say the same."""
    referee, facts, view = Referee(round_), Facts.of(round_), View(round_)
    s, p = (grid.ravel() for grid in np.indices((len(facts.students), len(facts.placements))))
    rule, verdict = team_size(facts), Rulebook.of(view).eligibility.broken("team_size", s, p)
    broken = np.zeros(len(s), dtype=bool) if rule is None else rule.judge(s.astype(np.int32), p.astype(np.int32))[0]
    engine = {f"{facts.student_index[s[at]]} {facts.placement_index[p[at]]}" for at in np.flatnonzero(broken)}
    verifier = {f"{view.students[s[at]]} {view.placements[p[at]]}" for at in np.flatnonzero(verdict)} if verdict is not None else set()
    told = {f"{student} {placement}" for student in referee.students for placement in referee.placements if referee.breaks("team_size", student, placement)}
    assert engine == verifier == told
    return told


def people(**periods: str | None) -> list[Row]:
    return [{"student_id": name, "periods": asked} for name, asked in periods.items()]


def teamed(students: list[Row], *placements: Row, teams: tuple[str, ...] = ("st",), kind: str = "same_placement", settings: Settings | None = None) -> Round:
    """A round with teams, each written as the names of its members, one letter each."""
    rows = [{"team_id": f"T{number}", "student_id": who, "kind": kind} for number, team in enumerate(teams) for who in team]
    return make_round(settings or Settings(), students=students, placements=list(placements), preferences=[], teams=rows)


def place(name: str, capacity: int, period: str | None = None, **cells: object) -> Row:
    return {"placement_id": name, "capacity": capacity, "period_id": period, **cells}


@pytest.mark.parametrize(("capacity", "members", "broken"), [(1, "st", True), (2, "st", False), (2, "stu", True), (0, "st", True), (0, "s", False)])
def test_a_team_needs_a_seat_for_every_member(capacity: int, members: str, broken: bool) -> None:
    """A team of one takes nobody along: that there is no seat is then no matter of the team."""
    round_ = teamed(people(s=None, t=None, u=None, v=None), place("A", capacity), teams=(members,))
    assert refused(round_) == ({f"{who} A" for who in members} if broken else set())


@pytest.mark.parametrize("kind", ["same_company", "same_region", "apart"])
def test_teams_of_another_kind_are_not_judged(kind: str) -> None:
    assert refused(teamed(people(s=None, t=None), place("A", 1, company_id="C"), kind=kind)) == set()


def test_over_whole_paths_members_may_be_there_in_turn() -> None:
    students = people(s="1|2", t="1|2")
    assert refused(teamed(students, place("A", 1))) == {"s A", "t A"}
    assert refused(teamed(students, place("A", 1), settings=PATH)) == set()


def test_only_those_who_ask_for_the_period_count() -> None:
    assert refused(teamed(people(s="1", t="2"), place("A", 1))) == set()
    assert refused(teamed(people(s="1", t=None), place("A", 1, "1"), place("B", 1, "2"))) == {"s A", "t A"}


def test_a_pair_with_one_seat_that_is_large_enough_stays() -> None:
    """In 2 only s counts, in 1 both do: s may be at A in 2, and the rows of the team decide about 1."""
    round_ = teamed(people(s="1|2", t="1"), place("A", 1), place("B", 1, "1"))
    assert refused(round_) == {"s B", "t A", "t B"}
    assert {"s A|1", "s A|2"} <= set(pair_names(compile_round(round_)))
    assert best(round_).value[1] == best(round_, Unsized).value[1] == 1  # type: ignore[union-attr]  # nobody has to be placed


def test_a_span_is_judged_in_its_periods_and_for_who_asks_for_none_in_its_first() -> None:
    assert refused(teamed(people(s="1|2", t="1|2"), place("A", 1, "1|2"), place("B", 2, "1|2"))) == {"s A", "t A"}
    assert refused(teamed(people(s=None, t="1|2"), place("A", 1, "1|2"))) == {"s A", "t A"}
    assert refused(teamed(people(s=None, t="2"), place("A", 1, "1|2"))) == {"t A"}


def test_the_largest_of_several_teams_counts() -> None:
    students = people(s=None, t=None, u=None, v=None)
    assert refused(teamed(students, place("A", 2), teams=("st", "suv"))) == {"s A", "u A", "v A"}
    assert refused(teamed(students, place("A", 2), teams=("suv", "st"))) == {"s A", "u A", "v A"}


def test_mentors_limit_the_seats_where_that_rule_is_on() -> None:
    few = place("A", 5, mentors=1.0, students_per_mentor=1.0)
    assert refused(teamed(people(s=None, t=None), few)) == {"s A", "t A"}
    assert refused(teamed(people(s=None, t=None), few, settings=Settings(mentor_capacity=False))) == set()


def test_the_words_name_team_members_and_seats() -> None:
    round_ = teamed(people(s="1|2", t="1|2", u="1"), place("A", 1), teams=("stu",))
    rule = team_size(Facts.of(round_))
    assert rule is not None
    assert rule.because(0, 0) == {"team": "T0", "members": 2, "seats": 1}  # in 2; in 1 there are three
    assert detail(Rulebook.of(View(round_)).eligibility, "team_size", 0, 0) == {"value": 2, "limit": 1}


def test_a_pinned_member_at_a_place_that_is_too_small_is_an_input_problem() -> None:
    round_ = teamed(people(s=None, t=None), place("A", 1), place("B", 2))
    for table, more in (("pins", {"kind": "pin"}), ("previous", {"confirmed": True})):
        fixed = Round({**round_.tables, table: frame(table, [{"student_id": "s", "placement_id": "A", **more}])}, round_.settings)
        with pytest.raises(InputError) as error:
            matcher.solve(fixed, isolate=False)
        assert [(issue.code, dict(issue.params)["rule"]) for issue in error.value.issues] == [("pin_breaks_rule", "team_size")]


def test_a_pin_that_only_its_period_makes_too_small_is_a_proven_contradiction() -> None:
    """The pin takes the first period of s, in which both count; for the rule the pair could be in the second."""
    round_ = teamed(people(s="1|2", t="1"), place("A", 1))
    fixed = Round({**round_.tables, "pins": frame("pins", [{"student_id": "s", "placement_id": "A", "kind": "pin"}])}, round_.settings)
    result = matcher.solve(fixed, isolate=False)
    assert result.outcome is Outcome.INFEASIBLE
    assert matcher.verify(fixed, result).infeasible_proven


def test_half_a_team_at_each_of_two_small_places_blunts_no_bound() -> None:
    """The rows of the team alone allow it, and prices then bound `placed` by two; with the rule prices alone prove that one student is all."""
    result = matcher.solve(teamed(people(s=None, t=None, u=None), place("A", 1), place("B", 1)), isolate=False)
    (count,) = result.rule_counts
    assert (count.rule, count.strength, count.removed, count.only, count.unknown) == ("team_size", "hard", 4, 4, 0)
    assert isinstance(result.proof, Proof)
    assert [(tier.value, tier.bound) for tier in result.tiers if tier.name == "placed"] == [(1, 1)]


# -- random rounds --------------------------------------------------------------------------------------------------------------


def random_teams(seed: int) -> Round:
    """A small round with one or two teams that go to one placement in each period, and up to two features beside."""
    rng = random.Random(f"team_size {seed}")
    on = {"teams", *rng.sample([*TESTED, "periods", "mentor_capacity"], k=rng.randint(0, 2))}
    round_ = wider_round(rng, on | ({"periods"} if rng.random() < 0.5 else set()), students=3, placements=3)
    rows = [{"team_id": "U", "student_id": who, "kind": "same_placement"} for who in round_.table("teams")["student_id"]]
    if rng.random() < 0.3:
        more = rng.sample(list(round_.table("students")["student_id"]), k=2)
        rows += [{"team_id": "V", "student_id": who, "kind": "same_placement"} for who in more]
    return Round({**round_.tables, "teams": frame("teams", rows)}, round_.settings)


def bare(value: Value) -> list[object]:
    """A value whose profiles end with the last rank that anybody has: the rule may take the last pairs of a rank."""
    return [tuple(np.trim_zeros(part, "b")) if isinstance(part, tuple) else part for part in value]


@pytest.mark.parametrize("part", PARTS)
def test_no_matching_has_a_pair_that_the_rule_refuses(part: int) -> None:
    """Of all matchings of a referee without the rule; so the best is as good, but where a group owes a minimum only if it has pairs."""
    tried: Counter[str] = Counter()
    for seed in range(part * ROUNDS, (part + 1) * ROUNDS):
        round_ = random_teams(seed)
        names, referee, without = refused(round_), Referee(round_), Unsized(round_)
        if not all(demand in without.demands for demand in without.pinned):
            continue
        for matching in without.matchings():
            tried["matchings"] += 1
            assert not names & {f"{demand[0]} {pair[0]}" for demand, pair in matching.items() if pair}, seed
        tried["refused"] += bool(names)
        if without.sound and not referee.sound:
            assert next(without.matchings(), None) is None, seed
            tried["pinned"] += 1
        elif referee.sound and not groups_owe(referee):
            found, other = best(round_), best(round_, Unsized)
            assert (found and bare(found.value)) == (other and bare(other.value)), seed
            tried["best"] += 1
    assert min(tried[name] for name in ("matchings", "refused", "best")) > ROUNDS // 4, tried


@pytest.mark.parametrize("part", PARTS)
def test_the_pairs_and_the_counts_are_those_of_the_referee(part: int) -> None:
    tried: Counter[str] = Counter()
    for seed in range(part * ROUNDS, part * ROUNDS + max(10, ROUNDS // 3)):
        round_ = random_teams(seed)
        referee = Referee(round_)
        if not referee.sound:
            continue
        try:
            compiled = compile_round(round_)
        except InputError:  # more pins than seats
            assert next(Unsized(round_).matchings(), None) is None, seed
            continue
        expected = sorted(f"{demand[0]} {pair[0]}|{pair[1]}" for demand, pair in referee.eligible)
        assert sorted(pair_names(compiled)) == expected, seed
        view = View(round_)
        pairs = [pairs for pairs, _ in all_pairs(Rulebook.of(view))]
        seats = [(view.students[s], *view.seat_label(int(seat))) for each in pairs for s, seat in zip(each.student, each.seat, strict=True)]
        assert sorted(f"{s} {p}|{period}" for s, p, period in seats) == expected, seed
        candidates = [(s, p) for s in referee.students for p in referee.placements if referee.wish(s, p)[0] is None for _ in referee.open_periods(s, p)]
        broken = [referee.hard_broken(*pair) for pair in candidates]
        for count in compiled.rule_counts:
            if count.strength == "hard":
                told = (count.removed, count.only)
                assert told == (sum(count.rule in rules for rules in broken), broken.count([count.rule])), (seed, count.rule)
                tried[count.rule] += count.removed
    assert tried["team_size"] > 9, tried


@pytest.mark.parametrize("part", PARTS)
def test_the_engines_find_and_prove_the_best_of_a_referee_without_the_rule(part: int) -> None:
    solved = 0
    for seed in range(part * ROUNDS, part * ROUNDS + max(6, ROUNDS // 8)):
        round_ = random_teams(seed)
        referee = Referee(round_)
        if not referee.sound or groups_owe(referee):
            continue
        found = best(round_, Unsized)
        try:
            result = matcher.solve(round_, isolate=False)
        except InputError:
            assert found is None, seed
            continue
        assert (result.outcome is Outcome.SOLVED) == (found is not None), seed
        if found:
            assert bare(tuple(tier.value for tier in result.tiers)) == bare(found.value), seed
            assert all(tier.proven for tier in result.tiers), seed
            solved += 1
    assert solved
