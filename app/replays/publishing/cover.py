"""The cover of a replay: one of the pictures of its strip, in place of the lesson's cover or first slide."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage

from app.kernel.errors import Conflict
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.covers import services as covers
from app.live.models import LiveSession
from app.replays.cutting import queries as cutting
from app.replays.cutting import strip


class NoSuchPicture(Conflict):
    """The picture stands in a stretch that was cut out, or the strip is not made yet."""

    code = "replays.no_such_picture"
    message = _l("This picture is not in the recording any more.")
    mend = _l("Reload the page, then choose another one.")


@dataclass(frozen=True)
class Choice:
    """A picture that can become the cover."""

    number: int
    place_ms: int
    """Its place in the whole recording."""
    chosen: bool


def choices(live: LiveSession) -> list[Choice] | None:
    """Return the pictures of a recording that are not cut out. `None` means that they are still being made."""
    if not strip.is_there(live):
        return None
    cuts = [(cut.place_ms, cut.place_ms + cut.length_ms) for cut in cutting.rows_of(live.id)]
    return [
        Choice(number, place_ms, chosen=place_ms == live.replay_cover_ms)
        for number, place_ms in strip.places(live).items()
        if not any(from_ms <= place_ms < to_ms for from_ms, to_ms in cuts)
    ]


def choose(live: LiveSession, number: int) -> None:
    """Make a picture of the strip the cover.

    Raises:
        NoSuchPicture: it is not among the choices.
        PicturesBusy, NoRoomLeft: it is not kept.
    """
    _place_of(live, number)
    with strip.cover_of(live, number).open("rb") as file:
        name = covers.SHELF.keep(FileStorage(file, f"{number}.jpg"))
    with unit_of_work():
        lock(live)
        live.replay_cover, live.replay_cover_ms = name, _place_of(live, number)


def let_go(live: LiveSession) -> None:
    """Show the lesson's own cover again, or its first slide."""
    with unit_of_work():
        lock(live)
        live.replay_cover, live.replay_cover_ms = "", None


def _place_of(live: LiveSession, number: int) -> int:
    found = next((one.place_ms for one in choices(live) or () if one.number == number), None)
    if found is None:
        raise NoSuchPicture
    return found
