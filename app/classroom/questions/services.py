"""Asking, voting, and what the desk does with a question."""

from __future__ import annotations

from typing import Any

from app.accounts.models import User
from app.audit.models import Action
from app.classroom.chat import services as chat
from app.classroom.engine import frames
from app.classroom.engine.commands import Call
from app.classroom.engine.words import note_change, said_by, sent_as
from app.classroom.questions import errors, kinds, queries
from app.classroom.questions.models import WAITING, Question, QuestionRules, State, Vote
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import Forbidden
from app.kernel.text import plain_text
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.lifecycle import OVER, LiveState
from app.notices import services as notices
from app.timeline import services as timeline

LONGEST = 500
LONGEST_ANSWER = 2000
BETWEEN_MS = 15_000
"""Least time between two questions of a learner."""


def ask(call: Call, text: str, *, nonce: str, anonymous: bool = False) -> Question:
    """Ask something; asked again under the same name by the same person, it stays the one that it is.

    Raises:
        Over, NoWords, TooLong, TooSoon: it is not asked.
        chat.errors.Muted, chat.errors.GuestsReadOnly, chat.errors.WordRefused: nor written in the chat.
    """
    with unit_of_work():
        lock(call.live)
        before = sent_as(Question, call.live.id, call.person.key, nonce)
        if before is not None:
            return before
        text = _judged(call, text)
        waits = queries.is_moderated(call.live.id) and not call.is_desk
        payload: dict[str, Any] = {"state": WAITING if waits else State.OPEN, "votes": 0}
        if waits:
            payload["to"] = frames.DESK
        event = timeline.append(call.live.id, kinds.ASKED, payload, by_id=call.person.user_id)
        question = Question(
            **said_by(call, event),
            anonymous=anonymous,
            text=text,
            nonce=nonce,
            state=State.OPEN,
            public_ms=None if waits else event.at_ms,
        )
        db.session.add(question)
        _tell_asker(question)
    return question


def vote(call: Call, question: Question, on: bool) -> Question:
    """Vote for a question, or take the vote back. A person counts once, and pages hear the number within a second.

    Raises:
        Over: the lesson is.
        NoQuestion: not everybody sees it.
    """
    with unit_of_work():
        if call.live.state in OVER:
            raise errors.Over
        lock(question)
        if not question.is_public:
            raise errors.NoQuestion
        given = db.session.get(Vote, (call.live.id, question.id, call.person.key))
        if on and given is None:
            db.session.add(Vote(live_id=call.live.id, question_id=question.id, key=call.person.key))
            question.votes += 1
        elif not on and given is not None:
            db.session.delete(given)
            question.votes -= 1
    return question


def tell_votes() -> None:
    """Have the timeline say how many votes there are, once for all that came meanwhile. Called by the clockwork."""
    for live_id in queries.lessons_with_new_votes():
        with unit_of_work():
            changed = queries.with_new_votes(live_id)
            votes = {str(question.id): question.votes for question in changed if question.gone_ms is None}
            for question in changed:
                question.votes_told = question.votes
            if votes:
                timeline.append(live_id, kinds.VOTED, {"votes": votes})


def withdraw(call: Call, question: Question) -> None:
    """Take back what one has asked, while it is open.

    Raises:
        Forbidden: somebody else asked it.
        TooLate: it is being answered, or was, or is set aside.
    """
    with unit_of_work():
        _begin(call, question)
        if question.by_key != call.person.key:
            raise Forbidden
        if question.state is not State.OPEN:
            raise errors.TooLate
        question.text, question.gone_ms = "", clock.now_ms()
        _changed(call, question)
        note_change(call, Action.WORDS_WITHDRAWN, question, question=question.id)


def publish(call: Call, question: Question) -> None:
    """公开: let everybody see it.

    Raises:
        Settled: it is set aside.
    """
    with unit_of_work():
        _begin(call, question)
        if question.public_ms is not None:
            return
        _expect(question, State.OPEN)
        question.public_ms = clock.now_ms()
        _changed(call, question)


def take(call: Call, question: Question) -> None:
    """正在回答: begin to answer it. A question that waited is for everybody now.

    Raises:
        Settled: it is not open.
    """
    with unit_of_work():
        _begin(call, question)
        if question.state is State.BEING_ANSWERED:
            return
        _expect(question, State.OPEN)
        question.state, question.taken_ms = State.BEING_ANSWERED, clock.now_ms()
        _changed(call, _shown(question))


def answer(call: Call, question: Question, text: str) -> None:
    """Answer it in writing, or in other words than before.

    A question that was left open can be answered after the lesson too. The person who asked it then gets a mail.

    Raises:
        Over: the lesson was cancelled.
        Settled: it is set aside.
        NoWords, TooLong: there is no answer.
    """
    text = plain_text(text) or ""
    if not text:
        raise errors.NoWords
    if len(text) > LONGEST_ANSWER:
        raise errors.TooLong(len(text), LONGEST_ANSWER)
    with unit_of_work():
        _begin(call, question, also_after=True)
        _expect(question, State.OPEN, State.BEING_ANSWERED, State.ANSWERED)
        if call.live.state is LiveState.ENDED and question.state is not State.ANSWERED:
            _mail_asker(call, question, text)
        question.state, question.answer, question.answered_by = State.ANSWERED, text, call.person.name
        _changed(call, _shown(question))


def answer_by_voice(call: Call, question: Question) -> None:
    """口头回答: keep the moment at which the answer began, which is when it was taken up.

    Raises:
        Settled: it is set aside.
    """
    with unit_of_work():
        _begin(call, question)
        if question.voiced_ms is not None and question.state is State.ANSWERED:
            return
        _expect(question, State.OPEN, State.BEING_ANSWERED, State.ANSWERED)
        question.state, question.voiced_ms = State.ANSWERED, question.taken_ms or clock.now_ms()
        _changed(call, _shown(question))


def dismiss(call: Call, question: Question) -> None:
    """Set it aside: only the one who asked still sees it, and is told so."""
    with unit_of_work():
        _begin(call, question)
        if question.state is not State.DISMISSED:
            question.state = State.DISMISSED
            _changed(call, question)


def reopen(call: Call, question: Question) -> None:
    """Have it be open again, without the answer that it had; one that was never public waits again."""
    with unit_of_work():
        _begin(call, question)
        if question.state is State.OPEN:
            return
        question.state, question.taken_ms, question.voiced_ms = State.OPEN, None, None
        question.answer, question.answered_by = "", ""
        _changed(call, question)


def set_rules(call: Call, *, moderated: bool) -> None:
    """Have the desk look at questions before everybody sees them, or no more; those that wait go on waiting."""
    with unit_of_work():
        lock(call.live)
        if queries.is_moderated(call.live.id) != moderated:
            db.session.merge(QuestionRules(live_id=call.live.id, moderated=moderated))
            timeline.append(call.live.id, kinds.RULES, {"moderated": moderated}, by_id=call.person.user_id)


def _judged(call: Call, text: str) -> str:
    """Return the text as it is stored, if it may be asked."""
    if call.live.state in OVER:
        raise errors.Over
    text = plain_text(text) or ""
    if not text:
        raise errors.NoWords
    if len(text) > LONGEST:
        raise errors.TooLong(len(text), LONGEST)
    if call.is_desk:
        return text
    chat.refuse_writer(call)
    chat.refuse_words(call.live.id, text)
    last_ms = queries.last_asked_ms(call.live.id, call.person.key)
    wait_ms = last_ms + BETWEEN_MS - clock.now_ms() if last_ms is not None else 0
    if wait_ms > 0:
        raise errors.TooSoon(-(-wait_ms // 1000))
    return text


def _begin(call: Call, question: Question, *, also_after: bool = False) -> None:
    """Hold the question, if something may be done with it, `also_after` the lesson."""
    lock(call.live)
    if call.live.state in OVER and not (also_after and call.live.state is LiveState.ENDED):
        raise errors.Over
    lock(question)
    if question.gone_ms is not None:
        raise errors.NoQuestion


def _expect(question: Question, *states: State) -> None:
    if question.state not in states:
        raise errors.Settled


def _shown(question: Question) -> Question:
    if question.public_ms is None:
        question.public_ms = clock.now_ms()
    return question


def _changed(call: Call, question: Question) -> None:
    payload: dict[str, Any] = {"question": question.id, "state": question.shown_as, "votes": question.votes}
    if question.public_ms is None:
        payload["to"] = frames.DESK
    timeline.append(question.live_id, kinds.CHANGED, payload, by_id=call.person.user_id)
    _tell_asker(question)


def _mail_asker(call: Call, question: Question, answer: str) -> None:
    asker = db.session.get(User, question.by_id) if question.by_id is not None else None
    if asker is not None and asker.id != call.person.user_id:
        notices.tell_answer(call.live, to=asker, question=question.text, answer=answer, by=call.person.name)


def _tell_asker(question: Question) -> None:
    timeline.append(question.live_id, kinds.YOURS, {"to": [question.by_key], "question": question.id})
