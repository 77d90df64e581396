"""Reading questions, always for one side of the room."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Case, ColumnElement, and_, case, or_, select

from app.classroom.engine.seats import Side
from app.classroom.engine.words import standing
from app.classroom.questions.models import Question, QuestionRules, State, Vote
from app.extensions import db

ON_A_PAGE = 100

BEING_ANSWERED, WAITING, OPEN, ANSWERED, DISMISSED = range(5)
"""The groups of the list, in their order."""

Place = tuple[int, int, int]
"""Place of a question in the list: its group, its votes, its id."""


def first(live_id: str, side: Side, key: str, *, after: Place | None = None) -> list[Question]:
    """Return the first questions of the list, or those after a place.

    A learner's own ones are not among them: `own` gives all of these.
    """
    wanted = standing(Question, live_id)
    if side is Side.LEARNER:
        wanted = wanted.where(
            Question.public_ms.is_not(None), Question.state != State.DISMISSED, Question.by_key != key
        )
    if after is not None:
        wanted = wanted.where(_is_after(after))
    wanted = wanted.order_by(_group(), Question.votes.desc(), Question.id).limit(ON_A_PAGE)
    return list(db.session.scalars(wanted).all())


def own(live_id: str, key: str) -> list[Question]:
    """Return what one person has asked, also what nobody else sees; of very many the newest."""
    wanted = standing(Question, live_id).where(Question.by_key == key)
    return list(db.session.scalars(wanted.order_by(Question.id.desc()).limit(ON_A_PAGE)).all())


def public_of(live_id: str) -> Sequence[Question]:
    """Return every question that all learners see, in the order in which they were asked."""
    wanted = standing(Question, live_id).where(Question.public_ms.is_not(None), Question.state != State.DISMISSED)
    return db.session.scalars(wanted.order_by(Question.id)).all()


def left_open(live_id: str) -> Sequence[Question]:
    """Return the questions that nobody has answered or set aside, those that most want to know first."""
    wanted = standing(Question, live_id).where(Question.state.in_((State.OPEN, State.BEING_ANSWERED)))
    return db.session.scalars(wanted.order_by(Question.votes.desc(), Question.id).limit(ON_A_PAGE)).all()


def holding(live_id: str, words: Collection[str], side: Side, key: str, *, most: int) -> Sequence[Question]:
    """Return the first questions that hold all words, or whose answers do, and that somebody may see, in order."""
    wanted = standing(Question, live_id)
    texts = (Question.text, Question.answer)
    wanted = wanted.where(or_(*(and_(*(text.icontains(word, autoescape=True) for word in words)) for text in texts)))
    if side is Side.LEARNER:
        is_public = and_(Question.public_ms.is_not(None), Question.state != State.DISMISSED)
        wanted = wanted.where(or_(is_public, Question.by_key == key) if key else is_public)
    return db.session.scalars(wanted.order_by(Question.id).limit(most)).all()


GROUPS = {
    State.BEING_ANSWERED: BEING_ANSWERED,
    State.OPEN: OPEN,
    State.ANSWERED: ANSWERED,
    State.DISMISSED: DISMISSED,
}


def place_of(question: Question) -> Place:
    """Return where a question stands in the list."""
    if question.is_waiting:
        return WAITING, question.votes, question.id
    return GROUPS[question.state], question.votes, question.id


def _group() -> Case[int]:
    is_waiting = and_(Question.state == State.OPEN, Question.public_ms.is_(None))
    return case((is_waiting, WAITING), *((Question.state == state, group) for state, group in GROUPS.items()))


def _is_after(place: Place) -> ColumnElement[bool]:
    group, votes, number = place
    its = _group()
    return or_(
        its > group,
        and_(its == group, Question.votes < votes),
        and_(its == group, Question.votes == votes, Question.id > number),
    )


def last_asked_ms(live_id: str, key: str) -> int | None:
    """Return when a person last asked a question, also one that is withdrawn."""
    wanted = select(Question.at_ms).where(Question.live_id == live_id, Question.by_key == key)
    return db.session.scalar(wanted.order_by(Question.id.desc()).limit(1))


def voted_for(live_id: str, key: str) -> Sequence[int]:
    """Name the questions that somebody wants to know too."""
    wanted = select(Vote.question_id).where(Vote.live_id == live_id, Vote.key == key)
    return db.session.scalars(wanted.order_by(Vote.question_id)).all()


def is_moderated(live_id: str) -> bool:
    """Return whether the desk looks at questions before everybody sees them."""
    rules = db.session.get(QuestionRules, live_id)
    return rules is not None and rules.moderated


def lessons_with_new_votes() -> Sequence[str]:
    """Name the lessons in which votes were given or taken back since the timeline last said how many there are."""
    return db.session.scalars(select(Question.live_id).where(Question.votes != Question.votes_told).distinct()).all()


def with_new_votes(live_id: str) -> Sequence[Question]:
    """Return the questions whose votes have changed, and keep others from changing them until the unit of work ends."""
    wanted = select(Question).where(Question.live_id == live_id, Question.votes != Question.votes_told)
    wanted = wanted.order_by(Question.id).with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(wanted).all()
