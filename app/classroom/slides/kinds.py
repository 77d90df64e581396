"""The kinds of events that lead the stage, by name; `events` says how they look."""

from __future__ import annotations

SHOWN = "slides.shown"
"""`document`, `page`, and `step`: so many of the page's builds are there."""
CLEARED = "slides.cleared"
"""No page is shown."""
DRAWN = "slides.drawn"
"""A stroke, or a part of one, on a `page` of a `document`."""
ERASED = "slides.erased"
"""`strokes`, or `all` of them, are gone from a page."""
POINTED = "slides.pointed"
"""Where the pointer was on a page; `off` when it left."""
SCENE = "scene.set"
"""`layout`: how the presenter proposes to arrange slides and picture."""

STAGE = (SHOWN, CLEARED, DRAWN, ERASED, POINTED, SCENE)

RULES = "slides.rules"
"""`look_ahead` and `assistants_turn`."""
LISTED = "slides.listed"
"""Documents have changed; for the desk."""
