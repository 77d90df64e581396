"""Answers to a poll as a file, one line for each person."""

from __future__ import annotations

import io
from collections.abc import Iterator

from flask_babel import gettext as _
from openpyxl import Workbook
from sqlalchemy import select

from app.accounts.models import User
from app.classroom.polls.models import Kind, Poll, Vote, numbers_of
from app.extensions import db
from app.kernel import csv_files, web
from app.units.models import Unit

AT_ONCE = 500

Line = list[str]


def as_csv(poll: Poll) -> Iterator[str]:
    """Write CSV, some lines at a time."""
    return csv_files.stream(_lines(poll))


def as_xlsx(poll: Poll) -> bytes:
    """Write a workbook, all cells as text: 007 stays 007."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Answers"))
    for line in _lines(poll):
        sheet.append([csv_files.guarded(cell) for cell in line])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _lines(poll: Poll) -> Iterator[Line]:
    yield [
        _("Real name"),
        _("Unit"),
        _("Staff number"),
        _("Answer"),
        _("Right or wrong"),
        web.with_zone(_("Answered at")),
    ]
    wanted = (
        select(Vote, User.real_name, User.staff_number, Unit.name)
        .outerjoin(User, User.id == Vote.user_id)
        .outerjoin(Unit, Unit.id == User.unit_id)
        .where(Vote.poll_id == poll.id)
        .order_by(Vote.key)
    )
    last = ""
    while rows := db.session.execute(wanted.where(Vote.key > last).limit(AT_ONCE)).all():
        for vote, real_name, staff_number, unit in rows:
            about = [real_name or vote.name, unit or _("Guest"), staff_number or ""]
            cells = [*about, answer_words(poll, vote), _verdict(poll, vote), web.format_exact(vote.at_ms)]
            yield cells
        last = rows[-1][0].key


def answer_words(poll: Poll, vote: Vote) -> str:
    """Write an answer in words; of a rating, its number."""
    if poll.kind is Kind.TEXT:
        return vote.text
    chosen = numbers_of(vote.chosen)
    if poll.kind is Kind.RATING:
        return "".join(str(number) for number in chosen)
    return web.listed(poll.options[number - 1] for number in chosen)


def _verdict(poll: Poll, vote: Vote) -> str:
    if not poll.is_quiz:
        return ""
    return str(_("right") if vote.chosen == poll.right else _("wrong"))
