"""All families of rows of a round, and what their penalties come to (docs/rules.md section 5)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from matcher.verifier.bands import Apart, Bands
from matcher.verifier.codes import Ints
from matcher.verifier.families import Bounds, Family, Pools, Quotas, Seats, Singles
from matcher.verifier.fill import even_fill
from matcher.verifier.groups import Paths, groups_of
from matcher.verifier.pairs import Pairs, Rulebook
from matcher.verifier.paths import Overlaps, Spans
from matcher.verifier.reserves import Moves, Reserves
from matcher.verifier.rows import Rows


def families_of(book: Rulebook, rows: Rows, *, fills: bool) -> Mapping[str, tuple[Family, ...]]:
    """The families of a round under the kind by which a proof names their rows; `fills` says that the policy has the tier `balance`."""
    view = book.view
    groups = groups_of(book, rows)
    return {
        "seat": (Seats(rows, fills),),
        "pool": (Pools(rows),),
        "quota": (Quotas(rows), *groups),
        "path": tuple(Paths(group) for group in groups if group.has_path),
        "reserve": (Reserves(view),) if view.round.has("reserves") else (),
        "overlap": (Overlaps(view),) if view.settings.overlap else (),
        "span": (Spans(view),) if view.span.any() else (),
        "team": (Bands(view), Apart(view)) if view.round.has("teams") else (),
        "moves": (Moves(view),) if view.settings.max_moves is not None else (),
        "pair": (Singles(view),),
    }


def loads_of(family: Family, pairs: Pairs, keys: Ints) -> Ints:
    """How many of the matched pairs count in each row of the given keys (sorted)."""
    found = family.entries(pairs, keys)
    loads = np.zeros(len(keys), dtype=np.int64)
    np.add.at(loads, found.row, found.sign)
    return loads


def penalties(families: Mapping[str, tuple[Family, ...]], pairs: Pairs) -> dict[str, int]:
    """What the rows pay for the matched pairs, by soft tier, and `balance`."""
    paid: dict[str, int] = {}
    for family in (one for group in families.values() for one in group):
        keys = family.standing()
        if len(keys):
            loads, bounds = loads_of(family, pairs, keys), family.bounds(keys)
            for name, cost in _paid(bounds, loads).items():
                paid[name] = paid.get(name, 0) + cost
    return paid


def _paid(bounds: Bounds, loads: Ints) -> dict[str, int]:
    off = np.maximum(bounds.below - loads, 0) + loads - np.minimum(loads, bounds.above)
    cost = bounds.weight * off
    paid = {str(name): int(cost[bounds.tier == name].sum()) for name in np.unique(bounds.tier[bounds.weight > 0].astype(str))}
    return paid | ({"balance": int(even_fill(bounds.capacity, loads).sum())} if bounds.capacity.any() else {})
