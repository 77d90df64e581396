"""The programme: which moments of the media clock a lesson had something to watch.

media_worker notes each piece of media with its capture time in `index.jsonl` of the stream, and shows learners the
pieces that lie wholly within a stretch on air. So pauses, the time before the start and after the end, and gaps in
which no encoder delivered are no programme.
"""

from __future__ import annotations

import json
import threading
from array import array
from collections import OrderedDict
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import cast

from flask import Flask, current_app
from sqlalchemy import select

from app.credits.counting.models import Programme
from app.credits.counting.stretches import Stretches, tidy
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.live import queries as lives
from app.live.models import LiveSession

INDEX = "index.jsonl"

SEAM_MS = 250
"""Maximum time between two pieces that belong together: dates of pieces are rounded, and a new take begins late."""

MOST_KNOWN = 200
"""Maximum number of streams whose index is kept in memory: a lesson of three hours takes 200 kB."""


Air = tuple[tuple[int, int | None], ...]
"""Stretches on air, epoch ms; the last one is open while its end is `None`."""


class _Index:
    """The pieces of one stream, and the programme that follows from them; what was read is not read again."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read_bytes = 0
        self._starts, self._ends = array("q"), array("q")
        self._air: Air = ()
        self._counted = 0
        self._shown: Stretches = []

    def shown(self, air: Air) -> Stretches | None:
        """Return what of the media was on air; `None` when there is no file."""
        try:
            with self._file.open("rb") as file:
                file.seek(self._read_bytes)
                new = file.read()
        except FileNotFoundError:
            return None
        whole = new[: new.rfind(b"\n") + 1]  # the last line is perhaps half written
        self._read_bytes += len(whole)
        for start, end in _pieces_of(whole.splitlines()):
            self._starts.append(start)
            self._ends.append(end)
        if air != self._air:
            self._air, self._counted, self._shown = air, 0, []
        pieces = zip(self._starts[self._counted :], self._ends[self._counted :], strict=True)
        fresh = _within_one(pieces, air)
        self._shown = tidy([*self._shown, *fresh], seam_ms=SEAM_MS)
        self._counted = len(self._starts)
        return self._shown


class Indices:
    """The indices of the streams that this process was asked about lately."""

    def __init__(self) -> None:
        """Know none yet."""
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Index] = OrderedDict()

    def shown(self, stream_id: str, root: Path, air: Air) -> Stretches | None:
        """Return what of a stream's media was on air; `None` when its folder is not there."""
        with self._lock:
            index = self._known.pop(stream_id, None) or _Index(root / stream_id / INDEX)
            self._known[stream_id] = index
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
            return index.shown(air)


def register(app: Flask) -> None:
    """Return the indices of this process."""
    app.extensions["credits_indices"] = Indices()


def programme(live: LiveSession) -> Stretches:
    """Return the programme of a lesson until now, epoch ms on the capture clock."""
    kept = db.session.get(Programme, live.id)
    return [(one[0], one[1]) for one in kept.stretches] if kept is not None else _from_media(live)


def programmes(lessons: Collection[LiveSession]) -> dict[str, Stretches]:
    """Return the programmes of several lessons by their ids, with one query for those that are written down."""
    wanted = select(Programme.live_id, Programme.stretches).where(Programme.live_id.in_([one.id for one in lessons]))
    kept = {live_id: [(pair[0], pair[1]) for pair in stretches] for live_id, stretches in db.session.execute(wanted)}
    return {one.id: kept[one.id] if one.id in kept else _from_media(one) for one in lessons}


def keep(stream_id: str) -> None:
    """Hear that the media of a stream are closed: write its programme down, which outlives the files."""
    live = lives.live_by_stream(stream_id)
    if live is None or live.rehearses_id is not None:
        return
    found = [list(one) for one in _from_media(live)]
    with unit_of_work():
        row = db.session.get(Programme, live.id)
        if row is None:
            db.session.add(Programme(live_id=live.id, stretches=found))


def indices() -> Indices:
    """Return the indices of this process."""
    return cast(Indices, current_app.extensions["credits_indices"])


def _from_media(live: LiveSession) -> Stretches:
    stream = live.stream
    air = tuple((one.from_ms, one.to_ms) for one in stream.rules().air)
    shown = indices().shown(stream.id, current_app.config["MEDIA_ROOT"], air)
    if shown is not None:
        return shown
    newest_ms = stream.newest_end_ms  # the files are gone, or kept elsewhere: what is known without them
    return tidy((start, newest_ms if end is None else min(end, newest_ms)) for start, end in air)


def _within_one(pieces: Iterable[tuple[int, int]], air: Air) -> Iterable[tuple[int, int]]:
    for start, end in pieces:
        if any(first <= start and (last is None or end <= last) for first, last in air):
            yield start, end


def _pieces_of(lines: Iterable[bytes]) -> Iterable[tuple[int, int]]:
    for line in lines:
        try:
            source = json.loads(line)["source"]
            start, length = float(source["start_ms"]), float(source["duration_ms"])
        except (ValueError, KeyError, TypeError):
            continue  # a spoilt line, which media_worker passes over as well
        yield round(start), round(start + length)
