"""An earlier matching: which demands are in it, and which pairs keep to it (docs/rules.md section 7, the tier `moves`)."""

from __future__ import annotations

import numpy as np

from matcher.verifier.codes import Bools, member
from matcher.verifier.pairs import Pairs
from matcher.verifier.view import View


def in_previous(view: View) -> Bools:
    """Which demands have a row in `previous` whose placement has seats in their period."""
    student, placement = view.previous
    width = len(view.periods)
    asked = view.demands.period
    seen = np.zeros((len(view.students), width + 1), dtype=bool)  # the last column serves the demands for any period
    seen[student, width] = True
    opens = view.seats.number[placement] >= 0
    np.logical_or.at(seen, (np.repeat(student, width), np.tile(np.arange(width), len(student))), opens.ravel())
    return np.asarray(seen[view.demands.student, np.where(asked < 0, width, asked)], dtype=bool)


def kept(view: View, pairs: Pairs) -> Bools:
    """Which pairs `previous` names."""
    return member(view.key(pairs.student, pairs.placement), np.unique(view.key(*view.previous)))
