"""The sections about people and places: wishes, places by sector and region, the map, travel, and those without a place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matcher.report.blocks import Chart, Section, Table
from matcher.report.charts import Bar, Column, bars, columns, equal_bins, histogram
from matcher.report.figures import Figures, Group, Node
from matcher.report.map import Spot, region_map
from matcher.report.svg import Figure
from matcher.report.texts import Texts

SHOWN_RANKS = 10
SHOWN_BARS = 32
SHOWN_SPOTS = 80
SHOWN_ROWS = 200
SHOWN_GROUPS = 40
LEAST = 5
"""Groups smaller than this are not shown apart: their members could be recognised."""


def wishes(figures: Figures, texts: Texts) -> Section | None:
    """Which choice people got, overall, by group and by programme; None in a round without students."""
    if not figures.demands:
        return None
    profile, unranked, unplaced = figures.profile, figures.unranked, figures.unplaced
    labels = [texts.number(rank) for rank in range(1, len(profile) + 1)]
    counts = list(profile)
    if len(counts) > SHOWN_RANKS:
        labels = [*labels[: SHOWN_RANKS - 1], texts.say("wishes.beyond", rank=SHOWN_RANKS)]
        counts = [*counts[: SHOWN_RANKS - 1], sum(counts[SHOWN_RANKS - 1 :])]
    whole = sum(profile) + unranked + unplaced
    drawn = [Column(label, count, texts.rough_share(count, whole)) for label, count in zip(labels, counts, strict=True)]
    drawn += [Column(texts.say("wishes.unranked"), unranked, texts.rough_share(unranked, whole))] if unranked else []
    drawn += [Column(texts.say("wishes.unplaced"), unplaced, texts.rough_share(unplaced, whole), missing=True)] if unplaced else []
    tallest = max(drawn, key=lambda column: column.value)
    figure = Figure("wishes-chart", texts.say("wishes.chart"), texts.say("wishes.desc", label=tallest.label, count=tallest.value))
    chart = Chart(columns(figure, drawn, texts.say("wishes.axis")), figure.title, _profile_table(figures, texts))
    ranked = sum(profile)
    lead = (
        texts.say("wishes.lead", first=texts.share(profile[0], figures.with_wishes), three=texts.share(sum(profile[:3]), figures.with_wishes))
        if ranked and figures.with_wishes
        else texts.say("wishes.none")
    )
    kinds = (("groups", figures.groups), ("programmes", figures.programmes))
    tables = [_group_table(groups, figures.most_demands, texts, kind) for kind, groups in kinds if groups]
    return Section("wishes", texts.say("wishes.title"), [lead], [chart], tables, narrow=bool(tables))


def _profile_table(figures: Figures, texts: Texts) -> Table:
    profile = figures.profile
    counts = [(texts.number(i), n) for i, n in enumerate(profile, start=1)]
    counts += [(texts.say("wishes.unranked"), figures.unranked)] if figures.unranked else []
    counts += [(texts.say("wishes.unplaced"), figures.unplaced)] if figures.unplaced else []
    whole = sum(n for _, n in counts)
    running = np.cumsum([n for _, n in counts])
    rows = [(label, texts.number(n), texts.share(n, whole), texts.share(int(total), whole)) for (label, n), total in zip(counts, running, strict=True)]
    head = [texts.say(f"wishes.{name}") for name in ("rank", "count", "share", "cumulative")]
    return Table(texts.say("wishes.caption"), head, rows[:SHOWN_ROWS], numeric=frozenset({1, 2, 3}))


def _group_table(groups: Sequence[Group], most_demands: int, texts: Texts, kind: str) -> Table:
    least = LEAST * most_demands  # so many demands are at least so many students
    rows = [
        (group.name, texts.number(group.demands), *(texts.share(part, group.demands) for part in (group.placed, group.first, group.three)))
        if group.demands >= least
        else (group.name, texts.say("few", least=least), *["\u2013"] * 3)
        for group in groups[:SHOWN_GROUPS]
    ]
    notes = [texts.say("groups.note", least=LEAST)] if any(group.demands < least for group in groups) else []
    notes += [texts.say("more_rows", count=len(groups) - SHOWN_GROUPS)] if len(groups) > SHOWN_GROUPS else []
    head = [texts.say({"groups": "groups.group", "programmes": "programmes.programme"}[kind])]
    head += [texts.say(f"groups.{name}") for name in ("students" if most_demands == 1 else "demands", "placed", "first", "three")]
    return Table(texts.say(f"{kind}.caption"), head, rows, numeric=frozenset({1, 2, 3, 4}), more=" ".join(notes))


def places(figures: Figures, texts: Texts) -> Section:
    """How far the places are filled, by sector and by region, each as its tree."""
    words = [
        texts.say(
            "places.lead",
            placements=figures.placements,
            seats=figures.seats,
            filled=figures.placed,
            share=texts.share(figures.placed, figures.seats),
        )
    ]
    if figures.lost:
        words.append(texts.say("places.lost", lost=figures.lost))
    charts = [_tree_chart(tree, kind, texts) for kind, tree in (("sector", figures.sectors), ("region", figures.regions)) if tree]
    return Section("places", texts.say("places.title"), words, charts)


def _tree_chart(tree: Sequence[Node], kind: str, texts: Texts) -> Chart:
    def label(node: Node) -> str:
        return node.name or texts.say("places.nowhere")

    def shown(node: Node) -> str:
        return f"{texts.number(node.filled)} / {texts.number(node.seats)} \u00b7 {texts.share(node.filled, node.seats)}"

    largest = max(tree, key=lambda node: node.seats)
    told = texts.say("places.desc", label=label(largest), filled=largest.filled, seats=largest.seats)
    figure = Figure(f"{kind}-chart", texts.say(f"places.{kind}s"), told)
    drawn = [Bar(label(node), node.filled, node.seats, shown(node), node.depth, strong=node.depth == 0) for node in _readable(tree)]
    rows = [
        (label(node), *(texts.number(count) for count in (node.filled, node.seats - node.filled, node.seats)), texts.share(node.filled, node.seats))
        for node in tree[:SHOWN_ROWS]
    ]
    head = [texts.say(f"places.{name}") for name in (kind, "filled", "free", "seats", "share")]
    more = texts.say("more_rows", count=len(tree) - SHOWN_ROWS) if len(tree) > SHOWN_ROWS else ""
    table = Table(figure.title, head, rows, frozenset({1, 2, 3, 4}), [node.depth for node in tree[:SHOWN_ROWS]], more)
    return Chart(bars(figure, drawn), figure.title, table, legend=_legend(texts))


def _readable(tree: Sequence[Node]) -> Sequence[Node]:
    """The whole tree if it is small, else its upper levels, else the largest of its roots."""
    for depth in range(max(node.depth for node in tree), 0, -1):
        upper = [node for node in tree if node.depth <= depth]
        if len(upper) <= SHOWN_BARS:
            return upper
    return sorted((node for node in tree if node.depth == 0), key=lambda node: -node.seats)[:SHOWN_BARS]


def map_of_regions(figures: Figures, texts: Texts) -> Section | None:
    """The map; None where fewer than two regions with places have coordinates."""
    regions = [node for node in figures.regions if node.own_seats and node.name]
    known = sorted((node for node in regions if node.on_map), key=lambda node: (-node.own_seats, node.name))
    if len(known) <= 1:
        return None
    spots = [Spot(node.name, node.lat, node.lon, node.own_filled, node.own_seats) for node in known[:SHOWN_SPOTS]]
    figure = Figure("map-chart", texts.say("map.chart"), texts.say("map.desc", count=len(spots)))
    rows = [(spot.name, texts.number(spot.filled), texts.number(spot.seats), texts.share(spot.filled, spot.seats)) for spot in spots]
    head = [texts.say(f"places.{name}") for name in ("region", "filled", "seats", "share")]
    words = [texts.say("map.lead")]
    words += [texts.say("map.largest", count=SHOWN_SPOTS)] if len(known) > SHOWN_SPOTS else []
    missing = [node.name for node in regions if not node.on_map]
    if missing:
        names = texts.listing(missing) if len(missing) <= SHOWN_BARS else f"{', '.join(missing[:SHOWN_BARS])} \u2026"
        words.append(texts.say("map.missing", names=names))
    table = Table(figure.title, head, rows, numeric=frozenset({1, 2, 3}))
    chart = Chart(region_map(figure, spots, texts), figure.title, table, legend=_legend(texts), wide=True)
    return Section("map", texts.say("map.title"), words, [chart])


def travel(figures: Figures, texts: Texts) -> Section | None:
    """How long the placed students travel; None where no travel time is known."""
    minutes = figures.minutes
    if not len(minutes):
        return None
    median, ninety = figures.travel_quantile(0.5), figures.travel_quantile(0.9)
    low, width, bins = equal_bins(float(minutes.min()), float(minutes.max()))
    edges = [low + i * width for i in range(bins + 1)]
    counts = [int(n) for n in np.histogram(minutes, bins=edges)[0]]
    words = [texts.say("travel.lead", median=median, ninety=ninety)]
    if figures.minutes_unknown:
        words.append(texts.say("travel.unknown", count=figures.minutes_unknown))
    told = texts.say("travel.desc", low=float(minutes.min()), high=float(minutes.max()), median=median)
    figure = Figure("travel-chart", texts.say("travel.chart"), told)
    svg = histogram(figure, edges, counts, (median, texts.say("travel.mark", median=median)), texts.say("travel.axis"), texts)
    rows = [
        (texts.say("travel.range", low=start, high=start + width), texts.number(count), texts.share(count, len(minutes)))
        for start, count in zip(edges, counts, strict=False)
    ]
    head = [texts.say("travel.minutes"), texts.say("wishes.count"), texts.say("wishes.share")]
    return Section("travel", texts.say("travel.title"), words, [Chart(svg, figure.title, Table(texts.say("travel.caption"), head, rows, frozenset({1, 2})))])


def unplaced(figures: Figures, texts: Texts) -> Section:
    """Who has no place, counted by reason and named by id."""
    if not figures.unplaced:
        return Section("unplaced", texts.say("unplaced.title"), [texts.say("unplaced.nobody")])
    reasons = [(texts.label("why", code), count) for code, count in figures.reasons]
    whole = figures.unplaced
    drawn = [Bar(label, count, count, f"{texts.number(count)} \u00b7 {texts.share(count, whole)}") for label, count in reasons[:SHOWN_BARS]]
    label, count = reasons[0]
    figure = Figure("unplaced-chart", texts.say("unplaced.chart"), texts.say("unplaced.desc", label=label, count=count))
    rows = [(label, texts.number(count), texts.share(count, whole)) for label, count in reasons]
    head = [texts.say("unplaced.reason"), texts.say("wishes.count"), texts.say("wishes.share")]
    chart = Chart(bars(figure, drawn), figure.title, Table(texts.say("unplaced.caption"), head, rows, numeric=frozenset({1, 2})))
    return Section("unplaced", texts.say("unplaced.title"), [texts.say("unplaced.lead", count=whole)], [chart], [_who(figures, texts)])


def _who(figures: Figures, texts: Texts) -> Table:
    people = figures.without_place
    periods = bool(people["period_id"].notna().any())
    shown = people.head(SHOWN_ROWS)
    names: Sequence[str] = ("student_id", "period_id", "sentence") if periods else ("student_id", "sentence")
    head = [texts.say(f"unplaced.{name}") for name in (("student", "period", "reason") if periods else ("student", "reason"))]
    rows = [tuple(texts.write(cell) for cell in row) for row in shown[list(names)].itertuples(index=False)]
    more = texts.say("more", count=len(people) - SHOWN_ROWS) if len(people) > SHOWN_ROWS else ""
    return Table(texts.say("unplaced.who"), head, rows, more=more)


def _legend(texts: Texts) -> Sequence[tuple[str, str]]:
    return (("taken", texts.say("places.filled")), ("free", texts.say("places.free")))
