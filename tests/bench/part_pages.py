"""What pages weigh, and how quick Lighthouse finds them on a simulated phone: a slow processor behind a slow line."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.service import BenchStack, service, wait_for_segments
from tests.bench.streams import copy_command, make_file
from tests.bench.table import Row
from tests.conftest import ROOT
from tests.journeys.browsers import CHROMIUM
from tests.journeys.stack import Lesson

LIGHTHOUSE = ROOT / "node_modules" / "lighthouse" / "cli" / "index.js"
FLAGS = "--headless=new --no-sandbox --disable-gpu"
PATIENCE_MS = 12_000
"""A watch page never falls silent; without a limit the trace grows until Lighthouse cannot read it."""
TRIALS = 3


@dataclass(frozen=True)
class Goal:
    """What a page is to reach; `None` means no goal."""

    score: int
    most_kb: int | None = None
    most_requests: int | None = None
    most_shift: float | None = None


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Look at the pages of a visitor while a lesson is on air."""
    source = folder / "in.flv"
    make_file(source, 20)
    with service(folder / "service") as stack:
        lesson = stack.on_air("Weight")
        publisher = subprocess.Popen(copy_command(source, lesson.rtmp_url, again=True), stderr=subprocess.DEVNULL)
        try:
            wait_for_segments(lesson, 4, "live")
            pages = _pages(stack, lesson)
            return [row for name, (url, goal) in pages.items() for row in _rows(folder, name, url, goal, quick=quick)]
        finally:
            publisher.kill()
            publisher.wait()


def _pages(stack: BenchStack, lesson: Lesson) -> dict[str, tuple[str, Goal]]:
    return {
        "Home page": (stack.url, Goal(90, 120, 15)),
        "Live courses": (f"{stack.url}/live", Goal(90)),
        "Introduction page": (lesson.url, Goal(90)),
        "Watch page": (f"{lesson.url}/watch", Goal(75, 450, 40, 0.05)),
    }


def _rows(folder: Path, name: str, url: str, goal: Goal, *, quick: bool) -> list[Row]:
    reports = sorted((_report(folder, url) for _ in range(1 if quick else TRIALS)), key=_score)
    report = reports[len(reports) // 2]
    requests = [one for one in report["audits"]["network-requests"]["details"]["items"] if _is_weight(one["url"])]
    kb = round(sum(one.get("transferSize", 0) for one in requests) / 1000)
    shift = report["audits"]["cumulative-layout-shift"]["numericValue"]
    return [
        Row(
            f"{name}: Lighthouse, performance on a phone, middle of {len(reports)}",
            str(_score(report)),
            goal=f"≥ {goal.score}",
            met=_score(report) >= goal.score,
        ),
        Row(
            f"{name}: weight without media",
            f"{kb} kB",
            goal=f"≤ {goal.most_kb} kB" if goal.most_kb else "–",
            met=kb <= goal.most_kb if goal.most_kb else None,
        ),
        Row(
            f"{name}: requests without media",
            str(len(requests)),
            goal=f"≤ {goal.most_requests}" if goal.most_requests else "–",
            met=len(requests) <= goal.most_requests if goal.most_requests else None,
        ),
        Row(
            f"{name}: layout shift on a phone",
            f"{shift:.3f}",
            goal=f"< {goal.most_shift}" if goal.most_shift else "–",
            met=shift < goal.most_shift if goal.most_shift else None,
        ),
    ]


def _report(folder: Path, url: str) -> dict[str, Any]:
    """Let Lighthouse look once; a trace that it cannot read is taken again."""
    path = folder / "lighthouse.json"
    command = [
        *("node", str(LIGHTHOUSE), url, "--quiet", "--output=json", f"--output-path={path}"),
        *("--only-categories=performance", f"--chrome-flags={FLAGS}", f"--max-wait-for-load={PATIENCE_MS}"),
    ]
    for _ in range(5):
        subprocess.run(command, env=os.environ | {"CHROME_PATH": CHROMIUM}, capture_output=True, check=False)
        report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not report.get("runtimeError"):
            return report
    raise AssertionError(report["runtimeError"])


def _score(report: dict[str, Any]) -> int:
    return round(100 * (report["categories"]["performance"]["score"] or 0))


def _is_weight(url: str) -> bool:
    """Return whether an address is part of the page: no piece or playlist of the lesson, and no socket."""
    return "/media/" not in url and url.startswith("http")
