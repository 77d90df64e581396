"""Handing a lesson out: addresses, QR codes, guest links."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.kernel import web
from app.kernel.access import Who, allows
from app.live import guests, queries, tokens
from app.live.access import for_lesson
from app.live.audiences import audience_words
from app.live.joining import services as joining
from app.live.models import LiveSession, Part
from app.live.policies import May, permissions_of
from app.live.sharing import invitation
from app.live.views import introduction_of, view_of
from app.units.queries import colour_of, home_of

bp = Blueprint("sharing", __name__, url_prefix="/live/<live_id>")

PRINTED_SCALE = 24
"""Pixels of a module in the picture for print: a code of 41 modules is about 8 cm wide at 300 dpi."""


@bp.get("/sharing")
@for_lesson(Who.ASSISTANT)
def page(live: LiveSession) -> ResponseReturnValue:
    """Show everything that is handed out; the presenters' tokens to those who teach."""
    user = accounts.viewer()
    held = permissions_of(user, live)
    shown = tokens.values_of(live) if May.DIRECT in held else {}
    if May.DIRECT not in held and (learner := tokens.values_of(live).get(Part.LEARNER)):
        shown = {Part.LEARNER: learner}
    return render_template(
        "live/sharing.html",
        live=view_of(live, user),
        audience=audience_words(live),
        invitation=invitation.text_of(live),
        other_invitation=invitation.text_in_other_language(live),
        tokens=shown,
        guest_link=guests.link_of(live) if live.guests else "",
        signed_up=joining.signed_up(live),
        directs=May.DIRECT in held,
        by_token=[one for one in live.presenters if one.by_token],
    )


@bp.get("/qr.svg")
@allows(Who.ANYONE)
def qr(live_id: str) -> ResponseReturnValue:
    """Draw the QR code for screens and posters."""
    live = queries.announced_to(accounts.viewer(), live_id)
    return _picture(live, "svg", scale=4, xmldecl=False, svgns=True)


@bp.get("/qr.png")
@allows(Who.ANYONE)
def qr_png(live_id: str) -> ResponseReturnValue:
    """Draw the QR code for print, to be laid out in a document of one's own."""
    live = queries.announced_to(accounts.viewer(), live_id)
    return web.named(_picture(live, "png", scale=PRINTED_SCALE), f"{live.subject}.png")


@bp.get("/poster")
@for_lesson(Who.ASSISTANT)
def poster(live: LiveSession) -> ResponseReturnValue:
    """Show a poster of A4 size with cover, time and QR code, to be printed."""
    user = accounts.viewer()
    return render_template(
        "live/poster.html",
        live=introduction_of(live, user),
        institute=home_of(live.unit).name,
        colour=colour_of(live.unit),
    )


@bp.post("/guest-link")
@for_lesson(Who.PRESENTER)
def reissue(live: LiveSession) -> ResponseReturnValue:
    """Make a new guest link; the older ones are dead."""
    guests.reissue(live)
    flash(_("There is a new guest link. The older ones, and their QR codes, do not work any more."))
    return redirect(url_for("sharing.page", live_id=live.id))


@bp.post("/guests")
@for_lesson(Who.PRESENTER)
def let_guests_in(live: LiveSession) -> ResponseReturnValue:
    """Let guests in again."""
    guests.switch(live, True)
    flash(_("Guests may watch."))
    return redirect(url_for("sharing.page", live_id=live.id))


@bp.delete("/guests")
@for_lesson(Who.PRESENTER)
def keep_guests_out(live: LiveSession) -> ResponseReturnValue:
    """Let no guest in any more, and put those out who are in."""
    guests.switch(live, False)
    flash(_("Guests may not watch any more."))
    return redirect(url_for("sharing.page", live_id=live.id))


def _picture(live: LiveSession, kind: str, **how: object) -> Response:
    """Draw the guest link where guests may watch, otherwise the address of the page (ISO/IEC 18004).

    With `?coloured` it has the colour of the unit that teaches, as posters want it.
    """
    dark = colour_of(live.unit) if "coloured" in request.args else ""
    may_hand_out = live.guests and May.WATCH in queries.permissions_here(accounts.viewer(), live)
    address = guests.link_of(live) if may_hand_out else url_for("live.page", live_id=live.id, _external=True)
    image = io.BytesIO()
    segno.make(address, error="m", micro=False).save(image, kind=kind, border=4, dark=dark or "black", **how)
    mimetype = {"svg": "image/svg+xml", "png": "image/png"}[kind]
    # asked for anew each time: a reissued link must not stay in a cache
    return Response(image.getvalue(), mimetype=mimetype, headers={"Cache-Control": "private, no-cache"})
