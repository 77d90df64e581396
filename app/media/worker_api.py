"""The door of media_worker: `/internal/media/*`, in the words of `media_worker.contract`."""

from __future__ import annotations

import hmac
import time
from typing import TypeVar

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from app.extensions import db
from app.kernel import pulse
from app.kernel.access import Who, allows
from app.kernel.bus import bus
from app.media import queries, services
from app.media.errors import MediaRefusal
from app.media.models import Stream
from media_worker.contract import (
    PREFIX,
    Beat,
    BeatAnswer,
    ContractError,
    Ended,
    Hello,
    Message,
    PublishRequest,
    Pulse,
    Started,
)

bp = Blueprint("worker_api", __name__, url_prefix=PREFIX)

MAX_HOLD_MS = 2_000

M = TypeVar("M", bound=Message)


@bp.before_request
def check_secret() -> ResponseReturnValue | None:
    """Refuse requests without the worker's secret."""
    secret: str = current_app.config["WORKER_SECRET"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        return jsonify(error="worker.secret", message="The worker's secret is missing or wrong."), 401
    return None


@bp.errorhandler(MediaRefusal)
def refuse(error: MediaRefusal) -> ResponseReturnValue:
    """Return a refusal in the form of the contract."""
    return jsonify(error.refusal.to_json()), error.status


@bp.errorhandler(ContractError)
def misunderstand(error: ContractError) -> ResponseReturnValue:
    """Return the answer to a message that breaks the contract."""
    return jsonify(error="contract", message=str(error)), 400


@bp.post("/hello")
@allows(Who.WORKER)
def hello() -> ResponseReturnValue:
    """Welcome a worker that has started."""
    message = _read(Hello)
    pulse.beat(queries.pulse_of(message.worker))
    return jsonify(services.welcome(message.worker, message.asked_ms).to_json())


@bp.post("/pulse")
@allows(Who.WORKER)
def hear_pulse() -> ResponseReturnValue:
    """Note a worker's sign of life, and return the orphans."""
    message = _read(Pulse)
    pulse.beat(queries.pulse_of(message.worker))
    return jsonify(services.orphans().to_json())


@bp.post("/publish")
@allows(Who.WORKER)
def publish() -> ResponseReturnValue:
    """Answer whether an encoder may publish."""
    return jsonify(services.publish(_read(PublishRequest)).to_json())


@bp.post("/streams/<stream_id>/started")
@allows(Who.WORKER)
def started(stream_id: str) -> ResponseReturnValue:
    """Note the first segment of a run."""
    services.started(stream_id, _read(Started))
    return "", 204


@bp.post("/streams/<stream_id>/beat")
@allows(Who.WORKER)
def beat(stream_id: str) -> ResponseReturnValue:
    """Note a beat. Return new rules as soon as there are any, or after a while nothing."""
    message = _read(Beat)
    with bus.watch(services.topic(stream_id)) as watch:
        stream = services.hear_beat(stream_id, message)
        until = time.monotonic() + min(message.hold_ms, MAX_HOLD_MS) / 1000
        while stream.rules_version == message.rules_version and (left_s := until - time.monotonic()) > 0:
            db.session.remove()  # a waiting request holds no connection
            watch.wait(left_s)
            stream = db.session.get_one(Stream, stream_id)
        answer = BeatAnswer(stream.rules() if stream.rules_version != message.rules_version else None)
    return jsonify(answer.to_json())


@bp.post("/streams/<stream_id>/ended")
@allows(Who.WORKER)
def ended(stream_id: str) -> ResponseReturnValue:
    """Note the end of a run, or of the whole stream."""
    services.end_run(stream_id, _read(Ended))
    return "", 204


def _read(kind: type[M]) -> M:
    return kind.from_json(request.get_json(silent=True))
