"""docs/protocol.md lists what the socket says."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask

from app.classroom import frames
from app.live import events
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.timeline import services as timeline

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")


def row_of(name: str) -> str:
    return next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))


def test_every_field_of_every_frame_is_listed(app: Flask, lesson: LiveSession) -> None:
    event = timeline.append(lesson.id, events.STATE, lesson.status())
    with app.test_request_context():
        frame = json.loads(frames.encode(event).texts["zh_CN"])
    for field in frame:
        assert field == "type" or f"`{field}`" in row_of("event")
    for field in frame["data"]:
        assert f"`{field}`" in row_of(events.STATE)
    for state in LiveState:
        assert state in row_of(events.STATE)
    for field in json.loads(frames.hello(3)):
        assert field == "type" or f"`{field}`" in row_of("hello")
