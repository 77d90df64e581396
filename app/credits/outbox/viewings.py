"""From reports to statements: which pages are open, and what is told of them. Joins the transaction of the reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from flask import current_app
from sqlalchemy import select, tuple_

from app.accounts import queries as accounts
from app.credits.counting import queries as counting
from app.credits.counting.collecting import Judged
from app.credits.counting.judging import LAPSE_MS, Lesson
from app.credits.outbox import playing, services
from app.credits.outbox.models import Viewing
from app.credits.outbox.playing import Deed, Verb, View
from app.credits.outbox.receivers import Key, lrs
from app.credits.outbox.statements import About, statement
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work
from app.live.models import LiveSession

MOST_PAGES = 12
"""Maximum number of pages of a person and a lesson of which statements tell; a script could invent any number."""

AT_ONCE = 200

Where = tuple[str, int, str]
"""Lesson, person and page."""

Told = tuple[str, Deed]
"""The viewing and what was done in it."""


def hear(judged: Sequence[Judged]) -> None:
    """Hear that reports were judged: write statements of what people did. Without a record store nothing is kept."""
    if lrs() is None or not judged:
        return
    open_ones = _open(judged)
    of_person = Counter((live_id, user_id) for live_id, user_id, _page in open_ones)
    told: dict[tuple[str, int], list[Told]] = {}
    lessons: dict[str, Lesson] = {}
    for one in judged:
        report = one.report
        who, lessons[one.lesson.live_id] = (report.seat.live_id, report.user_id), one.lesson
        where = (*who, report.seat.page)
        row = open_ones.get(where)
        if row is None and (not report.pieces or of_person[who] >= MOST_PAGES):
            continue
        view = _view(row) if row else _new_view(one)
        deeds = playing.hear(view, report.pieces, report.at_ms, one.lesson)
        if row is None:
            if not deeds:
                continue
            row = open_ones[where] = Viewing(id=str(uuid4()), live_id=who[0], user_id=who[1], page=where[2])
            db.session.add(row)
            of_person[who] += 1
        _keep(row, view)
        told.setdefault(who, []).extend((row.id, deed) for deed in deeds)
    _write(told, lessons)


def end_silent() -> None:
    """End the viewings of pages that report no more. The clockwork calls it every second."""
    if lrs() is None:
        return
    silent = Viewing.seen_ms < clock.now_ms() - LAPSE_MS
    if db.session.scalar(select(Viewing.id).where(silent).limit(1)) is None:
        return
    with unit_of_work():
        gone = select(Viewing).where(silent).order_by(Viewing.seen_ms, Viewing.id).limit(AT_ONCE)
        told: dict[tuple[str, int], list[Told]] = {}
        for row in db.session.scalars(gone.with_for_update()).all():
            deeds = [(row.id, deed) for deed in playing.leave(_view(row))]
            told.setdefault((row.live_id, row.user_id), []).extend(deeds)
            db.session.delete(row)
        _write(told, _lessons({live_id for live_id, _user_id in told}))


def abouts(who: Iterable[tuple[str, int]], lessons: Mapping[str, Lesson]) -> dict[tuple[str, int], About]:
    """Return whom and what statements are about, by lesson and person."""
    pairs = list(who)
    people = {one.id: one for one in accounts.people({user_id for _live_id, user_id in pairs})}
    titles = dict(
        db.session.execute(select(LiveSession.id, LiveSession.subject).where(LiveSession.id.in_(set(lessons)))).all()
    )
    site = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    return {
        (live_id, user_id): About(
            site=site,
            user_id=user_id,
            username=people[user_id].username,
            real_name=people[user_id].real_name,
            lesson=lessons[live_id],
            title=titles[live_id],
        )
        for live_id, user_id in pairs
    }


def row_of(about: About, deed: Deed, uuid: str, session: str) -> dict[str, Any]:
    """Return a statement as a row of the outbox."""
    what = f"{deed.verb} · {about.real_name} · {about.title}"
    return services.row(Key.LRS, uuid, what, statement(about, deed, uuid, session))


def _write(told: Mapping[tuple[str, int], Sequence[Told]], lessons: Mapping[str, Lesson]) -> None:
    spoken = {who: some for who, some in told.items() if some}
    about = abouts(spoken, lessons) if spoken else {}
    services.queue(
        [
            row_of(about[who], deed, session if deed.verb is Verb.INITIALIZED else str(uuid4()), session)
            for who, some in spoken.items()
            for session, deed in some
        ]
    )


def _open(judged: Sequence[Judged]) -> dict[Where, Viewing]:
    pairs = {(one.report.seat.live_id, one.report.user_id) for one in judged}
    lessons = {live_id for live_id, _user_id in pairs}  # SQLite finds no row of a list of pairs by its index
    wanted = select(Viewing).where(Viewing.live_id.in_(lessons), tuple_(Viewing.live_id, Viewing.user_id).in_(pairs))
    return {
        (row.live_id, row.user_id, row.page): row
        for row in db.session.scalars(wanted.order_by(Viewing.id).with_for_update())
    }


def _new_view(one: Judged) -> View:
    at_ms = one.report.at_ms
    return View(at_ms, at_ms, segments=[list(stretch) for stretch in one.before], known=len(one.before))


def _view(row: Viewing) -> View:
    segments = [list(one) for one in row.segments]
    return View(row.seen_ms, row.played_ms, row.plays, segments, row.known, [list(one) for one in row.newest])


def _keep(row: Viewing, view: View) -> None:
    row.seen_ms, row.played_ms, row.plays = view.seen_ms, view.played_ms, view.plays
    row.segments, row.known, row.newest = view.segments, view.known, view.newest


def _lessons(live_ids: Iterable[str]) -> dict[str, Lesson]:
    lives = db.session.scalars(select(LiveSession).where(LiveSession.id.in_(list(live_ids))))
    return {live.id: lesson_of(live) for live in lives}


def lesson_of(live: LiveSession) -> Lesson:
    """Return a lesson as statements need it."""
    return Lesson(live.id, counting.programme(live), most_speed=1, is_replay=False)
