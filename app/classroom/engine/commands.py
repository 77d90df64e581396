"""The commands that a page may send: their registry, and the one way from a frame or a form to a service.

A command declares who may use it, and its fields by the annotations of its function. Every call begins with the same
scoped load: the person is looked up anew, and so is what she may do with the lesson.
"""

from __future__ import annotations

import inspect
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, NewType

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts import queries as accounts
from app.accounts.models import User
from app.classroom.engine import door
from app.classroom.engine.seats import Person, Seat, Side
from app.extensions import db
from app.kernel import clock
from app.kernel.access import Who
from app.kernel.errors import AppError, Forbidden, NotFound, SignInFirst
from app.kernel.text import storable
from app.live import queries
from app.live.access import NEEDS
from app.live.models import LiveSession, Part
from app.live.policies import May, permissions_of
from app.roles import policies as roles

MOST_BUCKETS = 20_000

LARGEST = 2**31
"""Numbers of a page are below this: they are ids and seconds, and no column holds larger ones."""

EpochMs = NewType("EpochMs", int)
"""A moment as a page sends it, in ms since the Unix epoch. It is the only number that may exceed `LARGEST`."""

Points = NewType("Points", list[int])
"""Points of a pointer or a stroke: x, y and ms of each, one after the other."""

MOST_IN_LIST: Mapping[Any, int] = {list[str]: 100, list[int]: 100, Points: 900}


class UnknownCommand(NotFound):
    """The page is older or newer than the server."""

    code = "classroom.unknown"
    message = _l("This page does not fit the server any more.")
    mend = _l("Reload the page.")


class Malformed(AppError):
    """A field is missing, unknown or of another type."""

    code = "classroom.malformed"
    message = _l("The server did not understand the page.")
    mend = _l("Reload the page and try again.")


class TooFast(AppError):
    """A page sends more commands than a person types."""

    status = 429
    code = "classroom.too_fast"
    message = _l("That was a little quick.")
    mend = _l("Wait a few seconds, then go on.")


class NotYet(AppError):
    """Very many new guests come from one network, or one guest comes again and again."""

    status = 429
    code = "classroom.not_yet"

    def __init__(self, wait_s: int) -> None:
        """Take the seconds for which she can only watch."""
        super().__init__(
            _("Many guests are coming in from your network just now."),
            _("You watch already; in %(s)s s you can take part. With an account you can do so at once.", s=wait_s),
        )


class OnlyLooking(Forbidden):
    """A presenter presses something on the page that shows her what learners see."""

    code = "classroom.only_looks"
    message = _l("This page only shows what learners see: nothing that you press here is sent.")
    mend = _l("Write and answer in your studio.")


class NoName(AppError):
    """A visitor who came without a guest link may only watch."""

    status = 403
    code = "classroom.no_name"
    message = _l("Only those with a name can take part.")
    mend = _l("Reload the page, or sign in.")


@dataclass(frozen=True)
class Call:
    """One use of a command: who, in which lesson, with everything just loaded."""

    live: LiveSession
    user: User | None
    person: Person
    may: frozenset[May]
    block: str = ""
    """Block of addresses from which a visitor without an account comes (`Seat.block`)."""
    page: str = ""
    """Name of a page with a websocket (`Seat.page`)."""

    @property
    def somebody(self) -> User:
        """Return the caller's account, in a command that only people with an account may use."""
        assert self.user is not None
        return self.user

    @property
    def is_desk(self) -> bool:
        """Return whether the caller teaches or assists."""
        return May.ASSIST in self.may

    @property
    def side(self) -> Side:
        """Return the caller's side of the room."""
        return Side.DESK if self.is_desk else Side.LEARNER

    @property
    def part(self) -> str:
        """Return the caller's part in this lesson: teacher, assistant, manager, learner or guest."""
        if self.user is not None and not self.is_desk:
            return str(Part.LEARNER)  # a presenter may play one, in a rehearsal
        return door.seated_as(self.user, self.live)


@dataclass(frozen=True)
class Allowance:
    """Maximum rate of a person's commands. Commands that share an allowance are counted together."""

    name: str
    burst: float
    """Maximum number in one burst."""
    per_s: float
    """Maximum number a second in the long run."""


BLOCK = 50
"""Factor by which the allowance of a block of addresses exceeds that of a person. Of 500 people in a hall, no more than
this type at once."""

TYPING = Allowance("typing", burst=12, per_s=2)
"""Nobody types quicker. Commands that name no other allowance count here."""

Given = Mapping[str, Any]
"""Data that a command returns to the page."""

Command = Callable[..., Given | Future[Given] | None]


@dataclass(frozen=True)
class Entry:
    """A command of the registry."""

    name: str
    who: Who
    run: Command
    fields: Mapping[str, inspect.Parameter]
    for_crowds: bool
    """A whole audience may send this command at once.

    It takes a `Seat` in place of a `Call`, and checks many callers together, or one by `call_of`.
    """
    allowance: Allowance = TYPING


_entries: dict[str, Entry] = {}


def command(
    name: str, who: Who, *, for_crowds: bool = False, allowance: Allowance = TYPING
) -> Callable[[Command], Command]:
    """Declare a command. Its function takes the Call, then each field by name. Its result goes to the page.

    A command that waits for the work of others, such as a commit for many, returns a future. The page may send other
    commands meanwhile.
    """

    def declare(run: Command) -> Command:
        fields = dict(list(inspect.signature(run, eval_str=True).parameters.items())[1:])
        _entries[name] = Entry(name, who, run, fields, for_crowds, allowance)
        return run

    return declare


def entries() -> Mapping[str, Entry]:
    """Return every command by its name."""
    return _entries


def execute(seat: Seat, name: object, typed: object) -> Given | Future[Given]:
    """Carry out a command of a page, within the request of its socket or its form.

    Raises:
        AppError: refused, with what to do.
    """
    roles.forget()  # a socket is one request, however long it lasts
    try:
        entry = _entries.get(name) if isinstance(name, str) else None
        if entry is None:
            raise UnknownCommand
        if seat.only_looks:
            raise OnlyLooking
        if (wait_ms := seat.takes_part_ms - clock.now_ms()) > 0:
            raise NotYet(-(-wait_ms // 1000))
        _slow_down(seat, entry.allowance)
        if entry.for_crowds:
            return entry.run(seat, **fields_of(entry, typed)) or {}
        call = call_of(seat, entry.who)
        return entry.run(call, **fields_of(entry, typed)) or {}
    finally:
        db.session.remove()


def call_of(seat: Seat, who: Who) -> Call:
    """Return the call of a seat, with the person, the lesson and her permissions loaded anew.

    Raises:
        SignInFirst, NotFound, Forbidden, NoName, PutOut: she may not use a command for `who`.
    """
    user = accounts.user_by_sign_in(seat.sign_in_key) if seat.sign_in_key else None
    if user is None and seat.sign_in_key:
        raise SignInFirst
    live = queries.live_for(user, seat.live_id, NEEDS[who])
    if not seat.person.key:
        raise NoName
    may = frozenset({May.WATCH}) if seat.plays_learner else permissions_of(user, live) | {May.WATCH}
    if NEEDS[who] not in may and seat.plays_learner:
        raise Forbidden
    if May.ASSIST not in may:
        door.refuse_barred(live.id, seat.person.key)
    return Call(live, user, seat.person, may, seat.block, seat.page)


def fields_of(entry: Entry, typed: object) -> dict[str, Any]:
    """Return the fields of a command as its function takes them.

    Raises:
        Malformed: a field is missing, unknown or of another type.
    """
    if not isinstance(typed, dict) or not set(typed) <= set(entry.fields):
        raise Malformed
    given = {}
    for name, field in entry.fields.items():
        if name in typed:
            given[name] = _of_type(field.annotation, typed[name])
        elif field.default is inspect.Parameter.empty:
            raise Malformed
    return given


def _of_type(wanted: Any, value: object) -> object:
    """Take a value as JSON, or as a form sends it: numbers and switches as words."""
    match value:
        case bool() if wanted is bool:
            return value
        case bool():
            raise Malformed
        case int() if wanted is int and abs(value) < LARGEST:
            return value
        case int() if wanted is EpochMs and 0 <= value < 2**53:
            return value
        case str() if wanted is str:
            return storable(value)
        case str() if wanted is int and value.removeprefix("-").isdecimal() and len(value) < 16:
            return _of_type(int, int(value))
        case str() if wanted is bool and value in {"", "on", "1", "true", "false", "0"}:
            return value in {"on", "1", "true"}
        case str() if wanted in (list[str], list[int]):
            return [_of_type(wanted.__args__[0], value)]
        case list() if len(value) <= MOST_IN_LIST.get(wanted, 0):
            return [_of_type(str if wanted == list[str] else int, one) for one in value]
    raise Malformed


class _Buckets:
    """The rest of each person's allowances, over all her sockets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: OrderedDict[tuple[str, str, str], tuple[float, float]] = OrderedDict()

    def take(self, live_id: str, key: str, allowance: Allowance) -> bool:
        who, now = (live_id, key, allowance.name), time.monotonic()
        with self._lock:
            left, at = self._left.pop(who, (allowance.burst, now))
            left = min(allowance.burst, left + (now - at) * allowance.per_s)
            is_there = left >= 1
            self._left[who] = (left - 1 if is_there else left, now)
            if len(self._left) > MOST_BUCKETS:
                self._left.popitem(last=False)
        return is_there


_buckets = _Buckets()


def take(live_id: str, key: str, allowance: Allowance) -> bool:
    """Use up some of the allowance of a person, or of a block of addresses. Return False if none is left."""
    return not current_app.config["RATELIMIT_ENABLED"] or _buckets.take(live_id, key, allowance)


def _slow_down(seat: Seat, allowance: Allowance) -> None:
    if not take(seat.live_id, seat.person.key or seat.sign_in_key, allowance):
        raise TooFast
    of_block = Allowance(f"{allowance.name} of a block", allowance.burst * BLOCK, allowance.per_s * BLOCK)
    if seat.block and not take(seat.live_id, seat.block, of_block):
        raise TooFast
