"""Reading cuts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from app.classroom.slides import kinds as slides
from app.classroom.slides.kinds import SCENE, STAGE
from app.classroom.stage import kinds as stage
from app.extensions import db
from app.live import kinds as lives
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.live.naming import leaves_names_out
from app.media.folders import folder_of
from app.replays.clock import PlaylistClock
from app.replays.cutting.errors import NoSuchCut
from app.replays.cutting.models import Cut
from app.replays.cutting.playlists import Span, is_within
from app.timeline import queries as timeline
from app.timeline.models import Event

LEAST_KEPT_MS = 2_000
BESIDE = frozenset({lives.STATE, slides.RULES, slides.LISTED, *stage.ALL})
"""Kinds beside the stage that a replay without chat, questions and polls still tells."""
WITH_NAMES = ("stage.", "hands.")
"""Beginnings of kinds that are about learners by name, and of which a replay shows nothing but that."""
PAGES, DRAWN = (slides.SHOWN, slides.CLEARED), (slides.DRAWN, slides.ERASED)


@dataclass(frozen=True)
class Cuts:
    """All that is left out of one recording."""

    spans: tuple[tuple[int, int], ...]

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self.spans)

    def hold(self, moment_ms: float) -> bool:
        """Return whether a moment of capture (epoch ms) was cut out."""
        return is_within(moment_ms, self.spans)

    def end_of(self, moment_ms: float) -> int | None:
        """Return the end of the cut that holds a moment; `None` where it was not cut out."""
        return next((to_ms for from_ms, to_ms in self.spans if from_ms <= moment_ms < to_ms), None)

    @property
    def mark(self) -> str:
        """Words that change with the cuts."""
        return "-".join(f"{from_ms}.{to_ms}" for from_ms, to_ms in self.spans)


def cuts_of(live_id: str) -> Cuts:
    """Return what is cut out of a recording."""
    return Cuts(tuple((cut.from_ms, cut.to_ms) for cut in rows_of(live_id)))


def withheld(live_id: str) -> Callable[[str, int], bool]:
    """Return a function that tells whether an event, by kind and moment (epoch ms), is missing in the replay.

    It was cut out, or presenters leave its kind out. A page that was turned in a cut still stands after it.
    """
    cuts = cuts_of(live_id)
    live = db.session.get(LiveSession, live_id)
    without_chat = live is not None and live.state is LiveState.ENDED and not live.replay_chat
    without_names = leaves_names_out(live_id)

    def is_withheld(kind: str, at_ms: int) -> bool:
        if kind in STAGE:
            return False
        is_left_out = (without_chat and kind not in BESIDE) or (without_names and kind.startswith(WITH_NAMES))
        return is_left_out or cuts.hold(at_ms)

    return is_withheld


def remaining(events: Iterable[Event], cuts: Cuts) -> list[Event]:
    """Return events in order, without those that only people in a cut stretch saw.

    Events of the stage stay if they still stand after the cut: the last page, the last scene, and the drawing.
    """
    kept: list[Event] = []
    standing: set[tuple[str, int]] = set()
    for event in reversed(list(events)):
        ends = cuts.end_of(event.at_ms)
        if ends is not None and event.kind not in DRAWN:
            what = "page" if event.kind in PAGES else event.kind
            if (what, ends) in standing or event.kind not in {*PAGES, SCENE}:
                continue
            standing.add((what, ends))
        kept.append(event)
    return kept[::-1]


def rows_of(live_id: str) -> Sequence[Cut]:
    """Return the cuts of a recording in order."""
    return db.session.scalars(select(Cut).where(Cut.live_id == live_id).order_by(Cut.from_ms)).all()


def cut_for(live: LiveSession, cut_id: int) -> Cut:
    """Return a cut of a recording.

    Raises:
        NoSuchCut: there is none.
    """
    cut = db.session.get(Cut, cut_id)
    if cut is None or cut.live_id != live.id:
        raise NoSuchCut
    return cut


def left_out_ms(live_ids: Sequence[str]) -> dict[str, int]:
    """Return how much is cut out of each recording; those without cuts are left out."""
    rows = select(Cut.live_id, func.sum(Cut.length_ms)).where(Cut.live_id.in_(live_ids)).group_by(Cut.live_id)
    return {live_id: int(length_ms) for live_id, length_ms in db.session.execute(rows)}


def counts_of(live_ids: Sequence[str]) -> dict[str, int]:
    """Count the cuts of each recording; those without cuts are left out."""
    rows = select(Cut.live_id, func.count()).where(Cut.live_id.in_(live_ids)).group_by(Cut.live_id)
    return {live_id: number for live_id, number in db.session.execute(rows)}  # noqa: C416 - rows are no pairs to mypy


def whole_clock(live: LiveSession) -> PlaylistClock:
    """Return the clock of the whole recording."""
    return _clock(folder_of(live.stream_id) / "full" / "source.m3u8")


def cut_clock(live: LiveSession) -> PlaylistClock:
    """Return the clock of the recording as people watch it."""
    cut = folder_of(live.stream_id) / "cut" / "source.m3u8"
    return _clock(cut) if cut.exists() else whole_clock(live)


def _clock(playlist: Path) -> PlaylistClock:
    return PlaylistClock(playlist.read_text() if playlist.exists() else "")


def spoken(live: LiveSession) -> list[Span]:
    """Return the stretches in which learners had the floor (stage.joined to stage.left), epoch ms, in order."""
    since: dict[str, int] = {}
    found: list[Span] = []
    for event in timeline.after(live.id, 0, kinds={stage.JOINED, stage.LEFT}):
        key = str(event.payload["key"])
        if event.kind == stage.JOINED:
            since.setdefault(key, event.at_ms)
        elif key in since:
            found.append((since.pop(key), event.at_ms))
    found += [(at_ms, live.ended_at_ms or at_ms) for at_ms in since.values()]
    joined: list[Span] = []
    for from_ms, to_ms in sorted(found):
        if joined and from_ms <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], to_ms)
        else:
            joined.append((from_ms, to_ms))
    return joined
