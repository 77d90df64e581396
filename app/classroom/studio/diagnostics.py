"""Figures of a lesson's stream as lines of plain text, which a teacher copies into a question to the operators.

Keys, tokens and names of learners are left out: what stands here is sent around.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from app.kernel import clock, pulse
from app.kernel.pulse import PROCESSES
from app.live.models import LiveSession
from app.timeline import queries as timeline

STATES = ("live.state",)
LAST_STATES = 12


def lines_of(live: LiveSession, viewers: int) -> Iterator[str]:
    """Return the server's part, a fact on each line.

    Args:
        live: the lesson.
        viewers: who has its page open.
    """
    stream, now_ms = live.stream, clock.now_ms()
    yield f"time: {_moment(now_ms)}"
    yield f"session: {live.id} {live.state} since {_moment(live.state_since_ms)}, {live.mode}"
    yield f"recording: {live.recording}, kept {stream.kept_ms / 1000:.0f} s, {stream.kept_bytes / 1e6:.1f} MB"
    yield f"viewers: {viewers}"
    yield "processes: " + ", ".join(f"{name} {'up' if pulse.alive(name) else 'DOWN'}" for name in PROCESSES)
    yield f"stream: {stream.id} run {stream.run} by {stream.way}, worker {stream.worker or 'none'}"
    yield f"sender: {stream.encoder or 'none'}, publishing {stream.publishing}, picture {stream.has_picture}"
    yield f"newest segment: {_age(stream.newest_end_ms, now_ms)}, worker heard: {_age(stream.beat_ms, now_ms)}"
    health = stream.health_report()
    if health is not None:
        yield from _facts("health", {key: one for key, one in asdict(health).items() if key != "client"})
    for event in timeline.newest(live.id, kinds=STATES, limit=LAST_STATES):
        shown = {key: event.payload[key] for key in ("state", "reason", "recording") if event.payload.get(key)}
        yield f"event {event.id} {_moment(event.at_ms)}: {json.dumps(shown)}"


def _facts(name: str, facts: Mapping[str, Any]) -> Iterator[str]:
    for key, one in facts.items():
        yield f"{name} {key}: {json.dumps(one, default=str)}"


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


def _age(ms: int, now_ms: int) -> str:
    return f"{(now_ms - ms) / 1000:.1f} s ago" if ms else "never"
