"""Commands of hands."""

from __future__ import annotations

from app.classroom.engine.commands import Call, command
from app.classroom.hands import services
from app.kernel.access import Who


@command("hands.raise", Who.WATCHER)
def raise_hand(call: Call, reason: str = "", way: str = "") -> None:
    """Raise one's own hand."""
    services.raise_hand(call, reason, way)


@command("hands.lower", Who.WATCHER)
def lower(call: Call) -> None:
    """Lower one's own hand."""
    services.lower(call.live.id, call.person.key, by_id=call.person.user_id, left=True)


@command("hands.call", Who.ASSISTANT)
def give_floor(call: Call, key: str, keep: bool = False) -> None:
    """请发言: give a person the floor. 一起留在台上: beside those who have it."""
    services.give_floor(call.live, key, keep=keep, by_id=call.person.user_id)


@command("hands.dismiss", Who.ASSISTANT)
def dismiss(call: Call, key: str) -> None:
    """放下: lower somebody's hand."""
    services.lower(call.live.id, key, by_id=call.person.user_id)


@command("hands.move", Who.ASSISTANT)
def move(call: Call, key: str, before: str = "") -> None:
    """Move a person who waits to another place in the queue."""
    services.move(call.live, key, before)


@command("hands.clear", Who.ASSISTANT)
def clear(call: Call) -> None:
    """Lower all hands."""
    services.lower_all(call.live.id, by_id=call.person.user_id)
