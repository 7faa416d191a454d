"""SVG as text: elements, and the frame that gives every picture a title and a description."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Figure:
    """What a reader who cannot see the picture is told; `id` is unique on the page."""

    id: str
    title: str
    description: str

    @property
    def hatch(self) -> str:
        """The fill for what is empty: lines, so that colour is not the only difference."""
        return f"url(#{self.id}-hatch)"


def element(name: str, content: str = "", /, **attributes: object) -> str:
    """One element; `content` is markup already. `cls` is written `class`, `_` in a name becomes `-`."""
    pairs = "".join(f' {_name(key)}="{_value(value)}"' for key, value in attributes.items() if value is not None)
    return f"<{name}{pairs}>{content}</{name}>" if content else f"<{name}{pairs}/>"


def text(words: str, /, **attributes: object) -> str:
    """A `text` element; the words are escaped."""
    return element("text", escape(words), **attributes)


def percent(value: float) -> str:
    """A length relative to the picture's width: pictures stretch, their letters do not."""
    return f"{_value(value)}%"


def picture(figure: Figure, body: str, *, height: float, view: str | None = None) -> str:
    """The whole `svg`: as wide as its column, or scaled to `view` (a viewBox) where shapes must keep their proportions."""
    stripes = element("rect", width=6, height=6, cls="stripe-ground") + element("path", d="M0 0V6", cls="stripe")
    pattern = element("pattern", stripes, id=f"{figure.id}-hatch", width=6, height=6, patternUnits="userSpaceOnUse", patternTransform="rotate(45)")
    told = element("title", escape(figure.title), id=f"{figure.id}-title") + element("desc", escape(figure.description), id=f"{figure.id}-desc")
    size = {"viewBox": view} if view else {"width": "100%", "height": height}
    return element("svg", told + element("defs", pattern) + body, role="img", aria_labelledby=f"{figure.id}-title {figure.id}-desc", **size)


def _name(key: str) -> str:
    return "class" if key == "cls" else key if key in {"viewBox", "patternUnits", "patternTransform"} else key.replace("_", "-")


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return escape(str(value))
