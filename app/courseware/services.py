"""Exports are requested and cancelled here, and their downloads are noted."""

from __future__ import annotations

from dataclasses import asdict

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.courseware import errors, jobs, queries
from app.courseware.course import Options
from app.courseware.models import UNFINISHED, Export, ExportState, Form
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.lifecycle import LiveState
from app.live.models import LiveSession


def request_export(live: LiveSession, form: Form, options: Options, *, by: User | None) -> Export:
    """Have a package made, unless the same one is on its way.

    Args:
        live: a lesson that is over and recorded.
        form: of the package.
        options: what is wanted of the course.
        by: who asks; `None` for the command line.

    Raises:
        NotOver, NothingRecorded: there is nothing to export.
    """
    with unit_of_work() as after_commit:
        lock(live)
        if live.state is not LiveState.ENDED:
            raise errors.NotOver
        if not live.has_recording:
            raise errors.NothingRecorded
        for export in queries.exports_of(live.id):
            if export.state in UNFINISHED and (export.form, export.wanted) == (form, options):
                return export
        export = Export(live_id=live.id, form=form, options=asdict(options), by_id=by.id if by else None)
        db.session.add(export)
        db.session.flush()
        audit.record(
            Action.COURSE_EXPORTED,
            by_id=by.id if by else None,
            unit_id=live.unit_id,
            what=live.subject,
            form=str(form),
            **asdict(options),
        )
        after_commit(jobs.make_waiting.later)
    return export


def cancel(export: Export) -> None:
    """Stop making a package; of a finished one, remove it."""
    with unit_of_work() as after_commit:
        lock(export)
        file = queries.file_of(export)
        if export.state in UNFINISHED:
            export.state, export.changed_ms = ExportState.CANCELLED, clock.now_ms()
        else:
            db.session.delete(export)
            after_commit(lambda: file.unlink(missing_ok=True))


def note_download(export: Export, *, by: User) -> None:
    """Write into the log that a package was taken."""
    with unit_of_work():
        audit.record(
            Action.COURSE_DOWNLOADED,
            by_id=by.id,
            unit_id=export.live.unit_id,
            what=export.live.subject,
            form=str(export.form),
        )
