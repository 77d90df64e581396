"""The MP4 with slides beside the video: what stands in its pictures when, its chapters, its sound, and how it ends."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import pypdfium2
import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from app.accounts.models import User
from app.courseware import jobs, queries, services
from app.courseware.composing import ink
from app.courseware.composing.commands import chapters_text
from app.courseware.composing.drawing import Sheets, concat
from app.courseware.composing.layouts import Box, layout_of
from app.courseware.composing.making import font
from app.courseware.composing.stage import POINTER_STAYS_MS, Scene, Stage, Stroke, scenes, sheets
from app.courseware.course import Chapter, Options
from app.courseware.models import Export, ExportState, Form
from app.extensions import db
from app.kernel import workshop
from app.kernel.unit_of_work import unit_of_work
from app.live.models import LiveSession
from app.media.folders import folder_of
from app.replays import mp4
from app.replays.mp4 import boxes
from app.timeline.models import Event
from tests.conftest import SignIn
from tests.courseware.conftest import Runs, exported, package, taught
from tests.factories.blinking import beeps_of, blinks, flashes_of
from tests.factories.recordings import run_of

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
PAGES = {1: (40, 90, 160), 2: (80, 90, 160)}
"""Colours of the pages, from `documents.draw`."""
FPS = 25


def decoded(file: Path, size: tuple[int, int]) -> list[Image.Image]:
    """Decode all pictures of an MP4, small, and fail when ffmpeg warns of anything."""
    argv = [FFMPEG, "-v", "warning", "-i", str(file), "-map", "0:v", "-vf", f"scale={size[0]}:{size[1]}:flags=area"]
    done = subprocess.run([*argv, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], check=True, capture_output=True)
    assert done.stderr == b""
    length = 3 * size[0] * size[1]
    raw = [done.stdout[at : at + length] for at in range(0, len(done.stdout), length)]
    return [Image.frombytes("RGB", size, one) for one in raw]


def told(file: Path) -> str:
    """Return ffmpeg's description of a file."""
    return subprocess.run([FFMPEG, "-i", str(file)], check=False, capture_output=True, text=True).stderr


def near(one: object, other: tuple[int, int, int], by: int = 14) -> bool:
    assert isinstance(one, tuple)
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


@pytest.fixture(scope="session")
def blinking(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Two runs whose picture turns white, and whose sound is heard, for a tenth of each second."""
    media = tmp_path_factory.mktemp("blinking")
    runs = [run_of(media, name, seconds, **blinks(1)) for name, seconds in (("a", 4), ("b", 3))]
    return Runs(media, runs[0], runs[1], 4, 3)


@pytest.mark.one_database
def test_slides_stand_beside_the_video_at_their_moments(
    app: Flask, teacher: User, learner: User, blinking: Runs
) -> None:
    live = taught(app, teacher, learner, blinking)
    export = exported(live, Form.COMPOSED)
    assert export.state is ExportState.DONE, export.problem
    file = queries.file_of(export)
    pictures = decoded(file, (640, 360))  # slides fill 480 across, the page from 45 to 315 down
    assert len(pictures) == 7 * FPS
    corner = [picture.getpixel((40, 80)) for picture in pictures]
    turned = next(at for at, pixel in enumerate(corner) if not near(pixel, PAGES[1]))
    assert all(near(pixel, PAGES[2]) for pixel in corner[turned:])
    assert abs(turned / FPS - 5.0) <= 0.15, "page 2 comes a second after the hole"
    inked = [near(picture.getpixel((240, 126)), (200, 30, 30), 70) for picture in pictures]
    assert abs(inked.index(True) / FPS - 5.5) <= 0.15, "and a line on it half a second later"
    assert all(inked[inked.index(True) :])
    flashes, beeps = flashes_of(file, spot=(1120, 160)), beeps_of(file)
    assert len(flashes) == len(beeps) == 7
    apart = [round(seen - sound, 3) for seen, sound in zip(flashes, beeps, strict=True)]
    assert max(map(abs, apart)) <= 0.04, apart
    assert export.size_bytes == file.stat().st_size
    queries.file_of(export).unlink()


@pytest.mark.one_database
def test_it_has_chapters(course: LiveSession) -> None:
    file = queries.file_of(exported(course, Form.COMPOSED, Options(layout="side")))
    text = told(file)
    assert re.findall(r"Chapter #0:\d+: start (\S+), end (\S+)", text) == [
        ("0.000000", "4.000000"),
        ("4.000000", "5.000000"),
    ]
    assert "第 2 页的文字" in text
    assert "量子 <器件>" in text


@pytest.mark.one_database
def test_films_and_sound_open_in_other_players(course: LiveSession, tmp_path: Path) -> None:
    with package(exported(course, Form.WEB)) as web:
        web.extract("media/lesson.mp4", tmp_path)
    films = [queries.file_of(exported(course, Form.COMPOSED)), tmp_path / "media" / "lesson.mp4"]
    for file in (*films, queries.file_of(exported(course, Form.SOUND))):
        assert re.search(r"Duration: 00:00:0(?:4\.9|5\.\d)\d, start: 0\.000000", told(file)), told(file)
        assert file.read_bytes()[:4096].find(b"moov") > 0, "faststart"
        tracks = boxes.read_movie(file)
        assert set(tracks) == {boxes.SOUND, *([boxes.PICTURE] if file in films else [])}
        for _track, samples in tracks.values():
            assert abs(samples.first_s) < 0.05, f"{file.suffix} begins at its beginning"
        decode = [FFMPEG, "-v", "warning", "-i", str(file), "-enc_time_base", "demux", "-f", "null", "-"]
        assert subprocess.run(decode, check=True, capture_output=True).stderr == b"", "ffmpeg warns of nothing"
        play = ["gst-launch-1.0", "-q", "filesrc", f"location={file}", "!", "decodebin", "name=d"]
        play += ["d.", "!", "audio/x-raw", "!", "queue", "!", "fakesink"]
        play += ["d.", "!", "video/x-raw", "!", "queue", "!", "fakesink"] if file in films else []
        done = subprocess.run(
            play, env={**os.environ, "GST_DEBUG": "1"}, check=True, capture_output=True, text=True, timeout=60
        )
        assert done.stdout + done.stderr == "", "GStreamer warns of nothing"


@pytest.mark.one_database
def test_without_a_page_the_video_fills_the_picture(app: Flask, teacher: User, learner: User, runs: Runs) -> None:
    live = taught(app, teacher, learner, runs)
    described = jobs.describing.described(live, mp4.Recording(folder_of(live.stream_id)), Options())
    stage = [
        {**event, "kind": "slides.cleared"} if event["data"].get("page") == 2 else event
        for event in described.course.stage
    ]
    bare = replace(described.course, stage=stage)
    work = queries.folder() / "tmp-bare"
    work.mkdir()
    film = work / "film.mp4"
    folder = work / "film"
    folder.mkdir()
    mp4.Recording(folder_of(live.stream_id)).make(FFMPEG, folder, film, lambda _percent: None)
    view = jobs.without_our_data(app.config)
    wish = jobs.composing.Wish("pip", 720)
    made = jobs.composing.compose(FFMPEG, film, bare, described.pictures, wish, work, view, lambda _percent: None)
    pictures = decoded(made, (160, 90))
    assert near(pictures[50].getpixel((10, 10)), PAGES[1])
    assert near(pictures[50].getpixel((140, 75)), (0, 0, 128), 30), "the video in its corner"
    assert near(pictures[110].getpixel((10, 10)), (0, 0, 128), 30), "and everywhere"


def test_cancelled_while_it_is_encoded_it_leaves_nothing(course: LiveSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "REPORT_EVERY_MS", -1)
    command = jobs.composing.compose_command

    def cancelled(*given: object) -> object:
        services.cancel(db.session.get_one(Export, export.id))
        return command(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs.composing, "compose_command", cancelled)
    export = services.request_export(course, Form.COMPOSED, Options(), by=course.owner)
    jobs.make_waiting.now()
    db.session.rollback()
    assert db.session.get_one(Export, export.id, populate_existing=True).state is ExportState.CANCELLED
    assert {one.name for one in queries.folder().iterdir()} == {"making.lock"}


def test_the_form_knows_its_layouts_only(sign_in: SignIn, course: LiveSession) -> None:
    browser, base = sign_in(course.owner), f"/live/{course.id}/courseware"
    chosen = {"chosen": "1", "kind": "composed", "layout": "pip", "height": "1080"}
    assert browser.post(base, data=chosen).status_code == 302
    (export,) = queries.exports_of(course.id)
    assert export.wanted == Options(chat=False, names=False, layout="pip", height=1080)
    assert browser.post(base, data=chosen | {"layout": "cube"}).status_code == 404
    assert browser.post(base, data=chosen | {"height": "9"}).status_code == 404


# what stands there when


def shown(at: int, page: int, number: int) -> dict[str, object]:
    data = {"document": "d", "page": page, "large": f"slides/{page}.jpg", "width": 1600, "height": 900}
    return {"id": number, "at": at, "kind": "slides.shown", "data": data}


def drawn(at: int, points: list[int], number: int, **more: object) -> dict[str, object]:
    data = {
        "document": "d",
        "page": 1,
        "stroke": "s",
        "part": 0,
        "tool": "pen",
        "colour": "red",
        "width": 3,
        "points": points,
    }
    return {"id": number, "at": at, "kind": "slides.drawn", "data": data | more}


def test_strokes_grow_as_they_were_drawn_and_go_when_they_are_erased() -> None:
    erased = {"id": 4, "at": 3000, "kind": "slides.erased", "data": {"document": "d", "page": 1, "strokes": ["s"]}}
    events = [shown(0, 1, 1), drawn(1000, [0, 0, 0, 10, 10, 250], 2), drawn(1400, [20, 20, 0], 3, part=1), erased]
    clock = [{"at_s": 0.0, "length_s": 4.0, "captured_ms": 0}]
    found = [(at_s, [len(one.points) for one in scene.strokes]) for at_s, scene in scenes(clock, events)]
    assert found == [(0.0, []), (1.0, [1]), (1.3, [2]), (1.4, [3]), (3.0, [])]


def test_what_happened_in_a_hole_is_there_after_it() -> None:
    events = [shown(0, 1, 1), drawn(5000, [0, 0, 0, 10, 10, 250], 2), shown(6000, 2, 3)]
    clock = [{"at_s": 0.0, "length_s": 1.0, "captured_ms": 0}, {"at_s": 1.0, "length_s": 2.0, "captured_ms": 5500}]
    found = [(at_s, scene.picture, len(scene.strokes)) for at_s, scene in scenes(clock, events)]
    assert found == [(0.0, "slides/1.jpg", 0), (1.0, "slides/1.jpg", 1), (1.5, "slides/2.jpg", 0)]


def test_a_pointer_that_rests_fades() -> None:
    pointed = {
        "id": 2,
        "at": 1000,
        "kind": "slides.pointed",
        "data": {"document": "d", "page": 1, "points": [5, 5, 0, 9, 9, 100]},
    }
    stage = Stage([shown(0, 1, 1), pointed])
    spots = [stage.at(moment).pointer for moment in (900, 1000, 1100, 1100 + POINTER_STAYS_MS, 1101 + POINTER_STAYS_MS)]
    assert spots == [None, (5, 5), (9, 9), (9, 9), None]
    clock = [{"at_s": 0.0, "length_s": 9.0, "captured_ms": 0}]
    assert [at_s for at_s, _scene in scenes(clock, [shown(0, 1, 1), pointed])] == [0.0, 1.0, 1.1, 2.7]


# how it is drawn


def stroke(
    tool: str, points: list[tuple[int, int]], colour: str = "blue", words: str = "", *, is_whole: bool = True
) -> Stroke:
    return Stroke(tool + colour, tool, colour, 10, tuple(points), words, is_whole)


@pytest.mark.parametrize(
    ("tool", "inked", "free"),
    [
        ("pen", (500, 500), (300, 700)),
        ("line", (500, 500), (300, 700)),
        ("arrow", (500, 500), (300, 700)),
        ("rectangle", (200, 500), (500, 500)),
        ("ellipse", (200, 500), (500, 500)),
    ],
)
def test_each_tool_leaves_its_ink(tool: str, inked: tuple[int, int], free: tuple[int, int]) -> None:
    sheet = Image.new("RGB", (1000, 1000), "white")
    ink.draw(sheet, stroke(tool, [(2000, 2000), (5000, 5000), (8000, 8000)]), font())
    assert near(sheet.getpixel(inked), (0x1D, 0x4E, 0xD8))
    assert near(sheet.getpixel(free), (255, 255, 255))


def test_a_highlighter_shines_through_and_words_are_written() -> None:
    sheet = Image.new("RGB", (1000, 1000), "white")
    ink.draw(sheet, stroke("highlighter", [(1000, 1000), (9000, 1000)], "amber"), font())
    assert near(sheet.getpixel((500, 100)), (255, 225, 127))
    ink.draw(sheet, stroke("text", [(1000, 5000)], "black", "量子"), font())
    box = sheet.crop((100, 500, 210, 560)).convert("L").getextrema()
    assert box[0] < 40, "there is black"
    assert ink.lines_of("量子器件 abc", 4) == ["量子器件", "abc"]


def test_whole_strokes_are_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    draw = ink.draw
    monkeypatch.setattr(ink, "draw", lambda sheet, one, letters: (asked.append(one.tool), draw(sheet, one, letters)))
    sheets, whole, growing = (
        Sheets({}, font()),
        stroke("line", [(0, 0), (9, 9)]),
        stroke("pen", [(0, 0)], is_whole=False),
    )
    for strokes in ((whole,), (whole, growing), (whole, growing)):
        sheets.of(Scene(0, "", 0.5, strokes), (100, 50))
    assert asked == ["line", "pen", "pen"]


def test_layouts_leave_no_room_outside_and_keep_shapes() -> None:
    for name in ("slides", "side", "pip"):
        layout = layout_of(name, 720)
        for box in (layout.slides.fit(0.75), layout.video.fit(9 / 16)):
            assert box.x >= 0
            assert box.x + box.width <= 1280
            assert box.y + box.height <= 720
            assert box.width % 2 == box.height % 2 == 0
    assert Box(0, 0, 960, 720).fit(9 / 16) == Box(0, 90, 960, 540)


def test_the_scripts_of_ffmpeg() -> None:
    assert concat([("0.jpg", 0.0), ("1.jpg", 2.5)], 4.0).count("duration") == 2
    text = chapters_text("a=b;\nc", [Chapter(0.0, "一#", 1, ""), Chapter(2.0, "二", 2, "")], 4.0)
    assert "title=a\\=b\\; c" in text
    assert "START=2000\nEND=4000" in text


# as a PDF


def test_the_slides_as_pdf_with_what_was_drawn_and_words_to_find(course: LiveSession) -> None:
    export = exported(course, Form.SLIDES)
    assert export.state is ExportState.DONE, export.problem
    document = pypdfium2.PdfDocument(queries.file_of(export))
    assert len(document) == 2
    assert [one.get_title() for one in document.get_toc()] == ["第 1 页的文字", "第 2 页的文字"]
    assert document.get_metadata_dict()["Title"] == "量子 <器件>"
    page = document[1]
    assert page.get_size() == (960, 540)
    assert "第 2 页的文字" in page.get_textpage().get_text_bounded()
    drawn_page = page.render().to_pil().convert("RGB")
    assert near(drawn_page.getpixel((480, 162)), (200, 30, 30), 20)
    assert near(drawn_page.getpixel((20, 500)), PAGES[2])
    document.close()


def test_a_lesson_without_slides_says_so(app: Flask, teacher: User, learner: User, runs: Runs) -> None:
    live = taught(app, teacher, learner, runs)
    with unit_of_work():
        db.session.execute(sa.delete(Event).where(Event.live_id == live.id, Event.kind.like("slides.%")))
    assert exported(live, Form.SLIDES).problem == "no_slides"


def test_a_page_that_was_wiped_comes_as_it_was_before_and_after() -> None:
    wiped = {"id": 3, "at": 2000, "kind": "slides.erased", "data": {"document": "d", "page": 1, "all": True}}
    events = [shown(0, 1, 1), drawn(1000, [0, 0, 0], 2), wiped, drawn(3000, [0, 0, 0, 5, 5, 100], 4), shown(4000, 2, 5)]
    assert [(one.page, [len(s.points) for s in one.strokes]) for one in sheets(events)] == [
        (("d", 1), [1]),
        (("d", 1), [2]),
        (("d", 2), []),
    ]
    assert [len(one.strokes) for one in sheets(events[:3])] == [1], "nothing was drawn after it was wiped"
