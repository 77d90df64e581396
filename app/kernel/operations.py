"""Doors for those who run the service: /healthz and /metrics."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import csrf, limiter
from app.kernel import pulse
from app.kernel.access import Who, allows

bp = Blueprint("operations", __name__)

process_up = Gauge("jiangtang_process_up", "1 when the process was heard within the last ten seconds", ["process"])


def register(app: Flask) -> None:
    """Open the doors."""
    app.register_blueprint(bp)
    csrf.exempt(bp)
    limiter.exempt(bp)


@bp.get("/healthz")
@allows(Who.ANYONE)
def healthz() -> ResponseReturnValue:
    """200 when web, media_worker and jobs are alive, else 503 and which is not."""
    try:
        states = {name: pulse.alive(name) for name in pulse.PROCESSES}
    except SQLAlchemyError:
        return jsonify(ok=False, web=True, database=False), 503
    return jsonify(ok=all(states.values()), web=True, database=True, **states), 200 if all(states.values()) else 503


@bp.get("/metrics")
@allows(Who.ANYONE)
def metrics() -> Response:
    """Figures for Prometheus; they name no person and no session."""
    for name in pulse.PROCESSES:
        process_up.labels(name).set(pulse.alive(name))
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
