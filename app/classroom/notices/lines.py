"""系统消息: the lesson's own steps as lines among the messages, read off the timeline and stored nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from flask_babel import gettext as _

from app.live import kinds as live_kinds
from app.live.lifecycle import LiveState
from app.timeline import queries as timeline
from app.timeline.models import Event

MOST = 200
"""Maximum number of changes that are read. An encoder on a bad network makes many, and they show nothing."""

BEFORE_ALL: Mapping[str, Any] = {"state": LiveState.SCHEDULED, "recording": False}


@dataclass(frozen=True)
class LineView:
    """One line. `id` is that of its event, and its place among the messages."""

    id: int
    at_ms: int
    sentences: Sequence[str]
    kind: str = "line"


def between(live_id: str, after: int, before: int | None) -> list[LineView]:
    """Return the lines of the events after one, up to another one if that is named, in the language of the reader."""
    found = timeline.newest(live_id, kinds={live_kinds.STATE}, before=before, limit=MOST)
    return [line for line in _lines(found, is_whole=len(found) < MOST) if line.id > after]


def of(events: Sequence[Event]) -> dict[int, LineView]:
    """Return the lines of some events of one lesson that follow one another, by their ids."""
    known = timeline.newest(events[0].live_id, kinds={live_kinds.STATE}, before=events[0].id, limit=1)
    return {line.id: line for line in _lines([*known, *events], is_whole=not known)}


def _lines(events: Sequence[Event], *, is_whole: bool) -> list[LineView]:
    """Return what each event has changed; what was before the first one is known only of a whole row."""
    payloads = [BEFORE_ALL if is_whole else events[0].payload, *(event.payload for event in events)]
    return [
        LineView(event.id, event.at_ms, sentences)
        for (was, now), event in zip(pairwise(payloads), events, strict=True)
        if (sentences := [*_course(was, now), *_recording(was, now)])
    ]


def _course(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    before, after = _phase(was), _phase(now)
    if before == after:
        return []
    match after:
        case LiveState.ON_AIR:
            begun = {LiveState.PAUSED: _("The lesson goes on."), LiveState.AWAY: _("The teacher is back.")}
            return [begun.get(before, _("The lesson has begun."))]
        case LiveState.PAUSED if now.get("message"):
            return [_("The lesson is paused: %(message)s", message=now["message"])]
        case LiveState.PAUSED:
            return [_("The lesson is paused.")]
        case LiveState.AWAY:
            return [_("The teacher has stepped out for a moment.")]
        case LiveState.CANCELLED:
            return [_("The lesson is cancelled.")]
        case LiveState.ENDED:
            return [_("The lesson is over.")]
    return []


def _recording(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    before, after = _records(was), _records(now)
    if before == after or _phase(now) in (LiveState.ENDED, LiveState.CANCELLED):
        return []
    return [_("Recording has started.") if after else _("Recording has stopped.")]


def _phase(status: Mapping[str, Any]) -> LiveState:
    state = LiveState(status["state"])
    return LiveState.ON_AIR if state is LiveState.INTERRUPTED else state


def _records(status: Mapping[str, Any]) -> bool:
    return bool(status["recording"]) and _phase(status) in (LiveState.ON_AIR, LiveState.PAUSED, LiveState.AWAY)
