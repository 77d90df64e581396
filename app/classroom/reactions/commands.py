"""Commands of reactions."""

from __future__ import annotations

from typing import cast

from flask import current_app

from app.classroom.engine.commands import Allowance, Call, command
from app.classroom.reactions import services
from app.classroom.reactions.collecting import Box
from app.kernel.access import Who

PRESSING = Allowance("reactions", burst=5, per_s=0.5)
"""A person claps a few times, and then listens again."""


@command("reactions.give", Who.WATCHER, allowance=PRESSING)
def give(call: Call, reaction: str) -> None:
    """Send a reaction to the teachers. They see how many people gave it, never who did."""
    services.judge(call, reaction)
    cast(Box, current_app.extensions["reactions"]).put(call.live.id, reaction, call.person.key)
