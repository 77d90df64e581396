"""Recommends lessons, orders them, and asks and answers for the whole academy."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import update

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel import clock, web
from app.kernel.text import one_line, plain_text
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.live.policies import is_withheld
from app.mail import services as mail
from app.recommendations import news, policies, queries
from app.recommendations.errors import (
    AnsweredAlready,
    AskedAlready,
    AudienceElsewhere,
    NothingToRecommend,
    TooManyPictures,
)
from app.recommendations.models import LONGEST_REPLY, LONGEST_WORDS, AcademyRequest, Recommendation
from app.units import queries as units
from app.units.models import Unit


@dataclass(frozen=True)
class Wish:
    """How a lesson is to be shown. Times are epoch ms."""

    words: str = ""
    picture: str = ""
    from_ms: int | None = None
    """`None` means from now on."""
    until_ms: int | None = None
    """`None` means until the recommendation is taken away."""


def recommend(live: LiveSession, unit: Unit, wish: Wish, *, by: User) -> Recommendation:
    """Show a lesson on the home page of the unit's people, or change how it is shown.

    Raises:
        NothingToRecommend: there is nothing to watch in it.
        AudienceElsewhere: none of the unit's people may watch it.
        TooManyPictures: the unit recommends enough.
    """
    with unit_of_work() as after_commit:
        lock(unit)  # two managers who recommend at the same moment do not make nine
        _refuse_hopeless(live, unit)
        found = queries.of_lesson(unit, live)
        now = clock.now_ms()
        counting = queries.counting(unit, now)
        if len(counting) - (found in counting) >= queries.MOST_SHOWN:
            raise TooManyPictures
        is_new = found is None
        if found is None:
            first = min((one.position for one in queries.of_desk(unit)), default=0) - 1
            found = Recommendation(unit_id=unit.id, live_id=live.id, by_id=by.id, position=first, version=0)
            db.session.add(found)
        found.words = (one_line(wish.words) or "")[:LONGEST_WORDS]
        found.picture, found.from_ms, found.until_ms = wish.picture, wish.from_ms or now, wish.until_ms
        found.version += 1
        _record(Action.RECOMMENDED if is_new else Action.RECOMMENDATION_CHANGED, unit, live, by)
        after_commit(news.tell)
    return found


def take_away(live: LiveSession, unit: Unit, *, by: User) -> None:
    """End a recommendation, if there is one."""
    with unit_of_work() as after_commit:
        found = queries.of_lesson(unit, live)
        if found is not None:
            db.session.delete(found)
            _record(Action.RECOMMENDATION_REMOVED, unit, live, by)
            after_commit(news.tell)


def put_in_order(unit: Unit, ids: Sequence[int]) -> None:
    """Show a unit's recommendations in this order. Those that are not named, as others have just added, come first."""
    with unit_of_work() as after_commit:
        lock(unit)
        places = {one: place for place, one in enumerate(ids)}
        rows = sorted(queries.of_desk(unit), key=lambda row: (places.get(row.id, -1), row.position))
        for position, row in enumerate(rows):
            row.position = position
        after_commit(news.tell)


def move(unit: Unit, item_id: int, by: int) -> None:
    """Move one of a unit's recommendations by some places, -1 for one place forward."""
    with unit_of_work():
        lock(unit)
        ids = [row.id for row in queries.of_desk(unit)]
        if item_id in ids:
            place = ids.index(item_id)
            ids.insert(max(0, min(len(ids) - 1, place + by)), ids.pop(place))
            put_in_order(unit, ids)


def count_shown(item_ids: Collection[int]) -> None:
    """Count that a page has shown pictures."""
    if item_ids:
        _count(item_ids, shown=Recommendation.shown + 1)


def count_opened(item_id: int) -> None:
    """Count that a person has followed a picture."""
    _count([item_id], opened=Recommendation.opened + 1)


def ask_academy(live: LiveSession, unit: Unit, *, by: User) -> AcademyRequest:
    """Ask the platform team to recommend a lesson to the whole academy.

    Raises:
        NothingToRecommend, AudienceElsewhere: it could not be shown there.
        AskedAlready: it was asked before, and nobody has answered yet.
    """
    with unit_of_work():
        lock(live)
        _refuse_hopeless(live, units.academy())
        if queries.open_request_of(live) is not None:
            raise AskedAlready
        asked = AcademyRequest(
            live_id=live.id, unit_id=unit.id, by_id=by.id, language=web.language(), site=web.root()[:200]
        )
        db.session.add(asked)
        _record(Action.RECOMMENDATION_ASKED, unit, live, by)
    return asked


def answer(request: AcademyRequest, *, granted: bool, reply: str, by: User) -> None:
    """Answer a request, and mail the answer. A granted lesson is shown as the institute shows it.

    Raises:
        AnsweredAlready: another member of the team was quicker.
        NothingToRecommend, AudienceElsewhere, TooManyPictures: it cannot be granted.
    """
    with unit_of_work():
        lock(request)
        if request.answered_ms is not None:
            raise AnsweredAlready
        request.answered_ms, request.granted = clock.now_ms(), granted
        request.reply = (plain_text(reply) or "")[:LONGEST_REPLY]
        if granted:
            own = queries.of_lesson(request.unit, request.live)
            wish = Wish(own.words, own.picture, None, own.until_ms) if own else Wish()
            recommend(request.live, units.academy(), wish, by=by)
        _record(Action.RECOMMENDATION_ANSWERED, request.unit, request.live, by)
        _mail_answer(request)


def _mail_answer(request: AcademyRequest) -> None:
    if not request.by.email or request.by.closed_ms is not None:
        return
    mail.send(
        request.by.email,
        "recommendation_answered",
        locale=request.language,
        name=request.by.real_name,
        subject=request.live.subject,
        granted=bool(request.granted),
        reply=request.reply,
        link=web.absolute("recommendations.unit_desk", beneath=request.site, unit_id=request.unit_id),
    )


def _refuse_hopeless(live: LiveSession, unit: Unit) -> None:
    is_lost = live.state is LiveState.CANCELLED or live.deleted_ms is not None or live.draft
    is_missed = live.state is LiveState.SCHEDULED and live.ends_at_ms <= clock.now_ms()
    is_past = live.state is LiveState.ENDED and (is_withheld(live) or not live.has_recording)
    if is_lost or is_missed or is_past or live.rehearses_id is not None:
        raise NothingToRecommend
    if not policies.reaches(live, unit):
        raise AudienceElsewhere


def _record(action: Action, unit: Unit, live: LiveSession, by: User) -> None:
    audit.record(action, by_id=by.id, unit_id=unit.id, what=live.subject)


def _count(item_ids: Collection[int], **values: object) -> None:
    with unit_of_work():
        for item_id in sorted(item_ids):  # in one order everywhere, so that two pages never wait for each other
            db.session.execute(update(Recommendation).where(Recommendation.id == item_id).values(**values))
