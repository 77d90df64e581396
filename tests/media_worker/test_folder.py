"""Playlists follow from index and rules, whatever happens in which order."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_worker.contract import LIVE_WINDOW, Rules, Stretch
from media_worker.disk import Disk
from media_worker.folder import GRACE_S, Cut, StreamFolder
from media_worker.index import Index

T0 = 1_700_000_000_000
ALL = (Stretch(0),)
ON_AIR = Rules(1, air=ALL, record=ALL)


@dataclass
class Life:
    """A folder whose worker may die at any time, with a clock of its own."""

    root: Path
    now: float = 0.0
    free: int = 1 << 40
    media_ms: float = 0.0
    take: int = 0
    version: int = 0
    air: list[Stretch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        disk = Disk(self.root, 1 << 20, lambda _: self.free)
        self.folder = StreamFolder(self.root, disk, lambda: self.now)
        self.folder.restore()
        self.take = self.folder.next_take()

    def cut(self, count: int = 1, *, seconds: float = 1.0) -> None:
        for _ in range(count):
            times = (T0 + self.media_ms, seconds * 1000)
            self.folder.publish(
                Cut(
                    1,
                    self.take,
                    self.media_ms,
                    b"picture",
                    b"i%d" % self.take,
                    times,
                    b"voice",
                    b"v",
                    times,
                    "avc1.42c01e",
                    2,
                    2,
                )
            )
            self.media_ms += seconds * 1000
            self.now += seconds

    def text(self, scope: str, name: str = "source.m3u8") -> str:
        path = self.root / scope / name
        return path.read_text() if path.exists() else ""

    def listed(self, scope: str, name: str = "source.m3u8") -> list[str]:
        return [line for line in self.text(scope, name).splitlines() if line and not line.startswith("#")]

    def files(self) -> set[str]:
        return {one.name for one in (self.root / "segments").iterdir() if not one.name.startswith("init")}


def number(text: str, name: str) -> int:
    found = re.search(rf"#EXT-X-{name}:(\d+)", text)
    return int(found[1]) if found else 0


def test_the_live_playlist_stays_as_long_as_its_window(tmp_path: Path):
    life = Life(tmp_path)
    life.folder.apply(ON_AIR)
    life.cut(50)
    text = life.text("live")
    assert len(life.listed("live")) == LIVE_WINDOW == text.count("#EXTINF")
    assert number(text, "MEDIA-SEQUENCE") == 50 - LIVE_WINDOW
    assert len(life.listed("full")) == 50
    assert life.folder.kept_ms == 50_000
    assert life.listed("full")[-1] == life.listed("live")[-1]


def test_names_cannot_be_guessed_from_each_other(tmp_path: Path):
    life = Life(tmp_path)
    life.cut(20)
    secret_parts = {one.split("-", 1)[1] for one in life.files()}
    assert len(secret_parts) == 40


def test_learners_see_only_what_lies_wholly_on_air(tmp_path: Path):
    life = Life(tmp_path)
    life.folder.apply(
        Rules(1, air=(Stretch(T0 + 1500, T0 + 4500), Stretch(T0 + 7000)), record=(Stretch(T0 + 7000, T0 + 9000),))
    )
    life.cut(12)
    assert [one[:6] for one in life.listed("live")] == [
        "000003",
        "000004",
        "000008",
        "000009",
        "000010",
        "000011",
        "000012",
    ]
    assert [one[:6] for one in life.listed("full")] == ["000008", "000009"]
    assert life.text("live").count("#EXT-X-DISCONTINUITY\n") == 1
    assert len(life.listed("preview")) == 12


def test_a_rule_that_comes_late_is_made_good(tmp_path: Path):
    life = Life(tmp_path)
    life.cut(20)
    assert life.listed("full") == []
    life.folder.apply(Rules(1, air=(Stretch(T0 + 5000),), record=(Stretch(T0 + 5000),)))
    assert [one[:6] for one in life.listed("full")] == [f"{one:06d}" for one in range(6, 21)]


def test_what_nobody_wants_is_deleted_after_a_while(tmp_path: Path):
    life = Life(tmp_path)
    life.cut(200)
    assert len(life.files()) <= 2 * (LIVE_WINDOW + GRACE_S + 2)
    life.folder.hold_deletions = True
    before = life.files()
    life.cut(200)
    assert before <= life.files()


def test_discontinuities_that_left_the_window_are_counted(tmp_path: Path):
    life = Life(tmp_path)
    life.folder.apply(ON_AIR)
    for _ in range(10):
        life.cut(3)
        life.take = life.folder.next_take()
    text = life.text("live")
    assert number(text, "DISCONTINUITY-SEQUENCE") + text.count("#EXT-X-DISCONTINUITY\n") == 9
    assert text.count("#EXT-X-MAP") == 4


def test_time_shown_twice_is_shown_once(tmp_path: Path):
    life = Life(tmp_path)
    life.folder.apply(ON_AIR)
    life.cut(5)
    life.media_ms -= 2000
    life.take = life.folder.next_take()
    life.cut(4)
    dates = re.findall(r"DATE-TIME:(.*)", life.text("full"))
    assert dates == sorted(set(dates))
    assert len(dates) == 7


def test_without_space_the_live_goes_on_and_the_recording_waits(tmp_path: Path):
    life = Life(tmp_path)
    life.folder.apply(ON_AIR)
    life.cut(5)
    before = life.text("full")
    life.free = 0
    life.folder._disk._looked_at = float("-inf")
    life.cut(5)
    assert life.text("full") == before
    assert life.listed("live")[-1].startswith("000010")
    life.free = 1 << 40
    life.folder._disk._looked_at = float("-inf")
    life.cut(5)
    assert life.text("full").startswith(before)
    assert [one[:6] for one in life.listed("full")][5:] == [f"{one:06d}" for one in range(11, 16)]


def test_a_write_that_fails_costs_the_segment_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    life = Life(tmp_path)
    life.folder.apply(ON_AIR)
    life.cut(3)
    before = life.text("full")

    def no_space(*_: object) -> int:
        raise OSError(28, "No space left on device")

    for name in ("pathlib.Path.write_bytes", "os.write"):
        with monkeypatch.context() as patch:
            patch.setattr(name, no_space)
            life.cut(2)
    life.cut(3)
    assert life.text("full").startswith(before)
    assert [one[:6] for one in life.listed("full")] == ["000001", "000002", "000003", "000008", "000009", "000010"]
    assert life.text("full").count("#EXT-X-DISCONTINUITY\n") == 1
    assert len(life.listed("full", "audio.m3u8")) == 6


def test_a_lesson_that_was_never_recorded_has_an_empty_closed_playlist(tmp_path: Path):
    life = Life(tmp_path)
    life.cut(3)
    life.folder.end()
    assert life.text("full").startswith("#EXTM3U")
    assert life.text("full").endswith("#EXT-X-ENDLIST\n")
    assert life.listed("full") == []


def test_a_line_cut_off_by_a_crash_is_forgotten(tmp_path: Path):
    life = Life(tmp_path)
    life.folder.apply(ON_AIR)
    life.cut(4)
    path = tmp_path / "index.jsonl"
    os.truncate(path, path.stat().st_size - 10)
    assert len(Index(tmp_path).read()) == 3
    assert path.read_bytes().endswith(b"\n")


def test_a_playlist_cut_off_by_a_crash_is_mended(tmp_path: Path):
    life = Life(tmp_path)
    life.folder.apply(ON_AIR)
    life.cut(4)
    whole = life.text("full")
    os.truncate(tmp_path / "full" / "source.m3u8", len(whole) - 30)
    os.truncate(tmp_path / "full" / "audio.m3u8", len(whole) - 90)
    life.open()
    assert life.text("full") == whole
    assert len(life.listed("full", "audio.m3u8")) == 4


def test_a_whole_lesson_of_four_hours_leaves_the_live_playlist_small(tmp_path: Path):
    life = Life(tmp_path)
    life.folder.apply(ON_AIR)
    life.cut(30)
    size = len(life.text("live"))
    life.cut(1000)
    assert len(life.text("live")) - size < 20
    assert len(life.folder._recent) <= LIVE_WINDOW + 1


steps = st.lists(
    st.one_of(
        st.tuples(st.just("cut"), st.integers(1, 15)),
        st.tuples(st.just("take"), st.integers(0, 3000)),
        st.tuples(st.just("crash"), st.integers(0, 200)),
        st.tuples(st.just("air"), st.integers(-1500, 500)),
        st.tuples(st.just("pause"), st.integers(-500, 500)),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=60)
@given(steps)
def test_whatever_happens_the_playlists_keep_their_promises(plan: list[tuple[str, int]]):
    with TemporaryDirectory() as folder:
        life = Life(Path(folder))
        full, live_sequence, seam_count = "", 0, 0
        for verb, value in plan:
            _do(life, verb, value)
            text, live = life.text("full"), life.text("live")
            assert text.startswith(full)
            full = text
            names = life.listed("live")
            assert len(names) <= LIVE_WINDOW
            assert number(live, "MEDIA-SEQUENCE") >= live_sequence
            assert number(live, "DISCONTINUITY-SEQUENCE") >= seam_count
            live_sequence, seam_count = number(live, "MEDIA-SEQUENCE"), number(live, "DISCONTINUITY-SEQUENCE")
            assert set(names) | set(life.listed("full")) <= life.files()
            assert len(names) == len(life.listed("live", "audio.m3u8"))
            assert len(life.listed("full")) == len(life.listed("full", "audio.m3u8"))
            dates = re.findall(r"DATE-TIME:(.*)", text)
            assert dates == sorted(set(dates))
            _nothing_off_air(life)


def _do(life: Life, verb: str, value: int) -> None:
    if verb == "cut":
        life.cut(value)
    elif verb == "take":
        life.media_ms += value
        life.take = life.folder.next_take()
    elif verb == "crash":
        path = life.root / "full" / "audio.m3u8"
        if path.exists():
            os.truncate(path, max(0, path.stat().st_size - value))
        life.open()
    else:
        at = round(T0 + life.media_ms + value)
        if verb == "air" and (not life.air or (life.air[-1].to_ms or at) < at):
            life.air.append(Stretch(at))
        elif verb == "pause" and life.air and life.air[-1].to_ms is None and at > life.air[-1].from_ms:
            life.air[-1] = Stretch(life.air[-1].from_ms, at)
        life.version += 1
        life.folder.apply(Rules(life.version, tuple(life.air), tuple(life.air)))


def _nothing_off_air(life: Life) -> None:
    starts = [one.from_ms for one in life.air]
    by_name = {one.source.name: one for one in Index(life.root).read()}
    for name in life.listed("full"):
        assert any(start <= round(by_name[name].start_ms) for start in starts)
