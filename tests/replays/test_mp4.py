"""From segments to one MP4, with the real ffmpeg: whatever was recorded is seen and heard at its time."""

from __future__ import annotations

import itertools
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.replays import mp4
from app.replays.mp4.parts import parts_of
from tests.factories.recordings import FFMPEG, run_of, silenced, without, write_playlist
from tests.replays.watching import BEEPS, RAMP, beeps_of, complaints_about, described, pictures_of

SEEN_S, HEARD_S = 0.12, 0.12
"""How far a picture and a beep may be from their time; the test's own means are good for 0.06 s of it."""


@dataclass(frozen=True)
class Run:
    """A run of an encoder that is in the recording as a whole."""

    seconds: int = 3
    options: dict[str, Any] = field(default_factory=dict)
    silent: range = range(0)
    """Segments in which there is no sound."""
    apart_s: float = 0.2
    """No two pictures are further apart."""


def run(seconds: int = 3, *, silent: range = range(0), apart_s: float = 0.2, **options: Any) -> Run:
    return Run(seconds, options, silent, apart_s)


def recorded(media: Path, *runs: Run) -> None:
    """Write a recording of runs whose pictures say when they were taken, and which beep at each second."""
    written = []
    for number, one in enumerate(runs):
        name = f"run{number}"
        written.append(run_of(media, name, one.seconds, **{"picture": RAMP, "sound": BEEPS, **one.options}))
        silenced(media, name, one.silent)
    write_playlist(media, *written)


def made(media: Path, ffmpeg: str = FFMPEG) -> Path:
    target, work = media / "out" / "lesson.mp4", media / "work"
    work.mkdir(exist_ok=True)
    mp4.Recording(media).make(ffmpeg, work, target, lambda _percent: None)
    return target


def watch(file: Path, *runs: Run) -> None:
    """Watch the file from beginning to end: every picture and every beep of every run comes at its time."""
    assert complaints_about(file) == ""
    seen, heard, begins_s = pictures_of(file), beeps_of(file), 0.0
    for number, one in enumerate(runs):
        ends_s = begins_s + one.seconds
        shown = [(at, taken) for at, taken in seen if begins_s + 0.06 <= at < ends_s - 0.03]
        astray = [(at, taken) for at, taken in shown if abs(at - begins_s - taken) > SEEN_S]
        assert not astray, f"run {number}: pictures at the wrong time"
        moments = [begins_s, *(at for at, _taken in shown), ends_s]
        gaps = [after - before for before, after in itertools.pairwise(moments)]
        assert max(gaps) <= one.apart_s + 0.06, f"run {number}: the picture stands still"
        beeps = [begins_s + second for second in range(one.seconds) if second not in one.silent]
        around = [at for at in heard if begins_s - 0.5 <= at < ends_s - 0.5]
        assert around == pytest.approx(beeps, abs=HEARD_S), f"run {number}: beeps"
        begins_s = ends_s
    assert seen[0][0] == pytest.approx(0, abs=0.06)
    assert begins_s - seen[-1][0] <= runs[-1].apart_s + 0.06
    assert lengths_of(file) == pytest.approx([begins_s, begins_s], abs=0.1)


def lengths_of(file: Path) -> list[float]:
    return [samples.end_s - max(0, samples.first_s) for _track, samples in mp4.boxes.read_movie(file).values()]


LATE_PICTURE = {"picture": f"{RAMP},select='not(between(t,1.1,3.05))'", "video": ("-force_key_frames", "0,1,4")}

SELDOM = f"{RAMP},select='not(mod(n,27))+not(mod(n,40))+not(mod(n,61))+eq(n,124)'"
"""A screen that hardly changes: a picture now and then."""
TRUE_LENGTHS = ("-g", "1", "-bsf:v", "setts=duration='if(eq(NEXT_DTS,NOPTS),DURATION,NEXT_DTS-DTS)'")

MIXTURES = {
    "one run": [run(4)],
    "one segment": [run(1)],
    "copied, then encoded anew by media_worker": [run(ticks=16000), run(ticks=12800)],
    "encoded anew, then copied": [run(ticks=12800), run(ticks=16000)],
    "a browser's camera before and after each pause": [run(ticks=11008, fps="17"), run(ticks=19712), run(ticks=12345)],
    "frame rates": [run(fps="25"), run(fps="30000/1001"), run(fps="10")],
    "another encoder": [
        run(video=("-profile:v", "high", "-preset", "medium", "-bf", "2")),
        run(video=("-profile:v", "baseline"), ticks=16000),
        run(video=("-profile:v", "main", "-bf", "3", "-preset", "fast")),
    ],
    "a turned phone": [run(size="320x180"), run(2, size="180x320", ticks=16000), run(size="320x180")],
    "sizes": [run(size="640x360"), run(size="320x180"), run(size="320x240", ticks=11008)],
    "pixels that are not square": [run(size="360x288", picture=f"{RAMP},setsar=64/45"), run(size="320x180")],
    "mono and stereo": [run(channels=1), run(channels=2)],
    "44.1 and 48 kHz": [run(rate=44100), run(rate=48000), run(rate=44100, channels=2)],
    "a telephone's 16 kHz": [run(rate=16000), run(rate=48000)],
    "no sound for a while": [run(6, silent=range(2, 4))],
    "no sound at first": [run(2), run(4, silent=range(2))],
    "no sound at the end": [run(4, silent=range(2, 4)), run(2)],
    "a run without sound": [run(2), run(3, silent=range(3)), run(2)],
    "no sound at all": [run(3, silent=range(3))],
    "no picture for a while": [run(5, apart_s=2.2, **LATE_PICTURE), run(2)],
    "a picture now and then": [run(5, apart_s=1.2, picture=SELDOM, video=TRUE_LENGTHS), run(2)],
    "everything at once": [
        run(ticks=16000, rate=44100, fps="30"),
        run(2, size="640x360", ticks=12800, channels=2),
        run(4, ticks=11008, silent=range(1, 3), fps="15"),
        run(2, size="180x320", ticks=19712),
    ],
}


@pytest.mark.parametrize("runs", MIXTURES.values(), ids=MIXTURES.keys())
def test_every_mixture_is_seen_and_heard_at_its_time(tmp_path: Path, runs: list[Run]) -> None:
    recorded(tmp_path, *runs)
    watch(made(tmp_path), *runs)


def test_a_lesson_of_many_pauses_stays_in_step(tmp_path: Path) -> None:
    """Each pause cuts the sound up to a frame from the picture; thirty of them must not add up."""
    runs = [run_of(tmp_path, f"run{number}", 2, sound=BEEPS, ticks=11008 + 300 * number) for number in range(6)]
    write_playlist(tmp_path, *(runs * 5))
    heard = beeps_of(made(tmp_path))
    assert len(heard) == 60
    assert heard == pytest.approx(list(range(60)), abs=HEARD_S)


def test_pictures_that_are_to_be_shown_before_they_are_decoded(tmp_path: Path) -> None:
    """So ffmpeg writes pictures that come now and then; read back as they are, they hold up all that follow."""
    recorded(tmp_path, run(9, picture=SELDOM, video=("-g", "1")), run(2))
    file = made(tmp_path)
    assert complaints_about(file) == ""
    seen = pictures_of(file)
    assert all(at < taken + SEEN_S for at, taken in seen[:-50]), "none comes late"
    assert seen[-1][1] == pytest.approx(2, abs=SEEN_S)


def test_a_clean_recording_is_copied_as_it_is(tmp_path: Path) -> None:
    before, after = without(run_of(tmp_path, "a", 6), 2, 3)
    write_playlist(tmp_path, before, after)
    assert mp4.Recording(tmp_path).copies == 1, "no part takes room of its own"
    data = made(tmp_path).read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "players start before the whole file is there"
    assert complaints_about(tmp_path / "out" / "lesson.mp4") == ""


@pytest.mark.parametrize(
    ("lengths", "size"),
    [
        ({"640x360": 3, "320x180": 4}, "640x360"),
        ({"320x180": 4, "640x360": 3}, "640x360"),
        ({"640x360": 1, "320x180": 8}, "320x180"),
        ({"320x180": 3, "180x320": 4}, "180x320"),
    ],
    ids=["a weak stretch", "a weak beginning", "a large moment", "a phone held upright for most of it"],
)
def test_the_largest_shape_with_a_fair_share_shapes_the_file(
    tmp_path: Path, lengths: dict[str, int], size: str
) -> None:
    runs = [run(seconds, size=size) for size, seconds in lengths.items()]
    recorded(tmp_path, *runs)
    file = made(tmp_path)
    assert size in described(file)
    watch(file, *runs)


def ffmpeg_that(tmp_path: Path, does: str) -> str:
    """Return an ffmpeg of another mind; `does` is shell that may change "$@"."""
    script = tmp_path / "ffmpeg"
    script.write_text(f'#!/bin/bash\n{does}\nexec {shlex.quote(FFMPEG)} "$@"\n')
    script.chmod(0o755)
    return str(script)


def test_a_file_that_comes_out_wrong_is_made_in_another_way(tmp_path: Path) -> None:
    runs = [run(ticks=16000), run(ticks=11008)]
    recorded(tmp_path, *runs)
    deaf = (
        "for one; do shift; [[ $skip ]] && skip= && continue; [[ $one = -video_track_timescale ]] && skip=1 && continue"
    )
    watch(made(tmp_path, ffmpeg_that(tmp_path, f'{deaf}; set -- "$@" "$one"; done')), *runs)


def test_a_file_that_is_always_wrong_never_stands_there(tmp_path: Path) -> None:
    recorded(tmp_path, run(3), run(3, ticks=16000))
    short = ffmpeg_that(tmp_path, '[[ "$*" = *ffconcat* ]] && set -- "${@:1:$#-1}" -t 4 "${@: -1}"')
    with pytest.raises(mp4.Incomplete, match="ends at"):
        made(tmp_path, short)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("keep", [0, 100, -1], ids=["missing", "cut off in its head", "cut off in its media"])
def test_a_segment_that_cannot_be_read_is_said(tmp_path: Path, keep: int) -> None:
    recorded(tmp_path, run(3))
    segment = tmp_path / "segments" / "run0-001.m4s"
    data = segment.read_bytes()[:keep]
    segment.unlink()
    if data:
        segment.write_bytes(data)
    with pytest.raises(mp4.Unreadable, match=r"run0-001"):
        made(tmp_path)


def test_nothing_recorded_is_said(tmp_path: Path) -> None:
    with pytest.raises(mp4.NothingRecorded):
        made(tmp_path)


def test_parts_are_cut_at_discontinuities_only(tmp_path: Path) -> None:
    lines = run_of(tmp_path, "a", 3)
    write_playlist(tmp_path, lines, lines)
    parts = parts_of((tmp_path / "full" / "source.m3u8").read_text())
    assert [len(part.segments) for part in parts] == [3, 3]
