"""Doors for operators: /healthz and /metrics."""

from __future__ import annotations

import shutil

from flask import Blueprint, Flask, Response, current_app, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import csrf, limiter
from app.kernel import pulse
from app.kernel.access import Who, allows

bp = Blueprint("operations", __name__)

LEAST_FREE_BYTES = 4 << 20
"""Free space below which the service is not well: a segment of a good picture takes half a megabyte."""

process_up = Gauge("jiangtang_process_up", "1 when the process was heard within the last ten seconds", ["process"])


def register(app: Flask) -> None:
    """Open the doors."""
    app.register_blueprint(bp)
    csrf.exempt(bp)
    limiter.exempt(bp)


@bp.get("/healthz")
@allows(Who.ANYONE)
def healthz() -> ResponseReturnValue:
    """Return 200 if web, media_worker and jobs are alive and the disks have room, else 503 and the faulty parts."""
    try:
        states = {name: pulse.alive(name) for name in pulse.PROCESSES} | {"disk": _disks_take_more()}
    except SQLAlchemyError:
        return jsonify(ok=False, web=True, database=False), 503
    return jsonify(ok=all(states.values()), web=True, database=True, **states), 200 if all(states.values()) else 503


def _disks_take_more() -> bool:
    """Return whether the disks have room for a lesson's next seconds. For a missing folder its parent counts."""
    for place in (current_app.config["DATA_DIR"], current_app.config["MEDIA_ROOT"]):
        folder = next(one for one in (place, *place.parents) if one.exists())
        if shutil.disk_usage(folder).free < LEAST_FREE_BYTES:
            return False
    return True


@bp.get("/metrics")
@allows(Who.ANYONE)
def metrics() -> Response:
    """Return figures for Prometheus. They name no person and no session."""
    for name in pulse.PROCESSES:
        process_up.labels(name).set(pulse.alive(name))
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
