"""The HTML report: sound, self-contained, complete in three languages, and safe with any text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from matcher.report import content_security_policy, render
from matcher.report.sections import LEAST
from matcher.report.texts import Texts
from matcher.result import Outcome, Reason
from matcher.round import Round
from matcher.words import LANGUAGES, catalogue
from tests.report.fake import fake_result, fake_round, typed, without_answer

DASH = "\u2013"
VOID = {"meta", "br", "hr", "img", "input", "link", "area", "base", "col", "embed", "source", "track", "wbr"}


class Tree(HTMLParser):
    """Holds that every element closes in its turn, and collects what the tests ask about."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), tuple(self.open)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes, _ in self.elements if name == tag]


def parsed(html: str) -> Tree:
    tree = Tree()
    tree.feed(html)
    tree.close()
    assert not tree.open
    return tree


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request: pytest.FixtureRequest) -> str:
    round_ = fake_round(300, language=request.param)
    return render(round_, fake_result(round_))


def test_every_element_closes_in_its_turn_and_ids_are_unique(page: str) -> None:
    tree = parsed(page)
    ids = [attributes["id"] for _, attributes, _ in tree.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for attributes in (attributes for _, attributes, _ in tree.elements):
        for reference in (attributes.get("aria-labelledby") or "").split():
            assert reference in ids
        if (attributes.get("href") or "").startswith("#"):
            assert (attributes["href"] or "")[1:] in ids


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(page: str) -> None:
    tree = parsed(page)
    names = {name for name, _, _ in tree.elements}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "use", "image", "foreignobject"}
    for _, attributes, _ in tree.elements:
        assert not [key for key in attributes if key.startswith("on") or key in {"src", "srcset", "style", "xlink:href", "action"}]
        assert (attributes.get("href") or "#").startswith("#")
    assert "@import" not in page
    assert "://" not in page
    assert set(re.findall(r"url\(([^)]*)\)", page)) <= {
        f"#{name}-hatch" for name in ("wishes-chart", "sector-chart", "region-chart", "map-chart", "travel-chart", "unplaced-chart")
    }


def test_the_page_forbids_all_but_its_own_style_sheet(page: str) -> None:
    policy = next(m["content"] for m in parsed(page).named("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy == content_security_policy()
    assert "default-src 'none'" in (policy or "")


def test_every_chart_has_a_title_a_description_and_its_table(page: str) -> None:
    figures = re.findall(r"<figure.*?</figure>", page, re.DOTALL)
    assert len(figures) == 6
    for figure in figures:
        assert figure.count('role="img"') == 1
        assert re.search(r"<title id=[^>]*>[^<]{5,}</title>", figure)
        assert re.search(r"<desc id=[^>]*>[^<]{20,}</desc>", figure)
        assert "<figcaption>" in figure
        assert figure.count("<table>") == 1


def test_every_table_has_a_caption_and_scoped_headings(page: str) -> None:
    for table in re.findall(r"<table>.*?</table>", page, re.DOTALL):
        assert re.match(r"<table>\s*<caption>[^<]+</caption>", table)
        assert set(re.findall(r"<th scope=\"(\w+)\"", table)) <= {"col", "row"}
        assert "<th>" not in table
        widths = [len(re.findall(r"<t[hd][ >]", row)) for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)]
        assert len(set(widths)) == 1


def test_the_page_has_landmarks_and_one_first_heading(page: str) -> None:
    tree = parsed(page)
    for landmark in ("header", "main", "footer", "nav"):
        assert len(tree.named(landmark)) == 1
    levels = [int(name[1]) for name, _, _ in tree.elements if re.fullmatch(r"h[1-6]", name)]
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_missing_and_no_code_shows(language: str) -> None:
    round_ = fake_round(300, language=language)
    tree = parsed(render(round_, fake_result(round_)))
    words = " ".join(tree.text)
    assert f'lang="{language}"' in render(round_, fake_result(round_))
    assert not re.search(r"report\.\w+|\{\w*\}|\bNone\b|\bnan\b|<NA>|Undefined", words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_for_being_unplaced_and_every_rule_has_a_short_name(language: str) -> None:
    texts = Texts(language)
    codes = [code.removeprefix("reason.") for code, words in catalogue().items() if words["en"].startswith("Not placed: ")]
    assert codes
    assert all(texts.label("why", code) != code for code in codes)
    rules = {code.split(".")[1] for code in catalogue() if code.startswith("rule.") and code.endswith(".short")} - {"mentor_capacity"}
    assert all(texts.label("rule", rule) != rule for rule in rules)


NASTY = ["<script>alert(1)</script>", "a&b;\"'", "=cmd|' /C calc'!A0", "{{ 7*7 }}", "</style><b>", "]]>"]


def test_any_text_is_shown_as_itself() -> None:
    clean = fake_round(60)
    tables = {name: clean.table(name) for name in clean.tables}
    names = dict(zip(tables["regions"]["region_id"], NASTY * 4, strict=False))
    tables["regions"] = tables["regions"].assign(name=tables["regions"]["region_id"].map(names).astype("str"))
    tables["quotas"] = tables["quotas"].assign(quota_id=NASTY[:3], source=NASTY[3:])
    tables["pins"] = tables["pins"].assign(reason=NASTY[:3])
    round_ = Round({name: typed(name, frame) for name, frame in tables.items()}, clean.settings)
    result = fake_result(round_)
    matches = result.matches.copy()
    matches.loc[matches["placement_id"].isna(), "sentence"] = NASTY[0]
    html = render(round_, type(result)(result.outcome, result.reason, matches, result.tiers, result.proof))
    tree = parsed(html)
    assert not tree.named("script")
    assert "49" not in "".join(word for word in tree.text if "7*7" in word)
    words = "".join(tree.text)
    assert all(text in words for text in NASTY)


def test_small_groups_are_not_shown_apart() -> None:
    clean = fake_round(300)
    tables = {name: clean.table(name) for name in clean.tables}
    tables["students"] = tables["students"].assign(groups=["rare"] * (LEAST - 1) + ["common"] * (300 - LEAST + 1))
    round_ = Round({name: typed(name, frame) for name, frame in tables.items()}, clean.settings)
    row = re.search(r"<tr><th[^>]*>rare</th>(.*?)</tr>", render(round_, fake_result(round_)), re.DOTALL)
    assert row
    assert re.findall(r"<td[^>]*>([^<]*)</td>", row[1]) == ["minder dan 5", DASH, DASH, DASH]


def test_an_unproven_answer_says_so() -> None:
    round_ = fake_round(60, language="en")
    html = render(round_, fake_result(round_, proven=False))
    assert "not proven to be the best possible" in html
    assert "its time was up" in html
    assert "Proven to be the best possible" not in html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(Outcome.INFEASIBLE, Reason.PROVEN_INFEASIBLE), (Outcome.NO_ANSWER, Reason.CANCELLED), (Outcome.FAILED, Reason.ENGINE_FAILED)],
)
def test_a_round_without_a_matching_is_told_in_words(language: str, outcome: Outcome, reason: Reason) -> None:
    round_ = fake_round(60, language=language)
    html = render(round_, without_answer(round_, outcome, reason))
    parsed(html)
    assert Texts(language).say(f"headline.{outcome}") in html
    bound = Texts(language).say("quotas.least", min=15)
    assert (f"minimum-care</th><td>{Texts(language).label('kind', 'quota')}</td><td>{bound}</td>" in html) == (outcome == Outcome.INFEASIBLE)


def test_a_bare_round_has_a_report() -> None:
    clean = fake_round(20)
    students = clean.table("students")[["student_id"]]
    placements = clean.table("placements")[["placement_id", "capacity"]]
    round_ = Round({"students": students, "placements": placements, "preferences": clean.table("preferences")}, clean.settings)
    html = render(round_, fake_result(round_))
    tree = parsed(html)
    assert len(tree.named("figure")) >= 1
    assert "nan" not in " ".join(tree.text)


def test_the_list_of_the_unplaced_is_cut_and_says_so() -> None:
    clean = fake_round(600, language="en")
    tables = {name: clean.table(name) for name in clean.tables}
    tables["placements"] = tables["placements"].assign(capacity=1)
    round_ = Round({name: typed(name, frame) for name, frame in tables.items()}, clean.settings)
    result = fake_result(round_)
    assert result.unplaced > 200
    assert f"And {result.unplaced - 200} more: see matches.csv" in render(round_, result)


@pytest.mark.parametrize(("language", "number", "share"), [("nl", "1.234,5", "99,9%"), ("en", "1,234.5", "99.9%"), ("fr", "1\u202f234,5", "99,9\u202f%")])
def test_numbers_are_written_as_the_language_does(language: str, number: str, share: str) -> None:
    texts = Texts(language)
    assert texts.number(1234.5) == number
    assert texts.share(99_999, 100_000) == share
    assert texts.share(0, 0) == DASH
    assert texts.rough_share(1, 1000).startswith("<1")
