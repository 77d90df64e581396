"""Learning hours of a full room: what it costs that each page reports what it has played, beside the talk."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests import crowd, postgres
from tests.bench.part_sockets import GOAL_P99_MS, PER_S, SIZES, allow_sockets, fresh_web, full_room
from tests.bench.service import BenchStack, service
from tests.bench.table import Row
from tests.journeys.stack import Lesson

GOAL_MORE_CPU = 25
"""Percent of a core."""

STORED = """
from sqlalchemy import func, select
from app.credits.counting.models import Watched
from app.extensions import db
print("stored", db.session.scalar(select(func.sum(Watched.on_air_ms)).where(Watched.live_id == "{live_id}")))
"""


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Fill a room with both databases."""
    size, every_s = (200, 2) if quick else (SIZES[-1], 10)
    allow_sockets()
    with postgres.server() as database:
        return [
            _watching(folder / kind, kind, size, every_s, **settings)
            for kind, settings in (("SQLite", {}), ("PostgreSQL", {"DATABASE_URL": database.url}))
        ]


def _watching(folder: Path, kind: str, size: int, every_s: float, **settings: str) -> Row:
    folder.mkdir()
    seconds = 3 * every_s
    with service(folder / "service", **settings) as stack:
        people = crowd.cookies(stack.run(crowd.MAKE_CROWD.format(count=size)))
        lesson = stack.on_air(f"Hours of {size}")
        _play(lesson)
        with full_room(f"{lesson.url}/socket", folder, people, fresh_web(stack)) as room:
            room.do(f"talk 2 {PER_S}")
            without = room.do(f"talk {seconds} {PER_S}")
            said = room.do(f"watch {seconds} {PER_S} {every_s}")
        stored_s = _stored_ms(stack, lesson) / 1000 / size
    more = (said["cpu_s"] / said["took_s"] - without["cpu_s"] / without["took_s"]) * 100
    whole = said["delivered"] == said["expected"]
    return Row(
        f"{size} pages that report every {every_s} s what they played, {PER_S} messages a second beside it, {kind}",
        f"{more:.0f} % of a core more; messages p99 {said['p99_ms']:.0f} ms; {stored_s:.1f} s stored of each",
        f"without reports p99 {without['p99_ms']:.0f} ms",
        f"≤ {GOAL_MORE_CPU} % of a core, p99 ≤ {GOAL_P99_MS} ms, all delivered",
        more <= GOAL_MORE_CPU and said["p99_ms"] <= GOAL_P99_MS and whole,
    )


def _play(lesson: Lesson) -> None:
    """Note media for the next minutes, as if an encoder had sent them."""
    now_ms = time.time() * 1000
    lesson.media.mkdir(parents=True, exist_ok=True)
    with (lesson.media / "index.jsonl").open("w") as index:
        for number in range(600):
            piece = {"start_ms": now_ms + number * 1000, "duration_ms": 1000}
            index.write(json.dumps({"number": number + 1, "source": piece, "voice": piece}) + "\n")


def _stored_ms(stack: BenchStack, lesson: Lesson) -> int:
    said = stack.run(STORED.format(live_id=lesson.id))
    return next(int(line.split()[1]) for line in said.splitlines() if line.startswith("stored "))
