"""Cutting, and taking cuts back."""

from __future__ import annotations

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel import web
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.models import LiveSession
from app.replays import services as replays
from app.replays.cutting import queries
from app.replays.cutting.errors import NothingLeft, NothingToCut
from app.replays.cutting.models import Cut
from app.replays.cutting.writing import write_playlists

SNAP_MS = 40
"""An edge that is nearer to one of a segment than a picture at 25 a second lies there, so nothing is encoded for it."""


def cut_out(live: LiveSession, from_ms: int, to_ms: int, *, by: User) -> None:
    """Leave a stretch out, exact to one picture.

    Args:
        live: a lesson that is over and recorded.
        from_ms: where it begins in the whole recording.
        to_ms: where it ends there.
        by: who cuts.

    Raises:
        NothingToCut: there is no such stretch.
        NothingLeft: nothing would be left.
    """
    whole = queries.whole_clock(live)
    from_ms, to_ms = max(0, from_ms), min(to_ms, round(whole.length_ms))
    if to_ms <= from_ms:
        raise NothingToCut
    begins, place_ms = whole.nearby(from_ms, SNAP_MS)
    ends, end_ms = whole.nearby(to_ms, SNAP_MS, ends=True)
    with unit_of_work() as after_commit:
        lock(live)
        for other in queries.rows_of(live.id):
            if other.from_ms <= ends and begins <= other.to_ms:
                begins, place_ms = min((begins, place_ms), (other.from_ms, other.place_ms))
                ends, end_ms = max((ends, end_ms), (other.to_ms, other.place_ms + other.length_ms))
                db.session.delete(other)
        db.session.flush()
        left_out_ms = queries.left_out_ms([live.id]).get(live.id, 0) + end_ms - place_ms
        if whole.length_ms - left_out_ms < queries.LEAST_KEPT_MS:
            raise NothingLeft
        length_ms = round(end_ms - place_ms)
        cut = Cut(live_id=live.id, from_ms=begins, to_ms=ends, place_ms=round(place_ms), length_ms=length_ms)
        cut.by_id = by.id
        db.session.add(cut)
        if live.replay_cover_ms is not None and cut.place_ms <= live.replay_cover_ms < cut.place_ms + cut.length_ms:
            live.replay_cover, live.replay_cover_ms = "", None
        _note(Action.REPLAY_CUT, live, cut, by)
        replays.drop_download(live)
        after_commit(lambda: write_playlists(live))


def cut_out_spoken(live: LiveSession, *, by: User) -> int:
    """Leave out all stretches in which learners had the floor; return how many there are."""
    whole = queries.whole_clock(live)
    spoken = queries.spoken(live)
    with unit_of_work():
        for from_ms, to_ms in spoken:
            begin_ms, end_ms = whole.position_ms(from_ms), whole.position_ms(to_ms)
            if end_ms > begin_ms:
                cut_out(live, round(begin_ms), round(end_ms), by=by)
    return len(spoken)


def take_back(cut: Cut, live: LiveSession, *, by: User) -> None:
    """Show a stretch again."""
    with unit_of_work() as after_commit:
        lock(live)
        _note(Action.REPLAY_CUT_TAKEN_BACK, live, cut, by)
        db.session.delete(cut)
        replays.drop_download(live)
        after_commit(lambda: write_playlists(live))


def _note(action: Action, live: LiveSession, cut: Cut, by: User) -> None:
    stretch = f"{web.as_clock(cut.place_ms)}–{web.as_clock(cut.place_ms + cut.length_ms)}"
    audit.record(action, by_id=by.id, unit_id=live.unit_id, what=live.subject, stretch=stretch)
