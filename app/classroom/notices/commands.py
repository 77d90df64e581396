"""Commands of notices."""

from __future__ import annotations

from app.classroom.engine.commands import Call, command
from app.classroom.notices import services
from app.kernel.access import Who


@command("notice.give", Who.PRESENTER)
def give(call: Call, text: str) -> dict[str, int]:
    """广播: announce words to everybody."""
    return {"notice": services.give(call, text).id}


@command("notice.withdraw", Who.PRESENTER)
def withdraw(call: Call, notice: int) -> None:
    """Take the newest one back."""
    services.withdraw(call, notice)
