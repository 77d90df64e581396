"""The plan of a lesson: everything that its form holds, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.accounts.models import User
from app.live.models import Audience, LiveMode, LiveSession, Part, RecordingPolicy


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A lesson before it is written down. Times are epoch milliseconds."""

    subject: str
    starts_at_ms: int
    ends_at_ms: int
    mode: LiveMode = LiveMode.LECTURE_HALL
    abstract: str = ""
    cover: str = ""
    audience: Audience = Audience.ACADEMY
    guests: bool = True
    capacity: int | None = None
    """Number of places for learners with an account. `None` means that there is no limit."""
    recording_policy: RecordingPolicy = RecordingPolicy.FROM_START
    draft: bool = False
    teachers: tuple[User, ...] = ()
    """The teachers. An empty list means that the creator teaches."""
    assistants: tuple[User, ...] = ()
    tokens: Mapping[Part, str] = field(default_factory=dict)
    """Typed tokens by part. An empty one is generated."""

    def presenters(self) -> dict[User, Part]:
        """Return the part of each person. A person who is named as both teaches."""
        return dict.fromkeys(self.assistants, Part.ASSISTANT) | dict.fromkeys(self.teachers, Part.TEACHER)

    def shifted(self, by_ms: int, subject: str) -> Plan:
        """Return the same plan for another time, under another subject and with tokens of its own."""
        return replace(
            self,
            subject=subject,
            starts_at_ms=self.starts_at_ms + by_ms,
            ends_at_ms=self.ends_at_ms + by_ms,
            tokens={},
        )


def plan_of(live: LiveSession) -> Plan:
    """Return the plan of a lesson."""
    return Plan(
        subject=live.subject,
        starts_at_ms=live.starts_at_ms,
        ends_at_ms=live.ends_at_ms,
        mode=live.mode,
        abstract=live.abstract,
        cover=live.cover,
        audience=live.audience,
        guests=live.guests,
        capacity=live.capacity,
        recording_policy=live.recording_policy,
        draft=live.draft,
        teachers=tuple(live.people_of(Part.TEACHER)),
        assistants=tuple(live.people_of(Part.ASSISTANT)),
        tokens={token.part: token.value for token in live.tokens},
    )
