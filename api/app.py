"""The web application, put together."""

from __future__ import annotations

from flask import Flask

import matcher
from matcher.words import LANGUAGES

from .batches import batches
from .guard import guard
from .health import health
from .languages import language, moment, number, tell
from .openapi import documentation
from .pages import pages
from .problems import handle_errors
from .results import results
from .service import Service
from .settings import Settings


def build(settings: Settings) -> Flask:
    """Make the application of one instance."""
    app = Flask(__name__)
    app.url_map.merge_slashes = False  # an id is what it is
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    app.extensions["service"] = Service(settings)
    guard(app, settings)
    handle_errors(app)
    for blueprint in (pages, batches, results, health, documentation):
        app.register_blueprint(blueprint)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(tell=tell, language=language, number=number, moment=moment, languages=LANGUAGES, version=matcher.__version__)
    return app
