"""The service: rounds go in over HTTP, matches come out. A thin shell around `matcher`, with pages for people and REST for programs.

The names stay relative inside this package, so it can be shipped under another name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from .settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Make the web application.

    Parameters
    ----------
    settings
        None: from the environment.

    Returns
    -------
    Flask
        `app.extensions["service"]` is its `Service`. It accepts batches; a `Worker` on the same instance works on them.
    """
    from .app import build
    from .settings import from_environment

    return build(settings or from_environment())
