"""Importing hours that were earned elsewhere: bring a list, look at what it would do, confirm."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import FileStorage

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.credits.ledger import chain
from app.credits.ledger.closing import named
from app.credits.ledger.columns import Column
from app.credits.ledger.errors import ListUnreadable, SeenTooLate
from app.credits.ledger.models import Kind
from app.credits.rules import categories
from app.credits.rules.models import digest_of
from app.extensions import db
from app.kernel import clock, storage, web
from app.kernel.children.family import Family, Rules
from app.kernel.disk import NoRoomLeft, has_room_for, without_our_data
from app.kernel.errors import NotFound
from app.kernel.ids import new_id
from app.kernel.permissions import Permission
from app.kernel.text import tidied
from app.kernel.unit_of_work import unit_of_work
from app.roles.policies import Holdings

MOST_BYTES = 5_000_000
MOST_ROWS = 5_000
READING = Rules(memory_bytes=600_000_000, cpu_s=30, file_bytes=20_000_000)
PATIENCE_S = 60
AT_ONCE = 500
ID = re.compile(r"[0-9a-z]{4,20}")
MOST_HOURS = 1000


@dataclass(frozen=True)
class Line:
    """A row of the list, and what it would do."""

    number: int
    """Of the line in the file, from 1."""
    who: str
    title: str
    hours: Decimal | None
    category: str
    """As it is stored."""
    day_ms: int
    reason: str
    user_id: int | None
    fault: str
    """Why it is left out, in a sentence; empty: it is fine."""


def bring(file: FileStorage, *, by: User) -> str:
    """Read a list in a program with limits, keep its rows, and return the id under which they are kept.

    Raises:
        ListUnreadable: nothing can be made of it.
        NoRoomLeft: the disk is almost full.
    """
    if not has_room_for(2 * MOST_BYTES):
        raise NoRoomLeft
    draft_id = new_id()
    folder = storage.place("imports") / f"hours-{draft_id}"
    folder.mkdir(mode=0o700, parents=True)
    source = folder / "source"
    source.write_bytes(file.stream.read(MOST_BYTES + 1))
    said = _read(folder, source) if source.stat().st_size <= MOST_BYTES else {}
    source.unlink()
    rows = said.get("rows", [])
    if not rows or len(rows) > MOST_ROWS:
        folder.rmdir() if not any(folder.iterdir()) else None
        raise ListUnreadable
    kept = {"by_id": by.id, "name": tidied(file.filename or "")[-100:] or "–", "rows": rows}
    (folder / "rows.json").write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    return draft_id


def draft(draft_id: str, *, by: User) -> dict[str, Any]:
    """Return the rows that somebody has brought herself.

    Raises:
        NotFound: there are none, or somebody else has.
    """
    file = _folder(draft_id) / "rows.json"
    if not ID.fullmatch(draft_id) or not file.exists():
        raise NotFound
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if kept["by_id"] != by.id:
        raise NotFound
    return kept


def judge(rows: Sequence[Mapping[str, Any]], held: Holdings, *, by: User) -> list[Line]:
    """Return for each row its effect, or the reason why it is left out."""
    people = _people(rows)
    known = {name: key for key, name in categories.to_choose()} | {key: key for key, _name in categories.to_choose()}
    return [_judge(row, people, known, held, by) for row in rows]


def digest_of_lines(lines: Sequence[Line]) -> str:
    """Return what tells whether the lines would still do what somebody has seen."""
    return digest_of([[one.number, one.user_id, str(one.hours), one.category, one.day_ms, one.fault] for one in lines])


def confirm(draft_id: str, lines: Sequence[Line], *, seen: str, name: str, by: User) -> int:
    """Write an entry for each line that is fine; return how many.

    Raises:
        SeenTooLate: the lines would do something else than what was seen.
    """
    if seen != digest_of_lines(lines):
        raise SeenTooLate
    fine = [one for one in lines if not one.fault and one.user_id is not None and one.hours is not None]
    with unit_of_work():
        for start in range(0, len(fine), AT_ONCE):
            some = fine[start : start + AT_ONCE]
            ids = [one.user_id for one in some]
            who = named(db.session.scalars(select(User).where(User.id.in_(ids))).all())
            chain.append([_draft(one, who[one.user_id or 0], by) for one in some])
        audit.record(Action.CREDITS_IMPORTED, by_id=by.id, unit_id=by.unit_id, what=name, new=len(fine))
    throw_away(draft_id)
    return len(fine)


def throw_away(draft_id: str) -> None:
    """Forget the rows."""
    folder = _folder(draft_id)
    (folder / "rows.json").unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _folder(draft_id: str) -> Path:
    return storage.place("imports") / f"hours-{draft_id if ID.fullmatch(draft_id) else 'none'}"


def _read(folder: Path, source: Path) -> dict[str, Any]:
    said: dict[str, Any] = {}
    with Family(folder, without_our_data(current_app.config)) as family:
        family.start_own("read", "app.credits.ledger.reading", READING, str(source))
        while (heard := family.hear(PATIENCE_S)) is not None and heard.line is not None:
            said = heard.message
    (folder / "read.log").unlink(missing_ok=True)
    return said


def _people(rows: Sequence[Mapping[str, Any]]) -> dict[str, User]:
    """Find those whom rows name, by staff number, user name or e-mail address."""
    names = {
        str(row["cells"].get(key, "")).lower()
        for row in rows
        for key in (Column.STAFF_NUMBER, Column.USERNAME, Column.EMAIL)
    }
    raw = {str(row["cells"].get(Column.STAFF_NUMBER, "")) for row in rows}
    found: dict[str, User] = {}
    for start in range(0, len(names | raw), AT_ONCE):
        some = sorted(names | raw)[start : start + AT_ONCE]
        wanted = or_(User.staff_number.in_(some), User.username.in_(some), User.email.in_(some))
        for user in db.session.scalars(select(User).where(wanted).options(joinedload(User.unit))):
            for key in (user.staff_number, user.username, user.email):
                if key:
                    found[key.lower()] = user
    return found


def _judge(
    row: Mapping[str, Any], people: Mapping[str, User], known: Mapping[str, str], held: Holdings, by: User
) -> Line:
    cells: Mapping[str, str] = row["cells"]
    user = next(
        (
            people[cells[key].lower()]
            for key in (Column.STAFF_NUMBER, Column.USERNAME, Column.EMAIL)
            if cells.get(key, "").lower() in people
        ),
        None,
    )
    hours, day = _hours(cells.get(Column.HOURS, "")), _day(cells.get(Column.DAY, ""))
    category = cells.get(Column.CATEGORY, "")
    return Line(
        number=row["number"],
        who=user.label if user else cells.get(Column.REAL_NAME, "") or cells.get(Column.STAFF_NUMBER, ""),
        title=cells.get(Column.TITLE, ""),
        hours=hours,
        category=known.get(category, "") if category else "",
        day_ms=web.start_of_day_ms(day) if day else 0,
        reason=cells.get(Column.REASON, ""),
        user_id=user.id if user else None,
        fault=_fault(row, cells, user, held, by, hours=hours, day=day, is_known=not category or category in known),
    )


def _fault(
    row: Mapping[str, Any],
    cells: Mapping[str, str],
    user: User | None,
    held: Holdings,
    by: User,
    *,
    hours: Decimal | None,
    day: date | None,
    is_known: bool,
) -> str:
    name = cells.get(Column.REAL_NAME, "")
    faults: list[tuple[bool, str]] = [
        (bool(row["faulty"]), _("A cell cannot be read as it stands, or is too long.")),
        (user is None, _("There is no account with this staff number, user name or e-mail address.")),
        (
            user is not None and not held.covers(Permission.CREDIT_CORRECT, user.unit.path),
            _("This person does not belong to your units."),
        ),
        (user is not None and user.id == by.id, _("You cannot change your own learning hours.")),
        (bool(user and name and name != user.real_name), _("The account has another name.")),
        (not cells.get(Column.TITLE), _("What was learned is missing.")),
        (hours is None, _("The hours are no number from 0.01 to 1000.")),
        (day is None, _("The day is none. It looks like 2026-03-01.")),
        (not is_known, _("There is no such category.")),
        (not cells.get(Column.REASON), _("The reason is missing.")),
    ]
    return next((sentence for is_so, sentence in faults if is_so), "")


def _hours(text: str) -> Decimal | None:
    try:
        hours = Decimal(text).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return hours if 0 < hours <= MOST_HOURS else None


def _day(text: str) -> date | None:
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?", text.strip())
    try:
        day = date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None
    is_sensible = day is not None and day.year >= 2000 and web.start_of_day_ms(day) <= clock.now_ms()
    return day if is_sensible else None


def _draft(line: Line, who: Mapping[str, Any], by: User) -> chain.Draft:
    return {
        **who,
        "kind": Kind.BROUGHT,
        "user_id": line.user_id,
        "title": line.title,
        "category": line.category,
        "earned_ms": line.day_ms,
        "hours_hundredths": int((line.hours or 0) * 100),
        "reason": line.reason,
        "by_id": by.id,
    }


def counts(lines: Collection[Line]) -> tuple[int, int]:
    """Return how many lines are fine, and how many are left out."""
    fine = sum(not one.fault for one in lines)
    return fine, len(lines) - fine
