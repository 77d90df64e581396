"""Messages are written, changed and taken away here, by the lesson's rules."""

from __future__ import annotations

import unicodedata
from typing import Any

from app.audit import services as audit
from app.audit.models import Action
from app.classroom.chat import errors, kinds, pictures, queries
from app.classroom.chat.models import CHANGEABLE_MS, Message, Mute, Rules
from app.classroom.engine.commands import Allowance, Call, take
from app.classroom.engine.seats import Person, Side
from app.classroom.engine.words import by_ids, note_change, said_by, sent_as
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import Forbidden
from app.kernel.text import plain_text
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.lifecycle import OVER
from app.live.models import LiveSession
from app.timeline import services as timeline

LONGEST = 2000
SLOW_S = (0, 5, 10, 30, 60)
LONGEST_WORDS = 4000

BLOCK = 10
"""Number of people as which the visitors of one block of addresses count in slow mode."""

UNWRITTEN = {"Mn", "Me", "Cf", "Cc", "Zs", "Zl", "Zp"}
"""Categories of marks over letters, of what has no width, and of blanks."""
FILLERS = "\u115f\u1160\u2800"
"""Letters that are drawn as nothing."""


def say(call: Call, text: str, *, nonce: str, to_desk: bool = False, reply_id: int = 0, picture: str = "") -> Message:
    """Write a message; sent again under the same name by the same person, it stays the one that it is.

    Raises:
        ChatClosed, Empty, TooLong, Muted, AllMuted, GuestsReadOnly, TooSoon, WordRefused: it is not written.
    """
    with unit_of_work():
        lock(call.live)
        before = sent_as(Message, call.live.id, call.person.key, nonce)
        if before is not None:
            return before
        text = _judged(call, text, to_desk=to_desk, has_picture=bool(picture))
        if picture and (pictures.file_of(call.live.id, picture) is None or not _may_send_pictures(call)):
            raise errors.NoPictures
        answered = _answered(call, reply_id)
        if answered is not None and answered.to_desk:
            to_desk = True  # an answer to what others may not read is not for them either
        to = {call.person.key, *([answered.by_key] if answered and call.is_desk else [])}
        payload = {"to": sorted(to)} if to_desk else {}
        event = timeline.append(call.live.id, kinds.SAID, payload, by_id=call.person.user_id)
        message = Message(
            **said_by(call, event),
            text=text,
            picture=picture,
            to_desk=to_desk,
            reply_id=answered.id if answered else None,
            nonce=nonce,
        )
        db.session.add(message)
    return message


def edit(call: Call, message: Message, text: str) -> None:
    """Change what one has written within the last two minutes.

    Raises:
        Forbidden: somebody else wrote it.
        TooLate: it is older.
        Empty, TooLong, Muted, AllMuted, WordRefused: it stays as it was.
    """
    with unit_of_work():
        lock(call.live)
        _own_and_new(call, message)
        message.text = _judged(call, text, to_desk=message.to_desk, has_picture=bool(message.picture), slow=False)
        message.edited_ms = clock.now_ms()
        _changed(message)
        note_change(call, Action.WORDS_EDITED, message, message=message.id)


def withdraw(call: Call, message: Message) -> None:
    """Take back what one has written within the last two minutes.

    Raises:
        Forbidden: somebody else wrote it.
        TooLate: it is older.
    """
    with unit_of_work():
        lock(call.live)
        _own_and_new(call, message)
        _take_away(message)
        note_change(call, Action.WORDS_WITHDRAWN, message, message=message.id)


def delete(call: Call, message: Message) -> None:
    """Take away what somebody has written; for the desk."""
    with unit_of_work():
        lock(call.live)
        _take_away(message)
        note_change(call, Action.WORDS_DELETED, message, message=message.id)


def pin(call: Call, message: Message, on: bool) -> None:
    """Have a message stand above the others, in the place of the one before; or have it stand there no more.

    Raises:
        Whispered: not everybody may read it.
    """
    with unit_of_work():
        lock(call.live)
        if message.to_desk:
            raise errors.Whispered
        before = queries.pinned(call.live.id)
        if before is not None and on:
            before.pinned_ms = None
        message.pinned_ms = clock.now_ms() if on else None
        timeline.append(call.live.id, kinds.PINNED, {}, by_id=call.person.user_id)


def mute(call: Call, person: Person, on: bool) -> None:
    """Let somebody read and not write, or write again."""
    with unit_of_work():
        lock(call.live)
        found = db.session.get(Mute, (call.live.id, person.key))
        if on and found is None:
            db.session.add(Mute(live_id=call.live.id, key=person.key, name=person.name))
        elif not on and found is not None:
            db.session.delete(found)
        timeline.append(
            call.live.id, kinds.MUTED, {"to": [person.key], "key": person.key, "muted": on}, by_id=call.person.user_id
        )
        audit.record(
            Action.PERSON_MUTED,
            by_id=call.person.user_id,
            unit_id=call.live.unit_id,
            what=person.name,
            subject=call.live.subject,
            muted=on,
        )


def set_rules(call: Call, **wanted: Any) -> Rules:
    """Set some of the rules: `muted_all`, `slow_s` out of SLOW_S, `guests`, `pictures`, `words`."""
    with unit_of_work():
        lock(call.live)
        rules = queries.rules_of(call.live.id)
        for name, value in wanted.items():
            setattr(rules, name, value)
        rules.slow_s = min(SLOW_S, key=lambda one: abs(one - rules.slow_s))
        rules.words = (plain_text(rules.words) or "")[:LONGEST_WORDS]
        db.session.add(rules)
        timeline.append(call.live.id, kinds.RULES, kinds.rules_payload(rules), by_id=call.person.user_id)
    return rules


def refuse_writer(call: Call) -> None:
    """Let nobody write who was muted, and no guests where these only read.

    Raises:
        Muted, GuestsReadOnly: she may not.
    """
    _refuse_writer(call.live.id, call.person)


def refuse_picture(live: LiveSession, person: Person, side: Side) -> None:
    """Let nobody send a picture whose message would not be written.

    Raises:
        ChatClosed, NoPictures, Muted, GuestsReadOnly: it would not.
    """
    if live.state in OVER:
        raise errors.ChatClosed
    if side is Side.LEARNER:
        if not queries.rules_of(live.id).pictures:
            raise errors.NoPictures
        _refuse_writer(live.id, person)


def refuse_words(live_id: str, text: str) -> None:
    """Let nothing through that holds a word of the lesson's list.

    Raises:
        WordRefused: it does.
    """
    words = queries.rules_of(live_id).words.splitlines()
    refused = next((word for word in words if _plain(word) and _plain(word) in _plain(text)), None)
    if refused is not None:
        raise errors.WordRefused(refused.strip())


def _refuse_writer(live_id: str, person: Person) -> None:
    if queries.is_muted(live_id, person.key):
        raise errors.Muted
    if person.user_id is None and not queries.rules_of(live_id).guests:
        raise errors.GuestsReadOnly


def _judged(call: Call, text: str, *, to_desk: bool, has_picture: bool, slow: bool = True) -> str:
    """Return the text as it is stored, if it may be."""
    if call.live.state in OVER:
        raise errors.ChatClosed
    rules = queries.rules_of(call.live.id)
    text = plain_text(text) or ""
    if not text and not has_picture:
        raise errors.Empty
    if len(text) > LONGEST:
        raise errors.TooLong(len(text), LONGEST)
    if call.is_desk:
        return text
    refuse_writer(call)
    if rules.muted_all and not to_desk:
        raise errors.AllMuted
    refuse_words(call.live.id, text)
    last = queries.last_of(call.live.id, call.person.key) if slow and rules.slow_s else None
    wait_ms = last.at_ms + rules.slow_s * 1000 - clock.now_ms() if last else 0
    if wait_ms > 0:
        raise errors.TooSoon(-(-wait_ms // 1000))
    if slow and rules.slow_s and call.block:
        _slow_down_block(call, rules.slow_s)
    return text


def _slow_down_block(call: Call, slow_s: int) -> None:
    """Let the visitors of one block of addresses write as quickly as `BLOCK` people together: one makes many of her.

    Raises:
        TooSoon: they have to wait for each other.
    """
    if not take(call.live.id, call.block, Allowance("slow mode of a block", burst=BLOCK, per_s=BLOCK / slow_s)):
        raise errors.TooSoon(-(-slow_s // BLOCK))


def _answered(call: Call, number: int) -> Message | None:
    """Return the message that another one answers; what the caller may not read cannot be quoted either."""
    found = by_ids(Message, call.live.id, [number]).get(number) if number else None
    return found if found is not None and queries.may_read(found, call.side, call.person.key) else None


def _may_send_pictures(call: Call) -> bool:
    return call.is_desk or queries.rules_of(call.live.id).pictures


def _plain(text: str) -> str:
    """Bring what looks alike to one form: blanks, wide letters, marks and what has no width hide no word."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in letters if unicodedata.category(one) not in UNWRITTEN and one not in FILLERS)


def _own_and_new(call: Call, message: Message) -> None:
    if message.gone_ms is not None:
        raise errors.NoMessage
    if message.by_key != call.person.key:
        raise Forbidden
    if clock.now_ms() - message.at_ms > CHANGEABLE_MS:
        raise errors.TooLate


def _changed(message: Message) -> None:
    payload = {"message": message.id, **_reach(message)}
    timeline.append(message.live_id, kinds.CHANGED, payload)
    if message.pinned_ms is not None:
        timeline.append(message.live_id, kinds.PINNED, {})


def _take_away(message: Message) -> None:
    was_pinned = message.pinned_ms is not None
    if message.picture:
        pictures.drop(message.live_id, message.picture)
    message.gone_ms, message.pinned_ms = clock.now_ms(), None
    message.text, message.picture = "", ""
    timeline.append(message.live_id, kinds.GONE, {"message": message.id, **_reach(message)})
    if was_pinned:
        timeline.append(message.live_id, kinds.PINNED, {})


def _reach(message: Message) -> dict[str, Any]:
    to = {message.by_key, queries.whispered_to(message)} - {""}
    return {"to": sorted(to)} if message.to_desk else {}
