"""Signs of life of the processes, for /healthz."""

from __future__ import annotations

from sqlalchemy import BigInteger, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work

SILENT_AFTER_MS = 10_000


class Pulse(Base):
    """When a process last said that it lives."""

    __tablename__ = "pulse"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger)


def beat(name: str) -> None:
    """Say that the process lives."""
    with unit_of_work():
        db.session.merge(Pulse(name=name, at_ms=clock.now_ms()))


def alive(prefix: str) -> bool:
    """Say whether any process whose name begins so was heard within the last ten seconds."""
    newest = db.session.scalar(select(func.max(Pulse.at_ms)).where(Pulse.name.startswith(prefix, autoescape=True)))
    return newest is not None and newest > clock.now_ms() - SILENT_AFTER_MS
