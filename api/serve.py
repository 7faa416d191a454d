"""`matcher serve`: the web server and the worker in one process."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from waitress.server import create_server

from matcher.errors import CodedError
from matcher.words import say

from . import create_app
from .service import Service
from .settings import Settings, from_environment
from .worker import Worker

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SHOWN = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}  # noqa: S104  # what a browser can open
_create_server: Any = create_server  # waitress has no types
OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")
REQUEST_THREADS = 8


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    instance: str | Path | None = None,
    *,
    workers: int = 1,
    open_browser: bool = False,
    on_ready: Callable[[str], None] | None = None,
    settings: Settings | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; batches that run then are given back to the queue and go on at the next start.

    Parameters
    ----------
    host, port
        Where to listen; port 0 takes a free one.
    instance
        Folder of the database and the files; None: as the environment says, else `instance` in the present folder.
    workers
        Batches that are worked on at the same time; 0 leaves the work to `matcher worker`.
    open_browser
        Show the first page in the browser.
    on_ready
        Is told the address once the service listens; by default a line on stderr says it.
    settings
        Goes before `instance` and the environment.

    Raises
    ------
    CodedError
        The port is taken, or the settings make no sense.
    """
    settings = settings or from_environment(instance=None if instance is None else Path(instance))
    if not settings.trusted_hosts and host in LOOPBACK:
        # No other name may lead to this machine's own service, or a web page elsewhere could give its name our address.
        settings = replace(settings, trusted_hosts=",".join(OWN_NAMES))
    with ExitStack() as stack:
        listener = stack.enter_context(_listen(host, port))
        app = create_app(settings)
        service: Service = app.extensions["service"]
        stack.callback(service.close)
        server = _create_server(app, sockets=[listener], threads=REQUEST_THREADS, ident=None, clear_untrusted_proxy_headers=True)
        stack.callback(server.close)
        address = f"http://{SHOWN.get(host, host)}:{listener.getsockname()[1]}/"
        stack.enter_context(suppress(KeyboardInterrupt))
        _end_on_signals()
        if workers:
            worker = Worker(service, workers)
            stack.callback(worker.stop)
            worker.start()
        (on_ready or _say)(address)
        if open_browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        server.run()


def _listen(host: str, port: int) -> socket.socket:
    """The socket, taken before anything else is started. Raises CodedError where that is not possible."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        raise CodedError("api.serve.port", host=host, port=port, detail=getattr(error, "strerror", None) or str(error)) from error


def _end_on_signals() -> None:
    """SIGTERM ends the service as Ctrl-C does."""

    def end(_signum: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)


def _say(address: str) -> None:
    sys.stderr.write(say("api.serve.ready", "en", address=address) + "\n")
    sys.stderr.flush()
