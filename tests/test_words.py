"""The catalogue of sentences: three languages, the same placeholders, nothing missing, nothing unused."""

from __future__ import annotations

import ast
import itertools
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from matcher.settings import ALWAYS_HARD, ELIGIBILITY_RULES, TIERS
from matcher.words import LANGUAGES, catalogue

ROOT = Path(__file__).resolve().parents[1]

PREFIXES = {
    "matcher/report": "report.",
    "matcher/rerun": "report.",
    "matcher/verifier": "verify.",
    "matcher/explain": "reason.",
    "matcher/intake/problems_workbook.py": "workbook.",
}
"""Modules that name codes without their common beginning."""

CODE_AT = {
    "say": 0,
    "tell": 0,
    "Issue": 0,
    "issue": 0,
    "counted": 0,
    "refused": 0,
    "assumed": 1,
    "understood": 1,
    "Reading": 1,
    "CodedError": 0,
    "Unsupported": 0,
    "UnreadableFile": 0,
    "EngineFailed": 0,
    "Violation": 0,
}
"""Calls that take a code, and at which place."""

ISSUES = {"Issue", "issue", "counted", "refused", "assumed", "Reading"}
"""Calls whose code also has a sentence CODE.do: what to do."""

FILLED = {"say", "tell", "CodedError", "Unsupported", "UnreadableFile", "EngineFailed"}
"""Calls whose keywords fill the sentence."""

SAME = {
    *("", "code", "dates", "english", "français", "hard", "maximum", "min", "minimum", "minutes", "nederlands", "places", "quota", "quotas"),
    *("quotas csv", "rang", "sector", "source", "student", "table", "total", "version"),
}
"""What is left of a sentence without placeholders and signs, where two languages share the word."""


@dataclass(frozen=True)
class Use:
    """A call that names a code: a text, or the pattern of an f-string."""

    place: str
    call: str
    code: str
    exact: bool
    keywords: frozenset[str] | None

    def codes(self) -> set[str]:
        """The codes of the catalogue that the call may mean."""
        prefix = prefix_of(self.place)
        if self.exact:
            return {code for code in (self.code, prefix + self.code) if code in catalogue()}
        return {code for code in catalogue() if re.fullmatch(self.code, code) or re.fullmatch(re.escape(prefix) + self.code, code)}


def prefix_of(place: str) -> str:
    """The common beginning of the codes that a module names."""
    return next((prefix for folder, prefix in PREFIXES.items() if place.startswith(folder)), "")


@cache
def sources() -> tuple[Path, ...]:
    """All modules that speak."""
    return tuple(sorted(file for folder in ("matcher", "api") for file in (ROOT / folder).rglob("*.py")))


@cache
def uses() -> tuple[Use, ...]:
    """All calls with a code that can be read from the source."""
    return tuple(use for file in sources() for use in _uses(file))


def _uses(file: Path) -> Iterator[Use]:
    place = str(file.relative_to(ROOT))
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        call = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        at = 0 if call == "add" and place.startswith("matcher/verifier") else CODE_AT.get(call)
        if at is None or len(node.args) <= at:
            continue
        known = None if any(word.arg is None for word in node.keywords) else frozenset(word.arg or "" for word in node.keywords)
        for code, exact in _texts(node.args[at]):
            if code:
                yield Use(f"{place}:{node.lineno}", call, code, exact, known)


def _texts(node: ast.expr) -> Iterator[tuple[str, bool]]:
    """The texts that an expression may be: constants, both branches of a condition, f-strings as patterns."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, True
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict):
        for value in node.value.values:
            yield from _texts(value)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+(?:\.\w+)*" for part in node.values), False


@cache
def mentioned() -> tuple[frozenset[str], tuple[str, ...]]:
    """All texts of the source and the templates that could be codes, and the patterns of f-strings that begin with a text."""
    texts, patterns = set(), []
    for file in sources():
        prefix = prefix_of(str(file.relative_to(ROOT)))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts |= {node.value, prefix + node.value}
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant) and "." in str(node.values[0].value):
                patterns += [p for pattern, _ in _texts(node) for p in (pattern, re.escape(prefix) + pattern)]
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "label" and isinstance(node.args[0], ast.Constant):
                patterns.append(re.escape(f"report.{node.args[0].value}.") + r"\w+")
    for file in (file for folder in ("matcher", "api") for file in (ROOT / folder).rglob("*.*") if file.suffix in {".html", ".j2", ".xml"}):
        prefix = prefix_of(str(file.relative_to(ROOT)))
        quoted = re.findall(r"""["']([\w.]+)["'](\s*~)?""", file.read_text(encoding="utf-8"))
        texts |= {prefix + text for text, _ in quoted}
        patterns += [re.escape(prefix + text) + r"\w+(?:\.\w+)*" for text, joined in quoted if joined]
    return frozenset(texts), tuple(dict.fromkeys(patterns))


def placeholders(sentence: str) -> set[str]:
    """The names between braces."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_every_code_has_all_languages_with_the_same_placeholders() -> None:
    for code, sentences in catalogue().items():
        assert set(sentences) == set(LANGUAGES), code
        assert all(sentence.strip() == sentence and sentence for sentence in sentences.values()), code
        wanted = placeholders(sentences["en"])
        assert "" not in wanted, f"{code}: placeholders have names"
        assert {language: placeholders(sentence) for language, sentence in sentences.items()} == dict.fromkeys(LANGUAGES, wanted), code


def test_no_sentence_was_left_untranslated() -> None:
    left = []
    for code, sentences in catalogue().items():
        for one, two in itertools.combinations(LANGUAGES, 2):
            bare = " ".join(re.sub(r"\W+", " ", re.sub(r"\{.*?\}", " ", sentences[one])).lower().split())
            if sentences[one] == sentences[two] and bare not in SAME:
                left.append(f"{code} ({one} = {two}): {sentences[one]}")
    assert not left, "\n".join(left)


def test_every_code_in_the_source_exists() -> None:
    unknown = [f"{use.place} {use.call}({use.code!r})" for use in uses() if not use.codes()]
    assert not unknown, "\n".join(unknown)
    assert len(uses()) > 100


def test_every_issue_says_what_to_do() -> None:
    told = {(use.place, code) for use in uses() if use.call in ISSUES for code in use.codes() if not code.endswith(".do")}
    silent = [f"{place} {code}" for place, code in sorted(told) if f"{code}.do" not in catalogue()]
    assert not silent, "\n".join(silent)


def test_every_sentence_gets_what_fills_it() -> None:
    short = []
    for use in uses():
        if use.call not in FILLED or not use.exact or use.keywords is None:
            continue
        for code in use.codes():
            missing = placeholders(catalogue()[code]["en"]) - use.keywords
            if missing:
                short.append(f"{use.place} {code} lacks {sorted(missing)}")
    assert not short, "\n".join(short)


def test_no_sentence_is_unused() -> None:
    texts, patterns = mentioned()
    pattern = re.compile("|".join(f"(?:{p})" for p in patterns))
    unused = [code for code in catalogue() if not {code, code.removesuffix(".do")} & texts and not pattern.fullmatch(code)]
    assert not unused, "\n".join(unused)


def test_every_rule_and_tier_has_its_words() -> None:
    wanted = {f"rule.{rule}{end}" for rule in ELIGIBILITY_RULES for end in ("", ".short")}
    wanted |= {f"rule.{rule}.short" for rule in ALWAYS_HARD} | {f"tier.{tier}" for tier in TIERS}
    assert wanted <= set(catalogue())
