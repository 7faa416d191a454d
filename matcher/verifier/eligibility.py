"""The rules that look at one student and one placement (docs/rules.md section 3).

Every judge answers for whole arrays of pairs: True where the pair breaks the rule, False where it keeps it or a cell is not known. A judge that has nothing
to look at, because its columns are not there or all empty, answers None. What broke, in words, is in `matcher.verifier.details`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from matcher.schema import NO
from matcher.settings import ELIGIBILITY_RULES
from matcher.verifier.codes import Bools, Dates, Ints, any_of, encode, member, tokens_of
from matcher.verifier.members import sizes_together
from matcher.verifier.tokens import TokenSets, how_many_lack, lacks, one_token, shares_none, token_sets
from matcher.verifier.travel import Travel
from matcher.verifier.view import View

Verdict = Bools | None

ALWAYS = ("span", "team_size", "ranking", "forbid")
"""The rules on a pair that are hard whatever the settings say; those of the wishes are in `matcher.verifier.wishes`."""


@dataclass(frozen=True)
class Eligibility:
    """The rules of a round, ready to judge pairs."""

    view: View
    travel: Travel

    # -- facts, computed once ------------------------------------------------------------------------------------------------

    @cached_property
    def start(self) -> Dates:
        """The start of each placement."""
        own = self.view.dates("placements", "from")
        return np.where(np.isnat(own), np.datetime64(self.view.settings.start_date, "s") if self.view.settings.start_date else np.datetime64("NaT", "s"), own)

    @cached_property
    def end(self) -> Dates:
        """The end of each placement."""
        own = self.view.dates("placements", "to")
        return np.where(np.isnat(own), self.start, own)

    @cached_property
    def _form(self) -> tuple[TokenSets, TokenSets]:
        return token_sets((self.view.of_programme("form", "form"), one_token), (self.view.column("placements", "forms"), tokens_of))

    @cached_property
    def _programme(self) -> tuple[TokenSets, TokenSets]:
        return token_sets((self.view.column("students", "programme_id"), one_token), (self.view.column("placements", "programmes"), tokens_of))

    @cached_property
    def _languages(self) -> tuple[TokenSets, TokenSets]:
        return token_sets((self.view.column("placements", "languages"), tokens_of), (self.view.column("students", "languages"), tokens_of))

    @cached_property
    def _checks(self) -> tuple[TokenSets, TokenSets]:
        return token_sets((self.view.column("placements", "checks_required"), tokens_of), (self.view.column("students", "checks"), tokens_of))

    @cached_property
    def _competences(self) -> tuple[TokenSets, TokenSets]:
        needed = self.view.of_programme("competences_needed", "competences_company")
        return token_sets((needed, tokens_of), (self.view.column("placements", "competences"), tokens_of))

    @property
    def needed_competences(self) -> TokenSets:
        """What each student needs to learn."""
        return self._competences[0]

    def missing_competences(self, student: Ints, placement: Ints) -> Ints:
        """How many of the competences that the student needs the placement does not offer; 0 where either is not known."""
        return how_many_lack(*self._competences, student, placement)

    @cached_property
    def _pattern(self) -> tuple[TokenSets, TokenSets]:
        return token_sets((self.view.column("students", "pattern"), tokens_of), (self.view.column("placements", "pattern"), tokens_of))

    @cached_property
    def _recognised(self) -> tuple[Bools, Ints]:
        """Which placements have a row in `recognitions`, and the sorted keys (placement, programme) of the rows that cover the placement."""
        view = self.view
        placement = encode(view.column("recognitions", "placement_id"), view.placements)
        programme = encode(view.column("recognitions", "programme_id"), view.programmes)
        since, until = view.dates("recognitions", "from"), view.dates("recognitions", "until")
        there = placement >= 0
        placement, programme, since, until = placement[there], programme[there], since[there], until[there]
        outside = (since > self.start[placement]) | (until < self.end[placement])  # a comparison with an unknown date is False: it covers
        named = np.zeros(len(view.placements), dtype=bool)
        named[placement] = True
        return named, np.unique((placement * len(view.programmes) + programme)[~outside & (programme >= 0)])

    @cached_property
    def _excluded(self) -> Ints:
        """Sorted keys (student, company) of the companies that students exclude."""
        view = self.view
        cells = view.column("students", "excluded_companies")
        found, texts = pd.factorize(cells)
        lists = [view.companies.get_indexer(pd.Index(tokens_of(text) or (), dtype="str")) for text in texts]
        pieces = [np.add.outer(np.flatnonzero(found == cell) * len(view.companies), codes[codes >= 0]).ravel() for cell, codes in enumerate(lists)]
        return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *pieces]))

    @cached_property
    def _rankings(self) -> tuple[Ints, Ints, Bools]:
        """Sorted keys of the pairs that `rankings` refuses, of those it names with a rank, and which placements have rankings."""
        view = self.view
        student = encode(view.column("rankings", "student_id"), view.students)
        placement = encode(view.column("rankings", "placement_id"), view.placements)
        rank = view.numbers("rankings", "rank")
        has = np.zeros(len(view.placements), dtype=bool)
        has[placement[placement >= 0]] = True
        there = (student >= 0) & (placement >= 0)
        key, rank = view.key(student[there], placement[there]), rank[there]
        return np.unique(key[rank == NO]), np.unique(key[rank != NO]), has

    @cached_property
    def _forbidden(self) -> Ints:
        view = self.view
        forbid = view.column("pins", "kind") == "forbid"
        student = encode(view.column("pins", "student_id")[forbid], view.students)
        placement = encode(view.column("pins", "placement_id")[forbid], view.placements)
        there = (student >= 0) & (placement >= 0)
        return np.unique(view.key(student[there], placement[there]))

    @cached_property
    def _together(self) -> Ints:
        return sizes_together(self.view)

    @cached_property
    def _in_team(self) -> Bools:
        """Which students are in a team that goes to one placement, and not alone in it."""
        return any_of(self._together > 1)

    def team_there(self, student: Ints, placement: Ints) -> Ints:
        """How many members a team has that must all be where the student is, in the period in which that asks least of the placement; 0: in no period."""
        view = self.view
        anytime = ~any_of(view.asked_periods[student])
        possible = (view.seats.number[placement] >= 0) & (view.asked_periods[student] | anytime[:, None])
        # Who asks for no period takes a span in its first.
        possible &= ~(view.span[placement] & anytime)[:, None] | (np.arange(len(view.periods)) == view.first_period[placement][:, None])
        least: Ints = np.where(possible, self._together[student], np.iinfo(np.int64).max).min(axis=1)
        return np.where(any_of(possible), least, 0)

    # -- judges ------------------------------------------------------------------------------------------------------------

    def broken(self, rule: str, student: Ints, placement: Ints) -> Verdict:
        """Whether each pair breaks the rule; None where the round has nothing for it to look at."""
        return _JUDGES[rule](self, student, placement)

    def form(self, student: Ints, placement: Ints) -> Verdict:
        """The student's form is not among those of the placement."""
        return lacks(*self._form, student, placement) if self.view.known("placements", "forms") else None

    def programme(self, student: Ints, placement: Ints) -> Verdict:
        """The student's programme is not among those of the placement."""
        return lacks(*self._programme, student, placement) if self.view.known("placements", "programmes") else None

    def recognition(self, student: Ints, placement: Ints) -> Verdict:
        """The placement is not recognised for the programme on its dates, or its own recognition ends too early."""
        view = self.view
        if not (view.round.has("recognitions") or view.known("placements", "recognised_until")):
            return None
        named, covering = self._recognised
        programme = view.programme[student]
        key = placement * len(view.programmes) + programme
        expired = view.dates("placements", "recognised_until") < self.end
        return (named[placement] & (programme >= 0) & ~member(key, covering)) | expired[placement]

    def travel_limit(self, student: Ints, placement: Ints) -> Verdict:
        """The trip takes longer, or is farther, than the student's limit."""
        view = self.view
        verdict: Verdict = None
        if view.known("students", "max_minutes"):
            verdict = self.travel.minutes(student, placement) > view.numbers("students", "max_minutes")[student]
        if view.known("students", "max_km"):
            far = self.travel.road_km(student, placement) > view.numbers("students", "max_km")[student]
            verdict = far if verdict is None else verdict | far
        return verdict

    def languages(self, student: Ints, placement: Ints) -> Verdict:
        """A language of the placement is not among the student's."""
        return lacks(*self._languages, placement, student) if self.view.known("placements", "languages") else None

    def checks(self, student: Ints, placement: Ints) -> Verdict:
        """A check that the placement requires is not among the student's."""
        return lacks(*self._checks, placement, student) if self.view.known("placements", "checks_required") else None

    def competences(self, student: Ints, placement: Ints) -> Verdict:
        """A competence that the student needs is not among those of the placement."""
        return lacks(*self._competences, student, placement) if self.view.known("placements", "competences") else None

    def dates(self, student: Ints, placement: Ints) -> Verdict:
        """The placement starts before, or ends after, the student is available."""
        view = self.view
        if not (view.known("students", "available_from") or view.known("students", "available_to")):
            return None
        since, until = view.dates("placements", "from"), view.dates("placements", "to")
        start, end = np.where(np.isnat(since), until, since), np.where(np.isnat(until), since, until)
        early = start[placement] < view.dates("students", "available_from")[student]
        return early | (end[placement] > view.dates("students", "available_to")[student])

    def pattern(self, student: Ints, placement: Ints) -> Verdict:
        """The patterns of student and placement have nothing in common."""
        return shares_none(*self._pattern, student, placement) if self.view.known("placements", "pattern") else None

    def insurance(self, student: Ints, placement: Ints) -> Verdict:
        """The placement is known not to be insured."""
        del student
        return self.view.flags("placements", "insured", value=False)[placement] if self.view.known("placements", "insured") else None

    def mentor(self, student: Ints, placement: Ints) -> Verdict:
        """The mentor's training ends before the placement does."""
        del student
        view = self.view
        late: Bools = view.dates("placements", "mentor_trained_until") < self.end
        return late[placement] if view.known("placements", "mentor_trained_until") else None

    def pay(self, student: Ints, placement: Ints) -> Verdict:
        """The placement pays less than the student's minimum."""
        view = self.view
        if not (view.known("placements", "pay_month") and view.known("students", "min_pay")):
            return None
        return view.numbers("placements", "pay_month")[placement] < view.numbers("students", "min_pay")[student]

    def own_company(self, student: Ints, placement: Ints) -> Verdict:
        """The placement is at the student's own company, and the student's status does not allow that."""
        view = self.view
        if not view.known("students", "own_company_id"):
            return None
        own = encode(view.column("students", "own_company_id"), view.companies)
        allowed: Bools = view.column("students", "status").isin(view.settings.own_company_allowed).to_numpy(dtype=bool)
        theirs: Bools = (own >= 0)[student] & (own[student] == view.company[placement])
        return theirs & ~allowed[student]

    def excluded_company(self, student: Ints, placement: Ints) -> Verdict:
        """The student excludes the placement's company."""
        view = self.view
        if not view.known("students", "excluded_companies"):
            return None
        company = view.company[placement]
        return (company >= 0) & member(student * len(view.companies) + company, self._excluded)

    def span(self, student: Ints, placement: Ints) -> Verdict:
        """The placement is taken in several periods, and the student asks for some of them only."""
        view = self.view
        if not view.span.any():
            return None
        verdict: Bools = view.span[placement] & any_of(view.asked_periods)[student]
        at = np.flatnonzero(verdict)
        verdict[at] = any_of(view.named_periods[placement[at]] & ~view.asked_periods[student[at]])
        return verdict

    def team_size(self, student: Ints, placement: Ints) -> Verdict:
        """Wherever the student could be, the placement has fewer seats than the team has members, all of whom would have to be there."""
        if not self._in_team.any():
            return None
        verdict: Bools = self._in_team[student]
        at = np.flatnonzero(verdict)
        verdict[at] = self.team_there(student[at], placement[at]) > np.maximum(self.view.capacity[placement[at]], 1)
        return verdict

    def ranking(self, student: Ints, placement: Ints) -> Verdict:
        """The placement refuses the student, or ranks others only where that means no."""
        if not self.view.round.has("rankings"):
            return None
        refused, named, has = self._rankings
        key = self.view.key(student, placement)
        no = member(key, refused)
        return no | (has[placement] & ~member(key, named)) if self.view.settings.unranked == "no" else no

    def forbid(self, student: Ints, placement: Ints) -> Verdict:
        """`pins` forbids the pair."""
        return member(self.view.key(student, placement), self._forbidden) if len(self._forbidden) else None

    # -- all rules together -----------------------------------------------------------------------------------------------------

    @cached_property
    def hard(self) -> tuple[str, ...]:
        """The rules that remove pairs; the costly ones last."""
        rules = [rule for rule in ELIGIBILITY_RULES if self.view.settings.strength(rule) == "hard"]
        return (*sorted(rules, key=lambda rule: rule == "travel"), *ALWAYS)

    @cached_property
    def soft(self) -> tuple[str, ...]:
        """The rules that cost their weight."""
        return tuple(rule for rule in ELIGIBILITY_RULES if self.view.settings.strength(rule) == "soft")

    def keeps_all(self, student: Ints, placement: Ints) -> Ints:
        """The positions of the pairs that keep every hard rule; each rule looks only at what the ones before it left."""
        left = np.arange(len(student), dtype=np.int64)
        for rule in self.hard:
            verdict = self.broken(rule, student, placement)
            if verdict is not None and verdict.any():
                kept = ~verdict
                left, student, placement = left[kept], student[kept], placement[kept]
        return left

    def penalty(self, student: Ints, placement: Ints) -> Ints:
        """The weights of the soft rules that each pair breaks."""
        total = np.zeros(len(student), dtype=np.int64)
        for rule in self.soft:
            verdict = self.broken(rule, student, placement)
            if verdict is not None:
                total += verdict * self.view.settings.weight(rule)
        return total


_JUDGES: dict[str, Callable[[Eligibility, Ints, Ints], Verdict]] = {
    "form": Eligibility.form,
    "programme": Eligibility.programme,
    "recognition": Eligibility.recognition,
    "travel": Eligibility.travel_limit,
    "languages": Eligibility.languages,
    "checks": Eligibility.checks,
    "competences": Eligibility.competences,
    "dates": Eligibility.dates,
    "pattern": Eligibility.pattern,
    "insurance": Eligibility.insurance,
    "mentor": Eligibility.mentor,
    "pay": Eligibility.pay,
    "own_company": Eligibility.own_company,
    "excluded_company": Eligibility.excluded_company,
    "span": Eligibility.span,
    "team_size": Eligibility.team_size,
    "ranking": Eligibility.ranking,
    "forbid": Eligibility.forbid,
}
