"""How many streams this machine carries when they are only copied: more and more, until segments come late."""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.processes import cpu_seconds
from tests.bench.service import BenchStack, service
from tests.bench.streams import copy_command, make_file
from tests.bench.table import Row
from tests.journeys.stack import Lesson

MOST, STEP = 60, 6
SENDERS_PER_ADDRESS = 20
LATE_MS = 2000
WATCH_S = 8
TIME_LIMIT_S = 170


@dataclass(frozen=True)
class Load:
    """What so many streams cost while they were watched; cores."""

    streams: int
    worker: float
    web: float
    publishers: float
    worst_ms: float
    trouble: str


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Add publishers step by step; the last step without trouble counts."""
    most, watch = (12, 4) if quick else (MOST, WATCH_S)
    source = folder / "in.flv"
    mbps = make_file(source, 30)
    deadline = time.monotonic() + (40 if quick else TIME_LIMIT_S)
    publishers: list[subprocess.Popen[bytes]] = []
    loads: list[Load] = []
    with service(folder / "service") as stack:
        lessons = stack.lessons("Load", most, on_air=True)
        try:
            while len(publishers) < most and time.monotonic() < deadline:
                for lesson in lessons[len(publishers) : len(publishers) + STEP]:
                    # the server lets few connections in from one address
                    sender = f"127.0.0.{2 + len(publishers) // SENDERS_PER_ADDRESS}"
                    command = copy_command(source, lesson.rtmp_url, again=True, sender=sender)
                    publishers.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
                    time.sleep(0.15)
                time.sleep(4)
                loads.append(_watch(stack, lessons[: len(publishers)], publishers, watch))
                print(f"  {loads[-1]}", flush=True)
                if loads[-1].trouble:
                    break
        finally:
            for publisher in publishers:
                publisher.kill()
            for publisher in publishers:
                publisher.wait()
    return [_row(loads, mbps)]


def _watch(stack: BenchStack, lessons: list[Lesson], publishers: list[subprocess.Popen[bytes]], seconds: float) -> Load:
    groups = [[min(stack.pids("-m media_worker"))], [min(stack.pids("gunicorn"))], [one.pid for one in publishers]]
    before, began = [sum(map(cpu_seconds, pids)) for pids in groups], time.time()
    time.sleep(seconds)
    wall = time.time() - began
    spent = [(sum(map(cpu_seconds, pids)) - start) / wall for pids, start in zip(groups, before, strict=True)]
    lags = [_lag_ms(lesson, began) for lesson in lessons]
    late = sum(one > LATE_MS for one in lags)
    told = [
        json.loads(str(stack.row("SELECT health FROM media_stream WHERE id = ?", one.stream)[0] or "{}"))
        for one in lessons
    ]
    overloaded = sum("overloaded" in (one or {}).get("alarms", ()) for one in told)
    gone = sum(one.poll() is not None for one in publishers)
    trouble = "; ".join(
        f"{count} {what}"
        for count, what in ((late, "late"), (overloaded, "overloaded"), (gone, "encoders gone"))
        if count
    )
    return Load(len(lessons), *spent, max(lags), trouble)


def _lag_ms(lesson: Lesson, since_s: float) -> float:
    """How long after its capture a segment was there to be asked for, at worst; or how long one is overdue now."""
    try:
        lines = (lesson.media / "index.jsonl").read_bytes().splitlines()[-15:]
        pieces = [json.loads(line)["source"] for line in lines]
    except OSError:
        return float("inf")
    worst = time.time() * 1000 - (pieces[-1]["start_ms"] + pieces[-1]["duration_ms"]) - 1000 if pieces else float("inf")
    for piece in pieces:
        there = (lesson.media / "segments" / piece["name"]).stat().st_mtime
        if there >= since_s:
            worst = max(worst, there * 1000 - piece["start_ms"] - piece["duration_ms"])
    return worst


def _row(loads: list[Load], mbps: float) -> Row:
    good = [one for one in loads if not one.trouble]
    last = loads[-1]
    if not good:
        return Row("Streams carried, only copied", f"fewer than {last.streams}: {last.trouble}")
    best = good[-1]
    figure = f"{best.streams}" + ("" if last.trouble else " and more")
    beside = (
        f"at {best.streams}: worker with ffmpeg {best.worker:.2f} cores, web {best.web:.2f}, "
        f"the encoders {best.publishers:.2f}, segments {best.worst_ms / 1000:.1f} s late at most"
    )
    if last.trouble:
        beside += f"; at {last.streams}: {last.trouble}"
    what = f"Streams of {mbps:.2f} Mbit/s carried by {os.cpu_count()} cores, encoders and web on the same ones"
    return Row(what, figure, beside)
