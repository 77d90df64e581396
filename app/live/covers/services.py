"""Cover pictures: cut to 16:9 around their middle, made small, kept under a name that is made from their content.

A room above may know better pictures of a lesson: its newest moment while it is on air, or its first slide.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, g, has_request_context
from sqlalchemy import select, union

from app.extensions import db
from app.kernel.pictures.shelf import Shelf
from app.live.models import LiveSession

SHELF = Shelf("covers", widths=(1280, 640), shape=(16, 9))


@dataclass(frozen=True)
class Likeness:
    """A picture that is taken from a lesson itself. Only people who may watch it are told the address."""

    url: str
    is_live: bool
    """The picture shows this minute of a lesson on air. Otherwise it is a slide, for a lesson without a cover."""


Painter = Callable[[Collection[LiveSession]], Mapping[str, Likeness]]
"""Function that returns the pictures of some lessons by their ids, with one query for all."""


def paint_by(app: Flask, painter: Painter) -> None:
    """Name the function that knows pictures of lessons. The room that takes them calls this."""
    app.extensions["painter"] = painter


def prepare(lives: Collection[LiveSession]) -> None:
    """Look for the pictures of a whole list at once, before its cards are made."""
    if has_request_context():
        known: dict[str, Likeness | None] = g.setdefault("likenesses", {})
        known.update(_painted([live for live in lives if live.id not in known]))


def likeness_of(live: LiveSession) -> Likeness | None:
    """Return the picture taken from a lesson, or None."""
    known: dict[str, Likeness | None] = g.get("likenesses", {}) if has_request_context() else {}
    return known[live.id] if live.id in known else _painted([live])[live.id]


def _painted(lives: Collection[LiveSession]) -> dict[str, Likeness | None]:
    painter = cast("Painter | None", current_app.extensions.get("painter"))
    found = painter(lives) if painter and lives else {}
    return {live.id: found.get(live.id) for live in lives}


def remove_unused() -> None:
    """Remove the pictures that no lesson has. Called by the clockwork."""
    kept = union(select(LiveSession.cover), select(LiveSession.replay_cover))
    SHELF.remove_unused(set(db.session.scalars(kept)))
