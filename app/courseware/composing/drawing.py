"""Draws the slides of a lesson: a program of its own with limits, which knows nothing of the app.

`drawing.py FOLDER` reads `plan.json` there and writes pictures, numbered, and says for each how far it is, as lines of
JSON. For an MP4 it also writes `slides.ffconcat`: which picture stands how long. For a PDF each picture is a page.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from app.courseware.composing import ink
from app.courseware.composing.layouts import Box, Layout, layout_of
from app.courseware.composing.stage import Scene, Stroke, scenes

QUALITY = 92
GROUND, PAPER = "#0e141b", "#ffffff"
WORDS, QUIET = "#f5f7fa", "#9aa7b5"


def main(arguments: Sequence[str]) -> None:
    """Draw what the plan says."""
    folder = Path(arguments[0])
    plan = json.loads((folder / "plan.json").read_text())
    try:
        Film(folder, plan).draw()
    except OSError as error:
        say({"failed": "disk_full" if error.errno == 28 else "failed"})
    else:
        say({"whole": True})


def say(message: object) -> None:
    """Write a line for the program that has started this one."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Sheets:
    """Pages with what is drawn on them. Strokes that are whole are not drawn twice in a row."""

    def __init__(self, pictures: Mapping[str, str], font: Path) -> None:
        self._pictures, self._font = pictures, font
        self._kept: tuple[tuple[object, ...], tuple[Stroke, ...]] = ((), ())
        self._sheet = Image.new("RGB", (1, 1))

    def of(self, scene: Scene, size: tuple[int, int]) -> Image.Image:
        """Return the sheet of a scene, without the pointer."""
        page, strokes = (scene.picture, size), scene.strokes
        done = self._kept[1]
        if self._kept[0] != page or strokes[: len(done)] != done:
            self._sheet, done = self._page(scene.picture, size), ()
        for stroke in strokes[len(done) :]:
            if not stroke.is_whole:
                break
            ink.draw(self._sheet, stroke, self._font)
            done = (*done, stroke)
        self._kept = (page, done)
        sheet = self._sheet.copy()
        for stroke in strokes[len(done) :]:
            ink.draw(sheet, stroke, self._font)
        return sheet

    def _page(self, name: str, size: tuple[int, int]) -> Image.Image:
        if name not in self._pictures:
            return Image.new("RGB", size, PAPER)
        with Image.open(self._pictures[name]) as picture:
            return picture.convert("RGB").resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


class Film:
    """The pictures of an MP4."""

    def __init__(self, folder: Path, plan: Mapping[str, Any]) -> None:
        self._folder, self._plan = folder, plan
        self._layout = layout_of(plan["layout"], plan["height"])
        self._sheets = Sheets(plan["pictures"], Path(plan["font"]))
        self._ground = _ground(self._layout, plan["title"], plan["teachers"], Path(plan["font"]))

    def draw(self) -> None:
        """Draw each scene, and write how long each stands."""
        shown: list[tuple[str, float]] = []
        bare: list[list[float]] = []
        made: dict[tuple[object, ...], str] = {}
        for at_s, scene in scenes(self._plan["clock"], self._plan["stage"]):
            if bare and len(bare[-1]) == 1:
                bare[-1].append(at_s)
            if scene.ratio is None:
                bare.append([at_s])
            if scene.look not in made:
                made[scene.look] = f"{len(made):06d}.jpg"
                self._picture(scene).save(self._folder / made[scene.look], "JPEG", quality=QUALITY, subsampling=0)
            shown.append((made[scene.look], at_s))
            say({"at_s": at_s})
        length_s = self._plan["length_s"]
        (self._folder / "slides.ffconcat").write_text(concat(shown, length_s))
        (self._folder / "bare.json").write_text(json.dumps([[*one, length_s][:2] for one in bare]))

    def _picture(self, scene: Scene) -> Image.Image:
        picture = self._ground.copy()
        if scene.ratio is not None:
            box = self._layout.slides.fit(scene.ratio)
            sheet = self._sheets.of(scene, (box.width, box.height))
            if scene.pointer is not None:
                ink.point(sheet, scene.pointer)
            picture.paste(sheet, (box.x, box.y))
        return picture


def _ground(layout: Layout, title: str, teachers: str, font: Path) -> Image.Image:
    ground = Image.new("RGB", (layout.width, layout.height), GROUND)
    if layout.words:
        y = _paragraph(ground, layout.words, title, layout.height // 30, WORDS, font)
        below = Box(layout.words.x, y + layout.height // 90, layout.words.width, layout.words.height)
        _paragraph(ground, below, teachers, layout.height // 40, QUIET, font)
    return ground


def _paragraph(ground: Image.Image, box: Box, words: str, size: int, colour: str, font: Path) -> int:
    """Write words into a box, at most six lines; return where they end."""
    pen, y = ImageDraw.Draw(ground), box.y
    for line in ink.lines_of(words, box.width / size)[:6]:
        pen.text((box.x, y), line, colour, ink.lettering(font, size))
        y += round(1.5 * size)
    return y


def concat(shown: Sequence[tuple[str, float]], length_s: float) -> str:
    """Write ffmpeg's concat script: pictures in order, each from its place on (s), the last one to the end.

    A picture alone would count time in 1/25 s; its option has it count in ms.
    """
    lines = ["ffconcat version 1.0"]
    ends = [at_s for _name, at_s in shown[1:]] + [length_s]
    for (name, at_s), end_s in zip(shown, ends, strict=True):
        lines += [f"file {name}", "option framerate 1000", f"duration {max(0.001, end_s - at_s):.3f}"]
    if shown:
        lines += [f"file {shown[-1][0]}", "option framerate 1000"]  # ffmpeg ignores the length of the last picture
    return "\n".join([*lines, ""])
