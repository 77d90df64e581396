"""Commands of polls."""

from __future__ import annotations

from typing import Any

from app.classroom.engine import frames
from app.classroom.engine.commands import Call, command
from app.classroom.engine.hub import hub
from app.classroom.engine.seats import Seat
from app.classroom.polls import drafts, services, views
from app.kernel.access import Who

NONE: list[Any] = []


@command("polls.answer", Who.WATCHER, for_crowds=True)
def answer(seat: Seat, poll: int, chosen: list[int] = NONE, text: str = "") -> dict[str, Any]:
    """Answer a poll, or change one's answer; all pages of the person hear what counts."""
    vote = services.answer(seat, poll, chosen=chosen, text=text)
    data = views.answer_data(vote)
    live_id, key = seat.live_id, seat.person.key
    if hub().pages_of(live_id, key) > 1:
        wire = frames.told("polls.mine", data)
        hub().tell(live_id, dict.fromkeys(frames.VARIANTS, wire), only=frozenset({key}))
    return data


@command("polls.new", Who.ASSISTANT)
def new(
    call: Call,
    kind: str,
    question: str,
    options: list[str] = NONE,
    right: list[int] = NONE,
    countdown_s: int = 0,
    start: bool = False,
) -> dict[str, Any]:
    """Prepare a poll on the spot; `start` opens it at once."""
    poll = services.make(call.live, drafts.judged(kind, question, options, right, countdown_s), by=call.somebody)
    if start:
        services.open_poll(call.live, poll.id, by=call.somebody)
    return {"poll": poll.id}


@command("polls.open", Who.ASSISTANT)
def open_poll(call: Call, poll: int) -> None:
    """Let learners answer, for the first time or again."""
    services.open_poll(call.live, poll, by=call.somebody)


@command("polls.close", Who.ASSISTANT)
def close(call: Call, poll: int) -> None:
    """Take no more answers."""
    services.close_poll(call.live, poll, by=call.somebody)


@command("polls.publish", Who.ASSISTANT)
def publish(call: Call, poll: int) -> None:
    """Show everybody the results."""
    services.publish(call.live, poll, by=call.somebody)


@command("polls.hide", Who.ASSISTANT)
def hide(call: Call, poll: int) -> None:
    """Take it off the learners' pages."""
    services.hide(call.live, poll, by=call.somebody)


@command("polls.delete", Who.ASSISTANT)
def delete(call: Call, poll: int) -> None:
    """Delete it with its answers."""
    services.delete(call.live, poll, by=call.somebody)
