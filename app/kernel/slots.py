"""Slots: places in a page for additions of rooms above, so that the page knows none of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from flask import Flask, current_app
from markupsafe import Markup

Filling = Callable[..., str]
"""Function that gets the page's arguments and returns HTML, empty if it adds nothing."""


def register(app: Flask) -> None:
    """Let templates show slots."""
    app.jinja_env.globals.update(slot=slot)


def fill(app: Flask, name: str, filling: Filling) -> None:
    """Add a filling to a slot. The adding room calls this."""
    app.extensions.setdefault("slots", {}).setdefault(name, []).append(filling)


def slot(name: str, *handed: Any) -> Markup:
    """Return the fillings of a slot as HTML, in the order in which the rooms were opened."""
    fillings = cast("dict[str, list[Filling]]", current_app.extensions.get("slots", {})).get(name, [])
    return Markup("").join(Markup(filling(*handed)) for filling in fillings)  # noqa: S704 - rendered templates
