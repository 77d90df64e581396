"""View models of the fragments of captions."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request, url_for

from app.live.models import LiveSession
from app.replays.captions.formats import vtt_of
from app.replays.captions.models import Captions
from app.replays.captions.queries import LANGUAGES, captions_of

WHOLE_PAGES = {"captions.edit", "cuts.page", "slide_times.page", "slide_times.save"}
"""Pages on which presenters see the whole recording, cuts and all."""


@dataclass(frozen=True)
class CaptionsView:
    """Captions in one language."""

    language: str
    label: str
    """Name of the language in the language itself."""
    count: int
    version: int
    vtt: str = ""
    """The captions as text, for the editor."""


@dataclass(frozen=True)
class CaptionsPanel:
    """The captions of a recording, for presenters."""

    all: list[CaptionsView]
    languages: dict[str, str]
    removed: str = ""
    """Language of the captions that were just deleted; empty: none."""


def captions_view(captions: Captions, *, with_text: bool = False) -> CaptionsView:
    """Show captions in one language."""
    text = vtt_of(captions.cues) if with_text else ""
    return CaptionsView(captions.language, LANGUAGES[captions.language], len(captions.rows), captions.version, text)


def panel(live: LiveSession, *, removed: str = "") -> CaptionsPanel:
    """Show a recording's captions to presenters."""
    return CaptionsPanel([captions_view(one) for one in captions_of(live.id)], LANGUAGES, removed)


def tracks(live_id: str) -> str:
    """Return the text tracks of a replay's picture."""
    found = []
    whole = 1 if request.endpoint in WHOLE_PAGES else None
    for one in captions_of(live_id):
        address = url_for("captions.vtt", live_id=live_id, language=one.language, v=one.version, whole=whole)
        found.append((one.language, LANGUAGES[one.language], address))
    return render_template("replays/_tracks.html", tracks=found)
