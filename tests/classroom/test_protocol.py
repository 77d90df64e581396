"""docs/protocol.md lists what the socket says, and what it hears."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Flask

from app.classroom.engine import commands, frames, sockets
from app.classroom.engine.seats import Side
from app.classroom.engine.wire import payload_of
from app.live import kinds as live_kinds
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.timeline import services as timeline

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")


def rows(title: str) -> dict[str, list[str]]:
    """Give the table below a title: its cells by the name in the first one."""
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


def test_every_way_to_be_refused_at_the_door_is_listed() -> None:
    for status in (401, 403, 404, 410, 429):
        assert str(sockets.CLOSE_BASE + status) in PAGE
