"""Streams, one for each lesson, with one sender at a time, and tickets, which let browsers send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel.ids import new_id
from media_worker.contract import Health, Rules, Stretch, Way

KEY_LENGTH = 20
"""Characters of a key. They carry 98 bits, so nobody can guess it."""

TICKET_LENGTH = 32

Stretches = list[list[int | None]]
"""[[from_ms, to_ms], …] in order. The last one is open while its to_ms is None."""


def new_key() -> str:
    """Return a new publish key."""
    return new_id(KEY_LENGTH)


IMPORTED = "import"
"""`Stream.way` of a recording that was made elsewhere; of others it is a `Way` of media_worker."""


class Stream(Base):
    """A row of segments, and the key to feed it."""

    __tablename__ = "media_stream"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(40), unique=True, default=new_key)

    run: Mapped[int] = mapped_column(default=0, comment="counted up with every accepted publisher")
    worker: Mapped[str | None] = mapped_column(String(80))
    publishing: Mapped[bool] = mapped_column(default=False, comment="an encoder is accepted")
    has_picture: Mapped[bool] = mapped_column(default=False, comment="and its first segment is on disk")
    client: Mapped[str] = mapped_column(String(80), default="")
    encoder: Mapped[str] = mapped_column(String(120), default="")
    way: Mapped[str] = mapped_column(String(16), default="rtmp", comment="how the media come in")
    sender: Mapped[str] = mapped_column(String(40), default="", comment="name of the browser's tab that sends")
    sender_name: Mapped[str] = mapped_column(String(80), default="", comment="of the person at it")
    since_ms: Mapped[int] = mapped_column(BigInteger, default=0, comment="since then the present publisher is here")
    ousted_client: Mapped[str] = mapped_column(String(80), default="", comment="whose place the present one took")
    ousted_until_ms: Mapped[int] = mapped_column(BigInteger, default=0, comment="until then it may not take it back")
    asked_ms: Mapped[int] = mapped_column(BigInteger, default=0, comment="when the present publisher asked its worker")
    beat_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    health: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    newest_end_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    kept_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    kept_bytes: Mapped[int] = mapped_column(BigInteger, default=0)

    rules_version: Mapped[int] = mapped_column(default=1)
    air: Mapped[Stretches] = mapped_column(JSON, default=list)
    record: Mapped[Stretches] = mapped_column(JSON, default=list)
    ended: Mapped[bool] = mapped_column(default=False, comment="no publisher any more")
    finished: Mapped[bool] = mapped_column(default=False, comment="playlists are closed")

    def rules(self) -> Rules:
        """Return the rules in the words of the contract."""
        return Rules(self.rules_version, _stretches(self.air), _stretches(self.record), self.ended)

    def health_report(self) -> Health | None:
        """Return the newest health. `None` means that there is no encoder."""
        return Health.from_json(self.health) if self.publishing and self.health else None

    def set_air(self, on: bool, at_ms: int) -> None:
        """Open or close the stretch that learners see."""
        self.air = self._changed(self.air, _switched(self.air, on, at_ms))

    def set_record(self, on: bool, at_ms: int) -> None:
        """Open or close the stretch that is recorded."""
        self.record = self._changed(self.record, _switched(self.record, on, at_ms))

    def end(self, at_ms: int) -> None:
        """Close the stream for good."""
        self.set_air(False, at_ms)
        self.set_record(False, at_ms)
        self.ended = True
        self.rules_version += 1

    def _changed(self, old: Stretches, new: Stretches) -> Stretches:
        if new != old:
            self.rules_version += 1
        return new


def new_ticket() -> str:
    """Return the name of a new ticket."""
    return new_id(TICKET_LENGTH)


class Ticket(Base):
    """Lets one tab send once."""

    __tablename__ = "media_ticket"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_ticket)
    stream_id: Mapped[str] = mapped_column(ForeignKey("media_stream.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80), comment="of the person, as it was")
    sender: Mapped[str] = mapped_column(String(40), comment="name of the tab")
    run: Mapped[int] = mapped_column(comment="the stream's run when it was issued; it opens the next one only")
    expires_ms: Mapped[int] = mapped_column(BigInteger)
    used_ms: Mapped[int | None] = mapped_column(BigInteger)


def _stretches(rows: Stretches) -> tuple[Stretch, ...]:
    return tuple(Stretch(from_ms, to_ms) for from_ms, to_ms in rows if from_ms is not None)


def _switched(rows: Stretches, on: bool, at_ms: int) -> Stretches:
    is_open = bool(rows) and rows[-1][1] is None
    if on and not is_open:
        return [*rows, [at_ms, None]]
    if not on and is_open:
        return [*rows[:-1], [rows[-1][0], at_ms]]
    return list(rows)


@dataclass(frozen=True)
class Sending:
    """The present sender of a stream."""

    way: Way
    name: str
    """Name of the person. It is empty for an encoder with the key: nobody knows who set it up."""
    encoder: str
    since_ms: int
