"""The banner of the home page, for everybody."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.extensions import limiter
from app.kernel.access import Who, allows
from app.kernel.errors import NotFound
from app.live.access import for_lesson
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.recommendations import moments, news, pictures, queries, services
from app.recommendations.views import banner_for, target_of

bp = Blueprint("banner", __name__, url_prefix="/banner")


@bp.get("")
@allows(Who.ANYONE)
def show() -> ResponseReturnValue:
    """Render the large pictures, for a page that is open already."""
    return render_template("recommendations/_banner.html", banner=banner_for(accounts.viewer()))


@bp.get("/news")
@allows(Who.ANYONE)
def wait() -> ResponseReturnValue:
    """Answer with the version of the viewer's pictures, once it is another one than `?seen=`, or after a while."""
    above = queries.units_above(accounts.viewer())
    seen = request.args.get("seen")
    if seen is None:
        return jsonify(version=queries.joined(queries.versions(above), above))
    return jsonify(version=news.of_app().wait(above, seen))


@bp.post("/shown")
@limiter.limit("60 per minute")
@allows(Who.ANYONE)
def count_shown() -> ResponseReturnValue:
    """Count the pictures that a page has really shown."""
    asked = set(request.form.getlist("item", type=int)[: queries.MOST_SHOWN])
    services.count_shown(asked & {row.id for row in queries.seen_by(accounts.viewer())})
    return "", 204


@bp.get("/<int:item_id>/open")
@allows(Who.ANYONE)
def open_slide(item_id: int) -> ResponseReturnValue:
    """Count that a picture was followed, and lead to the page that is the viewer's next step."""
    user = accounts.viewer()
    row = queries.seen_one(user, item_id)
    services.count_opened(row.id)
    return redirect(target_of(row, user))


@bp.get("/pictures/<name>-<int:width>.webp")
@allows(Who.ANYONE)
def picture(name: str, width: int) -> ResponseReturnValue:
    """Send a large picture. Nobody can guess its name."""
    return pictures.SHELF.reply(name, width, caches="private")


@bp.get("/moments/<live_id>-<int:at_ms>.webp")
@for_lesson(Who.WATCHER)
def moment(live: LiveSession, at_ms: int) -> ResponseReturnValue:  # noqa: ARG001 - it makes the address new each minute
    """Send the picture of a lesson on air, to people who may watch it, and only while it is on air."""
    file = moments.file_of(live.id)
    if live.state is not LiveState.ON_AIR or not file.exists():
        raise NotFound
    reply = send_file(file, "image/webp", conditional=True)
    reply.headers["Cache-Control"] = "private, max-age=60"
    return reply
