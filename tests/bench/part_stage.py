"""People on a stage: how soon and how late they are heard, by each of the three ways, what is recorded, what it costs.

The teacher and each learner have a browser of their own, so that its CPU time can be told from that of the others. One
lesson holds everything that is said; its recording is judged when it is over.
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
from tests.journeys.waiting import wait_for
from tests.relay import coturn

CALL_S, RELAYED_CALL_S, SWAP_S, ENDED_S, LEAVING_S = 1.5, 3.0, 1.5, 0.3, 2.5
LATE_MS = {"direct": 250, "TURN over TCP": 400, "the server": 350}
SYNC_MS = (-60, 80)
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
    """Call two learners up again and again, by each way; then let one speak beside an encoder."""
    calls, swaps, seconds = (1, 1, 3) if quick else (20, 5, 12)
    with coturn(folder) as relay, service(folder / "service", **relay.settings) as stack, people(3) as own:
        stack.run(MAKE_SECOND)
        bench = _Bench(stack, own)
        server = bench.server_cores(seconds)
        rows = bench.calls("direct", calls, CALL_S)
        rows += bench.lateness("direct", seconds)
        rows += bench.pages(seconds, server)
        rows += bench.swaps(swaps)
        bench.first.run("sessionStorage.onlyRelayed = 'yes'")
        rows += bench.calls("TURN over TCP", max(1, calls // 4), RELAYED_CALL_S)
        rows += bench.lateness("TURN over TCP", seconds)
        bench.take_down()
        bench.without_webrtc()
        rows += bench.calls("the server", max(1, calls // 4), RELAYED_CALL_S)
        rows += bench.lateness("the server", seconds)
        rows += bench.swaps(swaps, "the server")
        bench.end()
        rows += _recorded(bench, folder)
    with service(folder / "beside") as stack, people(2) as own:
        rows += _beside(stack, own, folder, seconds)
    return rows


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

    def __init__(self, stack: BenchStack, own: Own) -> None:
        (teacher, self._teacher_cpu), (first, self._first_cpu), (second, _) = own
        self._stack, self._second = stack, second
        self.lesson = stack.lesson("Stage")
        self.teacher = visit(stack, teacher, TEACHER, f"{self.lesson.url}/studio")
        self.first = self._learner(first, LEARNER)
        self.second = self._learner(second, SECOND)
        self.said: dict[str, list[dict[str, float | str]]] = {LEARNER: [], SECOND: []}
        self._cut: list[range] = []
        self.teacher.page.check("input[data-way][value=browser]")
        self.teacher.press("开始讲课")
        for one in (self.first, self.second):
            wait_for_pill(one, "直播中", 20)
        self.teacher.run("window.listen()")
        self._queue = self.teacher.page.locator("#hands-queue")

    def _learner(self, browser: Browser, who: str, without: str = "") -> ChromiumScreen:
        mouth = "flash: true, everyMs: 500"
        return visit(self._stack, browser, who, f"{self.lesson.url}/watch", without=without, mouth=mouth)

    def without_webrtc(self) -> None:
        """Give the second learner a browser that has no WebRTC."""
        self._note(SECOND)
        self.second.page.context.close()
        self.second = self._learner(self._second, SECOND, without="RTCPeerConnection")
        wait_for_pill(self.second, "直播中", 20)

    def _note(self, who: str) -> None:
        """Keep what she has said, before her page goes or when all is over."""
        screen = self.first if who == LEARNER else self.second
        tones = screen.ask("window.tones.splice(0)")
        self.said[who] += [one for one in tones if not any(int(one["at"]) in cut for cut in self._cut)]

    def call(self, who: str, way: str = "both") -> float:
        """Have her raise her hand, and press 请发言. Return the moment of the press."""
        screen = self.first if who == LEARNER else self.second
        ask(screen.page, "hands.raise", way=way)
        hand = self._queue.locator("li", has_text=NAMES[who])
        return press(self.teacher, hand.get_by_role("button", name="请发言"))

    def take_down(self) -> None:
        """全部下台."""
        now = moment(self.teacher)
        self._cut.append(range(int(now) - 300, int(now) + 500))
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
        plays = "!document.querySelector('lesson-player video').paused"
        for _ in range(count):
            self.take_down()
            self.call(LEARNER)
            said_under_the_lamp(self.first, 2)
            pressed = self.call(SECOND)
            wait_for(lambda: tracks_on(self.first) == [], "no track of hers is left")
            left = moment(self.first)
            self._cut.append(range(int(pressed) - 300, int(left)))
            ended.append((left - pressed) / 1000)
            wait_for(lambda: self.first.ask(plays), "her player goes on")
            watches.append((moment(self.first) - left) / 1000)
            onsets = f"window.onsets.find((at) => at > {left + 100})"
            heard.append((float(wait_for(lambda onsets=onsets: self.teacher.ask(onsets), "heard")) - pressed) / 1000)
            said_under_the_lamp(self.second, 2)
        rows = [_within(f"Swap: the next one is heard, {way}", heard, SWAP_S)]
        if way == "direct":
            rows.append(_within("Swap: the tracks of the one before have ended", ended, ENDED_S))
            rows.append(_within("Leaving: the player runs", watches, LEAVING_S))
        return rows

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


def _recorded(bench: _Bench, folder: Path) -> list[Row]:
    rows = []
    for who, said in bench.said.items():
        lost, doubled = lost_and_doubled(said, onsets_in(bench.lesson, folder, HZ[who]))
        lit = sum(one["lamp"] == "recorded" for one in said)
        figure = f"{len(lost)} lost, {len(doubled)} twice of {lit}"
        is_met = lit > 0 and not lost and not doubled
        rows.append(Row(f"Tones under the lamp in the recording, {who}", figure, "–", "each exactly once", is_met))
    apart = _apart_ms(bench.lesson, folder)
    if not apart:
        return [*rows, Row(SYNC, "no flash found", met=False)]
    low, high = percentile(apart, 5), percentile(apart, 95)
    figure = f"median {percentile(apart, 50):+.0f} ms, p5 {low:+.0f}, p95 {high:+.0f} ms"
    goal = f"{SYNC_MS[0]} … +{SYNC_MS[1]} ms"
    is_met = SYNC_MS[0] <= low and high <= SYNC_MS[1]
    return [*rows, Row(SYNC, figure, f"{len(apart)} flashes", goal, is_met)]


def _apart_ms(lesson: Lesson, folder: Path) -> list[float]:
    """Return for each flash of a speaker how much later its tone begins, both on the clock of the recording's file."""
    tones = [at - EPOCH_S * 1000 for who in HZ for at in onsets_in(lesson, folder, HZ[who])]
    found = []
    for start_ms, file in Recording(lesson).parts(folder):
        for at in _flashes(file):
            near = min(((tone - start_ms) - at for tone in tones), key=abs, default=1e9)
            if abs(near) < 240:
                found.append(near)
    return found


def _flashes(file: Path) -> list[float]:
    """Return when the speaker's picture turns white, ms from the file's beginning."""
    argv = [FFMPEG, "-nostdin", "-v", "info", "-nostats", "-i", str(file), "-map", "0:v:0", "-vf", TILE]
    done = subprocess.run([*argv, "-fps_mode", "passthrough", "-f", "rawvideo", "-"], capture_output=True, check=True)
    times = [1000 * float(one) for one in re.findall(rb"pts_time:([\d.]+)", done.stderr)]
    bright = [sum(done.stdout[at : at + 144]) / 144 for at in range(0, len(done.stdout) - 143, 144)]
    pairs = list(zip(times, bright, strict=False))
    return [at for (_, before), (at, now) in pairwise(pairs) if now > 150 >= before]


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
