"""Kinds that questions append to the timeline, with their renderers.

An event is shown with the state and the votes that it names, a question's words as they are now. What learners may not
see now, they do not see in older events either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import render_template

from app.classroom.engine import frames
from app.classroom.engine.frames import Shown
from app.classroom.engine.seats import Side
from app.classroom.engine.words import by_ids
from app.classroom.questions import queries
from app.classroom.questions.models import WAITING, Question, State
from app.classroom.questions.views import QuestionView, question_views
from app.live import queries as lives
from app.timeline.models import Event

ASKED = "questions.asked"
"""A person has asked. The question has the id of the event. `state` and `votes` are those of that moment."""
CHANGED = "questions.changed"
"""`question` is published, taken up, answered, set aside, open again or withdrawn: `state`, and `votes` until then."""
YOURS = "questions.yours"
"""`question` is one's own; comes after each of the others, to the one who asked."""
VOTED = "questions.voted"
"""`votes` of some questions by their ids. Those of about a second come together."""
RULES = "questions.rules"
"""`moderated`: the desk looks at questions first."""


@frames.kind(ASKED)
def _asked(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    views = _views(events, side, [event.id for event in events])
    return {event.id: _shown(views[event.id], side) for event in events if event.id in views}


@frames.kind(CHANGED)
def _changed(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    views = _views(events, side, [event.payload["question"] for event in events])
    return {
        event.id: _shown(views[event.id], side) if event.id in views else _gone(event.payload["question"])
        for event in events
    }


@frames.kind(YOURS)
def _yours(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    """Mark it as one's own; what only the one who asked sees is brought by this event, and by no other."""
    if side is Side.DESK:
        return {}
    live = lives.by_id(events[0].live_id)
    found = by_ids(Question, live.id, {event.payload["question"] for event in events})
    views = {view.id: view for view in question_views(live, list(found.values()), side)}
    shown: dict[int, Shown] = {}
    for event in events:
        number = event.payload["question"]
        if number not in found:
            shown[event.id] = _gone(number)
        elif found[number].is_public:
            shown[event.id] = Shown({"question": number, "state": views[number].state})
        else:
            shown[event.id] = _shown(views[number], side)
    return shown


@frames.kind(VOTED)
def _voted(events: Sequence[Event], _side: Side) -> Mapping[int, Shown]:
    return {event.id: Shown({"votes": event.payload["votes"]}) for event in events}


@frames.kind(RULES, newest_only=True)
def _rules(events: Sequence[Event], side: Side) -> Mapping[int, Shown]:
    html = render_template(
        "classroom/questions/_rules.html", moderated=queries.is_moderated(events[0].live_id), side=side
    )
    return {event.id: Shown({"moderated": event.payload["moderated"]}, {"rules": html}) for event in events}


def _views(events: Sequence[Event], side: Side, ids: Sequence[int]) -> dict[int, QuestionView]:
    """Show each event's question as the event has it; those that this side may not see are left out."""
    live = lives.by_id(events[0].live_id)
    found = by_ids(Question, live.id, ids)
    views: dict[int, QuestionView] = {}
    for event, number in zip(events, ids, strict=True):
        question = found.get(number)
        if question is None or not _may_see(question, event.payload["state"], side):
            continue
        then = {number: (event.payload["state"], event.payload["votes"])}
        (views[event.id],) = question_views(live, [question], side, then=then)
    return views


def _may_see(question: Question, state: str, side: Side) -> bool:
    return side is Side.DESK or (question.is_public and state not in {WAITING, State.DISMISSED})


def _shown(view: QuestionView, side: Side) -> Shown:
    html = render_template("classroom/questions/_question.html", question=view, side=side)
    return Shown({"question": view.id, "state": view.state, "votes": view.votes}, {"question": html})


def _gone(number: int) -> Shown:
    return Shown({"question": number, "gone": f"question-{number}"})
