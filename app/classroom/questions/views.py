"""View models of the fragments of questions. Nothing in them tells learners who asked without a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import url_for
from markupsafe import Markup

from app.classroom.engine import frames
from app.classroom.engine.seats import Person, Side
from app.classroom.questions import queries
from app.classroom.questions.models import WAITING, Question, State
from app.kernel.markdown import as_lines
from app.live.models import LiveSession
from app.live.naming import name_in_replay

EXCERPT = 60

Then = tuple[str, int]
"""State and votes of a question at one moment."""


@dataclass(frozen=True)
class QuestionView:
    """One question, for one side of the room."""

    id: int
    live_id: str
    at_ms: int
    state: str
    """waiting, open, being_answered, answered or dismissed."""
    group: int
    """Part of the list in which it stands, see `queries`."""
    votes: int
    is_public: bool
    anonymous: bool
    by_key: str
    """Empty for learners."""
    by_name: str
    """Empty where it is not told."""
    part: str
    text: str
    html: Markup
    answer: str
    answer_html: Markup
    answered_by: str
    voiced_ms: int | None
    """Moment on the capture clock at which the answer by voice began."""
    voiced_after_ms: int | None
    """The same moment, counted from the start of the lesson."""

    @property
    def excerpt(self) -> str:
        """Return its beginning on one line."""
        words = " ".join(self.text.split())
        return words if len(words) <= EXCERPT else words[: EXCERPT - 1] + "…"


@dataclass(frozen=True)
class QuestionsView:
    """The questions as a page shows them when it opens."""

    questions: list[QuestionView]
    more_url: str
    """Address of the next questions. Empty means that there are none."""
    moderated: bool
    own: list[int] = field(default_factory=list)
    """Ids of the questions that this person has asked."""
    voted: list[int] = field(default_factory=list)
    """Ids of the questions that this person votes for."""


def questions_view(live: LiveSession, side: Side, person: Person) -> QuestionsView:
    """Show a lesson's questions to somebody."""
    page = queries.first(live.id, side, person.key)
    own = queries.own(live.id, person.key) if person.key and side is Side.LEARNER else []
    together = sorted([*_told(live, page), *own], key=_place)
    return QuestionsView(
        questions=question_views(live, together, side),
        more_url=_more_url(page),
        moderated=queries.is_moderated(live.id),
        own=[question.id for question in own],
        voted=list(queries.voted_for(live.id, person.key)),
    )


def more_view(live: LiveSession, side: Side, person: Person, after: queries.Place) -> QuestionsView:
    """Show the questions after a place in the list."""
    page = queries.first(live.id, side, person.key, after=after)
    return QuestionsView(question_views(live, _told(live, page), side), _more_url(page), queries.is_moderated(live.id))


def replayed_view(live: LiveSession, side: Side, person: Person) -> QuestionsView:
    """Show a list into which a replay puts each question at its time."""
    own = queries.own(live.id, person.key) if person.key and side is Side.LEARNER else []
    return QuestionsView(
        questions=[],
        more_url="",
        moderated=False,
        own=[question.id for question in own],
        voted=list(queries.voted_for(live.id, person.key)),
    )


def question_views(
    live: LiveSession, questions: Sequence[Question], side: Side, *, then: Mapping[int, Then] | None = None
) -> list[QuestionView]:
    """Show questions to one side.

    Args:
        live: their lesson.
        questions: what to show.
        side: whom it is shown to.
        then: how some of them were, by id; the others as they are.
    """
    then = then or {}
    return [_view(live, one, side, then.get(one.id, (one.shown_as, one.votes))) for one in questions]


def _view(live: LiveSession, question: Question, side: Side, then: Then) -> QuestionView:
    state, votes = then
    if state == State.ANSWERED and not question.answer and question.voiced_ms is None:
        state = str(State.OPEN)  # that answer was taken back
    is_answered = state == State.ANSWERED
    is_named = side is Side.DESK or not question.anonymous
    answer = question.answer if is_answered else ""
    voiced_ms = question.voiced_ms if is_answered else None
    return QuestionView(
        id=question.id,
        live_id=question.live_id,
        at_ms=question.at_ms,
        state=state,
        group=queries.WAITING if state == WAITING else queries.GROUPS[State(state)],
        votes=votes,
        is_public=question.is_public,
        anonymous=question.anonymous,
        by_key=question.by_key if side is Side.DESK else "",
        by_name=_name_of(question, side) if is_named else "",
        part=question.part if is_named else "",
        text=question.text,
        html=as_lines(question.text),
        answer=answer,
        answer_html=as_lines(answer),
        answered_by=question.answered_by if answer else "",
        voiced_ms=voiced_ms,
        voiced_after_ms=_since_start(live, voiced_ms),
    )


def _name_of(question: Question, side: Side) -> str:
    if side is Side.DESK:
        return question.by_name
    return name_in_replay(question.live_id, question.by_key, question.by_name, question.part)


def _told(live: LiveSession, page: Sequence[Question]) -> list[Question]:
    """Return the questions of a page without those that a replay does not show any more."""
    is_withheld = frames.withheld(live.id)
    return [one for one in page if not is_withheld("questions", one.at_ms)]


def _since_start(live: LiveSession, ms: int | None) -> int | None:
    if ms is None or live.started_at_ms is None or ms < live.started_at_ms:
        return None
    return ms - live.started_at_ms


def _place(question: Question) -> tuple[int, int, int]:
    group, votes, number = queries.place_of(question)
    return group, -votes, number


def _more_url(page: Sequence[Question]) -> str:
    if len(page) < queries.ON_A_PAGE:
        return ""
    group, votes, number = queries.place_of(page[-1])
    return url_for("questions.more", live_id=page[-1].live_id, after=f"{group}.{votes}.{number}")
