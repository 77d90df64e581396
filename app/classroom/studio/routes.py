"""Watch page and studio, and the studio's buttons."""

from __future__ import annotations

import io
from dataclasses import asdict, replace

from flask import Blueprint, current_app, jsonify, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.accounts.models import User
from app.classroom.chat.views import chat_view
from app.classroom.engine import door
from app.classroom.engine.presence import queries as people
from app.classroom.engine.seats import Side
from app.classroom.engine.views import room_view
from app.classroom.hands import queries as hands
from app.classroom.polls.views import polls_view
from app.classroom.questions.views import questions_view
from app.classroom.rollcall import views as rollcall
from app.classroom.slides.views import desk_view
from app.classroom.stage.views import stage_view
from app.classroom.studio import diagnostics, obs
from app.classroom.studio.views import UNCUT, delay_of, health_view, player_for, stream_view, studio_of
from app.documents.views import upload_rules
from app.kernel import markdown
from app.kernel.access import Who
from app.kernel.htmx import respond
from app.live import guests, services
from app.live.access import for_lesson
from app.live.models import LiveSession
from app.live.policies import May, permissions_of
from app.live.sharing import invitation
from app.live.views import now_of, row_of

bp = Blueprint("classroom", __name__, url_prefix="/live/<live_id>")


@bp.get("/watch")
@for_lesson(Who.WATCHER)
def watch(live: LiveSession) -> ResponseReturnValue:
    """Show the lesson to a learner."""
    user = accounts.viewer()
    if user is None:
        guests.introduce()
    is_guest = user is None or (guests.is_admitted(live) and not permissions_of(user, live))
    as_learner = door.is_as_learner(user, live)
    view = now_of(live, user)
    return render_template(
        "classroom/studio/watch.html",
        live=replace(view, plans=False, directs=False, assists=False) if as_learner else view,
        as_learner=as_learner,
        abstract=markdown.as_html(live.abstract),
        player=player_for(live, "live", door.person_of(user, live), as_learner=as_learner),
        guest=guests.guest(live) if is_guest else None,
        **_room(live, user),
    )


@bp.get("/studio")
@for_lesson(Who.ASSISTANT)
def studio(live: LiveSession) -> ResponseReturnValue:
    """Show the lesson to its presenters; whoever only assists sees no key and no buttons."""
    user = accounts.viewer()
    if May.DIRECT in permissions_of(user, live):
        services.see_presenter(live.id)
    return render_template(
        "classroom/studio/studio.html",
        player=player_for(live, "preview", door.person_of(user, live)),
        **_vitals(live),
        slides=desk_view(live.id),
        invitation=invitation.text_of(live),
        other_invitation=invitation.text_in_other_language(live),
        rules=upload_rules(live, current_app.config["DOCUMENT_MOST_MB"]),
        **_room(live, user),
        **_panel(live),
    )


@bp.get("/source")
@for_lesson(Who.VIEWER)
def source(live: LiveSession) -> ResponseReturnValue:
    """Return the player fresh addresses."""
    user = accounts.viewer()
    mode = "preview" if door.side_of(user, live) is Side.DESK else "live"
    uncut = UNCUT in request.args and May.DIRECT in permissions_of(user, live)
    player = player_for(live, mode, door.person_of(user, live), uncut=uncut)
    fresh = asdict(player)
    return jsonify(
        live=fresh["live_url"],
        full=fresh["full_url"],
        audio=fresh["audio_url"],
        full_audio=fresh["full_audio_url"],
        preview=fresh["preview_url"],
        state=str(live.state),
        status=live.status(),
    )


@bp.get("/health")
@for_lesson(Who.ASSISTANT)
def health(live: LiveSession) -> ResponseReturnValue:
    """Return the health panel; the studio asks every second."""
    return render_template(
        "classroom/studio/_health.html",
        **_vitals(live),
        stream=stream_view(live.stream),
        live=studio_of(live, accounts.viewer()),
    )


@bp.get("/diagnostics")
@for_lesson(Who.ASSISTANT)
def diagnose(live: LiveSession) -> ResponseReturnValue:
    """Show how the stream does, to be copied into a question."""
    user = accounts.viewer()
    facts = list(diagnostics.lines_of(live, people.counts(live.id).total))
    return render_template("classroom/studio/diagnostics.html", live=row_of(live, user), facts=facts)


@bp.get("/obs-profile.zip")
@for_lesson(Who.PRESENTER)
def obs_profile(live: LiveSession) -> ResponseReturnValue:
    """Return a profile for OBS with server, key and settings."""
    profile = obs.profile(stream_view(live.stream), live.subject)
    return send_file(io.BytesIO(profile), "application/zip", as_attachment=True, download_name=f"OBS-{live.id}.zip")


@bp.post("/key")
@for_lesson(Who.PRESENTER)
def new_key(live: LiveSession) -> ResponseReturnValue:
    """Change the publish key."""
    services.change_key(live)
    return respond("classroom/studio/_key.html", page=url_for("classroom.studio", live_id=live.id), **_panel(live))


def _room(live: LiveSession, user: User | None) -> dict[str, object]:
    room = room_view(live, user)
    return {
        "room": room,
        "chat": chat_view(live, room.side, door.person_of(user, live)),
        "hands": hands.queue(live.id),
        "stage": stage_view(live.id),
        "questions": questions_view(live, room.side, door.person_of(user, live)),
        "polls": polls_view(live, room.side, door.person_of(user, live), permissions_of(user, live)),
        "roll_card": rollcall.card_view(live.id, room.me),
        "roll_desk": rollcall.desk_view(live.id) if room.side is Side.DESK else None,
    }


def _panel(live: LiveSession) -> dict[str, object]:
    return {"live": studio_of(live, accounts.viewer()), "stream": stream_view(live.stream)}


def _vitals(live: LiveSession) -> dict[str, object]:
    stream = live.stream
    return {
        "health": health_view(stream),
        "delay_s": delay_of(stream),
        "learners": people.learners([live.id]).get(live.id, 0),
    }
