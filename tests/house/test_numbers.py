"""Numbers of formats that Python and JavaScript both speak: neither side can hand them to the other."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from app.classroom.engine import frames
from app.classroom.slides import strokes
from app.credits.counting import programme
from media_worker.browser import container, wire

SCRIPTS = Path(__file__).parents[2] / "static/js"

PAIRS = [
    (strokes.FAR, "lib/strokes.js", "ACROSS"),
    (strokes.LONGEST_WORDS, "classroom/slides/words-field.js", "LONGEST"),
    (frames.IN_A_BATCH, "lib/socket.js", "IN_A_BATCH"),
    (programme.SEAM_MS, "lib/watched.js", "SEAM_MS"),
    (container.MOST_HEADER_BYTES, "lib/sending-queue.js", "HEADER_BYTES"),
    (wire.VERSION, "lib/sending-wire.js", "VERSION"),
]


@pytest.mark.parametrize(("number", "script", "name"), PAIRS, ids=[name for _number, _script, name in PAIRS])
def test_both_sides_mean_the_same_number(number: int, script: str, name: str) -> None:
    found = re.search(rf"\bconst {name} = ([\d_* ]+);", (SCRIPTS / script).read_text("utf-8"))
    assert found, f"{script} has no {name}: take the line out of this table"
    assert math.prod(int(factor) for factor in found[1].split("*")) == number
