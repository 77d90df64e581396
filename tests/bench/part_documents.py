"""From a file to its pages: a presentation of 200 pages with builds, and the same as PDF."""

from __future__ import annotations

import io
import os
import random
import resource
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from app.documents.convert import PageMade, convert
from tests.bench.table import Row
from tests.documents import decks
from tests.documents.pages import office

PAGES = 200
FIRST_GOAL_S, ALL_GOAL_S = 5.0, 20.0
LINES = ["第一点：材料的结构与性能", "第二点：扫描电子显微镜的工作原理", "第三点：样品制备 Sample preparation"]


@dataclass(frozen=True)
class Run:
    """What one conversion took."""

    first_s: float
    all_s: float
    cpu_s: float
    pictures: int
    bytes: int


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Convert the deck, and LibreOffice's own PDF of it."""
    count = 20 if quick else PAGES
    source = deck(folder / "deck.pptx", count)
    own_began = time.monotonic()
    pdf = office(source, "pdf", folder)
    own_s = time.monotonic() - own_began
    rows = []
    for kind, file in (("PPTX, a picture on every fifth, builds on every tenth", source), ("PDF", pdf)):
        run = _converted(file, folder / file.suffix.strip("."))
        megabytes = file.stat().st_size / 1e6
        beside = (
            f"{run.pictures} pictures, each in 2 sizes; CPU {run.cpu_s:.1f} s; {run.bytes / count / 1000:.0f} kB a page"
        )
        alone = f"LibreOffice alone, from PPTX to one PDF: {own_s:.1f} s" if file is source else "–"
        what = f"{count} pages of {kind} ({megabytes:.0f} MB)"
        rows += [
            _row(f"{what}: first page", run.first_s, alone, FIRST_GOAL_S),
            _row(f"{what}: all", run.all_s, beside, ALL_GOAL_S),
        ]
    largest_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    rows.append(Row("The largest process of these conversions", f"{largest_kib / 1000:.0f} MB", _cores()))
    return rows


def _row(what: str, taken_s: float, beside: str, goal_s: float) -> Row:
    return Row(what, f"{taken_s:.1f} s", beside, f"≤ {goal_s:.0f} s", taken_s <= goal_s)


def _cores() -> str:
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end"


def _converted(file: Path, target: Path) -> Run:
    used = _children_cpu_s()
    began = time.monotonic()
    first_s, pictures = 0.0, 0
    for one in convert(file, file.name, target):
        if isinstance(one, PageMade):
            first_s = first_s or time.monotonic() - began
            pictures += len(set(one.steps))
    all_s = time.monotonic() - began
    size = sum(made.stat().st_size for made in target.iterdir())
    return Run(first_s, all_s, _children_cpu_s() - used, pictures, size)


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def deck(file: Path, count: int) -> Path:
    """Make a presentation: bullets on every page, a picture on every fifth, builds and notes."""
    chance = random.Random(7)
    made = decks.new_deck()
    for number in range(count):
        slide = decks.titled(made, f"第 {number + 1} 讲：继续教育", layout=1)
        body = decks.bullets(slide, LINES)
        if number % 5 == 0:
            slide.shapes.add_picture(_photo(chance), decks.Inches(7), decks.Inches(3.5), decks.Inches(4.5))
        if number % 10 == 0:
            clicks = [decks.Effect(decks.CLICK, body.shape_id, within=decks.paragraph(line)) for line in range(3)]
            decks.animate(slide, clicks)
        slide.notes_slide.notes_text_frame.text = f"第 {number + 1} 页的备注"
        decks.add_slide_number(slide)
    made.save(file)
    return file


def _photo(chance: random.Random) -> io.BytesIO:
    """A JPEG as a camera makes it: smooth, with some noise."""
    sky = Image.linear_gradient("L").resize((1200, 800))
    noise = Image.effect_noise((1200, 800), chance.uniform(10, 30))
    data = io.BytesIO()
    Image.merge("RGB", (sky, Image.blend(sky, noise, 0.3), noise)).save(data, "JPEG", quality=88)
    data.seek(0)
    return data
