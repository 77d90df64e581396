"""Commands of the chat."""

from __future__ import annotations

from typing import Any

from app.classroom.chat import errors, queries, services
from app.classroom.chat.models import Message
from app.classroom.engine import door
from app.classroom.engine.commands import Call, command
from app.classroom.engine.words import by_ids
from app.kernel.access import Who


@command("chat.say", Who.WATCHER)
def say(call: Call, text: str, nonce: str, to_desk: bool = False, reply: int = 0, picture: str = "") -> dict[str, Any]:
    """Write a message; `nonce` is the page's own name for it."""
    message = services.say(call, text, nonce=nonce[:36], to_desk=to_desk, reply_id=reply, picture=picture)
    return {"message": message.id}


@command("chat.edit", Who.WATCHER)
def edit(call: Call, message: int, text: str) -> None:
    """Change one's own message within two minutes."""
    services.edit(call, _message(call, message), text)


@command("chat.withdraw", Who.WATCHER)
def withdraw(call: Call, message: int) -> None:
    """Take back one's own message within two minutes."""
    services.withdraw(call, _message(call, message))


@command("chat.delete", Who.ASSISTANT)
def delete(call: Call, message: int) -> None:
    """Take away anybody's message."""
    services.delete(call, _message(call, message))


@command("chat.pin", Who.ASSISTANT)
def pin(call: Call, message: int, on: bool = True) -> None:
    """Have a message stand above the others, or no more."""
    services.pin(call, _message(call, message), on)


@command("chat.mute", Who.ASSISTANT)
def mute(call: Call, key: str, on: bool = True) -> None:
    """Let somebody read and not write, or write again."""
    services.mute(call, door.somebody(call.live.id, key), on)


@command("chat.rules", Who.ASSISTANT)
def rules(
    call: Call, muted_all: bool = False, slow_s: int = 0, guests: bool = False, pictures: bool = False, words: str = ""
) -> None:
    """Set the rules for writing, all of them."""
    services.set_rules(call, muted_all=muted_all, slow_s=slow_s, guests=guests, pictures=pictures, words=words)


def _message(call: Call, number: int) -> Message:
    message = by_ids(Message, call.live.id, [number]).get(number)
    if message is None or not queries.may_read(message, call.side, call.person.key):
        raise errors.NoMessage
    return message
