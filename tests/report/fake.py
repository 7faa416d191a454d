"""A round and a plausible result of any size, made without solving: what the reports are tested on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.result import Outcome, Proof, Reason, Result, RuleCount, TierValue
from matcher.round import Round, canonical_dtype
from matcher.schema import TABLES
from matcher.settings import Settings

REGIONS = (
    ("BE21", "Antwerpen (provincie)", None, None, None),
    ("BE211", "Antwerpen", "BE21", 51.2211, 4.3997),
    ("BE212", "Mechelen", "BE21", 51.0280, 4.4713),
    ("BE213", "Turnhout", "BE21", 51.3234, 4.9485),
    ("BE22", "Limburg", None, None, None),
    ("BE224", "Hasselt", "BE22", 50.9304, 5.3368),
    ("BE225", "Maaseik", "BE22", 51.0947, 5.7917),
    ("BE23", "Oost-Vlaanderen", None, None, None),
    ("BE231", "Aalst", "BE23", 50.9430, 4.0396),
    ("BE232", "Dendermonde", "BE23", 51.0312, 4.0981),
    ("BE234", "Gent", "BE23", 51.0397, 3.7142),
    ("BE236", "Sint-Niklaas", "BE23", 51.1638, 4.1495),
    ("BE24", "Vlaams-Brabant", None, None, None),
    ("BE241", "Halle-Vilvoorde", "BE24", 50.8700, 4.3000),
    ("BE242", "Leuven", "BE24", 50.8813, 4.6930),
    ("BE25", "West-Vlaanderen", None, None, None),
    ("BE251", "Brugge", "BE25", 51.2147, 3.2074),
    ("BE254", "Kortrijk", "BE25", 50.8179, 3.2784),
    ("BE258", "Veurne", "BE25", 51.0710, 2.6549),
    ("BE100", "Brussel-Hoofdstad", None, 50.8466, 4.3517),
)
SECTORS = (
    ("Q", "Zorg en welzijn", None),
    ("Q86", "Ziekenhuizen", "Q"),
    ("Q87", "Woonzorg", "Q"),
    ("Q88", "Maatschappelijk werk", "Q"),
    ("C", "Industrie", None),
    ("C10", "Voeding", "C"),
    ("C25", "Metaal", "C"),
    ("F", "Bouw", None),
    ("J", "Informatie en communicatie", None),
)
PROGRAMMES = ("PB-VPK", "GR-OB", "GR-PRO", "GR-EMS", "GR-WO")
WISHES = 5


def typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the dtypes of the schema, and row numbers as in a file."""
    frame = frame.astype({column: canonical_dtype(TABLES[name], column) for column in frame.columns})
    return frame.set_axis(np.arange(2, len(frame) + 2), axis=0)


def fake_round(students: int = 60, *, language: str = "nl", seed: int = 0, settings: Settings | None = None) -> Round:
    """A round with a tree of regions and of sectors, groups, quotas, pins and limited mentors."""
    rng = np.random.default_rng(seed)
    regions = pd.DataFrame(REGIONS, columns=["region_id", "name", "parent_id", "lat", "lon"])
    leaves = regions[regions["lat"].notna()]["region_id"].to_numpy()
    weight = 1 / np.arange(1, len(leaves) + 1) ** 0.8
    places = max(8, students // 3)
    company = np.array([f"B{i % (places // 2 + 1):04d}" for i in range(places)])
    placements = pd.DataFrame(
        {
            "placement_id": [f"P{i:05d}" for i in range(places)],
            "capacity": 1 + rng.geometric(0.35, places),
            "company_id": company,
            "region_id": rng.choice(leaves, places, p=weight / weight.sum()),
            "sector_id": rng.choice(["Q86", "Q87", "Q88", "C10", "C25", "F", "J"], places, p=[0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1]),
            "mentors": np.where(rng.random(places) < 0.2, 1.0, np.nan),
            "students_per_mentor": np.where(rng.random(places) < 0.5, 2.0, np.nan),
        }
    )
    ids = np.array([f"S{i:06d}" for i in range(students)])
    people = pd.DataFrame(
        {
            "student_id": ids,
            "programme_id": rng.choice(PROGRAMMES, students),
            "region_id": rng.choice(leaves, students, p=weight / weight.sum()),
            "mode": rng.choice(["car", "pt", "bike"], students, p=[0.5, 0.35, 0.15]),
            "max_minutes": rng.choice([45.0, 60.0, 90.0], students),
            "mandatory": rng.random(students) < 0.1,
            "groups": np.where(rng.random(students) < 0.2, "working|thirty_plus", np.where(rng.random(students) < 0.05, "refugee", None)),
            "name": [f"Name {i}" for i in range(students)],
        }
    )
    popularity = 1 / np.arange(1, places + 1) ** 0.5
    chosen = rng.choice(places, (students, WISHES), p=popularity / popularity.sum())
    preferences = pd.DataFrame(
        {
            "student_id": np.repeat(ids, WISHES),
            "rank": np.tile(np.arange(1, WISHES + 1), students),
            "target_type": "placement",
            "target_id": placements["placement_id"].to_numpy()[chosen.ravel()],
        }
    ).drop_duplicates(["student_id", "target_id"])
    companies = pd.DataFrame({"company_id": np.unique(company), "name": [f"Bedrijf {c}" for c in np.unique(company)]})
    quotas = pd.DataFrame(
        {
            "quota_id": ["minimum-care", "maximum-brussels", "soft-industry"],
            "students": ["", "programme_id=GR-PRO", ""],
            "placements": ["sector_id=Q", "region_id=BE100", "sector_id=C"],
            "min": [students // 4, np.nan, students // 2],
            "max": [np.nan, max(1, students // 20), np.nan],
            "hard": [True, True, False],
            "weight": [np.nan, np.nan, 2],
            "source": ["Raad van bestuur", None, "Sectorfonds"],
        }
    )
    pins = pd.DataFrame(
        {
            "student_id": ids[[3, 7, 11]],
            "placement_id": placements["placement_id"].to_numpy()[[1, 2, 3]],
            "kind": ["pin", "pin", "forbid"],
            "reason": ["eigen werkgever", None, "familie"],
            "by": ["stagedienst", None, None],
        }
    )
    tables = {
        "students": people,
        "placements": placements,
        "preferences": preferences,
        "programmes": pd.DataFrame({"programme_id": PROGRAMMES, "name": [f"Opleiding {p}" for p in PROGRAMMES], "shortage": [True, False, False, True, False]}),
        "companies": companies,
        "sectors": pd.DataFrame(SECTORS, columns=["sector_id", "name", "parent_id"]),
        "regions": regions,
        "quotas": quotas,
        "pins": pins,
    }
    named = settings or Settings(id="R-2026", name="Stages najaar 2026", language=language, seed=7)
    return Round({name: typed(name, frame) for name, frame in tables.items()}, named)


def fake_result(round_: Round, *, proven: bool = True) -> Result:
    """Students take in turn the first wish that still has a seat; pins first. Values and prices are invented, but of the right shape."""
    students, placements = round_.table("students"), round_.table("placements")
    pins = round_.table("pins")
    pins = pins[pins["kind"] == "pin"] if "kind" in pins else pins
    free = dict(zip(placements["placement_id"], placements["capacity"], strict=True))
    got: dict[str, tuple[str, int]] = {}
    for student, placement in zip(pins["student_id"], pins["placement_id"], strict=True):
        got[student] = (placement, 0)
        free[placement] -= 1
    preferences = round_.table("preferences")
    for student, rank, target in zip(preferences["student_id"], preferences["rank"], preferences["target_id"], strict=True):
        if student not in got and free[target] > 0:
            got[student] = (target, rank)
            free[target] -= 1
    rows = []
    pinned = set(pins["student_id"])
    for student in sorted(students["student_id"]):
        placement, rank = got.get(student, (None, 0))
        status = "pinned" if student in pinned else "placed" if placement else "unplaced"
        reason = {"pinned": "pinned", "placed": "placed", "unplaced": "full"}[status]
        rows.append((student, placement, None, rank or None, status, reason, f"{student}: {reason}, «{placement or '—'}»."))
    matches = pd.DataFrame(rows, columns=["student_id", "placement_id", "period_id", "rank", "status", "reason", "sentence"])
    matches = matches.astype({column: "str" for column in matches.columns if column != "rank"}).astype({"rank": "Int64"})
    return _result(round_, matches, proven=proven)


def _result(round_: Round, matches: pd.DataFrame, *, proven: bool) -> Result:
    ranks = matches["rank"].sum()
    values = (("placed_mandatory", 5), ("placed", int(matches["placement_id"].notna().sum())), ("soft", 3), ("rank", int(ranks)), ("travel", 1234))
    ids = np.sort(round_.table("placements")["placement_id"].to_numpy(dtype=str))
    prices = np.zeros((len(ids), len(values)), dtype=np.int64)
    prices[::3, 3] = 1 + np.arange(len(ids))[::3] % 4
    return Result(
        outcome=Outcome.SOLVED,
        reason=Reason.OPTIMAL if proven else Reason.TIME_LIMIT,
        matches=matches,
        tiers=tuple(TierValue(name, value, value if proven or name != "rank" else value - 9) for name, value in values),
        proof=Proof(tuple(name for name, _ in values), np.full(len(ids), "seat"), ids, np.full(len(ids), ""), prices),
        rule_counts=(
            RuleCount("programme", "hard", 1200, 800, 0),
            RuleCount("travel", "hard", 5321, 4000, 17),
            RuleCount("languages", "soft", 12, 0, 0),
        ),
        candidate_pairs=18_000,
        eligible_pairs=11_000,
        seed=7,
        digest=round_.digest,
        engine="OR-Tools 9.15 min-cost flow",
        version="0.1.0",
        seconds={"read": 0.31, "compile": 0.12, "start": 0.05, "solve": 0.2, "verify": 0.1},
    )


def without_answer(round_: Round, outcome: Outcome, reason: Reason) -> Result:
    """A result without a matching; with a proof where the round is infeasible."""
    columns = {name: pd.Series(dtype="str") for name in ("student_id", "placement_id", "period_id", "status", "reason", "sentence")}
    matches = pd.DataFrame({**columns, "rank": pd.Series(dtype="Int64")})[["student_id", "placement_id", "period_id", "rank", "status", "reason", "sentence"]]
    proof = Proof(("infeasible",), np.array(["quota"]), np.array(["minimum-care"]), np.array([""]), np.array([[-1]]))
    return Result(
        outcome, reason, matches, proof=proof if outcome == Outcome.INFEASIBLE else None, seed=7, digest=round_.digest, engine="OR-Tools", version="0.1.0"
    )
