"""Reasons of the rooms above for which recordings must not be removed yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import Flask, current_app

from app.live.models import LiveSession

Hold = Callable[[LiveSession], str]
"""Returns why a recording must stay, in a sentence; "" where nothing is against removing it."""


def add(app: Flask, hold: Hold) -> None:
    """Have a room above asked before a recording is removed. The room calls this."""
    app.extensions.setdefault("replay_holds", []).append(hold)


def reason(live: LiveSession) -> str:
    """Return the first reason for which a recording must stay, "" where there is none."""
    holds = cast("list[Hold]", current_app.extensions.get("replay_holds", []))
    return next((sentence for hold in holds if (sentence := hold(live))), "")
