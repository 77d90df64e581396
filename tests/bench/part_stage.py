"""People on a stage: how soon and how late they are heard, by each of the three ways, what is recorded, what it costs.

The teacher and each learner have a browser of their own, so that its CPU time can be told from that of the others. Each
part has one lesson; its recording is judged when it is over.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.bench.processes import cpu_seconds
from tests.bench.service import BenchStack, service, wait_for_segments
from tests.bench.streams import FFMPEG, copy_command, make_file
from tests.bench.table import Row, percentile
from tests.journeys import browsers
from tests.journeys.browsers import ChromiumScreen, ask, wait_for_pill
from tests.journeys.publisher import EPOCH_S
from tests.journeys.recording import Recording
from tests.journeys.sending import tracks_on
from tests.journeys.speaking import (
    HZ,
    MAKE_SECOND,
    SEAT,
    SECOND,
    WAY,
    first_heard,
    first_of,
    lateness,
    lost_and_doubled,
    moment,
    onsets_in,
    press,
    said_under_the_lamp,
    visit,
    wait_for_lamp,
)
from tests.journeys.stack import LEARNER, TEACHER, Lesson
from tests.journeys.tabs import TabbedChromium
from tests.journeys.waiting import wait_for
from tests.relay import coturn

CALL_S, RELAYED_CALL_S, SWAP_S, ENDED_S, LEAVING_S = 1.5, 3.0, 1.5, 0.3, 2.5
LATE_MS = {"direct": 250, "TURN over TCP": 400, "the server": 350}
SYNC_MS = (-60, 80)
HIDDEN_PER_S = 10
LAST_WORDS_S = 0.7
"""Time in which what somebody said last may still be heard (mesh.js)."""
PAGE_CORES, STUDIO_CORES, SERVER_CORES, MIX_CORES = 0.45, 0.9, 0.02, 0.02
Own = list[tuple[Browser, Callable[[], float]]]
"""A browser for each person, with what tells its CPU seconds."""
NAMES = {LEARNER: "张三", SECOND: "李四"}
SYNC = "Sound against picture of a speaker in the recording"
TILE = "crop=iw*0.4:ih*0.36:iw*0.55:ih*0.32,scale=16:9,format=gray,showinfo"
"""Inside of the right half of a picture of whatever size, where one speaker stands beside the presenter."""


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Call two learners up again and again, directly from page to page."""
    calls, swaps, seconds = (1, 1, 3) if quick else (20, 5, 12)
    with service(folder / "service") as stack, people(3) as own:
        bench = _Bench(stack, own)
        server = bench.server_cores(seconds)
        rows = bench.calls("direct", calls, CALL_S)
        rows += bench.lateness("direct", seconds)
        rows += bench.pages(seconds, server)
        rows += bench.swaps(swaps)
        bench.end()
        return rows + _recorded(bench, folder, "direct")


def measure_ways(folder: Path, *, quick: bool) -> list[Row]:
    """Call one up by a TURN server, and another one by way of the server."""
    calls, swaps, seconds = (1, 1, 3) if quick else (5, 5, 12)
    with coturn(folder) as relay, service(folder / "service", **relay.settings) as stack, people(3) as own:
        bench = _Bench(stack, own, without="RTCPeerConnection")
        bench.first.run("sessionStorage.onlyRelayed = 'yes'")
        rows = bench.calls("TURN over TCP", calls, RELAYED_CALL_S)
        rows += bench.lateness("TURN over TCP", seconds)
        rows += bench.calls("the server", calls, RELAYED_CALL_S)
        rows += bench.lateness("the server", seconds)
        rows += bench.swaps(swaps, "the server")
        bench.end()
        return rows + _recorded(bench, folder, "the other ways")


def measure_beside(folder: Path, *, quick: bool) -> list[Row]:
    """Let one speak beside an encoder."""
    with service(folder / "service") as stack, people(2) as own:
        return _beside(stack, own, folder, 3 if quick else 12)


def measure_hidden(folder: Path, *, quick: bool) -> list[Row]:
    """Hide the studio behind another tab while a learner speaks, and look at her picture in the recording."""
    seconds = 5 if quick else 30
    with (
        service(folder / "service") as stack,
        people(1) as own,
        TabbedChromium(folder / "teacher", "--allow-loopback-in-peer-connection") as teacher,
    ):
        lesson = stack.lesson("Hidden")
        teacher.sign_in(stack.url, TEACHER)
        teacher.open(f"{lesson.url}/studio")
        teacher.press("开始讲课")
        learner = visit(stack, own[0][0], LEARNER, f"{lesson.url}/watch")
        wait_for_pill(learner, "直播中", 20)
        ask(learner.page, "hands.raise", way="both")
        wait_for(lambda: teacher.ask("document.querySelector('#hands-queue .hand') !== null"), "her hand is seen")
        teacher.press("请发言")
        wait_for_lamp(learner)
        time.sleep(3)  # her picture is as large as it gets
        began = moment(learner)
        time.sleep(seconds)
        teacher.hide()
        gone = moment(learner)
        time.sleep(seconds)
        until = moment(learner)
        said = learner.ask("window.tones")
        dark = sum(one["lamp"] != "recorded" for one in said if gone < one["at"] < until)
        time.sleep(3)  # the last tone lies in a whole segment
        teacher.press("结束直播")
        teacher.ask("document.querySelector('#controls dialog[open] [data-answer=yes]').click()")
        wait_for(lambda: Recording(lesson).closed, "the recording is closed")
        changes = _changes(lesson, folder)
        before, hidden = (
            sum(since < at < to for at in changes) * 1000 / (to - since) for since, to in ((began, gone), (gone, until))
        )
        onsets = onsets_in(lesson, folder, HZ[LEARNER])
        lost, _twice = lost_and_doubled([one for one in said if gone < one["at"]], onsets)
    return [
        Row(
            f"Different pictures of a speaker in the recording, the studio hidden for {seconds} s",
            f"{hidden:.1f} a second",
            f"in front: {before:.1f} a second",
            f"≥ {HIDDEN_PER_S}",
            hidden >= HIDDEN_PER_S,
        ),
        Row(
            "Tones under the lamp that are not in the recording, the studio hidden",
            f"{len(lost)}; the lamp was off for {dark}",
            "–",
            "0; 0",
            not lost and not dark,
        ),
    ]


def _changes(lesson: Lesson, folder: Path) -> list[float]:
    """Return when the speaker's picture in the recording was another one than before, epoch ms."""
    found = []
    for start_ms, file in Recording(lesson).parts(folder):
        times, pixels = _tiles(file)
        for at, (before, now) in zip(times[1:], pairwise(pixels), strict=False):
            if sum(abs(one - other) for one, other in zip(before, now, strict=True)) > len(now):
                found.append(start_ms + EPOCH_S * 1000 + at)
    return found


@contextmanager
def people(count: int) -> Iterator[Own]:
    """Start browsers for so many people. With each comes what tells its CPU seconds so far."""
    with sync_playwright() as playwright, ExitStack() as stay:
        found = []
        for number in range(count):
            mark = f"--of-person-{number}-{time.time_ns()}"
            browser = browsers.chromium(playwright, "--allow-loopback-in-peer-connection", mark)
            stay.callback(browser.close)
            found.append((browser, _cpu_of(mark)))
        yield found


def _cpu_of(mark: str) -> Callable[[], float]:
    pids = [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/cmdline") if mark in _read(path)]
    oldest = min(pids)  # all others are its children
    return lambda: cpu_seconds(oldest)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""  # it has ended meanwhile


class _Bench:
    """A lesson of the studio with two learners."""

    def __init__(self, stack: BenchStack, own: Own, *, without: str = "") -> None:
        """Begin the lesson; the second learner's browser does not have the part `without`."""
        (teacher, self._teacher_cpu), (first, self._first_cpu), (second, _) = own
        self._stack = stack
        stack.run(MAKE_SECOND)
        self.lesson = stack.lesson("Stage")
        self.teacher = visit(stack, teacher, TEACHER, f"{self.lesson.url}/studio")
        self.first = self._learner(first, LEARNER)
        self.second = self._learner(second, SECOND, without)
        self.said: dict[str, list[dict[str, float | str]]] = {LEARNER: [], SECOND: []}
        self.teacher.page.check("input[data-way][value=browser]")
        self.teacher.press("开始讲课")
        for one in (self.first, self.second):
            wait_for_pill(one, "直播中", 20)
        self.teacher.run("window.listen()")
        self._queue = self.teacher.page.locator("#hands-queue")

    def _learner(self, browser: Browser, who: str, without: str = "") -> ChromiumScreen:
        mouth = "flash: true, everyMs: 500"
        return visit(self._stack, browser, who, f"{self.lesson.url}/watch", without=without, mouth=mouth)

    def _note(self, who: str) -> None:
        """Keep what she has said, before her page goes or when all is over."""
        screen = self.first if who == LEARNER else self.second
        self.said[who] += screen.ask("window.tones.splice(0)")

    def call(self, who: str, way: str = "both") -> float:
        """Have her raise her hand, and press 请发言. Return the moment of the press."""
        screen = self.first if who == LEARNER else self.second
        ask(screen.page, "hands.raise", way=way)
        hand = self._queue.locator("li", has_text=NAMES[who])
        return press(self.teacher, hand.get_by_role("button", name="请发言"))

    def take_down(self) -> None:
        """全部下台."""
        ask(self.teacher.page, "stage.clear")
        for one in (self.first, self.second):
            wait_for(lambda one=one: tracks_on(one) == [], "no track is left")
        time.sleep(LAST_WORDS_S)

    def calls(self, way: str, count: int, goal_s: float) -> list[Row]:
        """Measure from 请发言 to the first tone at the teacher. The last one called stays."""
        who, heard = (SECOND if way == "the server" else LEARNER), []
        for _ in range(count):
            self.take_down()
            pressed = self.call(who)
            heard.append(first_heard(self.teacher, pressed))
            wait_for_lamp(self.first if who == LEARNER else self.second)
        if way != "the server":
            assert self.first.page.evaluate(WAY).startswith("host" if way == "direct" else "relay")
        return [_within(f"请发言 to the first tone at the teacher, {way}", heard, goal_s)]

    def lateness(self, way: str, seconds: float) -> list[Row]:
        """Measure from the mouth of who is on the stage to the studio's programme."""
        screen = self.second if way == "the server" else self.first
        began = moment(self.teacher)
        time.sleep(seconds)
        late = lateness(self.teacher, screen, began)
        figure = f"median {percentile(late, 50):.0f} ms, p95 {percentile(late, 95):.0f} ms" if late else "nothing heard"
        goal = LATE_MS[way]
        is_met = bool(late) and percentile(late, 95) <= goal
        return [Row(f"Mouth to ear, {way}", figure, f"{len(late)} tones", f"p95 ≤ {goal} ms", is_met)]

    def swaps(self, count: int, way: str = "direct") -> list[Row]:
        """Measure how soon the next one is heard, and the one before closes her microphone and watches again."""
        heard, ended, watches = [], [], []
        for _ in range(count):
            self.take_down()
            self.call(LEARNER)
            said_under_the_lamp(self.first, 2)
            pressed = self.call(SECOND)
            left = self._noted("endedAt", pressed)
            ended.append((left - pressed) / 1000)
            watches.append((self._noted("playedAt", left) - left) / 1000)
            heard.append(first_of(self.teacher, SECOND, pressed))
            said_under_the_lamp(self.second, 2)
        rows = [_within(f"Swap: the next one is heard, {way}", heard, SWAP_S)]
        if way == "direct":
            rows.append(_within("Swap: the tracks of the one before have ended", ended, ENDED_S))
            rows.append(_within("Leaving: the player runs", watches, LEAVING_S))
        return rows

    def _noted(self, what: str, since: float) -> float:
        """Return the moment after another one that the first learner's page has noted (mouth.js)."""
        noted = f"window.{what} > {since} && window.{what}"
        return float(wait_for(lambda: self.first.ask(noted), f"there is {what}"))

    def server_cores(self, seconds: float) -> float:
        """Return the cores that web and media_worker take now."""
        pids = [min(self._stack.pids(program)) for program in ("gunicorn", "media_worker")]
        return _cores(lambda: sum(cpu_seconds(pid) for pid in pids), seconds)

    def pages(self, seconds: float, server_before: float) -> list[Row]:
        """Measure the CPU of a stage page, of the studio and of the server, with one learner on the stage."""
        studio, page, began = self._teacher_cpu(), self._first_cpu(), time.monotonic()
        server = self.server_cores(seconds) - server_before
        took = time.monotonic() - began
        studio, page = (self._teacher_cpu() - studio) / took, (self._first_cpu() - page) / took
        return [
            _cpu("CPU of a learner's page on the stage with one peer", page, PAGE_CORES),
            _cpu("CPU of the studio with one peer, composing and sending", studio, STUDIO_CORES),
            _cpu("CPU of web and media_worker more, with a stage", server, SERVER_CORES),
        ]

    def end(self) -> None:
        """End the lesson, a whole segment after the last tone."""
        self._note(LEARNER)
        self._note(SECOND)
        time.sleep(3)
        self.teacher.press("结束直播")
        self.teacher.page.click("#controls dialog[open] [data-answer=yes]")
        wait_for(lambda: Recording(self.lesson).closed, "the recording is closed")


def _recorded(bench: _Bench, folder: Path, ways: str) -> list[Row]:
    lost, doubled, lit = 0, 0, 0
    for who, said in bench.said.items():
        missing, twice = lost_and_doubled(said, onsets_in(bench.lesson, folder, HZ[who]))
        lost, doubled = lost + len(missing), doubled + len(twice)
        lit += sum(one["lamp"] == "recorded" for one in said)
    figure, is_met = f"{lost} lost, {doubled} twice of {lit}", lit > 0 and not lost and not doubled
    rows = [Row(f"Tones under the lamp in the recording, {ways}", figure, "–", "each exactly once", is_met)]
    apart = _apart_ms(bench.lesson, folder)
    if not apart:
        return [*rows, Row(f"{SYNC}, {ways}", "no flash found", met=False)]
    low, high = percentile(apart, 5), percentile(apart, 95)
    figure = f"median {percentile(apart, 50):+.0f} ms, p5 {low:+.0f}, p95 {high:+.0f} ms"
    goal = f"{SYNC_MS[0]} … +{SYNC_MS[1]} ms"
    is_met = SYNC_MS[0] <= low and high <= SYNC_MS[1]
    return [*rows, Row(f"{SYNC}, {ways}", figure, f"{len(apart)} flashes", goal, is_met)]


def _apart_ms(lesson: Lesson, folder: Path) -> list[float]:
    """Return for each flash of a speaker how much later its tone begins, both on the clock of the recording's file."""
    tones = [at - EPOCH_S * 1000 for who in NAMES for at in onsets_in(lesson, folder, HZ[who])]
    found = []
    for start_ms, file in Recording(lesson).parts(folder):
        for at in _flashes(file):
            near = min(((tone - start_ms) - at for tone in tones), key=abs, default=1e9)
            if abs(near) < 240:
                found.append(near)
    return found


def _flashes(file: Path) -> list[float]:
    """Return when the speaker's picture turns white, ms from the file's beginning."""
    times, pixels = _tiles(file)
    bright = [sum(one) / len(one) for one in pixels]
    pairs = list(zip(times, bright, strict=False))
    return [at for (_, before), (at, now) in pairwise(pairs) if now > 150 >= before]


def _tiles(file: Path) -> tuple[list[float], list[bytes]]:
    """Return for each picture its time, ms from the file's beginning, and the speaker's place as 16 × 9 grey pixels."""
    argv = [FFMPEG, "-nostdin", "-v", "info", "-nostats", "-i", str(file), "-map", "0:v:0", "-vf", TILE]
    done = subprocess.run([*argv, "-fps_mode", "passthrough", "-f", "rawvideo", "-"], capture_output=True, check=True)
    times = [1000 * float(one) for one in re.findall(rb"pts_time:([\d.]+)", done.stderr)]
    return times, [done.stdout[at : at + 144] for at in range(0, len(done.stdout) - 143, 144)]


def _beside(stack: BenchStack, own: Own, folder: Path, seconds: float) -> list[Row]:
    """Measure what it costs to add a voice to what an encoder sends."""
    lesson = stack.on_air("Encoder")
    source = folder / "in.flv"
    make_file(source, 20)
    (teachers, _), (learners, _) = own
    with subprocess.Popen(copy_command(source, lesson.rtmp_url, again=True)) as encoder:
        try:
            wait_for_segments(lesson, 4)
            teacher = visit(stack, teachers, TEACHER, f"{lesson.url}/studio")
            learner = visit(stack, learners, LEARNER, f"{lesson.url}/watch")
            wait_for_pill(learner, "直播中", 20)
            worker = min(stack.pids("media_worker"))
            before = _cores(lambda: cpu_seconds(worker), seconds)
            ask(learner.page, "hands.raise", way="voice")
            teacher.page.locator("#hands-queue").get_by_role("button", name="请发言").click()
            pressed = moment(teacher)
            teacher.page.click("stage-host [data-part=talk-beside]")
            wait_for_lamp(learner)
            lamp_s = (moment(learner) - pressed) / 1000
            time.sleep(3)  # a new ffmpeg has begun
            more = _cores(lambda: cpu_seconds(worker), seconds) - before
            learner.page.click(f"{SEAT} [data-part=leave]")
        finally:
            encoder.terminate()
    return [
        _cpu("CPU of media_worker more, a voice added to an encoder's sound", more, MIX_CORES),
        Row("在本页与学员通话 to the speaker's lamp, beside an encoder", f"{lamp_s:.2f} s"),
    ]


def _cores(cpu: Callable[[], float], seconds: float) -> float:
    before, began = cpu(), time.monotonic()
    time.sleep(seconds)
    return (cpu() - before) / (time.monotonic() - began)


def _within(what: str, seconds: list[float], goal_s: float) -> Row:
    middle, most = percentile(seconds, 50), percentile(seconds, 95)
    figure = f"median {middle:.2f} s, p95 {most:.2f} s"
    return Row(what, figure, f"{len(seconds)} presses", f"p95 ≤ {goal_s:g} s", most <= goal_s)


def _cpu(what: str, cores: float, goal: float) -> Row:
    return Row(what, f"{cores:.3f} core", "–", f"≤ {goal:g}", cores <= goal)
