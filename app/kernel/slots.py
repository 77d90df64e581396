"""Slots: places in a page into which rooms above hang what they add, so that the page knows none of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from flask import Flask, current_app
from markupsafe import Markup

Filling = Callable[..., str]
"""Is called with what the page hands over, and returns HTML; empty where there is nothing to add."""


def register(app: Flask) -> None:
    """Let templates show slots."""
    app.jinja_env.globals.update(slot=slot)


def fill(app: Flask, name: str, filling: Filling) -> None:
    """Hang something into a slot; done by the room that adds it."""
    app.extensions.setdefault("slots", {}).setdefault(name, []).append(filling)


def slot(name: str, *handed: Any) -> Markup:
    """Render what hangs in a slot, in the order in which the rooms were opened."""
    fillings = cast("dict[str, list[Filling]]", current_app.extensions.get("slots", {})).get(name, [])
    return Markup("").join(Markup(filling(*handed)) for filling in fillings)  # noqa: S704 - rendered templates
