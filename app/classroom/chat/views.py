"""View models of the chat's fragments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from markupsafe import Markup

from app.classroom.chat import queries
from app.classroom.chat.models import CHANGEABLE_MS, Message, Mute, Rules
from app.classroom.engine import frames
from app.classroom.engine.seats import Person, Side
from app.classroom.engine.words import by_ids
from app.classroom.notices import lines
from app.classroom.notices import queries as notices
from app.classroom.notices.lines import LineView
from app.classroom.notices.views import NoticeView, notice_view
from app.kernel.markdown import as_lines
from app.live.models import LiveSession
from app.live.naming import name_in_replay

EXCERPT = 60


@dataclass(frozen=True)
class MessageView:
    """One message."""

    id: int
    live_id: str
    at_ms: int
    by_key: str
    by_name: str
    part: str
    text: str
    html: Markup
    picture_url: str
    to_desk: bool
    edited: bool
    answered: MessageView | None
    kind: str = "message"

    @property
    def excerpt(self) -> str:
        """Return its beginning on one line."""
        words = " ".join(self.text.split())
        return words if len(words) <= EXCERPT else words[: EXCERPT - 1] + "…"


@dataclass(frozen=True)
class ChatView:
    """The chat as a page shows it when it opens."""

    messages: list[MessageView]
    entries: Sequence[MessageView | NoticeView | LineView]
    """The messages with what was announced and what the lesson did between them, in order."""
    earlier_url: str
    """Address of earlier messages. Empty means that there are none."""
    pinned: MessageView | None
    rules: Rules
    is_muted: bool
    mutes: Sequence[Mute]
    """People who may not write, for the desk."""
    changeable_ms: int = CHANGEABLE_MS


def chat_view(live: LiveSession, side: Side, person: Person, *, before: int | None = None) -> ChatView:
    """Show a lesson's chat to somebody."""
    found = queries.newest(live.id, side, person.key, before=before)
    is_withheld = frames.withheld(live.id)
    messages = [one for one in found if not is_withheld("chat", one.at_ms)]
    pinned = queries.pinned(live.id)
    if pinned is not None and is_withheld("chat", pinned.at_ms):
        pinned = None
    views = message_views(live.id, [*messages, *([pinned] if pinned else [])], side)
    more = len(found) == queries.ON_A_PAGE
    shown = views[: len(messages)]
    return ChatView(
        messages=shown,
        entries=_entries(live.id, shown, after=found[0].id if more else 0, before=before),
        earlier_url=url_for("chat.earlier", live_id=live.id, before=found[0].id) if more else "",
        pinned=views[-1] if pinned else None,
        rules=queries.rules_of(live.id),
        is_muted=side is Side.LEARNER and queries.is_muted(live.id, person.key),
        mutes=queries.mutes(live.id) if side is Side.DESK else (),
    )


def empty_chat(live: LiveSession) -> ChatView:
    """Show a chat into which a replay puts each message at its time."""
    return ChatView([], [], "", None, queries.rules_of(live.id), is_muted=False, mutes=())


def message_views(live_id: str, messages: Sequence[Message], side: Side) -> list[MessageView]:
    """Show messages of one lesson to one side, with the ones that they answer."""
    answered = by_ids(Message, live_id, {message.reply_id for message in messages if message.reply_id})
    return [
        _view(message, _view(answered[message.reply_id], None, side) if message.reply_id in answered else None, side)
        for message in messages
    ]


def _entries(
    live_id: str, messages: Sequence[MessageView], *, after: int, before: int | None
) -> list[MessageView | NoticeView | LineView]:
    announced = [notice_view(notice) for notice in notices.between(live_id, after, before)]
    return sorted([*messages, *announced, *lines.between(live_id, after, before)], key=lambda entry: entry.id)


def _view(message: Message, answered: MessageView | None, side: Side) -> MessageView:
    name = message.by_name
    if side is Side.LEARNER:
        name = name_in_replay(message.live_id, message.by_key, name, message.part)
    picture = message.picture and url_for("chat.picture", live_id=message.live_id, name=message.picture)
    return MessageView(
        id=message.id,
        live_id=message.live_id,
        at_ms=message.at_ms,
        by_key=message.by_key,
        by_name=name,
        part=message.part,
        text=message.text,
        html=as_lines(message.text),
        picture_url=picture or "",
        to_desk=message.to_desk,
        edited=message.edited_ms is not None,
        answered=answered,
    )
