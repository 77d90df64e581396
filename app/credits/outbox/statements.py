"""Statements of the xAPI video profile (https://w3id.org/xapi/video, version 1.0.3 of xAPI). Pure: no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from app.credits.counting.judging import Lesson
from app.credits.counting.stretches import length_ms, tidy, within
from app.credits.outbox.playing import Deed, Segments, Verb, offset_ms
from app.kernel import clock

PROFILE = "https://w3id.org/xapi/video"
EXTENSIONS = f"{PROFILE}/extensions"
ADL = "http://adlnet.gov/expapi"
VERBS = {
    Verb.INITIALIZED: f"{ADL}/verbs/initialized",
    Verb.PLAYED: f"{PROFILE}/verbs/played",
    Verb.PAUSED: f"{PROFILE}/verbs/paused",
    Verb.SEEKED: f"{PROFILE}/verbs/seeked",
    Verb.COMPLETED: f"{ADL}/verbs/completed",
    Verb.TERMINATED: f"{ADL}/verbs/terminated",
}


@dataclass(frozen=True)
class About:
    """Person and lesson of a statement."""

    site: str
    """Address of this installation, without a slash at its end."""
    user_id: int
    username: str
    real_name: str
    lesson: Lesson
    title: str

    @property
    def registration(self) -> UUID:
        """The same for all that this person ever does with this lesson."""
        return uuid5(uuid5(NAMESPACE_URL, self.site), f"{self.lesson.live_id}/{self.user_id}")

    @property
    def completion(self) -> UUID:
        """Name of the statement that she has completed the lesson, of which there is one."""
        return uuid5(self.registration, "completed")


def statement(about: About, deed: Deed, uuid: str, session: str) -> dict[str, Any]:
    """Return a statement.

    Args:
        about: who and what.
        deed: what she did.
        uuid: name of the statement.
        session: name of the statement with which this page began.
    """
    said: dict[str, Any] = {
        "id": uuid,
        "version": "1.0.3",
        "timestamp": _iso(deed.at_ms),
        "actor": {
            "objectType": "Agent",
            "name": about.real_name,
            "account": {"homePage": about.site, "name": about.username},
        },
        "verb": {"id": VERBS[deed.verb], "display": {"en-US": str(deed.verb)}},
        "object": {
            "objectType": "Activity",
            "id": f"{about.site}/live/{about.lesson.live_id}",
            "definition": {"type": f"{PROFILE}/activity-type/video", "name": {"zh-CN": about.title}},
        },
        "context": {
            "registration": str(about.registration),
            "contextActivities": {"category": [{"id": PROFILE, "definition": {"type": f"{ADL}/activities/profile"}}]},
            "extensions": _context(about, deed, session),
        },
    }
    result = _result(about, deed)
    return said | {"result": result} if result else said


def _context(about: About, deed: Deed, session: str) -> dict[str, Any]:
    found: dict[str, Any] = {f"{EXTENSIONS}/session-id": session}
    if deed.verb not in {Verb.PLAYED, Verb.SEEKED}:
        found[f"{EXTENSIONS}/length"] = _seconds(length_ms(about.lesson.programme))
    return found


def _result(about: About, deed: Deed) -> dict[str, Any]:
    here = _seconds(offset_ms(about.lesson, deed.moment_ms))
    match deed.verb:
        case Verb.INITIALIZED:
            return {}
        case Verb.PLAYED:
            return {"extensions": {f"{EXTENSIONS}/time": here}}
        case Verb.SEEKED:
            before = _seconds(offset_ms(about.lesson, deed.from_ms))
            return {"extensions": {f"{EXTENSIONS}/time-from": before, f"{EXTENSIONS}/time-to": here}}
    watched_ms = _watched_ms(about.lesson, deed.segments)
    whole_ms = length_ms(about.lesson.programme)
    result: dict[str, Any] = {
        "extensions": {
            f"{EXTENSIONS}/time": here,
            f"{EXTENSIONS}/progress": round(watched_ms / whole_ms, 3) if whole_ms else 0,
            f"{EXTENSIONS}/played-segments": _written(about.lesson, deed.segments),
        }
    }
    if deed.verb is Verb.COMPLETED:
        result |= {"completion": True, "duration": f"PT{watched_ms / 1000:.2f}S"}
    return result


def _watched_ms(lesson: Lesson, segments: Segments) -> int:
    return sum(length_ms(within(start, end, lesson.programme)) for start, end in tidy(segments))


def _written(lesson: Lesson, segments: Sequence[Sequence[int]]) -> str:
    """Write segments as the profile does, in seconds: `0[.]12.5[,]14[.]21`."""
    spans = ((offset_ms(lesson, start), offset_ms(lesson, end)) for start, end in segments)
    return "[,]".join(f"{_seconds(start)}[.]{_seconds(end)}" for start, end in spans)


def _seconds(ms: int) -> float:
    return ms / 1000


def _iso(ms: int) -> str:
    return clock.to_datetime(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
