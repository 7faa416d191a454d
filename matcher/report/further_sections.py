"""The sections about what comes after the matching: who accompanies and assesses, and what the reserves changed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from matcher.report.blocks import Chart, Section, Table
from matcher.report.charts import Bar, bars
from matcher.report.figures import Figures
from matcher.report.further import ReserveTables, StaffTables
from matcher.report.svg import Figure
from matcher.report.texts import DASH, Texts

SHOWN_BARS = 32
SHOWN_ROWS = 200


def staff(figures: Figures, texts: Texts) -> Section | None:
    """Pairs with a coach and an assessor, the loads, and why somebody has none; None where the round has no staff."""
    tables = figures.further.staff
    if tables is None:
        return None
    words = [_served(tables, kind, texts) for kind in tables.tiers]
    without = tables.frame[tables.frame["staff_id"].isna()]
    listed = [_loads(tables, texts), *([_without(without, texts)] if len(without) else [])]
    return Section("staff", texts.say("staff.title"), words, [_load_chart(tables, texts)], listed)


def _served(tables: StaffTables, kind: str, texts: Texts) -> str:
    """How many pairs of a kind somebody takes, and whether that is proven the most."""
    served, balance = tables.tiers[kind]
    of_kind = tables.frame["kind"] == kind
    words = texts.say("staff.served", kind=texts.say(f"staff.{kind}"), part=served.value, whole=int(of_kind.sum()))
    if served.proven and balance.proven:
        return f"{words} {texts.say('staff.proven')}"
    return f"{words} {texts.say('staff.fair') if served.proven else texts.say('staff.bound', bound=served.bound)}"


def _load_chart(tables: StaffTables, texts: Texts) -> Chart:
    loads = tables.loads.sort_values(["load", "staff_id"], ascending=[False, True], kind="stable")
    drawn = [
        Bar(f"{row['staff_id']} \u00b7 {_kind(row, texts)}", row["load"], max(row["max_students"], row["load"]), _of(row, texts))
        for row in _records(loads.head(SHOWN_BARS))
    ]
    least, most = int(loads["load"].min()), int(loads["load"].max())
    figure = Figure("staff-chart", texts.say("staff.chart"), texts.say("staff.desc", count=len(loads), least=least, most=most))
    legend = (("taken", texts.say("staff.load")), ("free", texts.say("staff.room")))
    more = texts.say("more_rows", count=len(loads) - SHOWN_ROWS) if len(loads) > SHOWN_ROWS else ""
    rows = [
        (row["staff_id"], _kind(row, texts), texts.number(row["load"]), texts.number(row["max_students"]), _share(row, texts))
        for row in _records(loads.head(SHOWN_ROWS))
    ]
    head = [texts.say(f"staff.{name}") for name in ("member", "kind", "load", "most", "share")]
    return Chart(bars(figure, drawn), figure.title, Table(figure.title, head, rows, frozenset({2, 3, 4}), more=more), legend=legend)


def _kind(row: dict[str, Any], texts: Texts) -> str:
    return texts.say(f"staff.{row['kind']}")


def _of(row: dict[str, Any], texts: Texts) -> str:
    return f"{texts.number(row['load'])} / {texts.number(row['max_students'])}"


def _share(row: dict[str, Any], texts: Texts) -> str:
    return texts.share(row["load"], row["max_students"])


def _loads(tables: StaffTables, texts: Texts) -> Table:
    """The members by kind: how many there are, what they take together, and the lowest and highest load."""
    rows = [
        (
            texts.say(f"staff.{kind}"),
            *(texts.number(count) for count in (len(own), own["load"].sum(), own["max_students"].sum(), own["load"].min(), own["load"].max())),
        )
        for kind, own in tables.loads.groupby("kind", sort=False)
    ]
    head = [texts.say(f"staff.{name}") for name in ("kind", "members", "load", "most", "lowest", "highest")]
    return Table(texts.say("staff.caption"), head, rows, frozenset({1, 2, 3, 4, 5}))


def _without(without: pd.DataFrame, texts: Texts) -> Table:
    rows = [(row["student_id"], row["placement_id"], _kind(row, texts), row["sentence"]) for row in _records(without.head(SHOWN_ROWS))]
    head = [texts.say(f"staff.{name}") for name in ("student", "placement", "kind", "reason")]
    return Table(texts.say("staff.without"), head, rows, more=texts.say("more_rows", count=len(without) - SHOWN_ROWS) if len(without) > SHOWN_ROWS else "")


def reserves(figures: Figures, texts: Texts) -> Section | None:
    """What each reserve holds, and who is placed differently because of them; None where the round has no reserves."""
    tables = figures.further.reserves
    if tables is None:
        return None
    known = tables.moved is not None
    head = ["reserve", "group", "seats", "used", *(["without", "change"] if known else []), "placed", *(["placed_without", "change"] if known else [])]
    rows = [_level(row, texts, known=known) for row in _records(tables.frame)]
    numeric = frozenset(range(2, len(head)))
    table = Table(texts.say("reserves.caption"), [texts.say(f"reserves.{name}") for name in head], rows, numeric, more=texts.say("reserves.note"))
    return Section("reserves", texts.say("reserves.title"), _told(tables, figures, texts), tables=[table])


def _told(tables: ReserveTables, figures: Figures, texts: Texts) -> list[str]:
    if tables.moved is None:
        return [texts.say("reserves.lead"), texts.say(f"reserves.unknown.{tables.unknown or 'not_asked'}")]
    proven = figures.result.reason == "optimal" and tables.proven
    return [texts.say("reserves.lead"), texts.say("reserves.moved", count=tables.moved), *([] if proven else [texts.say("reserves.unproven")])]


def _level(row: dict[str, Any], texts: Texts, *, known: bool) -> tuple[str, ...]:
    """One level: what its groups so far have, with the reserves, without them, and the difference with its sign."""
    group = texts.write(row["students"]) or texts.say("reserves.everybody")
    cells = [row["reserve_id"], group if row["level"] == 1 else f"+ {group}", texts.number(row["seats"])]
    for now, before in (("used", "used_without"), ("placed", "placed_without")):
        cells.append(texts.number(row[now]))
        if known:
            cells += [texts.number(row[before]), change(row[now] - row[before], texts)]
    return tuple(cells)


def change(difference: int, texts: Texts) -> str:
    """A difference with its sign; a dash where there is none."""
    return DASH if not difference else f"+{texts.number(difference)}" if difference > 0 else texts.number(difference)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as dictionaries by column."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
