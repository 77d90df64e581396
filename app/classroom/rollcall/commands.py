"""Commands of roll-calls."""

from __future__ import annotations

from app.classroom.engine.commands import Call, command
from app.classroom.rollcall import planning, services
from app.kernel.access import Who


@command("rollcall.start", Who.PRESENTER)
def start(call: Call, length_s: int = planning.USUAL_S) -> dict[str, int]:
    """Call the roll now."""
    return {"roll": services.start(call, length_s).id}


@command("rollcall.plan", Who.PRESENTER)
def plan(call: Call, count: int, length_s: int = planning.USUAL_S) -> None:
    """Have it called at random moments of the rest of the lesson."""
    services.plan(call, count, length_s)


@command("rollcall.drop", Who.PRESENTER)
def drop(call: Call) -> None:
    """Have no more of the planned ones come."""
    services.drop_plan(call)


@command("rollcall.end", Who.PRESENTER)
def end(call: Call, roll: int) -> None:
    """End one before its time."""
    services.end(call, roll)


@command("rollcall.cancel", Who.PRESENTER)
def cancel(call: Call, roll: int) -> None:
    """Have one that runs count for nothing."""
    services.cancel(call, roll)


@command("rollcall.confirm", Who.WATCHER)
def confirm(call: Call, roll: int, nonce: str = "") -> None:  # noqa: ARG001 - with a nonce, pages ask again by themselves
    """我在: confirm that the person is here. A page that loses its connection meanwhile sends it again."""
    services.confirm(call, roll)
