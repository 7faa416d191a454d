"""`round.toml`: read with every problem it holds, and written back.

Each key of the file is one entry of `KEYS`: the field of `Settings` it fills, and what it may be. Mechanisms that are planned but not carried yet are kept,
so that the solve can refuse them with a sentence of its own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType

from matcher.errors import Issue, Severity
from matcher.intake.setting_values import Reader, Wrong, day, list_of, number, one_of, text, tier, to_toml, weights, whole
from matcher.settings import (
    ALWAYS_HARD,
    ELIGIBILITY_RULES,
    MECHANISMS,
    MODES,
    PLANNED_MECHANISMS,
    RANK_MEASURES,
    Settings,
    TravelFormula,
    blend_fault,
)
from matcher.words import LANGUAGES

SOURCE = "round.toml"
"""The table that issues about settings name."""

KEYS: Mapping[str, tuple[str, Reader]] = {
    "round.id": ("id", text),
    "round.name": ("name", text),
    "round.seed": ("seed", whole(-(2**63), 2**63 - 1)),
    "round.language": ("language", one_of(*LANGUAGES)),
    "round.start_date": ("start_date", day),
    **{f"rules.{rule}": (f"rules.{rule}", one_of("hard", "soft", "off")) for rule in ELIGIBILITY_RULES},
    "rules.mentor_capacity": ("mentor_capacity", one_of("hard", "off")),
    "rules.overlap": ("overlap", one_of("hard", "off")),
    "rules.teams": ("teams", one_of("period", "path")),
    "rules.unlisted": ("unlisted", one_of("no", "last")),
    "rules.no_wishes": ("no_wishes", one_of("any", "skip")),
    "rules.unranked": ("unranked", one_of("last", "no")),
    **{f"rules.weights.{rule}": (f"rule_weights.{rule}", whole(0, 1_000_000)) for rule in ELIGIBILITY_RULES},
    "own_company.allowed": ("own_company_allowed", list_of(one_of("regular", "working", "jobseeker", "employee"))),
    "policy.mechanism": ("mechanism", one_of(*MECHANISMS, *PLANNED_MECHANISMS)),
    "policy.tiers": ("tiers", list_of(tier, least=1)),
    "policy.rank_measure": ("rank_measure", one_of(*RANK_MEASURES)),
    "policy.weights": ("tier_weights", weights),
    "policy.max_moves": ("max_moves", whole(0, 1_000_000_000)),
    "budget.seconds": ("seconds", number(0, above=True)),
    "budget.gap": ("gap", number(0, 1)),
    "travel.detour": ("detour", number(1)),
    **{f"travel.speed_{mode}": (f"speed.{mode}", number(0, above=True)) for mode in MODES},
    **{f"travel.overhead_{mode}": (f"overhead.{mode}", number(0)) for mode in MODES},
}
"""Dotted key in the file -> where it goes in `Settings` (or, for travel, in `TravelFormula`), and how its value is read."""

_TABLES = {"round", "rules", "rules.weights", "own_company", "policy", "budget", "travel"}
_SAID = {name: {"hard": True, "off": False} for name in ("mentor_capacity", "overlap")}
_LINE = re.compile(r"line (\d+)")


def parse(text_: str) -> tuple[Settings, tuple[Issue, ...]]:
    """Read `round.toml`.

    Returns
    -------
    tuple
        The settings, with the default for every key that is absent or wrong, and all problems: broken TOML and wrong values are errors, unknown names warnings.
    """
    try:
        document = tomllib.loads(text_)
    except tomllib.TOMLDecodeError as broken:
        # The line is only in the text of the exception, before Python 3.14.
        line = _LINE.search(str(broken))
        row = int(line[1]) if line else text_.count("\n") + 1
        return Settings(), (Issue("settings_broken", SOURCE, row=row, value=_line(text_, row)),)
    issues: list[Issue] = []
    values: dict[str, object] = {}
    for key, value in _leaves(document, "", issues):
        found = _read(key, value, text_)
        if isinstance(found, Issue):
            issues.append(found)
        else:
            values[KEYS[key][0]] = found
    settings = _settings(values)
    sound = all(issue.severity != "error" for issue in issues)
    return settings, (*issues, *(_together(settings, text_) if sound else ()))


def _together(settings: Settings, document: str) -> Iterable[Issue]:
    """What the keys say against each other."""
    fault = blend_fault(settings)
    if fault is not None:
        yield Issue(fault, SOURCE, row=_row_of("weights", document), column="policy.weights", params=(("measure", settings.rank_measure),))


def dump(settings: Settings) -> str:
    """Write settings as TOML: what differs from the defaults, so that `parse(dump(settings))` gives them back."""
    ours, plain = _flat(settings), _flat(Settings())
    sections: dict[str, list[str]] = {}
    for key, (field, _) in KEYS.items():
        value = ours.get(field)
        if value is not None and value != plain.get(field):
            section, _, name = key.rpartition(".")
            sections.setdefault(section, []).append(f"{name} = {to_toml(value)}")
    return "\n\n".join("\n".join([f"[{section}]", *lines]) for section, lines in sections.items()) + ("\n" if sections else "")


def _leaves(table: Mapping[str, object], prefix: str, issues: list[Issue]) -> Iterable[tuple[str, object]]:
    """Every key with its value; tables that the format does not know are reported as a whole."""
    for name, value in table.items():
        key = f"{prefix}{name}"
        if key in _TABLES and isinstance(value, dict):
            yield from _leaves(value, f"{key}.", issues)
        elif key in _TABLES:
            issues.append(Issue("settings_section_value", SOURCE, column=key, value=str(value)))
        elif key in KEYS:
            yield key, value
        else:
            issues.append(_unknown(key, value))


def _unknown(key: str, value: object) -> Issue:
    """A warning for a name that means nothing here, with the closest that does."""
    section, _, name = key.rpartition(".")
    shown = None if isinstance(value, dict) else str(value)
    if section == "rules" and name in ("pin", *ALWAYS_HARD):
        return Issue("settings_always_hard", SOURCE, "warning", column=key, value=shown)
    siblings = _TABLES if not section else [other.rpartition(".")[2] for other in KEYS if other.rpartition(".")[0] == section]
    close = get_close_matches(name, siblings, n=1, cutoff=0.6)
    if close:
        return Issue("settings_near", SOURCE, "warning", column=key, value=shown, params=(("name", name), ("close", close[0])))
    code = "settings_unknown" if section else "settings_section"
    return Issue(code, SOURCE, "warning", column=key, value=shown, params=(("name", name), ("known", ", ".join(sorted(siblings)))))


def _read(key: str, value: object, document: str) -> object:
    """The value of a key as `Settings` holds it, or the issue about it."""
    field, reader = KEYS[key]
    try:
        read = reader(value)
    except Wrong as wrong:
        severity: Severity = "error"
        row = _row_of(key.rpartition(".")[2], document)
        return Issue(wrong.code, SOURCE, severity, row, key, str(value), tuple(wrong.params.items()))
    return _SAID[field][str(read)] if field in _SAID else read


def _row_of(name: str, document: str) -> int | None:
    """The line in which a key is set, where there is only one."""
    lines = [number for number, line in enumerate(document.splitlines(), start=1) if re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=", line)]
    return lines[0] if len(lines) == 1 else None


def _line(document: str, row: int) -> str:
    lines = document.splitlines()
    return lines[row - 1].strip() if 0 < row <= len(lines) else ""


def _settings(values: Mapping[str, object]) -> Settings:
    """Settings from their fields; `rules.travel` is the entry `travel` of the field `rules`."""
    simple = {name: value for name, value in values.items() if "." not in name and name != "detour"}
    base = TravelFormula()
    speed = {mode: values.get(f"speed.{mode}", base.speed[mode]) for mode in MODES}
    overhead = {mode: values.get(f"overhead.{mode}", base.overhead[mode]) for mode in MODES}
    travel = replace(base, detour=values.get("detour", base.detour), speed=MappingProxyType(speed), overhead=MappingProxyType(overhead))  # type: ignore[arg-type]  # read as numbers
    # Only what differs from the default is kept, in one order, so that equal settings have one fingerprint.
    rules = {rule: values[f"rules.{rule}"] for rule in ELIGIBILITY_RULES if values.get(f"rules.{rule}", "hard") != "hard"}
    weights = {rule: values[f"rule_weights.{rule}"] for rule in ELIGIBILITY_RULES if values.get(f"rule_weights.{rule}", 1) != 1}
    return replace(Settings(), **simple, travel=travel, rules=MappingProxyType(rules), rule_weights=MappingProxyType(weights))  # type: ignore[arg-type]  # checked by their readers


def _flat(settings: Settings) -> dict[str, object]:
    """Every field that a key can set, by the name it has in `KEYS`, with the value that the file would hold."""
    flat: dict[str, object] = {}
    for field, _ in KEYS.values():
        name, _, entry = field.partition(".")
        owner = settings.travel if name in ("detour", "speed", "overhead") else settings
        value = getattr(owner, name)
        flat[field] = value.get(entry) if entry else value
        if field in _SAID:
            flat[field] = next(word for word, meaning in _SAID[field].items() if meaning == value)
    return flat
