"""Commands of slides, for the desk."""

from __future__ import annotations

from typing import Any

from app.classroom.engine.commands import Allowance, Call, EpochMs, Points, command
from app.classroom.slides import services, strokes
from app.kernel import clock
from app.kernel.access import Who

TURNING = Allowance("turning", burst=20, per_s=6)
DRAWING = Allowance("drawing", burst=30, per_s=10)
"""Parts of strokes come about every 0.4 s, points of the pointer every 0.25 s; short strokes follow one another."""
NONE: list[str] = []

ASKING_TIME = Allowance("time", burst=20, per_s=1)


@command("slides.show", Who.ASSISTANT, allowance=TURNING)
def show(call: Call, document: str, page: int, step: int, at: EpochMs) -> dict[str, Any]:
    """Show a page at a step."""
    return {"event": services.show(call, document, page, step, at_ms=at).id}


@command("slides.clear", Who.ASSISTANT, allowance=TURNING)
def clear(call: Call, at: EpochMs) -> dict[str, Any]:
    """Take the page off the stage."""
    event = services.clear(call, at_ms=at)
    return {"event": event.id if event else 0}


@command("slides.draw", Who.ASSISTANT, allowance=DRAWING)
def draw(
    call: Call,
    document: str,
    page: int,
    stroke: str,
    points: Points,
    at: EpochMs,
    part: int = 0,
    tool: str = "",
    colour: str = "",
    width: int = 0,
    words: str = "",
) -> dict[str, Any]:
    """Draw a stroke, or a further part of one."""
    if part == 0:
        judged = strokes.judged_first(stroke, tool, colour, width, points, words)
    else:
        judged = strokes.judged_part(stroke, part, points)
    return {"event": services.draw(call, document, page, judged, at_ms=at).id}


@command("slides.erase", Who.ASSISTANT, allowance=DRAWING)
def erase(
    call: Call, document: str, page: int, at: EpochMs, strokes: list[str] = NONE, everything: bool = False
) -> dict[str, Any]:
    """Take strokes off a page, or all of them."""
    event = services.erase(call, document, page, strokes, everything=everything, at_ms=at)
    return {"event": event.id}


@command("slides.point", Who.ASSISTANT, allowance=DRAWING)
def point(call: Call, document: str, page: int, points: Points, at: EpochMs, off: bool = False) -> None:
    """Point at places of a page, or put the pointer away."""
    services.point(call, document, page, points, off=off, at_ms=at)


@command("scene.set", Who.PRESENTER, allowance=TURNING)
def propose(call: Call, layout: str, at: EpochMs) -> dict[str, Any]:
    """布局: propose how pages arrange slides and picture."""
    return {"event": services.propose(call, layout, at_ms=at).id}


@command("slides.rules", Who.PRESENTER)
def rules(call: Call, look_ahead: bool, assistants_turn: bool) -> None:
    """Set who may leaf and who may turn."""
    services.set_rules(call, look_ahead=look_ahead, assistants_turn=assistants_turn)


@command("clock.ask", Who.ASSISTANT, allowance=ASKING_TIME)
def ask_clock(_call: Call) -> dict[str, Any]:
    """Return the server's clock, so that a page measures its own by the way there and back."""
    return {"now": clock.now_ms()}
