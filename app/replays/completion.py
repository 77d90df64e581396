"""The share of a lesson after which it counts as watched. The room that knows the rules of learning hours says it."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import Flask, current_app

from app.live.models import LiveSession

ShareOf = Callable[[LiveSession], int]
"""Function that returns the least share of a lesson in percent; 0 if no rule demands one."""
NAME = "least_share"


def decided_by(app: Flask, share_of: ShareOf) -> None:
    """Register the function by which a room above returns the share. The room calls this when it is opened."""
    app.extensions[NAME] = share_of


def least_share(live: LiveSession) -> int:
    """Return the share of a lesson that must be watched, in percent; COURSEWARE_SHARE where no rule demands one."""
    usual: int = current_app.config["COURSEWARE_SHARE"]
    return cast(ShareOf, current_app.extensions[NAME])(live) or usual
