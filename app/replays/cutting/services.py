"""Cutting, and taking cuts back."""

from __future__ import annotations

import shutil
from pathlib import Path

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel import web
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.models import LiveSession
from app.media.folders import folder_of
from app.replays import services as replays
from app.replays.cutting import playlists, queries
from app.replays.cutting.errors import NothingLeft, NothingToCut
from app.replays.cutting.models import Cut

WHOLE, CUT = "full", "cut"
MARK = "mark"
"""Name of the file that says of which cuts the playlists beside it are."""


def cut_out(live: LiveSession, from_ms: int, to_ms: int, *, by: User) -> None:
    """Leave a stretch out, from the beginning of its first segment to the end of its last one.

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
    begins, place_ms = whole.piece_at(from_ms)
    ends, end_ms = whole.end_of_piece_at(to_ms - 1)
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


def write_playlists(live: LiveSession) -> None:
    """Write the playlists without the cuts into the stream's folder, or remove them where there is no cut."""
    media, cuts = folder_of(live.stream_id), queries.cuts_of(live.id)
    if not cuts or not (media / WHOLE).exists():
        shutil.rmtree(media / CUT, ignore_errors=True)
        return
    (media / CUT).mkdir(exist_ok=True)
    for file in (media / WHOLE).glob("*.m3u8"):
        text = file.read_text()
        is_master = "#EXT-X-STREAM-INF" in text
        _write(media / CUT / file.name, text if is_master else playlists.without(text, cuts.spans))
    _write(media / CUT / MARK, cuts.mark)


def mend_playlists(live: LiveSession) -> None:
    """Write the playlists if they are not those of the present cuts, as after a process was killed while it cut."""
    mark = folder_of(live.stream_id) / CUT / MARK
    written = mark.read_text() if mark.exists() else ""
    if written != queries.cuts_of(live.id).mark:
        write_playlists(live)


def _write(file: Path, text: str) -> None:
    half_written = file.with_suffix(".new")
    half_written.write_text(text)
    half_written.replace(file)


def _note(action: Action, live: LiveSession, cut: Cut, by: User) -> None:
    stretch = f"{web.as_clock(cut.place_ms)}–{web.as_clock(cut.place_ms + cut.length_ms)}"
    audit.record(action, by_id=by.id, unit_id=live.unit_id, what=live.subject, stretch=stretch)
