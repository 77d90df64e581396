"""Real encoders against the RTMP server: what they send arrives to the byte, and they show why they are refused."""

from __future__ import annotations

import asyncio
import subprocess

import pytest

from media_worker import flv
from media_worker.contract import Refusal, RefusalCode
from media_worker.ingest import TagKind
from tests.media_worker.rtmp_support import WRONG_KEY, FakeGate, ffmpeg, running, until

CODECS = {
    "h264-aac": ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"],
    "hevc-opus": ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-c:a", "libopus"],
    "av1-aac": ["-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-c:a", "aac"],
}


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Return a function that makes two seconds of picture and sound as an FLV file."""
    made = {}

    def make(name):
        if name not in made:
            made[name] = tmp_path_factory.mktemp("flv") / f"{name}.flv"
            picture = ["-f", "lavfi", "-i", "testsrc2=size=192x108:rate=25:duration=2"]
            sound = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2"]
            flags = ["-g", "25", "-flvflags", "no_duration_filesize", str(made[name])]
            subprocess.run([ffmpeg(), "-loglevel", "error", *picture, *sound, *CODECS[name], *flags], check=True)
        return made[name]

    return make


async def run(*command):
    """Run a program to its end; give its exit code and everything that it said."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(30):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, said.decode("utf-8", "replace")


def copy_by_ffmpeg(path, url, *before):
    flags = ["-c", "copy", "-flvflags", "no_duration_filesize", "-f", "flv"]
    return [ffmpeg(), "-hide_banner", "-loglevel", "error", *before, "-i", str(path), *flags, url]


def copy_by_gstreamer(path, sink):
    chain = f"filesrc location={path} ! flvdemux name=d flvmux name=m streamable=true ! {sink}"
    chain += " d.video ! queue ! h264parse ! m. d.audio ! queue ! aacparse ! m."
    return ["gst-launch-1.0", "-q", *chain.split()]


def tags_in_file(path):
    return [tuple(tag[:3]) for tag in flv.read_file(path.read_bytes())]


END_OF_SEQUENCE = b"\x17\x02"
"""Each muxer writes its own."""


def media_of(tags):
    return sorted(
        (kind, time, data) for kind, time, data, *_ in tags if kind != TagKind.SCRIPT and data[:2] != END_OF_SEQUENCE
    )


@pytest.mark.parametrize("codecs", CODECS)
async def test_ffmpegs_stream_is_what_its_own_file_holds(recording, tmp_path, codecs):
    source = recording(codecs)
    code, said = await run(*copy_by_ffmpeg(source, str(tmp_path / "own.flv")))
    assert (code, said) == (0, "")
    async with running() as house:
        code, said = await run(*copy_by_ffmpeg(source, house.url("live/key")))
        assert (code, said) == (0, "")
        (ending,) = await house.endings()
        assert "code=unpublished" in ending
        tags = house.gate.shelves[0].tags
    assert [tuple(tag[:3]) for tag in tags] == tags_in_file(tmp_path / "own.flv")
    again = flv.file_header(audio=True, video=True) + b"".join(flv.write_tag(*tag[:3]) for tag in tags)
    assert again == (tmp_path / "own.flv").read_bytes()


async def test_arrival_is_stamped_as_the_encoder_sends(recording):
    async with running() as house:
        await run(*copy_by_ffmpeg(recording("h264-aac"), house.url("live/key"), "-re"))
        await house.endings()
        tags = house.gate.shelves[0].tags
    arrivals = [tag.arrived_ms for tag in tags]
    assert arrivals == sorted(arrivals)
    # A busy machine only makes it longer; ffmpeg may send the first half second at once.
    assert arrivals[-1] - arrivals[0] > tags[-1].timestamp_ms - tags[0].timestamp_ms - 800


async def test_ffmpeg_shows_its_user_why_it_is_refused(recording):
    async with running(gate=FakeGate(refusals={"bad": WRONG_KEY})) as house:
        code, said = await run(*copy_by_ffmpeg(recording("h264-aac"), house.url("live/bad")))
        assert code != 0
        assert f"{WRONG_KEY.reason} [publish.wrong_key]" in said
        code, said = await run(*copy_by_ffmpeg(recording("h264-aac"), house.url("vod/key")))
        assert code != 0
        assert "the address ends in /live" in said
        assert len(await house.endings(2)) == 2


async def test_ffmpeg_shows_its_user_why_it_is_kicked(recording):
    async with running() as house:
        publishing = asyncio.ensure_future(
            run(*copy_by_ffmpeg(recording("h264-aac"), house.url("live/key"), "-re", "-stream_loop", "20"))
        )
        await until(lambda: bool(house.gate.shelves) and len(house.gate.shelves[0].tags) > 20)
        house.gate.kicks[0](Refusal(RefusalCode.TAKEN_OVER, "A newer encoder has taken over"))
        code, said = await publishing
        assert code != 0
        assert "A newer encoder has taken over [publish.taken_over]" in said
        assert len(await house.endings()) == 1


@pytest.mark.parametrize("sink", ["rtmp2sink async-connect=false", "rtmpsink sync=false"], ids=["rtmp2sink", "librtmp"])
async def test_gstreamers_media_arrives_to_the_byte(recording, sink):
    source = recording("h264-aac")
    async with running() as house:
        code, said = await run(*copy_by_gstreamer(source, f"{sink} location={house.url('live/key')}"))
        assert code == 0, said
        (ending,) = await house.endings()
        assert "code=unpublished" in ending
        tags = house.gate.shelves[0].tags
    assert media_of(tags) == media_of(tags_in_file(source))


async def test_rtmp2sink_shows_its_user_why_it_is_refused(recording):
    async with running(gate=FakeGate(refusals={"bad": WRONG_KEY})) as house:
        sink = f"rtmp2sink location={house.url('live/bad')}"
        code, said = await run(*copy_by_gstreamer(recording("h264-aac"), sink))
        assert code != 0
        assert f"{WRONG_KEY.reason} [publish.wrong_key]" in said
        assert len(await house.endings()) == 1


async def test_rtmpdump_learns_that_there_is_nothing_to_play(tmp_path):
    async with running() as house:
        _, said = await run("rtmpdump", "-r", house.url("live/key"), "-o", str(tmp_path / "none.flv"))
        assert "NetStream.Play.Failed" in said
        assert len(await house.endings()) >= 1
