"""The kinds of events that lead the stage, by name; `events` says how they look."""

from __future__ import annotations

SHOWN = "slides.shown"
"""`document`, `page`, and `step`, the number of the page's builds that are there."""
CLEARED = "slides.cleared"
"""No page is shown."""
DRAWN = "slides.drawn"
"""A stroke, or a part of one, on a `page` of a `document`."""
ERASED = "slides.erased"
"""`strokes`, or `all` of them, are gone from a page."""
POINTED = "slides.pointed"
"""Places of the pointer on a page. `off` means that it left."""
SCENE = "scene.set"
"""`layout`, the arrangement of slides and picture that the presenter proposes."""

STAGE = (SHOWN, CLEARED, DRAWN, ERASED, POINTED, SCENE)

RULES = "slides.rules"
"""`look_ahead` and `assistants_turn`."""
LISTED = "slides.listed"
"""Documents have changed. For the desk."""
