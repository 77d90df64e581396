"""Deeds of managers with imports: bring a file, confirm its preview, start again, throw away."""

from __future__ import annotations

import time
from functools import partial

from flask import request
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock, web
from app.kernel.ids import new_id
from app.kernel.queue import Job
from app.kernel.text import tidied
from app.kernel.unit_of_work import lock, unit_of_work
from app.people.imports import jobs, store
from app.people.imports.errors import AtWork, EmptyFile, SeenTooLate
from app.people.imports.queries import is_stuck
from app.people.imports.store import Choices
from app.people.models import ImportState, PeopleImport
from app.units.models import Unit

KEPT_DAYS = 7
MOST_ATTEMPTS = 3
"""Maximum automatic attempts at an import that takes the jobs process down."""


def bring(file: FileStorage, unit: Unit, *, by: User) -> PeopleImport:
    """Store a file, and queue its reading.

    Raises:
        EmptyFile: the file has no bytes.
    """
    import_id = new_id()
    if not store.keep_upload(import_id, file):
        store.remove(import_id)
        raise EmptyFile
    name = tidied(file.filename or "")[-200:] or "–"
    found = PeopleImport(id=import_id, by_id=by.id, unit_id=unit.id, file_name=name)
    with unit_of_work() as after_commit:
        db.session.add(found)
        after_commit(lambda: jobs.read.later(import_id))
    return found


def confirm(found: PeopleImport, *, version: int, update: bool, invite: bool, by: User) -> None:
    """Queue the writing of the previewed import. A second confirmation changes nothing.

    Raises:
        SeenTooLate: `version` is not that of the present preview.
    """
    with unit_of_work() as after_commit:
        lock(found)
        if found.state in {ImportState.WRITING, ImportState.INVITING, ImportState.DONE}:
            return
        if found.state is not ImportState.READY or found.version != version:
            raise SeenTooLate
        found.state, found.percent, found.problem, found.changed_ms = ImportState.WRITING, 0, "", clock.now_ms()
        found.choices = dict(
            Choices(
                by_id=by.id,
                update=update,
                invite=invite,
                root=request.url_root,
                language=web.language(),
                address=request.remote_addr or "",
            )
        )
        import_id = found.id
        after_commit(lambda: jobs.write.later(import_id))


def start_again(found: PeopleImport) -> None:
    """Go on with an import whose job has died. A healthy one is left alone."""
    with unit_of_work() as after_commit:
        lock(found)
        crashed = found.state is ImportState.FAILED and found.problem == jobs.CRASH
        if not (crashed or is_stuck(found)):
            return
        found.changed_ms, found.attempts, import_id = clock.now_ms(), 0, found.id
        if crashed:
            found.state, found.problem, found.percent = ImportState.READING, "", 0
        job = _job_of(found.state)
        after_commit(lambda: job.later(import_id))


def resume() -> None:
    """Go on with the imports that a killed jobs process has left. The clockwork calls it at the start."""
    at_work = PeopleImport.state.in_([ImportState.READING, ImportState.WRITING, ImportState.INVITING])
    with unit_of_work() as after_commit:
        for found in db.session.scalars(select(PeopleImport).where(at_work, PeopleImport.attempts < MOST_ATTEMPTS)):
            found.attempts, found.percent, found.changed_ms = found.attempts + 1, 0, clock.now_ms()
            after_commit(partial(_job_of(found.state).later, found.id))


def _job_of(state: ImportState) -> Job:
    return jobs.read if state is ImportState.READING else jobs.write


def throw_away(found: PeopleImport) -> None:
    """Delete an import that has written nothing.

    Raises:
        AtWork: it is being written, or has been.
    """
    with unit_of_work() as after_commit:
        lock(found)
        stuck = found.state is ImportState.WRITING and is_stuck(found)
        if found.state in {ImportState.WRITING, ImportState.INVITING, ImportState.DONE} and not stuck:
            raise AtWork
        import_id = found.id
        db.session.delete(found)
        after_commit(lambda: store.remove(import_id))


def forget_old() -> None:
    """Remove imports and files that are older than a week. The clockwork calls it."""
    before_ms = clock.now_ms() - KEPT_DAYS * 86_400_000
    with unit_of_work():
        for found in db.session.scalars(select(PeopleImport).where(PeopleImport.created_ms < before_ms)):
            db.session.delete(found)
    for import_id in store.lonely(time.time() - KEPT_DAYS * 86_400):
        if db.session.get(PeopleImport, import_id) is None:
            store.remove(import_id)
