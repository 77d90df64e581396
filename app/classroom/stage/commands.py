"""Commands of the stage."""

from __future__ import annotations

from typing import Any

from app.classroom.engine.commands import Allowance, Call, command
from app.classroom.stage import services
from app.kernel.access import Who

SIGNALLING = Allowance("signalling", burst=60, per_s=8)
"""A page that meets three others sends each a description and a few bundles of candidates, also after a broken line."""


@command("stage.enter", Who.WATCHER)
def enter(call: Call, host: bool = False) -> dict[str, Any]:
    """Come to the stage with this page."""
    return services.enter(call, host=host)


@command("stage.leave", Who.WATCHER)
def leave(call: Call) -> None:
    """结束发言: leave the stage with this page."""
    services.leave(call)


@command("stage.signal", Who.WATCHER, allowance=SIGNALLING)
def signal(call: Call, to: str, about: str) -> None:
    """Send a signal to another page on the stage."""
    services.signal(call, to, about)


@command("stage.voice", Who.WATCHER)
def voice(call: Call, mix: bool = False) -> dict[str, str]:
    """Return the address by which voices go without WebRTC, or into what an encoder sends."""
    return {"address": services.voice_address(call, mix=mix)}


@command("stage.mute", Who.ASSISTANT)
def mute(call: Call, key: str, on: bool = True) -> None:
    """静音: mute a speaker."""
    services.mute(call, key, on=on)


@command("stage.clear", Who.ASSISTANT)
def clear(call: Call) -> None:
    """全部下台: take everybody off the stage."""
    services.clear(call)


@command("stage.next", Who.ASSISTANT)
def call_next(call: Call) -> None:
    """下一位: give the floor to the person who has waited longest."""
    services.call_next(call.live, by_id=call.person.user_id)


@command("stage.rules", Who.ASSISTANT)
def rules(call: Call, free: bool = False, turn_s: int = 0, next_by_itself: bool = False, layout: str = "side") -> None:
    """轮流发言, 自由发言, 布局: say how turns are taken, all of it."""
    services.set_rules(call, free=free, turn_s=turn_s, next_by_itself=next_by_itself, layout=layout)
