"""Putting people out of a room, and letting them in again."""

from __future__ import annotations

from app.classroom.engine import door
from app.classroom.engine.commands import Call, command
from app.kernel.access import Who


@command("room.put_out", Who.ASSISTANT)
def put_out(call: Call, key: str, for_good: bool = False, new_link: bool = False) -> None:
    """Put somebody out, for ten minutes or until she is let in again; `new_link` changes the guest link as well."""
    person = door.somebody(call.live.id, key)
    door.put_out(call.live, person, for_good=for_good, by=call.somebody, new_link=new_link)


@command("room.let_in", Who.ASSISTANT)
def let_in(call: Call, key: str) -> None:
    """Let somebody in again."""
    door.let_in(call.live, key[:40], by=call.somebody)
