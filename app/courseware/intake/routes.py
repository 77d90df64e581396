"""导入录制: the page, and the uploads that it begins (tus 1.0.0, see `app.kernel.tus`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.courseware.intake import errors, queries, services, views
from app.courseware.intake.models import Intake, IntakeState, Part
from app.kernel import tus
from app.kernel.access import Who, allows, holds, require, take_large_body
from app.kernel.forms import told
from app.kernel.htmx import is_for_htmx
from app.kernel.moments import in_ms
from app.kernel.permissions import Permission
from app.kernel.uploads import CHUNK_BYTES

bp = Blueprint("intake", __name__, url_prefix="/manage/recordings/imports")
tus.speak(bp)

View = Callable[..., ResponseReturnValue]

ADDRESSES = {Part.RECORDING: "/uploads/<intake_id>", Part.SLIDES: "/<intake_id>/slides/file"}
"""Addresses to which the files of an intake are sent."""


@bp.url_value_preprocessor
def _let_chunks_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if endpoint == "intake.go_on" and values:
        take_large_body(CHUNK_BYTES + tus.AROUND_A_CHUNK, lambda: _checked(values["intake_id"]))


def _checked(intake_id: str) -> Intake:
    require(Permission.LIVE_MANAGE)
    return _own(intake_id)


def _for_each_file(method: str) -> Callable[[View], View]:
    """Register a view of uploads for each file of an intake. The view takes the `part` as well."""

    def serve(view: View) -> View:
        for part, address in ADDRESSES.items():
            bp.add_url_rule(address, view_func=view, methods=[method], defaults={"part": part})
        return view

    return serve


def _own(intake_id: str) -> Intake:
    return queries.intake_of(accounts.me(), intake_id)


@bp.get("")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def page() -> ResponseReturnValue:
    """Show what one has brought."""
    return _page()


@bp.get("/<intake_id>")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def one(intake_id: str) -> ResponseReturnValue:
    """Show a recording on its way; the page asks while it is being made."""
    return _done(_own(intake_id))


@bp.post("/<intake_id>")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def begin(intake_id: str) -> ResponseReturnValue:
    """Take what is told of a video, and have its replay made; of one that has failed, try again."""
    intake = _own(intake_id)
    if intake.state is IntakeState.FAILED:
        services.try_again(intake)
        return _done(intake)
    subject, began = request.form.get("subject", ""), request.form.get("began", "")
    try:
        services.tell(intake, subject, _moment(began))
    except errors.NothingTold as error:
        typed = views.Typed(intake.id, subject, began, told(error))
        return (_one(intake, typed) if is_for_htmx() else _page(typed)), 422
    return _done(intake)


@bp.delete("/<intake_id>")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def remove(intake_id: str) -> ResponseReturnValue:
    """Stop it, or take it off the list. A replay that was made of it stays."""
    services.remove(_own(intake_id))
    return "" if is_for_htmx() else redirect(url_for("intake.page"))


@bp.route("/uploads", methods=["OPTIONS"], provide_automatic_options=False)
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def offer() -> ResponseReturnValue:
    """Return the supported parts of the protocol."""
    return "", 204, tus.offered(current_app.config["RECORDING_MOST_MB"] * 1_000_000)


@bp.post("/uploads")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def announce() -> ResponseReturnValue:
    """Begin the upload of a recording by its name and size."""
    tus.refuse_other_versions()
    intake = services.announce(tus.file_name(), tus.number("Upload-Length"), by=accounts.me())
    return "", 201, {"Location": _address_of(intake, Part.RECORDING), **_expires(intake)}


@_for_each_file("HEAD")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def look(intake_id: str, part: Part) -> ResponseReturnValue:
    """Return the progress of an upload."""
    intake = _own(intake_id)
    tus.refuse_other_versions()
    if not services.size_of(intake, part):
        raise errors.NoSuchIntake
    arrived = services.settle(intake, part)
    return "", 200, {**tus.progress(arrived, services.size_of(intake, part)), **_expires(intake)}


@_for_each_file("PATCH")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def go_on(intake_id: str, part: Part) -> ResponseReturnValue:
    """Take the next bytes of an upload."""
    intake = _own(intake_id)
    tus.refuse_other_versions()
    arrived = services.take(intake, part, request.stream, at=tus.offset())
    return "", 204, {"Upload-Offset": str(arrived), **_expires(intake)}


@bp.delete("/uploads/<intake_id>")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def cancel(intake_id: str) -> ResponseReturnValue:
    """Cancel an upload."""
    tus.refuse_other_versions()
    services.remove(_own(intake_id))
    return "", 204


@bp.post("/<intake_id>/slides")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def announce_slides(intake_id: str) -> ResponseReturnValue:
    """Begin the upload of the slides of a video."""
    tus.refuse_other_versions()
    intake = _own(intake_id)
    services.announce_slides(intake, tus.file_name(), tus.number("Upload-Length"))
    return "", 201, {"Location": _address_of(intake, Part.SLIDES), **_expires(intake)}


@bp.delete("/<intake_id>/slides/file")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def drop_slides(intake_id: str) -> ResponseReturnValue:
    """Forget the slides of a video."""
    intake = _own(intake_id)
    services.drop_slides(intake)
    return _done(intake) if "Tus-Resumable" not in request.headers else ("", 204)


def link() -> str:
    """Render the way to the page, for the list of recordings."""
    return render_template("courseware/intake/_link.html") if holds(Permission.LIVE_MANAGE) else ""


def _address_of(intake: Intake, part: Part) -> str:
    return url_for("intake.go_on", intake_id=intake.id, part=part)


def _expires(intake: Intake) -> dict[str, str]:
    kept_ms = queries.KEPT_MS.get(intake.state)
    return tus.expires(intake.changed_ms + kept_ms) if kept_ms else {}


def _moment(text: str) -> int | None:
    try:
        return in_ms(datetime.fromisoformat(text).replace(tzinfo=None))
    except ValueError:
        return None


def _done(intake: Intake) -> ResponseReturnValue:
    return _one(intake) if is_for_htmx() else redirect(url_for("intake.page"))


def _one(intake: Intake, typed: views.Typed | None = None) -> str:
    return render_template("courseware/intake/_intake.html", one=views.view_of(intake, typed))


def _page(typed: views.Typed | None = None) -> str:
    return render_template("courseware/intake/page.html", view=views.page_of(accounts.me(), typed))
