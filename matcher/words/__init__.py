"""The catalogue: one code, one sentence per language (nl, en, fr).

Sentences stand in the TOML files of this folder, one file per subject, each entry a table `[code]` with `nl`, `en`, `fr`.
Placeholders are `{name}` as in `str.format`; numbers may carry a format (`{count:,}`). A test holds that every code
has all three languages with the same placeholders, and that every code named in the source exists.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

LANGUAGES = ("nl", "en", "fr")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All sentences: code -> language -> template. Raises ValueError where two files define one code."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted(resources.files(__package__).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        for code, sentences in _flatten(tomllib.loads(file.read_text(encoding="utf-8"))).items():
            if code in found:
                raise ValueError(f"the code {code} stands twice in the catalogue, the second time in {file.name}")
            found[code] = sentences
    return found


def say(code: str, language: str = "en", /, **params: object) -> str:
    """The sentence for a code in a language, with its placeholders filled. Raises KeyError for an unknown code."""
    return catalogue()[code][language].format(**params)


def _flatten(table: dict[str, object], prefix: str = "") -> dict[str, dict[str, str]]:
    """Nested TOML tables as dotted codes; a table that has the key `en` is a sentence (and may have further codes below)."""
    flat: dict[str, dict[str, str]] = {}
    for name, value in table.items():
        if not isinstance(value, dict):
            continue
        code = f"{prefix}{name}"
        if "en" in value:
            flat[code] = {language: str(value[language]) for language in LANGUAGES if language in value}
        flat.update(_flatten(value, f"{code}."))
    return flat
