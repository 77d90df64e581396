"""Reactions: gathered, counted once for each person, told to the desk alone, and at a pace."""

from __future__ import annotations

import pytest
from flask import Flask

from app.classroom.engine import commands
from app.classroom.reactions.collecting import Box
from app.timeline import queries as timeline
from tests.classroom.cast import Room
from tests.classroom.test_hub import Log, hub_of


def gathered(app: Flask, room: Room) -> list[dict[str, int]]:
    """Let the keeper of this process empty its box, and give all that was counted so far."""
    box = app.extensions["reactions"]
    assert isinstance(box, Box)
    box.empty(hub_of(Log())[0])
    return [event.payload["counts"] for event in timeline.after(room.live_id, 0, kinds={"reactions.counted"})]


def test_what_comes_together_is_one_event_for_the_desk_and_nobody_counts_twice(app: Flask, room: Room) -> None:
    room.do("learner", "reactions.give", reaction="fast")
    room.do("learner", "reactions.give", reaction="fast")
    room.do("other", "reactions.give", reaction="fast")
    room.do("guest", "reactions.give", reaction="clap")
    assert gathered(app, room) == [{"fast": 2, "clap": 1}]
    room.do("learner", "reactions.give", reaction="clear")
    assert len(gathered(app, room)) == 1, "the next ones are gathered again"
    heard = {who for who in ("learner", "other", "teacher", "assistant") if any_counts(room, who)}
    assert heard == {"teacher", "assistant"}


def test_a_lesson_that_is_gone_keeps_nobody_elses_from_being_counted(app: Flask, room: Room) -> None:
    app.extensions["reactions"].put("gone", "up", "u1")
    room.do("learner", "reactions.give", reaction="up")
    assert gathered(app, room) == [{"up": 1}]


def any_counts(room: Room, who: str) -> bool:
    return any(frame["kind"] == "reactions.counted" for frame in room.frames(who))


def test_neither_the_muted_nor_the_hasty_nor_inventors_are_counted(
    app: Flask, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert room.refusal("learner", "reactions.give", reaction="boo") == "reactions.unknown"
    room.comes("other")
    room.do("teacher", "chat.mute", key=room.key("other"), on=True)
    assert room.refusal("other", "reactions.give", reaction="up") == "reactions.muted"
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
    monkeypatch.setattr(commands, "_buckets", commands._Buckets())
    monkeypatch.setattr(commands.time, "monotonic", lambda: 1000.0)
    codes = [room.ask("learner", "reactions.give", reaction="up").get("code") for _press in range(7)]
    assert codes == [None] * 5 + ["classroom.too_fast"] * 2
    monkeypatch.undo()
    assert gathered(app, room) == [{"up": 1}]
