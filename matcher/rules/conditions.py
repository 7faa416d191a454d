"""Rules about the terms and the company: insurance, pay, own company, excluded companies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.rules.facts import Codes, Facts, Flags, encode, listed
from matcher.rules.rule import Rule, Words


@dataclass(frozen=True)
class Insurance:
    """Broken where the placement is known not to be insured; the same for every student."""

    uninsured: Flags
    unknown: Flags
    name: str = "insurance"

    def judge(self, s: Codes, p: Codes) -> tuple[Flags, Flags]:
        """Look up."""
        del s
        return self.uninsured[p], self.unknown[p]

    def because(self, s: int, p: int) -> Words:
        """Nothing to add."""
        del s, p
        return {}


def insurance(facts: Facts) -> Rule | None:
    """The placement is insured."""
    insured = facts.placement("insured")
    if insured is None:
        return None
    unknown = insured.isna().to_numpy()
    return Insurance(~insured.fillna(value=True).to_numpy(dtype=np.bool_), unknown)


@dataclass(frozen=True)
class Pay:
    """Broken where the pay is below what the student needs."""

    minimum: npt.NDArray[np.float64]
    pay: npt.NDArray[np.float64]
    name: str = "pay"

    def judge(self, s: Codes, p: Codes) -> tuple[Flags, Flags]:
        """Compare; NaN (not known) compares as false."""
        minimum, pay = self.minimum[s], self.pay[p]
        return pay < minimum, np.isnan(pay) | np.isnan(minimum)

    def because(self, s: int, p: int) -> Words:
        """Name both amounts."""
        return {"value": f"{self.pay[p]:g}", "limit": f"{self.minimum[s]:g}"}


def pay(facts: Facts) -> Rule | None:
    """The placement pays what the student needs."""
    minimum, paid = facts.student("min_pay"), facts.placement("pay_month")
    if minimum is None or paid is None:
        return None
    return Pay(minimum.to_numpy(), paid.to_numpy())


@dataclass(frozen=True)
class OwnCompany:
    """Broken where a student who may not do so would go to their own company."""

    own: Codes
    allowed: Flags
    company: Codes
    companies: pd.Index
    name: str = "own_company"

    def judge(self, s: Codes, p: Codes) -> tuple[Flags, Flags]:
        """Compare company codes; a student's own company that offers no placement has code -2."""
        own, company = self.own[s], self.company[p]
        return (own == company) & (own >= 0) & ~self.allowed[s], (own == -1) | (company == -1)

    def because(self, s: int, p: int) -> Words:
        """Name the company."""
        del p
        return {"company": str(self.companies[self.own[s]])}


def own_company(facts: Facts) -> Rule | None:
    """A student does not go to the own (or the family's) company, unless working students and employees may."""
    own, company = facts.student("own_company_id"), facts.placement("company_id")
    if own is None or company is None:
        return None
    codes = encode(own, facts.companies)
    codes[(codes < 0) & own.notna().to_numpy()] = -2
    status = facts.student("status")
    allowed = np.zeros(len(own), dtype=np.bool_) if status is None else status.isin(facts.round.settings.own_company_allowed).to_numpy()
    return OwnCompany(np.where(codes == -1, np.int32(-1), codes), allowed, facts.company_of_placement, facts.companies)


@dataclass(frozen=True)
class ExcludedCompany:
    """Broken where the student excluded the placement's company (conflict of interest, family, an earlier placement)."""

    keys: npt.NDArray[np.int64]
    known: Flags
    company: Codes
    companies: pd.Index
    name: str = "excluded_company"

    def judge(self, s: Codes, p: Codes) -> tuple[Flags, Flags]:
        """Search the sorted keys student * companies + company."""
        company = self.company[p]
        key = s.astype(np.int64) * max(1, len(self.companies)) + np.maximum(company, 0)
        position = np.minimum(np.searchsorted(self.keys, key), max(0, len(self.keys) - 1))
        broken = (self.keys[position] == key) & (company >= 0) if len(self.keys) else np.zeros(len(s), dtype=np.bool_)
        return broken, ~broken & (~self.known[s] | (company < 0))

    def because(self, s: int, p: int) -> Words:
        """Name the company."""
        del s
        return {"company": str(self.companies[self.company[p]])}


def excluded_company(facts: Facts) -> Rule | None:
    """The placement's company is not one that the student excluded."""
    excluded = facts.student("excluded_companies")
    if excluded is None or facts.placement("company_id") is None:
        return None
    student, company = listed(excluded, facts.companies)
    keys = student * max(1, len(facts.companies)) + company
    return ExcludedCompany(np.unique(keys[company >= 0]), excluded.notna().to_numpy(), facts.company_of_placement, facts.companies)
