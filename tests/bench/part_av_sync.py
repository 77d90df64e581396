"""Sound against picture of a lesson out of a browser: Chromium's fake camera and microphone, which beep in step."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.bench import decoding
from tests.bench.fake_devices import (
    BEEP_EVERY_MS,
    CYCLE_MS,
    HEIGHT,
    IN_STEP,
    OWN_MS,
    PICTURE_MS,
    POINTS,
    SIDE,
    SQUARES,
    WIDTH,
    Picture,
    beeps_after_pictures,
    corners_of,
    times_of,
)
from tests.bench.screens import chromium
from tests.bench.service import BenchStack, Teacher, service
from tests.bench.streams import FFMPEG, QUIET, copy_command
from tests.bench.table import Row, percentile
from tests.journeys.browsers import ChromiumScreen, chromium_context, sign_in
from tests.journeys.stack import TEACHER, Lesson
from tests.journeys.waiting import wait_for

SETTINGS = {"WIDTH": WIDTH, "HEIGHT": HEIGHT, "POINTS": POINTS, "LOUD": 0.12, "QUIET_MS": decoding.QUIET_MS}
WITNESS = (Path(__file__).parent / "witness.js").read_text(encoding="utf-8")
WITNESS = WITNESS.replace("/*SETTINGS*/ {}", json.dumps(SETTINGS))
MOST_MS = 80
SETTLE_S = 6
LEAST_BEEPS = 6


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """A lesson out of the studio at a learner and as a file; held against a file in step that takes the same way."""
    seconds = 12 if quick else 40
    with service(folder / "service") as stack, chromium(*IN_STEP) as browser:
        own = _devices(stack, browser, 8)
        studio, in_step = stack.lessons("Sound and picture", 2)
        at_learner = _from_studio(stack, studio, browser, seconds)
        Teacher(stack).press(f"{in_step.url}/lecture")
        control = _from_file(in_step, browser, folder, seconds)
        files = [_mp4(stack, lesson) for lesson in (studio, in_step)]
        recorded, control_recorded = (_offsets_in(file) for file in files)
    ways_own = percentile(control, 50) - percentile(control_recorded, 50)
    return [
        _row("The fake devices themselves: beep after its picture, in a page", own, goal=False),
        _row("Sound against picture at a learner, sent by the studio", at_learner, less=OWN_MS + ways_own),
        _row("The same in the MP4", recorded, less=OWN_MS),
        _row(
            "A file in step, published by RTMP: at the learner, which is what measuring there adds", control, goal=False
        ),
        _row("The same in its MP4", control_recorded, goal=False),
    ]


def _row(what: str, offsets: list[float], *, less: float = 0, goal: bool = True) -> Row:
    if len(offsets) < LEAST_BEEPS:
        return Row(what, f"{len(offsets)} beeps heard", met=False if goal else None)
    middle, least, most = (one - less for one in (percentile(offsets, 50), min(offsets), max(offsets)))
    figure = f"median {middle:+.0f} ms, {least:+.0f} … {most:+.0f} ms"
    beside = f"{len(offsets)} beeps; + is sound after picture" + (f"; {less:.0f} ms taken off" if less else "")
    return Row(what, figure, beside, f"≤ {MOST_MS} ms" if goal else "–", abs(middle) <= MOST_MS if goal else None)


def _devices(stack: BenchStack, browser: Browser, seconds: float) -> list[float]:
    page = browser.new_context().new_page()
    page.goto(f"{stack.url}/sign-in")
    page.evaluate(f"async () => {{ {WITNESS}\nawait witness.devices({seconds}); }}")
    offsets = _witnessed(page)
    page.context.close()
    return offsets


def _from_studio(stack: BenchStack, lesson: Lesson, browser: Browser, seconds: float) -> list[float]:
    teacher = ChromiumScreen(chromium_context(browser).new_page())
    sign_in(teacher, stack.url, TEACHER)
    teacher.open(f"{lesson.url}/studio")
    teacher.page.check("input[data-way][value=browser]")
    teacher.press("开始讲课")
    offsets = _watched(lesson, browser, seconds)
    teacher.press("结束直播")
    teacher.page.click("#controls dialog[open] [data-answer=yes]")
    wait_for(lambda: stack.state_of(lesson) == "ended", "the lesson is over")
    teacher.page.context.close()
    return offsets


def _from_file(lesson: Lesson, browser: Browser, folder: Path, seconds: float) -> list[float]:
    file = folder / "in-step.flv"
    make_file(file, 60)
    with subprocess.Popen(copy_command(file, lesson.rtmp_url, again=True)) as encoder:
        try:
            return _watched(lesson, browser, min(seconds, 40))
        finally:
            encoder.terminate()


def _watched(lesson: Lesson, browser: Browser, seconds: float) -> list[float]:
    screen = ChromiumScreen(chromium_context(browser).new_page())
    page = screen.page
    screen.open(f"{lesson.url}/watch")
    wait_for(lambda: screen.ask("eyes.pictures() > 50"), "the learner sees the lecture", 60)
    page.click("lesson-player [data-part=sound-gate]")
    page.evaluate(f"async () => {{ {WITNESS}\nawait witness.player(); }}")
    time.sleep(SETTLE_S)
    page.evaluate("witness.pictures.splice(0), witness.beeps.splice(0)")
    time.sleep(seconds)
    offsets = _witnessed(page)
    page.context.close()
    return offsets


def _witnessed(page: Page) -> list[float]:
    seen, beeps = page.evaluate("[witness.pictures, witness.beeps]")
    times = times_of([look for _, *look in seen])
    return beeps_after_pictures(
        [Picture(at, time_ms) for (at, *_), time_ms in zip(seen, times, strict=True)], beeps[1:]
    )


def _offsets_in(file: Path) -> list[float]:
    return beeps_after_pictures(decoding.pictures_of(file), decoding.beeps_of(file))


def _mp4(stack: BenchStack, lesson: Lesson) -> Path:
    if stack.state_of(lesson) != "ended":
        Teacher(stack).press(f"{lesson.url}/ending")
    Teacher(stack).press(f"{lesson.url}/download")
    file = lesson.downloads / f"{lesson.id}.mp4"
    wait_for(file.exists, "the MP4 is made", 60)
    return file


def make_file(path: Path, seconds: int) -> None:
    """Write what the fake devices would give if the microphone beeped in the very moment of its picture."""
    looks = [_picture(corners_of(time_ms % CYCLE_MS)) for time_ms in range(0, 1000 * seconds, PICTURE_MS)]
    beeping = f"lt(mod(t*1000+{PICTURE_MS},{BEEP_EVERY_MS}),20)*gt(t,0.02)"
    argv = [FFMPEG, *QUIET, "-y", "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}"]
    argv += ["-r", str(1000 // PICTURE_MS), "-i", "pipe:0"]
    argv += ["-f", "lavfi", "-i", f"aevalsrc='0.8*sin(2*PI*660*t)*{beeping}':s=48000:d={seconds}"]
    argv += ["-vf", f"scale={4 * WIDTH}:{4 * HEIGHT}:flags=neighbor,format=yuv420p", "-c:v", "libx264", "-preset"]
    argv += ["ultrafast", "-tune", "zerolatency", "-g", str(1000 // PICTURE_MS), "-c:a", "aac", "-b:a", "128k"]
    subprocess.run([*argv, str(path)], input=b"".join(looks), check=True)


def _picture(corners: tuple[float, ...]) -> bytes:
    rows = [bytearray([60]) * WIDTH for _ in range(HEIGHT)]
    for (left, top), bright in zip(SQUARES, corners, strict=True):
        for row in rows[top : top + SIDE]:
            row[left : left + SIDE] = bytes([round(60 + 160 * bright)]) * SIDE
    return b"".join(rows)
