"""Checks of pins and of confirmed rows of an earlier matching, which act as pins (docs/rules.md sections 3 and 7)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import Issue
from matcher.intake.columns import Flags, exploded
from matcher.intake.typed import Typed


def check_pins(typed: Typed) -> Iterator[Issue]:
    """Pins that contradict each other, a student's periods, a forbidden pair or a capacity."""
    if "students" not in typed.frames or "placements" not in typed.frames:
        return
    pins = _pins(typed)
    if pins.empty:
        return
    pins = _with_periods(typed, pins)
    yield from _wrong_period(typed, pins)
    yield from _forbidden(typed, pins)
    pins = pins[~pins["wrong"]].drop_duplicates(["student", "placement"]).explode("fixes", ignore_index=True)
    pins = pins.assign(period=pins["fixes"].str[0], fixed=pins["fixes"].str[1])
    yield from _two(typed, pins)
    yield from _over_capacity(typed, pins)


def _pins(typed: Typed) -> pd.DataFrame:
    """All pins: `table` and position `at`, positions of `student` and `placement`. Rows that name nobody are reported elsewhere."""
    parts = []
    for table in ("pins", "previous"):
        if not typed.has(table):
            continue
        rows = np.flatnonzero(_is_pin(typed, table))
        student, placement = (typed.codes(table, column, of)[rows] for column, of in (("student_id", "students"), ("placement_id", "placements")))
        parts.append(pd.DataFrame({"table": table, "at": rows, "student": student, "placement": placement}))
    pins = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"table": [], "at": [], "student": [], "placement": []})
    return pins[(pins["student"] >= 0) & (pins["placement"] >= 0)]


def _is_pin(typed: Typed, table: str) -> Flags:
    pin = typed.column(table, "kind") == "pin" if table == "pins" else typed.column(table, "confirmed").fillna(value=False)
    return pin.to_numpy(dtype=np.bool_)


def _with_periods(typed: Typed, pins: pd.DataFrame) -> pd.DataFrame:
    """Add `asked` (the student's periods, sorted; empty: any), `offered` (the placement's), whether they are `wrong` together, and what the pin `fixes`.

    It fixes demands at seats: pairs of the period asked for and the period of the seat, each empty for any. At a placement that spans several periods
    it fixes all of them.
    """
    asked_codes, asked = typed.distinct("students", "periods")
    offered_codes, offered = typed.distinct("placements", "period_id")
    lists = [*map(_periods_of, asked), ()]  # the last, as -1, stands for an empty cell
    places = [*map(_periods_of, offered), ()]
    # Each combination of lists of periods is looked at once, however many pins there are.
    which, kinds = pd.factorize(pd.MultiIndex.from_arrays([asked_codes[pins["student"]], offered_codes[pins["placement"]]]))
    judged = [
        ("|".join(lists[a]), "|".join(places[o]), bool(lists[a]) and not {*places[o]} <= {*lists[a]}, _fixes(lists[a], places[o])) for a, o in kinds.tolist()
    ]
    found = pd.DataFrame(judged, columns=["asked", "offered", "wrong", "fixes"])
    return pins.assign(**{name: found[name].array.take(which) for name in found.columns})


def _periods_of(cell: object) -> tuple[str, ...]:
    return tuple(sorted(set(str(cell).split("|")) - {"none"}))


def _fixes(asked: tuple[str, ...], offered: tuple[str, ...]) -> list[tuple[str, str]]:
    """The demands that a pin fixes, and at which seat of its placement; both by period."""
    if not asked:
        return [("", offered[0] if offered else "")]
    return [(period, period) for period in offered or asked[:1]]


def _issue(typed: Typed, code: str, pin: object, column: str, **params: object) -> Issue:
    """An issue about a pin; every sentence may name the student and the placement."""
    table, at = str(pin.table), int(pin.at)  # type: ignore[attr-defined]  # a row of itertuples
    frame = typed.frames[table]
    words = {"student": frame["student_id"].iloc[at], "placement": frame["placement_id"].iloc[at], **params}
    return typed.places[table].issue(code, at, column, frame[column].iloc[at], params=tuple(words.items()))


def _wrong_period(typed: Typed, pins: pd.DataFrame) -> Iterator[Issue]:
    for pin in pins[pins["wrong"]].itertuples():
        yield _issue(typed, "pin_period", pin, "placement_id", period=str(pin.offered).replace("|", ", "), asked=str(pin.asked).replace("|", ", "))


def _forbidden(typed: Typed, pins: pd.DataFrame) -> Iterator[Issue]:
    """Pairs that are both pinned and forbidden."""
    if not typed.has("pins"):
        return
    rows = np.flatnonzero((typed.column("pins", "kind") == "forbid").to_numpy(dtype=np.bool_))
    student, placement = typed.codes("pins", "student_id", "students")[rows], typed.codes("pins", "placement_id", "placements")[rows]
    width = len(typed.frames["placements"])
    keys = student.astype(np.int64) * width + placement
    row_of = dict(zip(keys.tolist(), rows.tolist(), strict=True))
    pinned = (pins["student"].astype("int64") * width + pins["placement"]).to_numpy()
    hit = np.isin(pinned, keys)
    for pin, key in zip(pins[hit].itertuples(), pinned[hit].tolist(), strict=True):
        other = typed.places["pins"].row(row_of[key])
        yield _issue(typed, "pin_and_forbid", pin, "kind" if pin.table == "pins" else "placement_id", other=other)


def _two(typed: Typed, pins: pd.DataFrame) -> Iterator[Issue]:
    """A student who is pinned to two placements at once."""
    same = pins.groupby(["student", "period"])
    first, table = same["at"].transform("first"), same["table"].transform("first")
    later = ((pins["at"] != first) | (pins["table"] != table)).to_numpy(dtype=np.bool_)
    told = pins.assign(other=first, of=table)[later].drop_duplicates(["table", "at"])
    for pin in told.itertuples():
        yield _issue(typed, "pin_twice", pin, "student_id", other=typed.places[str(pin.of)].row(int(str(pin.other))), other_table=pin.of)


def _over_capacity(typed: Typed, pins: pd.DataFrame) -> Iterator[Issue]:
    """More pins at a placement than it can take, in one period or in all together; named at the first pin that is too many."""
    usable = usable_capacity(typed)[pins["placement"]]
    # A student without periods may take a seat in any period that the placement offers.
    named = np.array([len(str(periods).split("|")) for periods in pins["offered"]])
    seasons = np.where(pins["offered"] == "", max(1, len(_periods(typed))), named)
    fixed = (pins["fixed"] != "").to_numpy(dtype=np.bool_)
    by_period, in_all = pins.groupby(["placement", "fixed"])["at"], pins.groupby("placement")["at"]
    over = np.where(fixed, by_period.cumcount() == usable, in_all.cumcount() == usable * seasons)
    over |= (in_all.cumcount() == usable * seasons).to_numpy()
    counted = np.where(fixed, by_period.transform("size"), in_all.transform("size"))
    told: set[int] = set()
    over = np.asarray(over, dtype=np.bool_)
    for pin, n, limit in zip(pins[over].itertuples(), counted[over], usable[over], strict=True):
        if pin.placement not in told:
            told.add(pin.placement)  # type: ignore[arg-type]  # a whole number
            yield _issue(typed, "pin_over_capacity", pin, "placement_id", pins=int(n), capacity=int(limit))


def _periods(typed: Typed) -> set[str]:
    """All periods that the round names."""
    cells = typed.column("students", "periods"), typed.column("placements", "period_id")
    return {str(period) for each in cells for period in exploded(each).unique()} - {"none"}


def usable_capacity(typed: Typed) -> npt.NDArray[np.float64]:
    """Capacity per placement, limited by mentors where that rule is on and both cells are known (docs/rules.md section 1). An unknown one bounds nothing."""
    frame = typed.frames["placements"]
    capacity: npt.NDArray[np.float64] = frame["capacity"].fillna(np.inf).to_numpy(dtype=np.float64)
    if not typed.settings.mentor_capacity or not typed.has("placements", "mentors", "students_per_mentor"):
        return capacity
    limit = np.floor(frame["mentors"].to_numpy() * frame["students_per_mentor"].to_numpy())
    usable: npt.NDArray[np.float64] = np.fmin(capacity, limit)
    return usable
