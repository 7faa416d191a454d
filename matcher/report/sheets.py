"""What stands on the sheets of the workbook, a sheet per reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from matcher.report.figures import Figures, named
from matcher.report.outcome import headline, standings, stopped, title, verdict
from matcher.report.panels import panels
from matcher.report.rulebook import price_in_words
from matcher.report.texts import Texts
from matcher.result import Outcome, Result


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One sheet: a title and a kind (text, long, whole, decimal, share) for every column of the frame; `fixed` columns stay in view."""

    name: str
    columns: Sequence[tuple[str, str]]
    frame: pd.DataFrame
    fixed: int = 1


def sheets_of(figures: Figures, texts: Texts) -> list[Sheet]:
    """All sheets; without a matching only the summary and the rules."""
    result = figures.result
    if result.outcome != Outcome.SOLVED:
        return [_summary(figures, texts), _rules(result, texts)]
    people = _people(figures, texts)
    without = people[result.matches["placement_id"].isna().to_numpy()]
    return [
        _summary(figures, texts),
        _sheet("office", people.drop(columns="reason"), texts, fixed=2),
        _sheet("companies", _companies(figures), texts, fixed=2),
        _sheet("unplaced", without[["student_id", "student_name", "programme", "student_region", "period_id", "reason", "sentence"]], texts, fixed=2),
        *_staff(figures, texts),
        _goals(result, texts),
        _quotas(figures, texts),
        *_reserves(figures, texts),
        _rules(result, texts),
    ]


KINDS = {
    "rank": "whole",
    "minutes": "whole",
    "capacity": "whole",
    "usable": "whole",
    "filled": "whole",
    "free": "whole",
    "fill": "share",
    **dict.fromkeys(("max_students", "load", "level", "seats", "used", "used_without", "placed", "placed_without"), "whole"),
    "sentence": "long",
    "students": "long",
}


def _sheet(name: str, frame: pd.DataFrame, texts: Texts, fixed: int) -> Sheet:
    """A sheet whose columns are named in the catalogue; columns without a single value are left out."""
    kept = [column for column in frame.columns if not len(frame) or frame[column].notna().any()]
    columns = [(texts.say(f"column.{column}"), KINDS.get(str(column), "text")) for column in kept]
    return Sheet(texts.say(f"sheet.{name}"), columns, frame[kept], fixed)


def _people(figures: Figures, texts: Texts) -> pd.DataFrame:
    """Everybody with their placement: a row per demand."""
    round_, matches = figures.round, figures.result.matches.reset_index(drop=True)
    students = round_.table("students").set_index("student_id").reindex(matches["student_id"])
    seats = round_.table("placements").set_index("placement_id").reindex(matches["placement_id"])
    where = figures.measures.fill.drop_duplicates("placement_id").set_index("placement_id").reindex(matches["placement_id"])
    columns = {
        "student_id": matches["student_id"],
        "student_name": _column(students, "name"),
        "programme": named(round_, "programmes", "programme_id", _column(students, "programme_id")),
        "student_region": named(round_, "regions", "region_id", _column(students, "region_id")),
        "period_id": matches["period_id"],
        "placement_id": matches["placement_id"],
        "placement_name": _column(seats, "name"),
        "company": named(round_, "companies", "company_id", _column(seats, "company_id")),
        "sector": named(round_, "sectors", "sector_id", _column(where, "sector_id")),
        "region": named(round_, "regions", "region_id", _column(where, "region_id")),
        "rank": matches["rank"],
        "minutes": figures.measures.minutes,
        "status": matches["status"].map({code: texts.label("status", code) for code in matches["status"].unique()}),
        "reason": matches["reason"].map({code: texts.label("why", code) for code in matches["reason"].unique()}),
        "sentence": matches["sentence"],
    }
    return pd.DataFrame({name: column.to_numpy() if isinstance(column, pd.Series) else column for name, column in columns.items()})


def _companies(figures: Figures) -> pd.DataFrame:
    """Every placement and period, with the students who come."""
    round_, table = figures.round, figures.measures.fill
    placed = figures.result.matches[figures.measures.placed]
    key = [placed["placement_id"], placed["period_id"].fillna("")]
    names = placed["student_id"].groupby(key).agg(", ".join)
    rows = pd.MultiIndex.from_arrays([table["placement_id"], table["period_id"].fillna("")])
    seats = round_.table("placements").set_index("placement_id").reindex(table["placement_id"])
    frame = pd.DataFrame(
        {
            "company": named(round_, "companies", "company_id", table["company_id"]),
            "placement_id": table["placement_id"],
            "placement_name": _column(seats, "name").to_numpy(),
            "period_id": table["period_id"],
            "sector": named(round_, "sectors", "sector_id", table["sector_id"]),
            "region": named(round_, "regions", "region_id", table["region_id"]),
            "capacity": table["capacity"],
            "usable": table["usable"],
            "filled": table["filled"],
            "free": table["free"],
            "fill": (table["filled"] / table["usable"]).where(table["usable"] > 0),
            "students": names.reindex(rows).to_numpy(),
        }
    )
    return frame.sort_values(["company", "placement_id"], kind="stable")


def _summary(figures: Figures, texts: Texts) -> Sheet:
    result = figures.result
    opening = (title(figures.round, texts), headline(result, texts), verdict(result, texts)[1], *stopped(result, texts))
    rows = [(words, "") for words in opening if words]
    for panel in panels(figures, texts) if result.outcome == Outcome.SOLVED else ():
        rows += [("", ""), (panel.title, "")]
        rows += [(words, value) for value, words in panel.figures]
    rows += [("", ""), (texts.say("fact.digest"), result.digest), (texts.say("fact.seed"), str(result.seed)), (texts.say("fact.engine"), result.engine)]
    columns = [(texts.say("column.what"), "long"), (texts.say("column.value"), "text")]
    return Sheet(texts.say("sheet.summary"), columns, pd.DataFrame(rows, columns=["what", "value"]), fixed=0)


def _goals(result: Result, texts: Texts) -> Sheet:
    """Value, bound and gap of every goal, in order; a profile as a text."""
    alone = all(isinstance(tier.value, int) for tier in result.tiers)
    rows = [
        (
            texts.tier(tier.label),
            tier.value if alone else texts.worth(tier.value),
            None if tier.bound is None else tier.bound if alone else texts.worth(tier.bound),
            texts.gap(tier),
            texts.say(f"goals.{standing}"),
        )
        for tier, standing in zip(result.tiers, standings(result.tiers), strict=True)
    ]
    heads = [("goal", "text"), ("value", "whole" if alone else "text"), ("bound", "whole" if alone else "text"), ("gap", "text"), ("proof", "text")]
    frame = pd.DataFrame(rows, columns=[name for name, _ in heads]).convert_dtypes()
    return Sheet(texts.say("sheet.goals"), [(texts.say(f"goals.{name}"), kind) for name, kind in heads], frame)


def _quotas(figures: Figures, texts: Texts) -> Sheet:
    """Every quota, and every group of one."""
    frame = figures.quota_rows
    source = {quota.id: quota.source for quota in figures.quotas}
    words = {own: price_in_words(price, figures.result, texts) for own, price in {id(price): price for price in frame["price"]}.items()}
    missed = [texts.say("quotas.short", count=count) if count else texts.say("quotas.kept") for count in frame["violation"].tolist()]
    columns = {
        "quotas.quota": frame["quota_id"],
        "column.kind": [texts.say("quotas.path_kind") if kind == "path" else None for kind in frame["kind"]],
        "column.group": frame["group"],
        "quotas.activity": frame["activity"],
        "column.min": frame["min"].where(frame["min"] > 0),
        "column.max": frame["max"],
        "quotas.strength": [texts.say("strength.hard" if hard else "strength.soft") for hard in frame["hard"]],
        "quotas.state": missed,
        "quotas.price": [words[id(price)] or None for price in frame["price"]],
        "quotas.source": [source[name] or None for name in frame["quota_id"]],
    }
    whole = {"quotas.activity", "column.min", "column.max"}
    table = pd.DataFrame(columns).reset_index(drop=True)
    kept = [code for code in columns if code not in {"column.kind", "column.group"} or table[code].notna().any()]
    return Sheet(texts.say("sheet.quotas"), [(texts.say(code), "whole" if code in whole else "text") for code in kept], table[kept])


def _staff(figures: Figures, texts: Texts) -> list[Sheet]:
    """Who accompanies and assesses whom, and the loads."""
    tables = figures.further.staff
    if tables is None:
        return []
    kind = {name: texts.say(f"staff.{name}") for name in tables.tiers}
    frame = tables.frame.assign(kind=tables.frame["kind"].map(kind))[["student_id", "placement_id", "period_id", "kind", "staff_id", "sentence"]]
    loads = tables.loads.assign(
        kind=tables.loads["kind"].map(kind), fill=(tables.loads["load"] / tables.loads["max_students"]).where(tables.loads["max_students"] > 0)
    )
    return [_sheet("staff", frame, texts, fixed=2), _sheet("loads", loads, texts, fixed=1)]


def _reserves(figures: Figures, texts: Texts) -> list[Sheet]:
    """What the reserves hold and changed."""
    tables = figures.further.reserves
    return [] if tables is None else [_sheet("reserves", tables.frame.rename(columns={"students": "filter"}), texts, fixed=2)]


def _rules(result: Result, texts: Texts) -> Sheet:
    rows = [(texts.label("rule", c.rule), texts.label("strength", c.strength), c.removed, c.only, c.unknown) for c in result.rule_counts]
    heads = [("rule", "text"), ("strength", "text"), ("removed", "whole"), ("only", "whole"), ("unknown", "whole")]
    frame = pd.DataFrame(rows, columns=[name for name, _ in heads])
    return Sheet(texts.say("sheet.rules"), [(texts.say(f"rules.{name}"), kind) for name, kind in heads], frame)


def _column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """A column, or an empty one where the round does not have it."""
    return frame[name] if name in frame.columns else pd.Series(index=frame.index, dtype="str")
