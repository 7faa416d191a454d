"""`report.html`: one file that needs nothing else, with no script, readable on paper, on a telephone and by a screen reader."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from matcher.report.blocks import Page, Section
from matcher.report.figures import Figures
from matcher.report.further import Further
from matcher.report.further_sections import reserves, staff
from matcher.report.outcome import headline, stopped, title, verdict
from matcher.report.panels import panels
from matcher.report.rulebook import conflict, goals, rules
from matcher.report.sections import map_of_regions, places, travel, unplaced, wishes
from matcher.report.texts import Texts
from matcher.result import Outcome, Result
from matcher.round import Round

if TYPE_CHECKING:
    import jinja2


def render(round_: Round, result: Result, further: Further | None = None) -> str:
    """The report as HTML, in the round's language; the same input gives the same bytes."""
    return page_text(Figures(round_, result, further or Further()))


def page_text(figures: Figures) -> str:
    """The same, where the figures are at hand already."""
    texts = Texts(figures.round.settings.language)
    return html_of(page_of(figures, texts), texts)


def html_of(page: Page, texts: Texts) -> str:
    """Any page of blocks as one HTML file."""
    return _template().render(page=page, say=texts.say, style=_resource("report.css"), policy=content_security_policy()) + "\n"


def content_security_policy() -> str:
    """What the report allows itself: its own style sheet, by its hash, and nothing else. A server that hands the report out sends the same."""
    digest = b64encode(hashlib.sha256(_resource("report.css").encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def page_of(figures: Figures, texts: Texts) -> Page:
    """The contents of the report, before they are HTML."""
    round_, result = figures.round, figures.result
    proven, words = verdict(result, texts)
    return Page(
        language=texts.language,
        title=title(round_, texts),
        kicker=texts.say("kicker"),
        headline=headline(result, texts),
        words=stopped(result, texts),
        proven=proven,
        verdict=words,
        panels=panels(figures, texts) if result.outcome == Outcome.SOLVED else (),
        sections=[section for section in _sections(figures, texts) if section],
        facts=_facts(round_, result, texts),
    )


def _sections(figures: Figures, texts: Texts) -> list[Section | None]:
    asked = rules(figures, texts)
    if figures.result.outcome != Outcome.SOLVED:
        return [conflict(figures, texts), asked]
    people = (wishes(figures, texts), places(figures, texts), map_of_regions(figures, texts), travel(figures, texts), unplaced(figures, texts))
    return [*people, staff(figures, texts), reserves(figures, texts), asked, goals(figures.round, figures.result, texts)]


def _facts(round_: Round, result: Result, texts: Texts) -> list[tuple[str, str]]:
    """What somebody needs to check and repeat the run."""
    settings = round_.settings
    facts = {
        "round": settings.id,
        "outcome": f"{texts.say(f'outcome.{result.outcome}')} ({texts.say(f'reason.{result.reason}')})",
        "digest": result.digest,
        "seed": str(result.seed),
        "engine": result.engine,
        "version": result.version,
        "unlisted": texts.say(f"policy.unlisted_{settings.unlisted}"),
        "no_wishes": texts.say(f"policy.no_wishes_{settings.no_wishes}"),
        "notes": " ".join(result.notes),
    }
    return [(texts.say(f"fact.{name}"), value) for name, value in facts.items() if value]


@cache
def _template() -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(loader=jinja2.FunctionLoader(_resource), autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template("report.html.j2")


@cache
def _resource(name: str) -> str:
    return (resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")
