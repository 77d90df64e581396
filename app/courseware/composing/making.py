"""From a lesson's film and its slides to one MP4."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ffmpeg import Progress

from app.courseware.composing.commands import MEMORY_BYTES, Limited, chapters_text, compose_command, cut_command
from app.courseware.composing.layouts import layout_of
from app.courseware.course import Course
from app.kernel.children.family import Family, Rules, View

DRAWING = Rules(memory_bytes=1_000_000_000, cpu_s=36_000, file_bytes=200_000_000)
"""A picture takes 20 ms, and there are ten a second at most, of eight hours."""
ENCODING_PER_S = 20
"""CPU seconds for a second of the lesson after which the encoder is given up; it takes 0.3 at 720p."""
SILENCE_S = 600
"""Silence of the drawing program after which it is given up."""
DRAWING_SHARE = 15
"""Percent of the time that drawing takes, about."""


class DrawingFailed(Exception):
    """The slides could not be drawn; the text is a word of `queries.PROBLEMS`."""


@dataclass(frozen=True)
class Wish:
    """How a composed picture is to look."""

    layout: str
    height: int


Report = Callable[[int], None]
"""Is told the progress in percent; what it raises ends the work."""


def compose(
    ffmpeg: str, film: Path, course: Course, pictures: Mapping[str, Path], wish: Wish, work: Path, view: View,
    report: Report,
) -> Path:  # fmt: skip
    """Make the MP4; return where it is.

    Args:
        ffmpeg: the binary.
        film: the MP4 of the lesson.
        course: its description.
        pictures: where the pictures of pages lie, by their names in the course.
        wish: the layout.
        work: an empty folder, the only place that the programs can write to.
        view: of the disk, for programs with limits.
        report: is told how far it is.

    Raises:
        DrawingFailed: the slides could not be drawn.
        ffmpeg.errors.FFmpegError: the film cannot be read, or the MP4 not be written.
    """
    layout, length_s = layout_of(wish.layout, wish.height), course.film.length_s
    plan = plan_of(course, pictures) | {
        "layout": wish.layout,
        "height": wish.height,
        "clock": [asdict(piece) for piece in course.clock],
        "length_s": length_s,
    }
    shown = view.with_shown(work, film.resolve(), *{file.resolve() for file in pictures.values()})
    for message in drawn(plan, work, shown, "drawing"):
        report(int(DRAWING_SHARE * message["at_s"] / max(length_s, 1)))
    (work / "chapters.txt").write_text(chapters_text(course.title, course.chapters, length_s))
    target = work / "composed.mp4"
    rules = Rules(memory_bytes=MEMORY_BYTES, cpu_s=round(600 + ENCODING_PER_S * length_s), file_bytes=200_000_000_000)
    bare = json.loads((work / "bare.json").read_text())
    ratio = course.film.height / course.film.width
    command = compose_command(Limited(ffmpeg, rules, shown), film, work, target, layout, ratio, bare, length_s)

    def progress(moment: Progress) -> None:
        share = min(1.0, moment.time.total_seconds() / max(length_s, 1))
        report(DRAWING_SHARE + int((99 - DRAWING_SHARE) * share))

    command.on("progress", progress)
    command.execute()
    return target


def cut(ffmpeg: str, film: Path, begin_s: float, end_s: float, target: Path, view: View) -> None:
    """Copy a stretch of an MP4 (s) into a file within a folder that exists. Raises ffmpeg.errors.FFmpegError."""
    rules = Rules(memory_bytes=MEMORY_BYTES, cpu_s=3600, file_bytes=200_000_000_000)
    shown = view.with_shown(target.parent, film.resolve())
    cut_command(Limited(ffmpeg, rules, shown), film.resolve(), target, begin_s, end_s).execute()


def plan_of(course: Course, pictures: Mapping[str, Path]) -> dict[str, Any]:
    """Return what the drawing program must know of a course."""
    return {
        "title": course.title,
        "teachers": "、".join(course.teachers),
        "stage": course.stage,
        "pictures": {name: str(file.resolve()) for name, file in pictures.items()},
        "font": str(font()),
    }


def bind(
    course: Course, pictures: Mapping[str, Path], height: int, work: Path, view: View, report: Report
) -> Path:  # fmt: skip
    """Make a PDF of the slides with all that was drawn on them; return where it is.

    Args:
        course: its description.
        pictures: where the pictures of pages lie, by their names in the course.
        height: of a page of 16:9, px.
        work: an empty folder, the only place that the program can write to.
        view: of the disk, for programs with limits.
        report: is told how far it is.

    Raises:
        DrawingFailed: there are none, or they could not be drawn.
    """
    if not any(event["kind"] == "slides.shown" for event in course.stage):
        raise DrawingFailed("no_slides")
    plan = plan_of(course, pictures) | {"width": height * 16 // 9}
    shown = view.with_shown(work, *{file.resolve() for file in pictures.values()})
    for message in drawn(plan, work, shown, "pages", str(font().parent)):
        report(90 * message["done"] // message["of"])
    return work / "slides.pdf"


def drawn(plan: Mapping[str, Any], work: Path, view: View, program: str, *more: str) -> Iterator[dict[str, Any]]:
    """Let one of our programs draw into a folder, and yield the lines that it writes. Raises DrawingFailed."""
    (work / "plan.json").write_text(json.dumps(plan))
    with Family(work, view) as family:
        family.start_own("drawing", f"app.courseware.composing.{program}", DRAWING, str(work), *more)
        while (said := family.hear(SILENCE_S)) is not None and said.line is not None:
            if "failed" in said.message:
                raise DrawingFailed(said.message["failed"])
            if said.message.get("whole"):
                return
            yield said.message
    raise DrawingFailed("failed")


def font() -> Path:
    """Return the font with Chinese letters that comes with the packages."""
    spec = find_spec("pylopdf_fonts_zh_cn")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).with_name("NotoSansSC-Regular.otf")
