"""CPU of media_worker for a browser's stream and for an encoder's, the same pictures at the same time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bench.processes import cpu_seconds, family, own_cpu_seconds
from tests.bench.service import BenchStack, service
from tests.bench.streams import FFMPEG, QUIET, copy_command, make_file
from tests.bench.table import Row
from tests.conftest import ROOT
from tests.journeys.stack import Lesson
from tests.journeys.waiting import wait_for

SENDER = "bench-tab-1"
MOST = 1.5

MAKE_TICKET = """
from app.accounts.queries import user_by_name
from app.media import queries, tickets
teacher = user_by_name("teacher")
print("ticket", tickets.issue(queries.stream("{stream}"), user_id=teacher.id, name="x", sender="{sender}").id)
"""


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """One service with an encoder, one with a page; both begin at the same moment."""
    seconds = 6 if quick else 30
    flv, webm = folder / "in.flv", folder / "in.mkv"
    mbps = make_file(flv, seconds)
    with_opus = [FFMPEG, *QUIET, "-y", "-i", str(flv), "-c:v", "copy", "-c:a", "libopus", "-b:a", "96k", str(webm)]
    subprocess.run(with_opus, check=True)
    with service(folder / "rtmp") as theirs, service(folder / "page") as ours:
        lessons = [theirs.on_air("RTMP"), ours.on_air("Page")]
        workers = [min(stack.pids("-m media_worker")) for stack in (theirs, ours)]
        before = [(cpu_seconds(one), own_cpu_seconds(one)) for one in workers]
        page = page_command(ours, lessons[1], webm)
        senders = [subprocess.Popen(argv, cwd=ROOT) for argv in (copy_command(flv, lessons[0].rtmp_url), page)]
        codes = [sender.wait(seconds + 40) for sender in senders]
        for worker in workers:
            wait_for(lambda worker=worker: len(family(worker)) == 1, "the worker's ffmpeg has ended", 15)
        spent = [
            (cpu_seconds(one) - whole, own_cpu_seconds(one) - own)
            for one, (whole, own) in zip(workers, before, strict=True)
        ]
    assert not any(codes), f"a sender failed: {codes}"
    (rtmp, rtmp_own), (browser, browser_own) = spent
    ratio = browser / rtmp
    beside = (
        f"RTMP {rtmp:.2f} s (worker {rtmp_own:.2f}, ffmpeg {rtmp - rtmp_own:.2f}); "
        f"of the browser's worker {browser_own:.2f} s, ffmpeg {browser - browser_own:.2f} s"
    )
    what = f"CPU for one stream out of a browser, H.264 and Opus ({seconds} s at {mbps:.2f} Mbit/s, 720p30)"
    return [Row(what, f"{browser:.2f} s = {ratio:.2f} times RTMP", beside, f"≤ {MOST} times", ratio <= MOST)]


def page_command(stack: BenchStack, lesson: Lesson, file: Path) -> list[str]:
    """Return the argv of a page that sends a file."""
    said = stack.run(MAKE_TICKET.format(stream=lesson.stream, sender=SENDER))
    ticket = next(line.split()[1] for line in said.splitlines() if line.startswith("ticket "))
    url = f"ws://127.0.0.1:{stack.ingest_port}/send"
    return [sys.executable, "-m", "tests.bench.page_sender", str(file), url, ticket, SENDER]
