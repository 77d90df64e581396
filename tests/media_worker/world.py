"""The worker's surroundings in a test: an app that speaks the contract, encoders made of FLV files, and a player."""

from __future__ import annotations

import asyncio
import functools
import re
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import imageio_ffmpeg
from aiohttp import web

from media_worker.client import AppClient
from media_worker.contract import (
    PREFIX,
    Beat,
    BeatAnswer,
    Ended,
    Hello,
    OpenStream,
    PublishGranted,
    PublishRequest,
    Pulse,
    Refusal,
    RefusalCode,
    Rules,
    Started,
    Stretch,
    Welcome,
)
from media_worker.desk import Desk
from media_worker.disk import Disk
from media_worker.flv import read_file
from media_worker.ingest import Publication, Tag

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
SECRET = "test-secret"
IN_STEP_MS = 6500
"""Maximum media on the way to segments."""
ALL_TIME = (Stretch(0, None),)
ON_AIR = Rules(version=1, air=ALL_TIME, record=ALL_TIME)


@dataclass
class FakeApp:
    """Answers the worker. A test sets `rules` and reads the worker's messages."""

    rules: Rules = ON_AIR
    delay_ms: int = 0
    stream: str = "s1"
    runs: int = 0
    newest: dict[str, int] = field(default_factory=dict)
    """The newest run of each stream."""
    open: tuple[OpenStream, ...] = ()
    orphans: tuple[OpenStream, ...] = ()
    refusal: Refusal | None = None
    beat_refusal: Refusal | None = None
    started: list[Started] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)
    url: str = ""
    asked: list[PublishRequest] = field(default_factory=list)
    late_answers: int = 0
    """Number of answers to `publish` that come too late."""
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    """Answers that wait: to `started`, or to the `publish` of a key."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def set_rules(self, rules: Rules) -> None:
        """Change the rules. A held beat is answered at once."""
        self.rules = replace(rules, version=self.rules.version + 1)
        self.changed.set()

    async def publish(self, request: web.Request) -> web.Response:
        self.asked.append(PublishRequest.from_json(await request.json()))
        if self.late_answers:
            self.late_answers -= 1
            await asyncio.sleep(3600)
        if self.refusal:
            return web.json_response(self.refusal.to_json(), status=403)
        self.runs += 1
        self.newest[self.stream] = self.runs
        granted = PublishGranted(self.stream, self.runs, self.rules, self.delay_ms)
        await self._hold(self.asked[-1].key)
        return web.json_response(granted.to_json())

    async def _hold(self, name: str) -> None:
        if name in self.held:
            await self.held[name].wait()

    async def beat(self, request: web.Request) -> web.Response:
        beat = Beat.from_json(await request.json())
        self.beats.append(beat)
        if self.beat_refusal:
            return web.json_response(self.beat_refusal.to_json(), status=409)
        if beat.rules_version >= self.rules.version:
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), beat.hold_ms / 1000)
            except TimeoutError:
                return web.json_response(BeatAnswer().to_json())
        return web.json_response(BeatAnswer(self.rules).to_json())

    async def hello(self, request: web.Request) -> web.Response:
        Hello.from_json(await request.json())
        return web.json_response(Welcome(self.open).to_json())

    async def pulse(self, request: web.Request) -> web.Response:
        Pulse.from_json(await request.json())
        return web.json_response(Welcome(self.orphans).to_json())

    async def note(self, request: web.Request) -> web.Response:
        data, kind = await request.json(), request.path.rsplit("/", 1)[1]
        if kind == "started":
            started = Started.from_json(data)
            self.started.append(started)
            await self._hold(kind)
            if started.run != self.newest.get("s1"):
                refusal = Refusal(RefusalCode.TAKEN_OVER, "A newer encoder is publishing with this key.")
                return web.json_response(refusal.to_json(), status=409)
        elif kind == "ended":
            self.ended.append(Ended.from_json(data))
        return web.Response(status=204)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[FakeApp]:
        """Listen on a free port."""
        site = web.Application()
        site.router.add_post(PREFIX + "/publish", self.publish)
        site.router.add_post(PREFIX + "/hello", self.hello)
        site.router.add_post(PREFIX + "/pulse", self.pulse)
        site.router.add_post(PREFIX + "/streams/s1/beat", self.beat)
        for kind in ("started", "ended"):
            site.router.add_post(PREFIX + "/streams/s1/" + kind, self.note)
        runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        door = web.TCPSite(runner, "127.0.0.1", 0)
        await door.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()


@dataclass
class World:
    """A desk with its app and a folder."""

    app: FakeApp
    desk: Desk
    root: Path
    kicks: list[Refusal] = field(default_factory=list)
    _first_ms: float = 0.0

    @property
    def folder(self) -> Path:
        """The folder of the one stream."""
        return self.root / "s1"

    async def admit(self, key: str = "key") -> Publication:
        """Let an encoder in."""
        return await self.desk.admit(key, client="192.0.2.1", encoder="test", kick=self.kicks.append)

    async def publish(self, tags: Iterable[Tag], publication: Publication | None = None) -> Publication:
        """Send tags as fast as the worker takes them."""
        publication = publication or await self.admit()
        for tag in tags:
            publication.offer(tag)
            await publication.drain()
            await asyncio.sleep(0)
        return publication

    async def lesson(self, tags: Iterable[Tag]) -> None:
        """Run a whole lesson: publish, hang up, end."""
        publication = await self.publish(tags)
        publication.close("hung up")
        await self.run_over()
        await self.end()

    async def publish_in_step(self, tags: Iterable[Tag], publication: Publication | None = None) -> Publication:
        """Send tags no faster than segments come, so that the worker always knows as much as in a lesson."""
        publication, sent_ms = publication or await self.admit(), 0
        for tag in tags:
            if tag.timestamp_ms > sent_ms + 500:
                sent_ms = tag.timestamp_ms
                await until(functools.partial(self._has_published, sent_ms - IN_STEP_MS), "segments come")
            publication.offer(tag)
        return publication

    def _has_published(self, media_ms: int) -> bool:
        last = self.desk.streams["s1"].folder.last
        first = self._first_ms = self._first_ms or (last.start_ms if last else 0.0)
        return media_ms <= 0 or (last is not None and last.end_ms - first >= media_ms)

    async def lesson_in_step(self, tags: Iterable[Tag]) -> None:
        """Run a whole lesson, in step."""
        publication = await self.publish_in_step(tags)
        publication.close("hung up")
        await self.run_over()
        await self.end()

    async def run_over(self) -> None:
        """Wait until the run's last segment is published."""
        await until(lambda: self.desk.streams["s1"].pipeline is None, "the run is over")

    async def end(self) -> None:
        """End the lesson, and wait until the worker has closed everything."""
        self.app.set_rules(replace(self.app.rules, ended=True))
        await until(lambda: any(one.finished for one in self.app.ended), "the lesson is finished")

    def alarms(self) -> set[str]:
        """Return all alarms so far."""
        return {str(alarm) for one in (*self.app.beats, *self.app.started) if one.health for alarm in one.health.alarms}


@asynccontextmanager
async def world(
    root: Path, app: FakeApp | None = None, free: Callable[[Path], int] = lambda _: 1 << 40
) -> AsyncIterator[World]:
    """Open a desk on a folder."""
    async with (app or FakeApp()).serve() as serving, AppClient(serving.url, SECRET) as client:
        desk = Desk(media_root=root, program=FFMPEG, worker="w", app=client, disk=Disk(root, 500 << 20, free))
        await desk.start()
        try:
            yield World(serving, desk, root)
        finally:
            await desk.stop()


async def until(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Wait for a condition with a deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        await asyncio.sleep(0.01)


_VIDEO = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25"]
_AUDIO = ["-f", "lavfi", "-i", "sine=f=440:r=48000"]
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-sc_threshold", "0"]
AAC = ["-c:a", "aac", "-b:a", "96k", "-ac", "2"]


def make_flv(path: Path, *, seconds: float = 5, video: list[str] | None = H264, audio: list[str] | None = AAC) -> bytes:
    """Return an FLV file as an encoder would send it."""
    inputs = [*(_VIDEO if video else []), *(_AUDIO if audio else [])]
    subprocess.run(
        [
            FFMPEG,
            "-v",
            "error",
            *inputs,
            "-t",
            str(seconds),
            *(video or []),
            *(audio or []),
            "-f",
            "flv",
            "-y",
            str(path),
        ],
        check=True,
    )
    return path.read_bytes()


def tags_of(
    data: bytes, *, captured_ms: float = 0.0, delay_ms: float = 0.0, from_ms: int = 0, to_ms: int = 1 << 30
) -> list[Tag]:
    """Return the tags of a file as if captured from `captured_ms` on and received `delay_ms` later."""
    captured_ms = captured_ms or time.time() * 1000
    return [
        tag._replace(arrived_ms=captured_ms + tag.timestamp_ms + delay_ms)
        for tag in read_file(data)
        if from_ms <= tag.timestamp_ms < to_ms
    ]


@dataclass(frozen=True)
class Played:
    """A playlist as a player sees it."""

    seconds: float
    """Sum of EXTINF."""
    decoded_s: float
    errors: str
    text: str

    @property
    def seams(self) -> int:
        """Discontinuities."""
        return self.text.count("#EXT-X-DISCONTINUITY\n")

    @property
    def dates(self) -> list[str]:
        """PROGRAM-DATE-TIMEs in order."""
        return re.findall(r"DATE-TIME:(.*)", self.text)


AS_THEY_ARE = ("-fps_mode", "passthrough", "-enc_time_base:v", "demux")
"""Options for pictures at their own times. ffmpeg would guess a rate, and complain of pictures that come faster."""


def play(folder: Path, name: str = "source.m3u8", scope: str = "full") -> Played:
    """Decode a playlist take by take, as a player with a decoder per discontinuity does."""
    text = (folder / scope / name).read_text()
    seconds = sum(float(one) for one in re.findall(r"#EXTINF:([\d.]+)", text))
    errors, decoded = "", 0.0
    for data in takes(folder, text):
        done = subprocess.run(
            [FFMPEG, "-v", "error", "-xerror", "-stats", "-i", "pipe:0", *AS_THEY_ARE, "-f", "null", "-"],
            input=data,
            capture_output=True,
            check=False,
        )
        said = done.stderr.decode()
        times = re.findall(r"time=(\d+):(\d+):([\d.]+)", said)
        if times:
            hours, minutes, rest = times[-1]
            decoded += int(hours) * 3600 + int(minutes) * 60 + float(rest)
        errors += "\n".join(line for line in re.split(r"[\r\n]", said) if line and "time=" not in line)
    return Played(seconds, decoded, errors, text)


def takes(folder: Path, playlist: str) -> list[bytes]:
    """Return the media of a playlist, one file for each take."""
    found: list[bytes] = []
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-MAP"):
            found.append((folder / "segments" / line.split('"')[1]).read_bytes())
        elif line and not line.startswith("#"):
            found[-1] += (folder / "segments" / line).read_bytes()
    return found


def last_picture_ends_s(folder: Path) -> float:
    """Return for how long the first take of a recording shows pictures, by the length of the last in its file."""
    data, *_others = takes(folder, (folder / "full" / "source.m3u8").read_text())
    argv = [FFMPEG, "-v", "error", "-i", "pipe:0", "-map", "0:v", "-c", "copy", "-f", "framecrc", "-"]
    told = subprocess.run(argv, input=data, capture_output=True, check=True).stdout.decode().splitlines()
    top, bottom = next(line.split()[2] for line in told if line.startswith("#tb")).split("/")
    rows = [[int(one) for one in line.split(",")[1:4]] for line in told if not line.startswith("#")]
    (_, first, _), (_, last, duration) = rows[0], rows[-1]
    return (last + duration - first) * int(top) / int(bottom)


def gone() -> Refusal:
    """Return the app's refusal of a stale run."""
    return Refusal(RefusalCode.STALE_RUN, "There is a newer run.")
