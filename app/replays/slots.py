"""Places of the replay page into which rooms above hang what they add."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app

from app.live.models import LiveSession

Fragment = Callable[[LiveSession], str]
"""Renders what a room adds for the person of this request; "" adds nothing."""

PLACE = "replay_slots"


def hang(app: Flask, fragment: Fragment) -> None:
    """Have a fragment stand beside the replay, below the download; done by a room when it opens."""
    app.extensions.setdefault(PLACE, []).append(fragment)


def beside(live: LiveSession) -> list[str]:
    """Render what rooms above add to the replay of a lesson."""
    fragments: list[Fragment] = current_app.extensions.get(PLACE, [])
    return [html for fragment in fragments if (html := fragment(live))]
