"""The long work of an import in the jobs process: reading, judging, writing, inviting.

Each step begins with the state of the row, and changes it in the transaction that does the work. So a step that is
queued twice, or begun again after a crash, does nothing twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from flask import current_app
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import passwords
from app.accounts import queries as accounts
from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel import clock, web
from app.kernel.permissions import Permission
from app.kernel.queue import Job
from app.kernel.unit_of_work import unit_of_work
from app.mail import services as mail
from app.people.imports import files, judging, store
from app.people.imports.cells import Column
from app.people.imports.files import Report, Sheet, Unreadable
from app.people.imports.judging import Change, Judgement, World
from app.people.imports.store import Choices, Counts
from app.people.imports.world import places, world_of
from app.people.models import ImportState, PeopleImport
from app.roles import policies
from app.units.models import Unit

log = logging.getLogger(__name__)

REPORT_EVERY_MS = 300
INVITED_AT_ONCE = 200
CRASH, CHANGED, NOT_WRITTEN, NO_RIGHT = "crash", "changed", "not_written", "no_right"
"""Problems beside those of `files`."""


class _ThrownAway(Exception):
    """The import was thrown away."""


class _Changed(Exception):
    """The import would no longer do what was confirmed."""


def _silent(_percent: int) -> None:
    """Report nothing, for short work."""


def _read(import_id: str) -> None:
    """Read the file, judge its rows, and store the preview."""
    found = db.session.get(PeopleImport, import_id)
    if found is None or found.state is not ImportState.READING:
        return
    try:
        report = _reporter(import_id)
        sheet = files.read(store.upload_of(import_id), lambda percent: report(percent // 2))
        store.keep_sheet(import_id, sheet)
        _show(import_id, sheet, found.by_id, ImportState.READING, report=lambda percent: report(50 + percent // 2))
    except Unreadable as error:
        _move_on(import_id, ImportState.READING, ImportState.FAILED, problem=str(error.problem))
    except _ThrownAway:
        if db.session.get(PeopleImport, import_id, populate_existing=True) is None:  # otherwise another job was quicker
            store.remove(import_id)
    except Exception:
        log.exception("import %s could not be read", import_id)
        db.session.rollback()
        _move_on(import_id, ImportState.READING, ImportState.FAILED, problem=CRASH)


def _write(import_id: str) -> None:
    """Write the confirmed import, all of it or nothing. Then invite the new people, if that was asked for."""
    found = db.session.get(PeopleImport, import_id)
    if found is None or found.state not in {ImportState.WRITING, ImportState.INVITING}:
        return
    choices = found.choices
    try:
        with _as_asked(choices):
            if found.state is ImportState.WRITING:
                _write_people(import_id)
            while _invite_some(import_id):
                pass
    except _ThrownAway:
        log.info("import %s is not wanted any more, or another job has done it", import_id)
    except (_Changed, IntegrityError):
        db.session.rollback()
        with suppress(_ThrownAway):
            _show(import_id, store.sheet_of(import_id), choices["by_id"], ImportState.WRITING, problem=CHANGED)
    except Exception:
        log.exception("import %s could not be written", import_id)
        db.session.rollback()
        _move_on(import_id, ImportState.WRITING, ImportState.READY, problem=NOT_WRITTEN)


read = Job(_read)
write = Job(_write)


def _reporter(import_id: str) -> Report:
    """Return a function that stores the progress of reading and judging, not too often."""
    noted_ms = 0

    def report(percent: int) -> None:
        nonlocal noted_ms
        now = clock.now_ms()
        if now - noted_ms < REPORT_EVERY_MS:
            return
        noted_ms = now
        with unit_of_work():
            note = update(PeopleImport).where(PeopleImport.id == import_id, PeopleImport.state == ImportState.READING)
            values = {"percent": percent, "changed_ms": now}
            if db.session.execute(note.values(values).returning(PeopleImport.id)).first() is None:
                raise _ThrownAway

    return report


def _show(
    import_id: str, sheet: Sheet, by_id: int, state: ImportState, *, problem: str = "", report: Report = _silent
) -> None:
    """Judge the rows as the world is now, and store the preview."""
    found = db.session.get_one(PeopleImport, import_id)
    judgement = _judge(found, sheet, by_id, report)
    version = found.version + 1
    store.keep_preview(import_id, judgement, places(found.unit).names)
    with unit_of_work():
        found = _locked(import_id, state)
        found.state, found.percent, found.problem, found.changed_ms = ImportState.READY, 100, problem, clock.now_ms()
        found.version, found.counts = version, dict(_counts(sheet, judgement))


def _judge(found: PeopleImport, sheet: Sheet, by_id: int, report: Report = _silent) -> Judgement:
    by = db.session.get_one(User, by_id)
    return judging.judge(sheet.rows, world_of(sheet.rows, found.unit, by, report))


def _counts(sheet: Sheet, judgement: Judgement) -> Counts:
    return Counts(
        rows=len(sheet.rows),
        new=len(judgement.new),
        changes=len(judgement.changes),
        same=judgement.same,
        faulty=judgement.faulty,
        findings=len(judgement.findings),
        ignored=sheet.ignored,
        digest=judgement.digest,
    )


def _write_people(import_id: str) -> None:
    """Judge once more, and write if the judgement is the confirmed one.

    Judging takes as long as writing, and SQLite has one writer. So it is done before the transaction, and repeated
    within it only if the world has changed since.

    Raises:
        _Changed: the judgement is another one.
        IntegrityError: another person has taken a name at the same instant.
    """
    sheet = store.sheet_of(import_id)
    world = _world(db.session.get_one(PeopleImport, import_id), sheet)
    judgement = judging.judge(sheet.rows, world)
    digest = judgement.digest
    with unit_of_work():
        found = _locked(import_id, ImportState.WRITING)
        by = db.session.get_one(User, found.choices["by_id"])
        if by.closed_ms or not policies.holdings_now(by).covers(Permission.PEOPLE_MANAGE, found.unit.path):
            found.state, found.problem = ImportState.FAILED, NO_RIGHT
            return
        now = _world(found, sheet)
        if now != world:
            judgement = judging.judge(sheet.rows, now)
            digest = judgement.digest
        if digest != found.counts["digest"]:
            raise _Changed
        _insert(judgement, by)
        if found.choices["update"]:
            _update(judgement, by)
        _note_written(found, judgement, by)


def _note_written(found: PeopleImport, judgement: Judgement, by: User) -> None:
    choices, counts = cast(Choices, found.choices), cast(Counts, dict(found.counts))
    changed, known = len(judgement.changes), len(judgement.changes) + judgement.same
    counts["updated"] = changed if choices["update"] else 0
    counts["skipped"] = known - counts["updated"]
    counts["asked"] = counts["invited"] = 0
    found.counts = dict(counts)
    found.state = ImportState.INVITING if choices["invite"] else ImportState.DONE
    found.percent, found.problem, found.changed_ms = 0, "", clock.now_ms()
    audit.record(
        Action.PEOPLE_IMPORTED,
        by_id=by.id,
        unit_id=found.unit_id,
        what=found.file_name,
        new=len(judgement.new),
        updated=counts["updated"],
        skipped=counts["skipped"] + judgement.faulty,
    )


def _world(found: PeopleImport, sheet: Sheet) -> World:
    by = db.session.get_one(User, found.choices["by_id"])
    return world_of(sheet.rows, found.unit, by, _silent)


def _insert(judgement: Judgement, by: User) -> None:
    now = clock.now_ms()
    rows = [
        {
            "real_name": one.real_name,
            "username": one.username,
            "email": one.email,
            "email_by_id": by.id if one.email else None,
            "staff_number": one.staff_number,
            "unit_id": one.unit_id,
            "created_ms": now,
        }
        for one in judgement.new
    ]
    if rows:
        db.session.execute(insert(User), rows)


def _update(judgement: Judgement, by: User) -> None:
    """Change known people. Log each change, and mail people who lose an address at that address."""
    if not judgement.changes:
        return
    before = {user.id: user for user in accounts.people([one.user_id for one in judgement.changes])}
    addresses = [one for one in judgement.changes if Column.EMAIL in one.differs]
    letters = [_letter(one) for one in addresses if before[one.user_id].email]
    entries = [entry for one in judgement.changes for entry in _entries(one, before[one.user_id], by)]
    rows = [
        {
            "id": one.user_id,
            "real_name": one.values[Column.REAL_NAME],
            "username": one.values[Column.USERNAME],
            "email": one.values.get(Column.EMAIL),
            "email_by_id": by.id if Column.EMAIL in one.differs else before[one.user_id].email_by_id,
            "staff_number": one.values.get(Column.STAFF_NUMBER),
            "unit_id": one.unit_id,
        }
        for one in judgement.changes
    ]
    db.session.execute(update(User), rows)
    mail.send_all(letters)
    audit.record_all(entries)


def _letter(change: Change) -> dict[str, Any]:
    old, new = change.differs[Column.EMAIL]
    about: dict[str, Any] = {
        "name": change.values[Column.REAL_NAME],
        "username": change.values[Column.USERNAME],
        "email": new,
    }
    return mail.compose(old, "address_changed", locale=web.language(), **about)


def _entries(change: Change, user: User, by: User) -> Iterator[dict[str, Any]]:
    """Yield the log entries of one changed person, as `audit.record_all` takes them."""
    common = {"by_id": by.id, "what": user.label}
    known = {column: texts for column, texts in change.differs.items() if column is not Column.UNIT}
    if known:
        olds, news = zip(*known.values(), strict=True)
        words = {"before": ", ".join(old or "–" for old in olds), "after": ", ".join(news)}
        yield {"action": Action.PERSON_CHANGED, "unit_id": user.unit_id, **common, **words}
    if change.unit_id != user.unit_id:
        left, reached = user.unit, db.session.get_one(Unit, change.unit_id)
        places = dict(zip(("before", "after"), change.differs[Column.UNIT], strict=True))
        for unit in audit.innermost(left, reached):
            yield {"action": Action.PERSON_MOVED, "unit_id": unit.id, **common, **places}


def _invite_some(import_id: str) -> bool:
    """Invite the next few of the new people. Return whether there are more."""
    found = db.session.get(PeopleImport, import_id, populate_existing=True)
    if found is None or found.state is not ImportState.INVITING:
        return False
    names = store.preview_of(import_id, found.counts).to_invite
    with unit_of_work():
        found = _locked(import_id, ImportState.INVITING)
        counts = cast(Counts, dict(found.counts))
        some = names[counts["asked"] : counts["asked"] + INVITED_AT_ONCE]
        users = db.session.scalars(select(User).where(User.username.in_(some), User.password_hash.is_(None))).all()
        counts["invited"] += passwords.invite(users, by_id=found.choices["by_id"])
        counts["asked"] += len(some)
        found.counts, found.changed_ms = dict(counts), clock.now_ms()
        found.percent = 100 * counts["asked"] // max(1, len(names))
        more: bool = counts["asked"] < len(names)
        if not more:
            found.state = ImportState.DONE
    return more


def _locked(import_id: str, state: ImportState) -> PeopleImport:
    """Return the row, read anew and locked for this transaction.

    Raises:
        _ThrownAway: it is gone, or another job has moved on with it.
    """
    query = select(PeopleImport).where(PeopleImport.id == import_id).with_for_update()
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None or found.state is not state:
        raise _ThrownAway
    return found


def _move_on(import_id: str, state: ImportState, after: ImportState, *, problem: str) -> None:
    with unit_of_work():
        move = update(PeopleImport).where(PeopleImport.id == import_id, PeopleImport.state == state)
        db.session.execute(move.values(state=after, problem=problem, changed_ms=clock.now_ms()))


@contextmanager
def _as_asked(choices: dict[str, object]) -> Iterator[None]:
    """Stand in for the confirming request: links in mails need its address, the log needs its sender."""
    where = {"REMOTE_ADDR": str(choices["address"])}
    with (
        current_app.test_request_context(base_url=str(choices["root"]), environ_overrides=where),
        web.written_in(str(choices["language"])),
    ):
        yield
