"""Exports for tests."""

from __future__ import annotations

from dataclasses import asdict

from app.accounts.models import User
from app.courseware.course import Options
from app.courseware.intake.models import Intake
from app.courseware.models import Export, ExportState, Form
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.live.models import LiveSession


def export(live: LiveSession, form: Form = Form.SCORM12, *, state: ExportState = ExportState.DONE) -> Export:
    """Return the row of a new export without a file."""
    made = Export(live_id=live.id, form=form, options=asdict(Options()), state=state, by_id=live.owner_id)
    with unit_of_work():
        db.session.add(made)
    return made


def intake(by: User) -> Intake:
    """Return the row of a recording that somebody has begun to upload, without a file."""
    made = Intake(by_id=by.id, name="录像.mp4", size_bytes=1000)
    with unit_of_work():
        db.session.add(made)
    return made
