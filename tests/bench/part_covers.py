"""Pictures of lessons on air: what they cost the processor while many lessons run."""

from __future__ import annotations

import resource
import shutil
import subprocess
import time
from pathlib import Path
from statistics import mean

from sqlalchemy import func, select

from app.extensions import db
from app.kernel import storage
from app.recommendations import moments
from app.recommendations.models import Moment
from app.roles import services as roles
from tests.bench import part_people
from tests.bench.streams import FFMPEG, QUIET, make_file
from tests.bench.table import Row
from tests.factories import accounts
from tests.factories import live as lives

LESSONS = 50
GOAL_PERCENT = 2.0


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Take a picture of each lesson once, and tick in between as often as the clockwork does until the next round."""
    source, sent = folder / "in.flv", folder / "sent"
    make_file(source, 6)
    sent.mkdir()
    cut = ("-c", "copy", "-f", "hls", "-hls_time", "2", "-hls_segment_type", "fmp4", "-hls_list_size", "0")
    subprocess.run([FFMPEG, *QUIET, "-i", source, *cut, sent / "source.m3u8"], check=True)
    rounds = 1 if quick else 5
    with part_people.empty_service(folder / "covers", f"sqlite:///{folder / 'covers.sqlite3'}"):
        roles.found("科学院")
        teacher = accounts.user("bench-teacher")
        for number in range(LESSONS):
            _send(sent, lives.on_air(teacher, f"第{number}讲").stream_id)
        costs = [_round() for _ in range(rounds)]
        assert db.session.scalar(select(func.count()).select_from(Moment)) == LESSONS
    percent = 100 * mean(costs) / (moments.EVERY_MS / 1000)
    return [
        Row(
            f"Processor for a picture of each of {LESSONS} lessons on air, every {moments.EVERY_MS // 1000} s",
            f"{percent:.2f} % of a core",
            f"{min(costs):.2f} to {max(costs):.2f} s in {rounds} rounds, ffmpeg and the clockwork's ticks together",
            f"< {GOAL_PERCENT:g} %",
            percent < GOAL_PERCENT,
        )
    ]


def _send(sent: Path, stream_id: str) -> None:
    """Let learners of a lesson be sent segments."""
    place = storage.place("media") / stream_id
    shutil.copytree(sent, place / "segments", dirs_exist_ok=True)
    (place / "live").mkdir(exist_ok=True)
    shutil.copy(sent / "source.m3u8", place / "live" / "source.m3u8")


def _round() -> float:
    """Return the processor time of a round in s: of this process and of its ffmpeg."""
    camera, began = moments.Camera(), _spent_s()
    db.session.execute(Moment.__table__.delete())
    db.session.commit()
    ticks = 0
    while not ticks or camera.is_at_work:
        camera.tick()
        camera.wait(1)
        ticks += 1
    camera.tick()
    for _ in range(moments.EVERY_MS // 1000 - ticks - 1):
        camera.tick()
    return _spent_s() - began


def _spent_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
