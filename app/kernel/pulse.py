"""Signs of life of the processes, for /healthz and for deadlines, which must not count the service's own outages."""

from __future__ import annotations

from sqlalchemy import BigInteger, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work

PROCESSES = ("media_worker", "jobs")
"""web has no pulse of its own: it stores the worker's, so it was up whenever the worker was heard."""

SILENT_AFTER_MS = 10_000
"""Silence after which a process counts as away. A restart takes 3 s."""


class Pulse(Base):
    """The last sign of life of a process."""

    __tablename__ = "pulse"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    since_ms: Mapped[int] = mapped_column(BigInteger, comment="since then it was heard without a gap")

    @property
    def is_alive(self) -> bool:
        """Return whether the process was heard within the last ten seconds."""
        return self.at_ms > clock.now_ms() - SILENT_AFTER_MS


def beat(name: str) -> None:
    """Store a sign of life of a process."""
    now = clock.now_ms()
    with unit_of_work():
        pulse = db.session.get(Pulse, name)
        if pulse is None:
            db.session.add(Pulse(name=name, at_ms=now, since_ms=now))
            return
        if not pulse.is_alive:
            pulse.since_ms = now
        pulse.at_ms = now


def alive(prefix: str) -> bool:
    """Return whether any process with this prefix was heard within the last ten seconds."""
    return any(one.is_alive for one in _named(prefix))


def heard(name: str, within_ms: int) -> bool:
    """Return whether a process was heard within the last `within_ms`."""
    pulse = db.session.get(Pulse, name, populate_existing=True)
    return pulse is not None and pulse.at_ms > clock.now_ms() - within_ms


def back_ms() -> int | None:
    """Return the moment (epoch ms) since which the whole service has been up. `None` means that a part of it is away.

    A part that was never heard has not been away.
    """
    moments = [0]
    for prefix in PROCESSES:
        known = _named(prefix)
        living = [one.since_ms for one in known if one.is_alive]
        if known and not living:
            return None
        moments += [min(living)] if living else []
    return max(moments)


def well_since(moment_ms: int) -> bool:
    """Return whether the service has been up since a moment (epoch ms). Only then were missing people absent."""
    back = back_ms()
    return back is not None and back <= moment_ms


def _named(prefix: str) -> list[Pulse]:
    wanted = select(Pulse).where(Pulse.name.startswith(prefix, autoescape=True))
    return list(db.session.scalars(wanted.execution_options(populate_existing=True)))
