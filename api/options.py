"""What a request may say about the solve; it goes before the round's own settings."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from matcher.errors import InputError, Issue
from matcher.settings import MECHANISMS, PLANNED_MECHANISMS
from matcher.words import LANGUAGES


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a batch; None: as the round says.

    Attributes
    ----------
    mechanism
        One of `matcher.settings.MECHANISMS`.
    seconds
        Time limit of the solve, above 0.
    gap
        Stop when the first tier that is not proven lies within this share of its bound; 0 or more.
    seed
        0 or more.
    language
        nl, en or fr: of the sentences in the result.
    """

    mechanism: str | None = None
    seconds: float | None = None
    gap: float | None = None
    seed: int | None = None
    language: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The options as JSON."""
        return asdict(self)


def read_options(given: Mapping[str, str]) -> Options:
    """The options among the parameters of a request; an empty one counts as not given.

    Raises
    ------
    InputError
        One issue for each option that cannot be used.
    """
    issues: list[Issue] = []
    found: dict[str, Any] = {}
    for name, reader in _READERS.items():
        text = given.get(name, "").strip()
        if text:
            try:
                found[name] = reader(text)
            except ValueError:
                allowed = ", ".join(CHOICES.get(name, ()))
                issues.append(Issue(f"api.option.{name}", "options", column=name, value=text[:100], params=(("allowed", allowed),)))
    if issues:
        raise InputError(issues)
    return Options(**found)


def _seconds(text: str) -> float:
    number = float(text)
    if not (math.isfinite(number) and number > 0):
        raise ValueError
    return number


def _gap(text: str) -> float:
    number = float(text)
    if not (math.isfinite(number) and number >= 0):
        raise ValueError
    return number


def _seed(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**31:
        raise ValueError
    return number


def _choice(name: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in CHOICES[name]:
            raise ValueError
        return text

    return read


CHOICES: dict[str, tuple[str, ...]] = {"mechanism": (*MECHANISMS, *PLANNED_MECHANISMS), "language": LANGUAGES}
"""What the options that are a choice may be."""

_READERS: dict[str, Callable[[str], Any]] = {
    "mechanism": _choice("mechanism"),
    "seconds": _seconds,
    "gap": _gap,
    "seed": _seed,
    "language": _choice("language"),
}
