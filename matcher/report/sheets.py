"""What stands on the sheets of the workbook, a sheet per reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from matcher.report.figures import Figures, named
from matcher.report.outcome import headline, stopped, title, verdict
from matcher.report.panels import panels
from matcher.report.rulebook import quota_prices, state_in_words
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
        _quotas(figures, texts),
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
    if result.tiers:
        rows += [("", ""), (texts.say("goals.title"), "")]
        rows += [(texts.tier(tier.label), texts.worth(tier.value)) for tier in result.tiers]
    rows += [("", ""), (texts.say("fact.digest"), result.digest), (texts.say("fact.seed"), str(result.seed)), (texts.say("fact.engine"), result.engine)]
    columns = [(texts.say("column.what"), "long"), (texts.say("column.value"), "text")]
    return Sheet(texts.say("sheet.summary"), columns, pd.DataFrame(rows, columns=["what", "value"]), fixed=0)


def _quotas(figures: Figures, texts: Texts) -> Sheet:
    quotas = figures.quotas
    rows = [
        (q.id, q.activity, q.least or None, q.most, texts.say("strength.hard" if q.hard else "strength.soft"), state_in_words(q, texts), price, q.source)
        for q, price in zip(quotas, quota_prices(figures.result, quotas, texts), strict=True)
    ]
    heads = [("quotas.quota", "text"), ("quotas.activity", "whole"), ("column.min", "whole"), ("column.max", "whole")]
    heads += [(f"quotas.{name}", "text") for name in ("strength", "state", "price", "source")]
    frame = pd.DataFrame(rows, columns=[code for code, _ in heads])
    return Sheet(texts.say("sheet.quotas"), [(texts.say(code), kind) for code, kind in heads], frame)


def _rules(result: Result, texts: Texts) -> Sheet:
    rows = [(texts.label("rule", c.rule), texts.label("strength", c.strength), c.removed, c.only, c.unknown) for c in result.rule_counts]
    heads = [("rule", "text"), ("strength", "text"), ("removed", "whole"), ("only", "whole"), ("unknown", "whole")]
    frame = pd.DataFrame(rows, columns=[name for name, _ in heads])
    return Sheet(texts.say("sheet.rules"), [(texts.say(f"rules.{name}"), kind) for name, kind in heads], frame)


def _column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """A column, or an empty one where the round does not have it."""
    return frame[name] if name in frame.columns else pd.Series(index=frame.index, dtype="str")
