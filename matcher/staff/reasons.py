"""Why somebody takes a pair, or why nobody does: one checked reason and one sentence for every need."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.rules.facts import Codes
from matcher.staff.needs import Needs
from matcher.staff.result import KINDS, LOAD_COLUMNS
from matcher.words import say


def staff_frame(needs: Needs, member: Codes, language: str) -> pd.DataFrame:
    """The table of `StaffResult.frame`. Sentences are filled once per member and per class, and handed out by number."""
    load = np.bincount(member[member >= 0], minlength=len(needs.staff))
    open_ = np.unique(needs.klass[member < 0])
    told = [_taken(needs, m, int(load[m]), language) for m in range(len(needs.staff))] + [_open(needs, int(c), load, language) for c in open_]
    codes, texts = (np.array([row[part] for row in told], dtype=object) for part in range(2))
    number = np.where(member >= 0, member, len(needs.staff) + np.searchsorted(open_, needs.klass))
    return pd.DataFrame(
        {
            **{column: needs.pairs[column].array.take(needs.pair) for column in needs.pairs},
            "kind": _named(np.array(KINDS, dtype=object), needs.kind),
            "staff_id": _named(needs.staff["staff_id"].to_numpy(dtype=object), member),
            "reason": _named(codes, number),
            "sentence": _named(texts, number),
        }
    )


def loads_frame(needs: Needs, member: Codes) -> pd.DataFrame:
    """The table of `StaffResult.loads`."""
    load = np.bincount(member[member >= 0], minlength=len(needs.staff)).astype(np.int64)
    return needs.staff.assign(load=load)[list(LOAD_COLUMNS)]


def _named(names: npt.NDArray[np.object_], code: npt.NDArray[np.integer]) -> pd.api.extensions.ExtensionArray:
    """A text column from codes; -1 is missing."""
    return pd.array(names, dtype="str").take(code.astype(np.int64), allow_fill=True)


def _taken(needs: Needs, member: int, load: int, language: str) -> tuple[str, str]:
    words = {"staff": needs.staff["staff_id"].iloc[member], "load": load, "most": int(needs.most[member])}
    return "assigned", say("staff.reason.assigned", language, **words)


def _open(needs: Needs, klass: int, load: npt.NDArray[np.int64], language: str) -> tuple[str, str]:
    """Why nobody takes a pair of this class: of the rules the first that keeps everybody away by itself, else what they do together."""
    code, words = _cause(needs, klass, load)
    kind = say(f"staff.kind.{KINDS[needs.code[klass, -1]]}", language)
    return code, say(f"staff.reason.{code}", language, kind=kind, **words)


def _cause(needs: Needs, klass: int, load: npt.NDArray[np.int64]) -> tuple[str, dict[str, object]]:
    may = needs.may[needs.group_of_class[klass]]
    if may.any():
        full = bool((load[may] >= needs.most[may]).all())
        return "full" if full else "stopped", {"count": int(may.sum()), "places": int(needs.most[may].sum())}
    *places, company = zip(needs.covers, needs.code[klass, :-1].tolist(), strict=True)
    left = needs.kind_of_member == needs.code[klass, -1]
    together = left.copy()
    for cover, value in places:
        if not (left & cover.may[value]).any():
            return f"no_{cover.name}", {"value": cover.value(value)}
        together &= cover.may[value]
    if together.any():
        return "same_company", {"value": company[0].value(company[1]), "count": int(together.sum())}
    return "no_combination", {"values": ", ".join(cover.value(value) for cover, value in places if value >= 0)}
