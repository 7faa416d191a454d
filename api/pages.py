"""The pages for people. They work without JavaScript; what little there is of it only saves a click or a flicker."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Redirect

from matcher.errors import UnreadableFile
from matcher.words import LANGUAGES

from .batches import explain, find, links, service
from .finding import Status
from .issues import by_kind, heading, read_issues
from .languages import COOKIE, language, tell
from .options import read_options
from .receive import receive_copy, receive_files
from .results import explanation
from .store import Batch

pages = Blueprint("pages", __name__)

STEPS = {
    "read": ("start", "read", "check"),
    "compile": ("compile",),
    "solve": ("solve",),
    "verify": ("explain", "verify", "staff", "compare"),
    "write": ("write", "report"),
}
"""What a person sees of the stages, in order."""

SHOWN_PER_KIND = 20
YEAR_SECONDS = 31_536_000

FILES = ("report", "workbook", "matches", "placements", "quotas", "staff", "reserves", "proof", "result")
"""The files of a result, in the order in which they are offered."""


@pages.get("/")
def home() -> str:
    """Hand in a round."""
    settings = service().settings
    return render_template(
        "home.html",
        megabytes=settings.max_upload_bytes // 1_000_000,
        limit=settings.max_upload_bytes,
        days=int(settings.keep_days),
        has_sample=service().engine.sample() is not None,
        deleted="deleted" in request.args,
    )


@pages.post("/batches")
def submit() -> Redirect:
    """Take a round in; all its problems are found by the job, so the answer comes at once."""
    uploads = [upload for upload in request.files.getlist("file") if upload.filename]
    if not uploads:
        raise UnreadableFile("api.upload.none")
    batch, _ = service().submit(partial(receive_files, uploads), read_options(request.form), language())
    return redirect(url_for("pages.batch", batch_id=batch.id), 303)


@pages.post("/sample")
def sample() -> Redirect:
    """Take the sample round in, in the language of the page."""
    source: Path | None = service().engine.sample()
    if source is None:
        abort(404)
    batch, _ = service().submit(partial(receive_copy, source, tell("api.page.home.sample_name")), read_options({"language": language()}), language())
    return redirect(url_for("pages.batch", batch_id=batch.id), 303)


@pages.get("/template.xlsx")
def template() -> Response:
    """An empty workbook to fill in."""
    folder = service().settings.instance.absolute() / "templates"
    folder.mkdir(exist_ok=True)
    path = folder / f"round-{language()}.xlsx"
    service().engine.write_template(path, language())
    return send_file(path, as_attachment=True, download_name=path.name, max_age=0)


@pages.get("/batches/<batch_id>")
def batch(batch_id: str) -> str:
    """Where a round stands: its progress, its problems or its result."""
    found = find(batch_id)
    status = Status(found.status)
    show = {Status.QUEUED: _waiting, Status.RUNNING: _running, Status.DONE: _done}.get(status, _ended)
    return render_template("batch.html", batch=found, status=status, links=links(found), **show(found))


@pages.post("/batches/<batch_id>/cancel")
def cancel(batch_id: str) -> Redirect:
    """Stop a round that waits or runs."""
    service().ledger.cancel(find(batch_id).id)
    return redirect(url_for("pages.batch", batch_id=batch_id), 303)


@pages.post("/batches/<batch_id>/delete")
def delete(batch_id: str) -> Redirect:
    """Delete a finished round; one that is not finished is shown instead."""
    if not service().delete(find(batch_id).id):
        return redirect(url_for("pages.batch", batch_id=batch_id), 303)
    return redirect(url_for("pages.home", deleted=""), 303)


@pages.get("/language/<code>")
def choose_language(code: str) -> Redirect:
    """Remember the language, and go back to the page."""
    if code not in LANGUAGES:
        abort(404)
    back = request.args.get("back", "/")
    # Only paths of our own: neither another site (`//`, `/\`) nor a header.
    response = redirect(back if back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable() else "/", 303)
    response.set_cookie(COOKIE, code, max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure)
    return response


def _waiting(batch: Batch) -> dict[str, Any]:
    alive, _ = service().ledger.workers()
    return {"place": service().ledger.place(batch), "alive": alive > 0}


def _running(batch: Batch) -> dict[str, Any]:
    now = next((step for step, stages in STEPS.items() if batch.stage in stages), "read")
    names = list(STEPS)
    return {"steps": names, "now": now, "past": names[: names.index(now)]}


def _done(batch: Batch) -> dict[str, Any]:
    student = request.args.get("student", "").strip()
    rows = explanation(batch, student) if student and "matches" in links(batch) else []
    summary = batch.summary or {}
    profile = summary.get("rank_profile", [])
    return {
        "error": explain(batch),
        "summary": batch.summary,
        "goals": _goals(summary),
        "files": FILES,
        "student": student,
        "rows": rows,
        "most": max(profile, default=1),
        **_problems(batch),
    }


def _goals(summary: dict[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """Of every goal: its name, value, bound, gap, and how far it is proven."""
    from matcher.report.outcome import standings
    from matcher.report.texts import Texts
    from matcher.result import TierValue

    def whole(worth: Any) -> Any:
        return tuple(worth) if isinstance(worth, list) else worth

    texts = Texts(language())
    tiers = [TierValue(tier["name"], whole(tier["value"]), whole(tier["bound"])) for tier in summary.get("tiers", [])]
    return [
        (
            texts.tier(tier.label),
            texts.worth(tier.value),
            tell("report.goals.none") if tier.bound is None else texts.worth(tier.bound),
            texts.gap(tier),
            standing,
        )
        for tier, standing in zip(tiers, standings(tiers), strict=True)
    ]


def _ended(batch: Batch) -> dict[str, Any]:
    return {"error": explain(batch), **_problems(batch)}


def _problems(batch: Batch) -> dict[str, Any]:
    path = service().run_file(batch, "issues.json")
    return {"kinds": by_kind(read_issues(path)) if path else [], "counts": batch.problems or {}, "shown": SHOWN_PER_KIND, "heading": heading}
