"""A frontier for people: `frontier.csv` and `frontier.html`, one page that needs nothing else."""

from __future__ import annotations

from pathlib import Path

from matcher.report.blocks import Chart, Page, Section, Table
from matcher.report.outcome import standings, title
from matcher.report.page import html_of
from matcher.report.stored import write_csv
from matcher.report.svg import Figure
from matcher.report.texts import DASH, Texts
from matcher.rerun.chart import Dot, steps
from matcher.rerun.points import Frontier, Point
from matcher.result import Outcome, TierValue


def write_frontier(frontier: Frontier, folder: str | Path) -> None:
    """Write `frontier.csv` and `frontier.html` into a folder, made where it is missing; nothing else there is touched."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(frontier.to_frame(), folder / "frontier.csv")
    (folder / "frontier.html").write_text(render_frontier(frontier), encoding="utf-8", newline="\n")


def render_frontier(frontier: Frontier) -> str:
    """The page as HTML, in the round's language; the same input gives the same bytes."""
    texts = Texts(frontier.round.settings.language)
    return html_of(page_of(frontier, texts), texts)


def table_of(frontier: Frontier, texts: Texts) -> Table:
    """Budget, moves, unplaced and every other tier with its bound where that differs, row by row."""
    names = [tier.label for tier in frontier.tiers if tier.name != "moves"]
    head = [*(texts.say(f"frontier.{name}") for name in ("budget", "moves", "unplaced")), *map(texts.tier, names), texts.say("frontier.proof")]
    rows = [_row(point, len(names), texts) for point in frontier.points]
    return Table(texts.say("frontier.caption"), head, rows, numeric=frozenset(range(1, len(head) - 1)), more=texts.say("frontier.note"))


def _row(point: Point, tiers: int, texts: Texts) -> list[str]:
    if point.result.outcome != Outcome.SOLVED:
        return [texts.number(point.budget), *[DASH] * (tiers + 2), texts.say(f"outcome.{point.result.outcome}")]
    moves = next((_with_bound(tier, texts) for tier in point.tiers if tier.name == "moves"), texts.write(point.moves))
    cells = [texts.number(point.budget), moves, texts.number(point.result.unplaced)]
    cells += [_with_bound(tier, texts) for tier in point.tiers if tier.name != "moves"]
    open_at = [tier for tier, standing in zip(point.tiers, standings(point.tiers), strict=True) if standing == "open"]
    said = texts.say("frontier.carried") if point.carried else texts.say("frontier.open", goal=texts.tier(open_at[0].label)) if open_at else ""
    return [*cells, said or f"\u2713 {texts.say('goals.proven')}"]


def _with_bound(tier: TierValue, texts: Texts) -> str:
    value = texts.worth(tier.value)
    return value if tier.proven or tier.bound is None else texts.say("frontier.bounded", value=value, bound=texts.worth(tier.bound))


def page_of(frontier: Frontier, texts: Texts) -> Page:
    """The contents of the page."""
    charts = [chart for chart in (_unplaced(frontier, texts), *(_tier(frontier, i, texts) for i in range(len(frontier.tiers)))) if chart is not None]
    solved = [point for point in frontier.points if point.result.outcome == Outcome.SOLVED]
    words = [texts.say("frontier.least", count=frontier.least)] if frontier.least else []
    sections = [Section("charts", texts.say("frontier.charts"), [texts.say("frontier.lead")], charts)] if charts else []
    proven = bool(frontier.points) and all(point.proven for point in frontier.points)
    return Page(
        language=texts.language,
        title=title(frontier.round, texts),
        kicker=texts.say("frontier.kicker"),
        headline=_headline(solved, frontier, texts),
        words=words,
        proven=proven,
        verdict=texts.say("frontier.verdict_proven" if proven else "frontier.verdict_open") if solved else "",
        sections=[*sections, Section("table", texts.say("frontier.table"), tables=[table_of(frontier, texts)])],
        facts=_facts(frontier, texts),
    )


def _headline(solved: list[Point], frontier: Frontier, texts: Texts) -> str:
    if not solved:
        return texts.say("frontier.nothing")
    few, many = solved[0], solved[-1]
    words = {"previous": frontier.previous, "few": few.moves, "many": many.moves, "before": few.result.unplaced, "after": many.result.unplaced}
    return texts.say("frontier.same" if few.result.unplaced == many.result.unplaced else "frontier.headline", **words)


def _unplaced(frontier: Frontier, texts: Texts) -> Chart | None:
    """Those without a place: proven where the tier `placed` is."""
    dots = []
    for point in frontier.points:
        placed = next((tier for tier in point.tiers if tier.name == "placed"), None)
        if point.result.outcome == Outcome.SOLVED:
            bound = None if placed is None or not isinstance(placed.bound, int) else len(point.result.matches) - placed.bound
            dots.append(Dot(point.budget, point.result.unplaced, bound if placed is not None else point.result.unplaced))
    return _chart("unplaced", texts.say("frontier.unplaced"), dots, texts)


def _tier(frontier: Frontier, number: int, texts: Texts) -> Chart | None:
    """A tier, where it is a number that is not the same at every budget; `placed` is drawn as those without a place, and `moves` is the budget, or nearly."""
    tier = frontier.tiers[number]
    found = [(point.budget, point.tiers[number]) for point in frontier.points if point.tiers]
    dots = [Dot(budget, own.value, own.bound) for budget, own in found if isinstance(own.value, int) and not isinstance(own.bound, tuple)]
    return None if tier.name in {"placed", "moves"} else _chart(tier.name.replace(":", "-"), texts.tier(tier.label), dots, texts)


def _chart(name: str, what: str, dots: list[Dot], texts: Texts) -> Chart | None:
    if len({dot.value for dot in dots}) <= 1:
        return None
    told = texts.say("frontier.desc", what=what, first=dots[0].value, low=dots[0].budget, last=dots[-1].value, high=dots[-1].budget)
    figure = Figure(f"chart-{name}", what, told)
    rows = [(texts.number(dot.budget), texts.number(dot.value), DASH if dot.bound is None else texts.number(dot.bound)) for dot in dots]
    head = [texts.say("frontier.budget"), texts.say("goals.value"), texts.say("goals.bound")]
    return Chart(steps(figure, dots, texts.say("frontier.axis"), texts), what, Table(what, head, rows, numeric=frozenset({0, 1, 2})))


def _facts(frontier: Frontier, texts: Texts) -> list[tuple[str, str]]:
    """What somebody needs to check and repeat the run; the fingerprint is that of the largest budget."""
    settings, last = frontier.round.settings, frontier.points[-1].result if frontier.points else None
    facts = {
        "round": settings.id,
        "digest": last.digest if last else "",
        "seed": str(last.seed if last else settings.seed),
        "engine": last.engine if last else "",
    }
    return [(texts.say(f"fact.{name}"), value) for name, value in facts.items() if value]
