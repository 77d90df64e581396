"""Replays within other sites (嵌入): the page for a frame, oEmbed, and what previews of links read.

A frame gets the replay if the person of its request may watch it. Browsers send no cookie of ours into a frame of
another site (SameSite=Lax), so there a person who is signed in is a visitor, and the frame says how she gets on.
Source: oembed.com; CSP level 3, frame-ancestors; ogp.me, video.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Blueprint, current_app, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.classroom.engine import door
from app.classroom.engine.seats import Side
from app.classroom.engine.views import room_view
from app.classroom.studio.views import player_for
from app.courseware.errors import NothingToEmbed
from app.extensions import db
from app.kernel import web
from app.kernel.access import Who, allows
from app.kernel.errors import AppError
from app.live import guests
from app.live import queries as lives
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.live.policies import May, directs, permissions_of
from app.live.views import card_of, now_of, row_of
from app.replays.publishing import services as publishing

WIDTH, HEIGHT = 960, 540
LEAST_WIDTH = 200
REPLAY = re.compile(r"/live/([0-9a-z]{1,16})(?:/replay|/embed)?")

bp = Blueprint("embedding", __name__)


@bp.get("/live/<live_id>/embed")
@allows(Who.ANYONE)
def page(live_id: str) -> ResponseReturnValue:
    """Show a replay within a frame. To others than its viewers it tells nothing, not even whether there is one."""
    user = accounts.viewer()
    live = _for_viewer(live_id)
    if live is None:
        whole = url_for("replays.page", live_id=live_id)
        return _framed(render_template("courseware/embedding/closed.html", whole_url=whole))
    if user is None:
        guests.introduce()
    person = door.person_of(user, live)
    if door.side_of(user, live) is Side.LEARNER:
        publishing.note_viewer(live, person)
    return _framed(
        render_template(
            "courseware/embedding/page.html",
            live=now_of(live, user),
            player=player_for(live, "replay", person),
            room=room_view(live, user, is_open=False),
        )
    )


@bp.get("/oembed")
@allows(Who.ANYONE)
def oembed() -> ResponseReturnValue:
    """Describe a replay that everybody may watch to the site that wants to embed it (oEmbed 1.0, type video)."""
    if request.args.get("format", "json") != "json":
        return "", 501
    address = urlsplit(request.args.get("url", ""))
    found = REPLAY.fullmatch(address.path)
    live = db.session.get(LiveSession, found[1]) if found and address.netloc == request.host else None
    if live is None or not _is_for_everybody(live):
        raise NothingToEmbed
    most = request.args.get("maxwidth", WIDTH, int), request.args.get("maxheight", HEIGHT, int)
    width = max(LEAST_WIDTH, min(WIDTH, most[0], most[1] * WIDTH // HEIGHT))
    height = width * HEIGHT // WIDTH
    cover = card_of(live, None).large_cover_url
    thumbnail = {"thumbnail_url": cover, "thumbnail_width": 1280, "thumbnail_height": 720} if cover else {}
    return jsonify(
        version="1.0",
        type="video",
        title=live.subject,
        author_name=live.owner.real_name,
        provider_name="讲堂",
        provider_url=url_for("home.index", _external=True),
        width=width,
        height=height,
        html=_code(live.id, width, height),
        **thumbnail,
    )


def beside_replay(live_id: str) -> str:
    """Render the code for other sites, for those who direct the lesson; nothing while no site may embed."""
    live, user = lives.by_id(live_id), accounts.viewer()
    if user is None or not directs(user, live) or not live.has_recording or not _origins():
        return ""
    return render_template(
        "courseware/embedding/_panel.html",
        code=_code(live_id, WIDTH, HEIGHT),
        origins=_origins(),
        is_for_everybody=_is_for_everybody(live),
    )


def in_head(live_id: str) -> str:
    """Render what other sites read of a replay that everybody may watch."""
    live = lives.by_id(live_id)
    if not _origins() or not _is_for_everybody(live):
        return ""
    replay = url_for("replays.page", live_id=live_id, _external=True)
    return render_template(
        "courseware/embedding/_head.html",
        live=row_of(live, None),
        embed_url=url_for("embedding.page", live_id=live_id, _external=True),
        oembed_url=url_for("embedding.oembed", url=replay, _external=True),
        width=WIDTH,
        height=HEIGHT,
    )


def _for_viewer(live_id: str) -> LiveSession | None:
    try:
        live = lives.live_for(accounts.viewer(), live_id, May.REPLAY)
    except AppError:
        return None
    return live if live.state is LiveState.ENDED and live.has_recording else None


def _is_for_everybody(live: LiveSession) -> bool:
    """Return whether a visitor without an account may watch the replay."""
    is_there = live.deleted_ms is None and live.state is LiveState.ENDED and live.has_recording
    return is_there and May.REPLAY in permissions_of(None, live)


def _origins() -> tuple[str, ...]:
    found: tuple[str, ...] = current_app.config["EMBED_ORIGINS"]
    return found


def _code(live_id: str, width: int, height: int) -> str:
    address = url_for("embedding.page", live_id=live_id, _external=True)
    return render_template("courseware/embedding/_code.html", address=address, width=width, height=height).strip()


def _framed(body: str) -> ResponseReturnValue:
    reply = make_response(body)
    web.let_frame(reply, _origins())
    return reply
