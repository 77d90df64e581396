"""Numbers of formats that Python and JavaScript both speak: neither side can hand them to the other."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from app.classroom.engine import commands, frames
from app.classroom.slides import strokes
from app.courseware.composing import ink, stage
from app.credits.counting import judging, programme
from media_worker import contract, voice
from media_worker.browser import container, wire

SCRIPTS = Path(__file__).parents[2] / "static/js"

PAIRS = [
    (strokes.FAR, "lib/strokes.js", "ACROSS"),
    (strokes.LONGEST_WORDS, "classroom/slides/words-field.js", "LONGEST"),
    (ink.ACROSS, "lib/strokes.js", "ACROSS"),
    (stage.POINTER_STAYS_MS, "lib/lesson-track.js", "POINTER_STAYS_MS"),
    (commands.MOST_IN_LIST[list[str]], "classroom/slides/drawing.js", "AT_A_TIME"),
    (frames.IN_A_BATCH, "lib/socket.js", "IN_A_BATCH"),
    (programme.SEAM_MS, "lib/watched.js", "SEAM_MS"),
    (commands.MOST_IN_LIST[list[int]] // judging.NUMBERS, "lib/watched.js", "MOST_PIECES"),
    (judging.LINE_DOWN_MS, "lib/unreported.js", "MOST_MS"),
    (judging.LINE_DOWN_MS, "credits/states.js", "UNHEARD_MS"),
    (judging.REPORT_EVERY_MS, "credits/reporter.js", "REPORT_MS"),
    (voice.ACK_EVERY, "lib/voice-flow.js", "ACK_EVERY"),
    (voice.PIECE_BYTES, "lib/voice-buffer.js", "PIECE"),
    (contract.VOICE_RATE, "lib/voice-buffer.js", "RATE"),
    (container.MOST_HEADER_BYTES, "lib/sending-queue.js", "HEADER_BYTES"),
    (wire.VERSION, "lib/sending-wire.js", "VERSION"),
]


@pytest.mark.parametrize(("number", "script", "name"), PAIRS, ids=[name for _number, _script, name in PAIRS])
def test_both_sides_mean_the_same_number(number: int, script: str, name: str) -> None:
    found = re.search(rf"\bconst {name} = ([\d_* ]+);", (SCRIPTS / script).read_text("utf-8"))
    assert found, f"{script} has no {name}: take the line out of this table"
    assert math.prod(int(factor) for factor in found[1].split("*")) == number
