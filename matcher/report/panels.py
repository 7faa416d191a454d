"""The four panels: what the matching means to the student, the school, the company and society."""

from __future__ import annotations

from matcher.report.blocks import Panel
from matcher.report.figures import Figures
from matcher.report.sections import LEAST
from matcher.report.texts import Texts

Entry = tuple[str, str]


def panels(figures: Figures, texts: Texts) -> list[Panel]:
    """All four; a figure that the round has no data for is left out."""
    makers = {"student": _student, "school": _school, "company": _company, "society": _society}
    return [Panel(f"panel-{name}", texts.say(f"panel.{name}"), make(figures, texts)) for name, make in makers.items()]


def _student(figures: Figures, texts: Texts) -> list[Entry]:
    shown: list[Entry] = []
    if figures.with_wishes:
        shown.append((texts.share(sum(figures.profile[:1]), figures.with_wishes), texts.say("student.first")))
        shown.append((texts.share(sum(figures.profile[:3]), figures.with_wishes), texts.say("student.three")))
    if len(figures.minutes):
        shown.append((texts.say("minutes", count=figures.travel_quantile(0.5)), texts.say("student.median")))
        shown.append((texts.say("minutes", count=figures.travel_quantile(0.9)), texts.say("student.ninety")))
    if figures.pay:
        shown.append((texts.say("euro", count=round(figures.pay)), texts.say("student.pay")))
    return shown


def _school(figures: Figures, texts: Texts) -> list[Entry]:
    shown = [(texts.share(figures.placed, figures.demands), texts.say("school.placed"))]
    part, whole = figures.mandatory
    if whole:
        shown.append((texts.say("of", part=part, whole=whole), texts.say("school.mandatory")))
    shown.append((texts.number(figures.unplaced), texts.say("school.unplaced")))
    if figures.wishless:
        shown.append((texts.number(figures.wishless), texts.say("school.wishless")))
    if figures.pinned:
        shown.append((texts.number(figures.pinned), texts.say("school.pinned")))
    return shown


def _company(figures: Figures, texts: Texts) -> list[Entry]:
    shown = [
        (texts.share(figures.placed, figures.seats), texts.say("company.filled")),
        (texts.number(figures.seats - figures.placed), texts.say("company.free")),
        (texts.say("of", part=figures.used, whole=figures.placements), texts.say("company.used")),
        (texts.number(figures.full), texts.say("company.full")),
    ]
    if figures.lost:
        shown.append((texts.number(figures.lost), texts.say("company.limited")))
    if figures.company_rank is not None:
        shown.append((texts.number(figures.company_rank), texts.say("company.rank")))
    return shown


def _society(figures: Figures, texts: Texts) -> list[Entry]:
    shown: list[Entry] = []
    part, whole = figures.shortage
    if whole:
        shown.append((texts.share(part, whole), texts.say("society.shortage")))
    if figures.quotas:
        kept = sum(quota.violation == 0 for quota in figures.quotas)
        shown.append((texts.say("of", part=kept, whole=len(figures.quotas)), texts.say("society.quotas")))
    for name, tree in (("sectors", figures.sectors), ("regions", figures.regions)):
        nodes = [node for node in tree if node.own_seats and node.name]
        if nodes:
            shown.append((texts.say("of", part=sum(node.own_filled > 0 for node in nodes), whole=len(nodes)), texts.say(f"society.{name}")))
    shares = [100 * group.first / group.demands for group in figures.groups if group.demands >= LEAST * figures.most_demands]
    if len(shares) > 1:
        shown.append((texts.number(round(max(shares) - min(shares), 1)), texts.say("society.gap")))
    return shown
