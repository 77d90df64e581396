"""docs/protocol.md lists what the socket says, and what it hears."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.classroom.engine import commands, frames, sockets
from app.classroom.engine.seats import Side
from app.classroom.engine.wire import payload_of
from app.classroom.questions import services as question_services
from app.kernel.access import Who
from app.live import kinds as live_kinds
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.timeline import services as timeline
from tests.classroom.cast import Room
from tests.classroom.test_forged_frames import FIELDS

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")


def rows(title: str) -> dict[str, list[str]]:
    """Return the table below a title: its cells by the name in the first one."""
    lines = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| `")]
    return {one[0].strip("`"): one[1:] for one in cells}


def frame_of(live: LiveSession, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    (frame,) = frames.encode([timeline.append(live.id, kind, payload)])
    read: dict[str, Any] = json.loads(payload_of(frame.wires["zh_CN", Side.LEARNER]))
    return read


def test_every_field_of_every_frame_is_listed(app: Flask, lesson: LiveSession) -> None:
    to_page, kinds = rows("Server to page"), rows("Kinds of events")
    with app.test_request_context():
        frame = frame_of(lesson, live_kinds.STATE, lesson.status())
    for field in frame:
        assert field == "type" or f"`{field}`" in to_page["event"][0]
    for field in frame["data"]:
        assert f"`{field}`" in kinds[live_kinds.STATE][0]
    for state in LiveState:
        assert state in kinds[live_kinds.STATE][0]
    for field in json.loads(frames.hello(3)):
        assert field == "type" or f"`{field}`" in to_page["hello"][0]


def test_every_kind_of_event_is_listed_and_no_other() -> None:
    assert set(rows("Kinds of events")) == set(frames.kinds())


def test_every_command_is_listed_with_who_may_and_its_fields_and_no_other() -> None:
    listed = rows("Commands")
    assert set(listed) == set(commands.entries())
    for name, entry in commands.entries().items():
        who, fields = listed[name][:2]
        assert who == entry.who, name
        assert [word.strip("`,:;") for word in fields.split() if word.startswith("`")] == list(entry.fields), name


def test_commands_with_limits_of_their_own_are_listed_with_them() -> None:
    ours = commands.TYPING
    assert f"may send {ours.burst} commands at once and {ours.per_s} a second" in PAGE
    listed = {
        name: (float(at_once), float(per_s))
        for names, (at_once, per_s) in rows("Limits").items()
        for name in re.findall(r"[a-z]+\.[a-z]+", names)
    }
    entries = commands.entries().values()
    assert listed == {
        one.name: (one.allowance.burst, one.allowance.per_s) for one in entries if one.allowance is not ours
    }


def test_every_way_to_be_refused_at_the_door_is_listed() -> None:
    for status in (401, 403, 404, 410, 429):
        assert str(sockets.CLOSE_BASE + status) in PAGE


BEYOND = {
    "questions.rules": {"moderated"},
    "questions.voted": {"votes"},
    "reactions.counted": {"counts"},
    "slides.listed": set[str](),
}
"""Fields of the events that come of several commands, or a moment after them."""


def examples() -> list[dict[str, Any]]:
    return [json.loads(line) for line in PAGE.partition("\n## Examples\n")[2].splitlines() if line.startswith("{")]


def sent(frame: dict[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the fields of an event's data, and the names of its fragments."""
    return frozenset(frame["data"]) - {"to"}, frozenset(frame.get("html", ()))


def test_there_is_an_example_of_every_frame_of_the_page_and_the_server_understands_it() -> None:
    shown = {one["name"]: one["fields"] for one in examples() if one["type"] == "command"}
    assert set(shown) == set(commands.entries())
    for name, entry in commands.entries().items():
        commands.fields_of(entry, shown[name])


def test_there_is_an_example_of_every_frame_of_the_server_and_a_lesson_sends_such(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(question_services, "BETWEEN_MS", 0)
    assert {one["type"] for one in examples()} == {*rows("Server to page"), *rows("Page to server")}
    shown = {one["kind"]: one for one in examples() if one["type"] == "event"}
    assert set(shown) == set(frames.kinds())
    for entry in commands.entries().values():
        who = "learner" if entry.who is Who.WATCHER else "teacher"
        room.ask(who, entry.name, **FIELDS[entry.name](room, who))
    seen: dict[str, set[tuple[frozenset[str], frozenset[str]]]] = {}
    for who in ("teacher", "learner"):
        for frame in room.frames(who):
            if frame["type"] == "event":
                seen.setdefault(frame["kind"], set()).add(sent(frame))
    seen["stage.joined"] = seen["stage.left"]
    assert set(shown) - set(seen) == set(BEYOND)
    for kind, example in shown.items():
        if kind in BEYOND:
            assert set(example["data"]) == BEYOND[kind], kind
        else:
            assert sent(example) in seen[kind], kind
