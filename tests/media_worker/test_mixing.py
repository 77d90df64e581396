"""Voices of a stage are mixed into what an encoder sends: at their moment, with the picture copied."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from media_worker.contract import VOICE_RATE, Alarm, Processing
from media_worker.ingest import Tag, TagKind
from media_worker.mixing import G711, LINGERS_MS, SILENCE, SPARE_MS, StageVoices
from media_worker.named_pipe import NamedPipe, release
from media_worker.pipeline import Pipeline
from tests.media_worker import sync
from tests.media_worker.world import AAC, H264, World, play, tags_of, world

T0 = 1_700_000_000_000
PIECE = 320
LOUD, SOFT = bytes([0x7F]) * PIECE, bytes([0x01]) * PIECE


def mu_law(sample: float) -> int:
    """As pages send a sample between -1 and 1."""
    return (0x80 if sample < 0 else 0) | round(127 * math.log1p(255 * abs(sample)) / math.log(256))


def heard(said: bytes) -> bytes:
    """As ffmpeg gets it."""
    return said.translate(G711)


def spoken(seconds: float) -> bytes:
    """A tone of 0.2 s at each half second: just between the beeps of `sync`."""
    return bytes(
        mu_law(0.5 * math.sin(2 * math.pi * 1500 * at / VOICE_RATE)) if 0.5 <= at / VOICE_RATE % 1 < 0.7 else SILENCE
        for at in range(round(seconds * VOICE_RATE))
    )


def say(voices: StageVoices, said: bytes, at_ms: float) -> None:
    """Have it heard at this moment, piece by piece. The encoder's own delay is not known."""
    for number in range(len(said) // PIECE):
        voices.push(said[number * PIECE : (number + 1) * PIECE], at_ms + 20 * number - SPARE_MS, 0)


class TestVoices:
    """Pieces come when the line brings them, and are read at their moments."""

    def test_they_are_read_at_their_moment_and_silence_around_them(self) -> None:
        voices = StageVoices()
        say(voices, LOUD, T0)
        assert voices.read(T0 - 20, 3 * PIECE) == heard(bytes(PIECE) + LOUD + bytes(PIECE))
        assert voices.read(T0 + 10, PIECE // 2) == heard(LOUD[: PIECE // 2])

    def test_an_encoder_with_a_known_delay_gets_them_as_early_as_they_were_heard(self) -> None:
        voices = StageVoices()
        voices.push(LOUD, T0, 1000)
        assert voices.read(T0 - 40, PIECE) == heard(LOUD)

    def test_somebody_is_heard_from_her_first_piece_until_a_while_after_the_last(self) -> None:
        voices = StageVoices()
        assert not voices.are_heard(T0)
        say(voices, LOUD, T0)
        at = (-1, 0, 20 + LINGERS_MS - 1, 20 + LINGERS_MS)
        assert [voices.are_heard(T0 + one) for one in at] == [False, True, True, False]

    def test_a_piece_that_is_a_little_late_leaves_no_gap_and_a_later_one_a_gap_of_its_length(self) -> None:
        voices = StageVoices()
        for number, late_ms in enumerate((0, 80, 300)):
            voices.push(LOUD, T0 + 20 * number + late_ms, 0)
        first = T0 + SPARE_MS
        assert voices.read(first, 2 * PIECE) == heard(LOUD + LOUD)
        assert set(voices.read(first + 40, 300 * 16)) == set(heard(bytes(1)))
        assert voices.read(first + 340, PIECE) == heard(LOUD)

    def test_what_comes_in_a_burst_is_caught_up_between_words_and_given_up_where_it_is_too_much(self) -> None:
        voices = StageVoices()
        for _ in range(100):
            voices.push(LOUD, T0, 0)
        spoke = voices.read(T0 + SPARE_MS, 100 * PIECE)
        assert 20 <= spoke.count(heard(LOUD)[0]) // PIECE <= 22
        for number in range(40):
            voices.push(SOFT, T0 + 20 * number, 0)
        quiet = voices.read(T0 + SPARE_MS, 100 * PIECE).count(heard(SOFT)[0]) // PIECE
        assert 18 <= quiet <= 26, "as much as there was too much was left out"

    def test_zero_and_the_ends_of_the_curve_are_those_of_g711(self) -> None:
        assert heard(bytes([SILENCE, 0x7F, 0xFF])) == bytes([0xFF, 0x80, 0x00])

    def test_the_ring_turns(self) -> None:
        voices = StageVoices()
        for number in range(4000):
            voices.push(bytes([number % 7]) * PIECE, T0 + 20 * number, 0)
        last = T0 + SPARE_MS + 20 * 3998
        assert voices.read(last, 2 * PIECE) == heard(bytes([3998 % 7]) * PIECE + bytes([3999 % 7]) * PIECE)
        assert set(voices.read(T0 + SPARE_MS, PIECE)) == set(heard(bytes(1)))


class TestPipe:
    """ffmpeg's second input, which it opens when it likes."""

    def test_what_is_fed_before_somebody_reads_is_not_lost_and_an_end_is_an_end(self, tmp_path: Path) -> None:
        pipe = NamedPipe(tmp_path / "p")
        pipe.feed(b"early")
        pipe.end()
        reader = os.open(tmp_path / "p", os.O_RDONLY | os.O_NONBLOCK)
        pipe.pump()
        assert os.read(reader, 100) == b"early"
        assert os.read(reader, 100) == b""
        os.close(reader)

    def test_what_a_reader_does_not_take_waits(self, tmp_path: Path) -> None:
        pipe = NamedPipe(tmp_path / "p")
        reader = os.open(tmp_path / "p", os.O_RDONLY | os.O_NONBLOCK)
        pipe.feed(bytes(100_000))
        got = len(os.read(reader, 1 << 20))
        assert got < 100_000
        pipe.end()
        pipe.pump()
        while data := os.read(reader, 1 << 20):
            got += len(data)
            pipe.pump()
        assert got == 100_000
        os.close(reader)

    def test_a_reader_that_is_gone_ends_it(self, tmp_path: Path) -> None:
        pipe = NamedPipe(tmp_path / "p")
        os.close(os.open(tmp_path / "p", os.O_RDONLY | os.O_NONBLOCK))
        pipe.feed(b"to nobody")
        reader = os.open(tmp_path / "p", os.O_RDONLY | os.O_NONBLOCK)
        pipe.pump()
        os.close(reader)
        pipe.feed(b"more")
        pipe.close()

    def test_release_is_harmless_where_nobody_waits(self, tmp_path: Path) -> None:
        release(tmp_path / "none")
        os.mkfifo(tmp_path / "p")
        release(tmp_path / "p")


@pytest.fixture(scope="module")
def lecture(tmp_path_factory: pytest.TempPathFactory) -> list[Tag]:
    path = tmp_path_factory.mktemp("mixing") / "a.flv"
    return tags_of(sync.make(path, H264, AAC, seconds=12), captured_ms=T0)


def pipeline_of(w: World) -> Pipeline:
    pipeline = w.desk.streams["s1"].pipeline
    assert pipeline is not None
    return pipeline


@pytest.mark.parametrize("kind", ["picture and sound", "no sound", "no picture"])
async def test_the_voices_are_in_the_recording_at_their_moment(kind: str, lecture: list[Tag], tmp_path: Path) -> None:
    missing = {"no sound": TagKind.AUDIO, "no picture": TagKind.VIDEO}.get(kind)
    tags = [one for one in lecture if one.kind != missing]
    async with world(tmp_path) as w:
        publication = await w.admit()
        say(w.desk.streams["s1"].voices, spoken(4), T0 + 2000)
        await w.publish_in_step([one for one in tags if one.timestamp_ms < 8000], publication)
        plan = pipeline_of(w).take.plan
        assert plan.mixes
        assert pipeline_of(w).mixes
        if missing is None:
            assert (plan.video, plan.audio) == (Processing.COPY, Processing.COPY)
            assert Alarm.AUDIO_REENCODED not in pipeline_of(w).health(disk_low=False).alarms, "the encoder is fine"
        await w.publish_in_step([one for one in tags if one.timestamp_ms >= 8000], publication)
        assert not pipeline_of(w).mixes, "nobody has spoken for three seconds"
        publication.close("hung up")
        await w.run_over()
        await w.end()
    for name in ("source.m3u8", "audio.m3u8"):
        played = play(w.folder, name)
        assert played.errors == ""
        assert played.seconds == pytest.approx(12, abs=0.25)
    if kind == "picture and sound":
        after = [
            beep - flash for flashes, beeps in sync.flashes_and_beeps(w.folder) for flash in flashes for beep in beeps
        ]
        assert max(abs(one) for one in after if abs(one) < 0.25) < 0.08, "the encoder's own sound is in step"
        assert sum(abs(one - 0.5) < 0.08 for one in after) >= 3, "and voices are half a second after"
    else:
        beeps = [beep for _flashes, beeps in sync.flashes_and_beeps(w.folder) for beep in beeps]
        assert len(beeps) >= (2 if kind == "no sound" else 12)


async def test_one_speaker_costs_one_seam_on_each_side(lecture: list[Tag], tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        publication = await w.admit()
        say(w.desk.streams["s1"].voices, spoken(4), T0 + 2000)
        await w.publish_in_step(lecture, publication)
        publication.close("hung up")
        await w.run_over()
        await w.end()
    assert play(w.folder).seams == 2
