"""Frames of the classroom's socket: events of the timeline, encoded once for each language and side.

docs/protocol.md lists them.

Each feature of the classroom declares with `kind` how its events look. An event that has nothing to show to a side is
not sent to it. The field `to` of an event's payload names its readers: `desk` means those who teach, assist or manage,
and a list of keys means these people and the desk. Without the field everybody hears of the event.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, current_app

from app.classroom.engine.hub import Frame, Known
from app.classroom.engine.seats import Seat, Side, Variant
from app.classroom.engine.wire import payload_of, text_frame
from app.extensions import db
from app.kernel import clock
from app.kernel.web import LANGUAGES, written_in
from app.live.naming import leaves_names_out
from app.timeline import queries as timeline
from app.timeline.models import Event

VARIANTS: tuple[Variant, ...] = tuple((language, side) for language in LANGUAGES for side in Side)

DESK = "desk"

IN_A_BATCH = 300
"""Maximum number of events that are read at once for a page that has missed some."""


@dataclass(frozen=True)
class Shown:
    """Data and fragments that an event brings to a page."""

    data: Mapping[str, Any]
    html: Mapping[str, str] = field(default_factory=dict)
    """Fragments by name. One whose root has an id takes the place of the element with that id; one that also says
    `data-into` is put into the element with that id when there is none yet."""


Withheld = Callable[[str, int], bool]
"""Returns whether an event is no longer sent, by its kind (or the name of its feature) and its moment (epoch ms)."""
Renderer = Callable[[Sequence[Event], Side], Mapping[int, Shown]]
"""Shows events of one kind and one lesson to one side, as things are now; an event that it leaves out is not sent."""


@dataclass(frozen=True)
class Kind:
    """A kind of event that pages hear of."""

    name: str
    show: Renderer
    newest_only: bool
    """Each event covers those before it, so in a backlog only the newest one brings its fragments."""
    until: frozenset[str]
    """A rendered frame is reused until an event of one of these kinds is appended. If empty, no frame is reused."""


_kinds: dict[str, Kind] = {}


def kind(name: str, *, newest_only: bool = False, until: Collection[str] = ()) -> Callable[[Renderer], Renderer]:
    """Declare how events of a kind are shown."""

    def declare(show: Renderer) -> Renderer:
        _kinds[name] = Kind(name, show, newest_only, frozenset(until))
        return show

    return declare


def kinds() -> Mapping[str, Kind]:
    """Return every kind that pages hear of."""
    return _kinds


class _Shelf:
    """Encoded frames. When a whole room comes back, each frame is rendered once and not for each page."""

    MOST = 20_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wires: OrderedDict[tuple[str, int, int, Variant], bytes] = OrderedDict()

    def find(self, key: tuple[str, int, int, Variant]) -> bytes | None:
        with self._lock:
            if key in self._wires:
                self._wires.move_to_end(key)
            return self._wires.get(key)

    def put(self, key: tuple[str, int, int, Variant], wire: bytes) -> None:
        with self._lock:
            self._wires[key] = wire
            if len(self._wires) > self.MOST:
                self._wires.popitem(last=False)


_shelf = _Shelf()

PING = json.dumps({"type": "ping"})
"""Sent from time to time: scripts do not see the protocol's own pings."""


def hello(last_id: int) -> str:
    """Return the greeting of a page: the server's clock, and the id of the newest event."""
    return json.dumps({"type": "hello", "now": clock.now_ms(), "last": last_id})


def read_after(app: Flask, known: Mapping[str, Known]) -> dict[str, Sequence[Frame]]:
    """Return the frames that each room has not seen yet, for the hub's tail."""
    if not known:
        return {}
    with app.test_request_context():
        try:
            heads = timeline.heads(known.keys())
            return {
                live_id: encode(timeline.after(live_id, room.last), room.variants)
                for live_id, room in known.items()
                if heads.get(live_id, 0) > room.last
            }
        finally:
            db.session.remove()


def withhold(app: Flask, rule: Callable[[str], Withheld]) -> None:
    """Register the rule that names the events of a lesson that a page no longer gets when it catches up."""
    app.extensions["withheld"] = rule


def withheld(live_id: str) -> Withheld:
    """Return the function that judges the events of a lesson by kind and moment."""
    return cast(Withheld, current_app.extensions["withheld"](live_id))


def _told(live_id: str, events: Sequence[Event]) -> list[Event]:
    is_withheld = withheld(live_id)
    return [event for event in events if not is_withheld(event.kind, event.at_ms)]


def backlog(live_id: str, last_seen: int, variant: Variant) -> list[Frame]:
    """Return the first `IN_A_BATCH` events after the event `last_seen`, for one language and side."""
    while events := timeline.after(live_id, last_seen, limit=IN_A_BATCH):
        if told := _told(live_id, events):
            return encode(told, (variant,))
        last_seen = events[-1].id
    return []


def batch(events: Sequence[Event], seat: Seat, *, after: int, limit: int) -> str:
    """Return events as one JSON object: `events` as the socket brings them, `last`, and whether there are `more`.

    Args:
        events: the events after the event `after`, at most `limit`.
        seat: of the page that asks.
        after: id of the event that the page has seen last.
        limit: a batch that is as long as this is not the last one.
    """
    told = _told(seat.live_id, events)
    wires = [wire for frame in encode(told, (seat.variant,)) if (wire := frame.wire_for(seat))]
    head = json.dumps({"last": events[-1].id if events else after, "more": len(events) == limit, "events": []})
    return head.removesuffix("]}") + ",".join(map(payload_of, wires)) + "]}"


def encode(events: Sequence[Event], variants: Collection[Variant] = VARIANTS) -> list[Frame]:
    """Render events in order. Needs a request context, for addresses."""
    by_kind: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_kind[event.kind].append(event)
    wires: defaultdict[int, dict[Variant, bytes]] = defaultdict(dict)
    for variant in variants:
        locale, _ = variant
        with written_in(locale):
            for name, its in by_kind.items():
                for number, wire in _wires(name, its, variant):
                    wires[number][variant] = wire
    rendered = frozenset(variants)
    return [Frame(event.id, wires[event.id], _only(event), rendered) for event in events]


def told(kind_name: str, data: Mapping[str, Any], html: Mapping[str, str] | None = None) -> bytes:
    """Encode a message that is not an event and is not stored, with its fragments."""
    frame = {"type": "told", "kind": kind_name, "data": data, **({"html": html} if html else {})}
    return text_frame(json.dumps(frame, ensure_ascii=False))


def for_desk(render: Callable[[], bytes]) -> dict[Variant, bytes]:
    """Render something for the desk, in each language."""
    wires = {}
    for language in LANGUAGES:
        with written_in(language):
            wires[language, Side.DESK] = render()
    return wires


def _wires(name: str, events: Sequence[Event], variant: Variant) -> Iterator[tuple[int, bytes]]:
    kind = _kinds.get(name)
    if kind is None:
        return
    if not kind.until:
        for event, shown in _shown(kind, events, variant[1]):
            yield event.id, text_frame(_text(event, shown))
        return
    live_id = events[0].live_id
    changed = timeline.newest_of(live_id, kind.until)  # asked before the words are read: they are as new, or newer
    changed = 2 * changed + leaves_names_out(live_id)
    missing = []
    for event in events:
        wire = _shelf.find((live_id, changed, event.id, variant))
        if wire is None:
            missing.append(event)
        elif wire:
            yield event.id, wire
    drawn = {event.id: one for event, one in _shown(kind, missing, variant[1])}
    for event in missing:
        wire = text_frame(_text(event, drawn[event.id])) if event.id in drawn else b""
        _shelf.put((live_id, changed, event.id, variant), wire)
        if wire:
            yield event.id, wire


def _shown(kind: Kind, events: Sequence[Event], side: Side) -> list[tuple[Event, Shown]]:
    heard = [event for event in events if side is Side.DESK or event.payload.get("to") != DESK]
    covered, drawn = (heard[:-1], heard[-1:]) if kind.newest_only else ([], heard)
    shown = kind.show(drawn, side) if drawn else {}
    # a covered event still brings its data: a player must know every pause
    return [(event, Shown(event.payload)) for event in covered] + [
        (event, shown[event.id]) for event in drawn if event.id in shown
    ]


def _text(event: Event, shown: Shown) -> str:
    return json.dumps(
        {
            "type": "event",
            "id": event.id,
            "at": event.at_ms,
            "kind": event.kind,
            "data": shown.data,
            "html": shown.html,
        },
        ensure_ascii=False,
    )


def _only(event: Event) -> frozenset[str] | None:
    to = event.payload.get("to")
    return frozenset(to) if isinstance(to, list) else None
