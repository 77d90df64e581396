"""Live sessions."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Enum, ForeignKey, Index, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import only_while, values_of
from app.kernel.ids import new_id
from app.live.lifecycle import OVER, RUNNING, SHOWN, LiveState
from app.media.models import Stream
from app.units.models import Unit

LONGEST_SUBJECT = 120


class Audience(StrEnum):
    """Audience of a lesson."""

    DEPARTMENT = "department"
    """机构内公开: the unit in whose name it is taught, and what is beneath."""
    INSTITUTE = "institute"
    """本单位公开: the institute or branch that this unit belongs to."""
    ACADEMY = "academy"
    """全院公开: everybody with an account."""
    EVERYONE = "everyone"
    """完全公开: visitors without an account too."""


class LiveMode(StrEnum):
    """How a lesson is taught."""

    LECTURE_HALL = "lecture_hall"
    """大讲堂: large, one teaches, little interaction."""
    SMALL_CLASS = "small_class"
    """小班课: people take turns to speak."""


class RecordingPolicy(StrEnum):
    """Rule for recording."""

    FROM_START = "from_start"
    """Recording begins with the lecture and can be switched off."""
    BY_HAND = "by_hand"
    """Recording is off until a presenter switches it on."""
    NEVER = "never"
    """Nothing is kept, not even at a presenter's wish."""


class Part(StrEnum):
    """Part of a person in one lesson."""

    TEACHER = "teacher"
    ASSISTANT = "assistant"
    LEARNER = "learner"


class EndedBy(StrEnum):
    """Reason for the end of a lesson."""

    PRESENTER = "presenter"
    ABANDONED = "abandoned"
    """No presenter came back from 临时离开."""
    OVERTIME = "overtime"
    """The lesson ran half an hour past its end, and nobody extended it."""


class LiveSession(Base):
    """A lesson: scheduled, taught live, then a replay."""

    __tablename__ = "live_session"
    __table_args__ = (
        Index("ix_live_session_state_start", "state", "starts_at_ms"),
        Index(
            "uq_live_session_subject",
            "subject_key",
            unique=True,
            **only_while("deleted_ms IS NULL AND draft = false"),
        ),
        Index("ix_live_session_start", "starts_at_ms"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    subject_key: Mapped[str] = mapped_column(String(500), comment="the subject as `subjects.key_of` compares it")
    abstract: Mapped[str] = mapped_column(Text, default="")
    audience: Mapped[Audience] = mapped_column(Enum(Audience, native_enum=False, length=16, values_callable=values_of))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True, comment="in whose name it is taught")
    audience_unit_id: Mapped[int] = mapped_column(
        ForeignKey("unit.id"), index=True, comment="whose people may watch, with all beneath; the academy for everyone"
    )
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    stream_id: Mapped[str] = mapped_column(ForeignKey("media_stream.id"), unique=True)
    starts_at_ms: Mapped[int] = mapped_column(BigInteger)
    ends_at_ms: Mapped[int] = mapped_column(BigInteger)
    deleted_ms: Mapped[int | None] = mapped_column(BigInteger, comment="deleted before it began")
    draft: Mapped[bool] = mapped_column(default=False, server_default=false(), comment="only its presenters see it")
    mode: Mapped[LiveMode] = mapped_column(
        Enum(LiveMode, native_enum=False, length=16, values_callable=values_of),
        default=LiveMode.LECTURE_HALL,
        server_default=LiveMode.LECTURE_HALL,
    )
    capacity: Mapped[int | None] = mapped_column(comment="how many learners with an account it has places for")
    cover: Mapped[str] = mapped_column(
        String(40), default="", server_default="", comment="name of the picture as `covers` keeps it; empty: none"
    )
    original_id: Mapped[str | None] = mapped_column(
        ForeignKey("live_session.id"), index=True, comment="the first of those that were duplicated from one another"
    )
    rehearses_id: Mapped[str | None] = mapped_column(
        ForeignKey("live_session.id"), index=True, comment="排练: the session that this one rehearses"
    )
    series_id: Mapped[str | None] = mapped_column(String(16), index=True, comment="those that repeat weekly share it")
    guests: Mapped[bool] = mapped_column(
        default=True, server_default=true(), comment="the signed link and its QR code let visitors in"
    )
    guest_link_no: Mapped[int] = mapped_column(
        default=1, server_default="1", comment="rises when the link is reissued; older links are dead"
    )
    guest_link_since: Mapped[int] = mapped_column(
        default=1, server_default="1", comment="visitors whom links of this number and later have let in may stay"
    )
    cancel_reason: Mapped[str] = mapped_column(String(300), default="", server_default="")
    replay_notes: Mapped[bool] = mapped_column(
        default=False,
        server_default=false(),
        comment="the search in the replay finds the speaker's notes, for everybody",
    )
    recording_binned_ms: Mapped[int | None] = mapped_column(
        BigInteger, index=True, comment="since then its recording lies in the recycle bin"
    )
    recording_told_ms: Mapped[int | None] = mapped_column(
        BigInteger, comment="since then its people know that their unit's rule is going to delete the recording"
    )
    recording_kept: Mapped[bool] = mapped_column(
        default=False, server_default=false(), comment="no rule of a unit deletes the recording"
    )
    replay_hidden: Mapped[bool] = mapped_column(
        default=False, server_default=false(), comment="the recording is not published: only presenters watch it"
    )
    replay_chat: Mapped[bool] = mapped_column(
        default=True, server_default=true(), comment="the replay shows chat, questions and polls"
    )
    replay_names: Mapped[bool] = mapped_column(
        default=True, server_default=true(), comment="the replay shows the names of learners"
    )
    replay_audience: Mapped[Audience | None] = mapped_column(
        Enum(Audience, native_enum=False, length=16, values_callable=values_of),
        comment="who may watch the recording; none: whoever may watch the lesson",
    )
    replay_audience_unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("unit.id"), index=True, comment="whose people may watch the recording; none like its audience"
    )
    replay_cover: Mapped[str] = mapped_column(
        String(40), default="", server_default="", comment="name of a picture from the recording, as `covers` keeps it"
    )
    replay_cover_ms: Mapped[int | None] = mapped_column(
        BigInteger, comment="where that picture stands in the whole recording; a cut there removes it"
    )
    replay_guests: Mapped[bool] = mapped_column(
        default=True, server_default=true(), comment="the guest link lets visitors watch the recording, too"
    )
    revision: Mapped[int] = mapped_column(
        default=0, server_default="0", comment="rises with every change of the plan; calendars keep the newest"
    )
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)

    state: Mapped[LiveState] = mapped_column(
        Enum(LiveState, native_enum=False, length=16, values_callable=values_of), default=LiveState.SCHEDULED
    )
    state_since_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    pause_message: Mapped[str] = mapped_column(String(200), default="")
    recording: Mapped[bool] = mapped_column(default=True, comment="开始录制: what is on air is kept")
    recording_policy: Mapped[RecordingPolicy] = mapped_column(
        Enum(RecordingPolicy, native_enum=False, length=16, values_callable=values_of),
        default=RecordingPolicy.FROM_START,
        server_default=RecordingPolicy.FROM_START,
    )
    started_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    ended_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    presenter_seen_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    ended_by: Mapped[EndedBy] = mapped_column(
        Enum(EndedBy, native_enum=False, length=16, values_callable=values_of),
        default=EndedBy.PRESENTER,
        server_default=EndedBy.PRESENTER,
    )

    owner: Mapped[User] = relationship(lazy="joined")
    unit: Mapped[Unit] = relationship(lazy="joined", foreign_keys=[unit_id])
    audience_unit: Mapped[Unit] = relationship(lazy="joined", foreign_keys=[audience_unit_id])
    replay_audience_unit: Mapped[Unit | None] = relationship(foreign_keys=[replay_audience_unit_id])
    stream: Mapped[Stream] = relationship()
    presenters: Mapped[list[Presenter]] = relationship(
        lazy="selectin", order_by="Presenter.id", cascade="all, delete-orphan"
    )
    tokens: Mapped[list[Token]] = relationship(order_by="Token.id")

    def chosen_as(self, user: User) -> Part | None:
        """Return the part that a person was chosen for. `None` means that she only watches."""
        return next((one.part for one in self.presenters if one.user_id == user.id), None)

    def people_of(self, part: Part) -> list[User]:
        """Return those who were chosen as teachers, or as assistants, in the order in which they were."""
        return [one.user for one in self.presenters if one.part is part]

    @property
    def is_over(self) -> bool:
        """Return whether nothing happens to the lesson any more."""
        return self.state in OVER

    @property
    def is_running(self) -> bool:
        """Return whether the lesson has begun and not ended."""
        return self.state in RUNNING

    @property
    def is_shown(self) -> bool:
        """Return whether learners see what the encoder sends."""
        return self.state in SHOWN

    @property
    def reason(self) -> str:
        """A word for why learners see 缓冲中, or 已结束 that no presenter chose. Empty in the other states."""
        if self.state is LiveState.AWAY:
            return "presenter_away"
        if self.state is LiveState.ENDED and self.ended_by is not EndedBy.PRESENTER:
            return str(self.ended_by)
        if self.state is LiveState.INTERRUPTED:
            return "encoder_lost" if self.stream.newest_end_ms > (self.started_at_ms or 0) else "waiting_for_encoder"
        return ""

    @property
    def has_recording(self) -> bool:
        """Return whether there is, or is going to be, something to watch again."""
        if self.recording_binned_ms is not None:
            return False
        if self.stream.finished:
            return self.stream.kept_ms > 0
        return bool(self.stream.record)

    def enter(self, state: LiveState, at_ms: int) -> None:
        """Come into a state."""
        self.state, self.state_since_ms = state, at_ms
        if state in RUNNING and self.started_at_ms is None:
            self.started_at_ms = at_ms
        if state is LiveState.ENDED:
            self.ended_at_ms = at_ms

    def status(self) -> dict[str, Any]:
        """Return the facts that everybody in the room must know, as the payload of a `live.state` event."""
        return {
            "state": str(self.state),
            "reason": self.reason,
            "message": self.pause_message if self.state is LiveState.PAUSED else "",
            "recording": self.recording,
            "started_at": self.started_at_ms,
        }


class Presenter(Base):
    """A teacher or assistant of a lesson, chosen in its plan or come with the token."""

    __tablename__ = "live_presenter"
    __table_args__ = (UniqueConstraint("live_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    part: Mapped[Part] = mapped_column(Enum(Part, native_enum=False, length=16, values_callable=values_of))
    by_token: Mapped[bool] = mapped_column(default=False)
    since_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)

    user: Mapped[User] = relationship(lazy="joined")


class Learner(Base):
    """A tie of a person to a lesson beside a part: she signed up, kept it, or its learner token let her in."""

    __tablename__ = "live_learner"
    __table_args__ = (UniqueConstraint("live_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    signed_up_ms: Mapped[int | None] = mapped_column(BigInteger)
    admitted_ms: Mapped[int | None] = mapped_column(BigInteger, comment="by the learner token")
    kept_ms: Mapped[int | None] = mapped_column(BigInteger, comment="收藏: she wants to find it again")
    remind_ms: Mapped[int | None] = mapped_column(BigInteger, comment="提醒我: when she asked for a reminder")
    reminded_ms: Mapped[int | None] = mapped_column(BigInteger)
    language: Mapped[str] = mapped_column(
        String(8), default="zh_CN", server_default="zh_CN", comment="in which she signed up, and is written to"
    )
    site: Mapped[str] = mapped_column(
        String(200), default="", server_default="", comment="what her browser called this site, for links in mails"
    )

    user: Mapped[User] = relationship(lazy="joined")


class Token(Base):
    """口令: a word that gives the person who enters it a part in a lesson."""

    __tablename__ = "live_token"
    __table_args__ = (
        UniqueConstraint("live_id", "part"),
        Index("uq_live_token_key", "key", unique=True, **only_while("released_ms IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id"))
    part: Mapped[Part] = mapped_column(Enum(Part, native_enum=False, length=16, values_callable=values_of))
    value: Mapped[str] = mapped_column(String(15))
    key: Mapped[str] = mapped_column(String(15), comment="the value as `tokens.key_of` compares it")
    released_ms: Mapped[int | None] = mapped_column(
        BigInteger, comment="since the lesson is over, cancelled or deleted, others may use the value"
    )
