"""The replay page and its download."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.accounts.models import User
from app.classroom.chat.views import empty_chat
from app.classroom.engine import door, frames, sockets
from app.classroom.engine.seats import Seat, Side
from app.classroom.engine.views import room_view
from app.classroom.questions.views import replayed_view
from app.classroom.slides import kinds as stage
from app.classroom.studio.views import player_for
from app.kernel import web
from app.kernel.access import Who
from app.kernel.errors import NotFound
from app.kernel.htmx import is_for_htmx
from app.live import guests
from app.live import queries as live_queries
from app.live.access import for_lesson
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.live.policies import May, permissions_of
from app.live.views import introduction_of, now_of, row_of, view_of
from app.replays import queries, services, views
from app.replays.captions import views as captions
from app.replays.cutting import queries as cutting
from app.replays.cutting import writing as cutting_writing
from app.replays.notebook import queries as notebook
from app.replays.notebook.models import LONGEST_NOTE
from app.replays.publishing import services as publishing
from app.replays.search.queries import Hit, hits
from app.timeline import queries as timeline

LONGEST_SEARCH = 100

bp = Blueprint("replays", __name__, url_prefix="/live/<live_id>")


@bp.get("/replay")
@for_lesson(Who.VIEWER)
def page(live: LiveSession) -> ResponseReturnValue:
    """Show the replay; before the end the lesson's own page is the right one."""
    user = accounts.viewer()
    if live.state is not LiveState.ENDED:
        return redirect(url_for("live.page", live_id=live.id))
    directs = May.DIRECT in permissions_of(user, live)
    if door.side_of(user, live) is Side.LEARNER:
        if user is None:
            guests.introduce()
        publishing.note_viewer(live, door.person_of(user, live))
    room = room_view(live, user, is_open=False)
    cutting_writing.mend_playlists(live)
    cuts = cutting.rows_of(live.id)
    return render_template(
        "replays/page.html",
        live=now_of(live, user),
        announced=introduction_of(live, user),
        player=replace(
            player_for(live, "replay", door.person_of(user, live)), cuts=tuple((cut.from_ms, cut.to_ms) for cut in cuts)
        ),
        cut_places=[(cut.place_ms, cut.length_ms) for cut in cuts],
        chapters=views.chapters_view(live, user),
        download=queries.download_view(live) if directs else None,
        captions=captions.panel(live) if directs and live.has_recording else None,
        has_recording=live.has_recording,
        is_binned=live.recording_binned_ms is not None,
        room=room,
        chat=empty_chat(live),
        q=_q(),
        hits=_hits(live, user),
        left_at_ms=notebook.left_at_ms(live, user),
        notes=notebook.notes_of(live, user) if user else None,
        removed=None,
        longest_note=LONGEST_NOTE,
        questions=replayed_view(live, room.side, door.person_of(user, live)),
    )


@bp.get("/replay/search")
@for_lesson(Who.VIEWER)
def search(live: LiveSession) -> ResponseReturnValue:
    """Find words in the lesson."""
    _refuse_before_the_end(live)
    if not is_for_htmx():
        return redirect(url_for("replays.page", live_id=live.id, q=_q()))
    user = accounts.viewer()
    return render_template("replays/_hits.html", live=view_of(live, user), q=_q(), hits=_hits(live, user))


def _q() -> str:
    return " ".join(request.args.get("q", "").split())[:LONGEST_SEARCH]


def _hits(live: LiveSession, user: User | None) -> list[Hit]:
    return hits(live, _q(), door.side_of(user, live), door.person_of(user, live))


@bp.get("/replay/feed")
@sockets.for_seat(Who.VIEWER)
def feed(seat: Seat) -> ResponseReturnValue:
    """Return a batch of what happened beside the picture and the stage, after the event `?after=`."""
    live = live_queries.by_id(seat.live_id)
    if live.state is not LiveState.ENDED:
        raise NotFound
    after = max(0, request.args.get("after", 0, int))
    told = f"{cutting.cuts_of(live.id).mark} {live.replay_chat} {live.replay_names}"
    reply = web.kept_json(
        f"{timeline.last_id(live.id)}-{after}-{seat.side}-{seat.locale}-{seat.person.key}-{digest_of(told)}"
    )
    if reply.status_code == 304:
        return reply
    limit = frames.IN_A_BATCH
    events = timeline.after(live.id, after, without=stage.STAGE, limit=limit)  # these come with the stage's own track
    reply.set_data(frames.batch(events, seat, after=after, limit=limit))
    return web.compressed(reply)


@bp.post("/download")
@for_lesson(Who.PRESENTER)
def make_download(live: LiveSession) -> ResponseReturnValue:
    """Have the MP4 made."""
    _refuse_before_the_end(live)
    services.request_download(live)
    if is_for_htmx():
        return _panel(live)
    return redirect(url_for("replays.page", live_id=live.id))


@bp.get("/download")
@for_lesson(Who.PRESENTER)
def download_state(live: LiveSession) -> ResponseReturnValue:
    """Show the progress of the MP4. The page asks while it is being made."""
    _refuse_before_the_end(live)
    return _panel(live)


@bp.get("/download/file")
@for_lesson(Who.PRESENTER)
def download_file(live: LiveSession) -> ResponseReturnValue:
    """Send the MP4; Range requests resume a broken download."""
    _refuse_before_the_end(live)
    file = queries.file_of(live.id)
    if not file.exists():
        raise NotFound
    reply = send_file(file, "video/mp4", as_attachment=True, download_name=f"{live.subject}.mp4", conditional=True)
    reply.headers["Cache-Control"] = "private, no-cache"  # it is the presenter's, not for a cache between
    return reply


def digest_of(text: str) -> str:
    """Return a short name of a text, for caches."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _refuse_before_the_end(live: LiveSession) -> None:
    if live.state is not LiveState.ENDED:
        raise NotFound


def _panel(live: LiveSession) -> str:
    return render_template(
        "replays/_download.html", live=row_of(live, accounts.viewer()), download=queries.download_view(live)
    )
