"""What the office agreed: quotas of sectors and regions, seats reserved for groups of students, placements that need a group to start."""

from __future__ import annotations

import numpy as np

from making.dice import Dice
from making.places import Places
from making.tables import Sheet, sheet

QUOTAS = (
    ("Q-ZORG", "", "sector_id=ZW", "", 600, "", "sectorakkoord zorg en welzijn"),
    ("Q-BOUW", "", "sector_id=BOU", "", 120, "", "sectorakkoord bouw"),
    ("Q-LIMBURG", "", "region_id=BE22", "", 300, "", "streekpact Limburg"),
    ("Q-BRUSSEL", "", "region_id=BE10", "", 170, "", "afspraak met de Brusselse werkgevers"),
    ("Q-SPREIDING", "", "sector_id=ZW", "programme_id|sector_id", "", 125, "sectorakkoord zorg en welzijn"),
    ("Q-ANTWERPEN", "", "region_id=BE211", "sector_id", "", 95, "overleg met de andere Antwerpse hogescholen"),
)
"""Quota, students, placements, for each, minimum, maximum, source; all of them bind."""

RESERVES = (
    ("R-ZIEKENHUIS", 1, "groups=first_generation", "sector_id=ZW-ZIE", 12),
    ("R-ZIEKENHUIS", 2, "groups=first_generation|no_car", "", ""),
    ("R-NABIJ", 1, "groups=no_car; region_id=BE234", "region_id=BE234", 45),
    ("R-NABIJ", 2, "groups=no_car|exempt", "", ""),
    ("R-DUAAL", 1, "groups=dual_before; shortage=true", "sector_id=IND-MET", 32),
    ("R-DUAAL", 2, "groups=dual_before", "", ""),
    ("R-DUAAL", 3, "shortage=true", "", ""),
    ("R-KNELPUNT", 1, "shortage=true; status=jobseeker", "sector_id=HAN-GRO", 8),
    ("R-KNELPUNT", 2, "shortage=true", "", ""),
)
"""Reserve, order, students, and in the first row placements and seats."""

GROUPS_ONLY, SEATS = 8, (4, 9)
"""How many establishments start with a group only, and how few or many seats such a one has."""


def quotas() -> Sheet:
    """The table of quotas."""
    rows = [(name, students, placements, per, low, high, "true", source) for name, students, placements, per, low, high, source in QUOTAS]
    return sheet(("quota_id", "students", "placements", "per", "min", "max", "hard", "source"), rows)


def reserves() -> Sheet:
    """The table of reserves."""
    return sheet(("reserve_id", "order", "students", "placements", "seats"), RESERVES)


def least_groups(seed: int, offer: Places, pinned: np.ndarray) -> np.ndarray:
    """The column `capacity_min`: a few establishments want more than half of their seats taken, or nobody; none of them has a pinned student."""
    open_ = (offer.usable >= SEATS[0]) & (offer.usable <= SEATS[1])
    open_[pinned] = False
    least = np.full(len(offer), "", dtype=object)
    for place in Dice(seed, 7).of(open_, GROUPS_ONLY):
        least[place] = offer.usable[place] // 2 + 1
    return least
