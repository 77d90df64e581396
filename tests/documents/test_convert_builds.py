"""One page with four builds is shown in five steps; the pictures say what is there in each."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.documents.convert import FindingKind, Limits
from tests.documents import decks
from tests.documents.decks import AFTER, BLUE, CLICK, GREEN, RED, WIDE, WITH, Effect, animate, box, paragraph
from tests.documents.pages import (
    Converted,
    changed,
    colour_at,
    converted,
    drawn,
    is_like,
    mean_difference,
    office,
    worst_difference,
)

WHITE = (255, 255, 255)
PLACES = ((1.75, 3.75), (4.75, 3.75), (7.75, 3.75))
"""Middles of the three squares, inches."""
LINES = [
    "第一点：材料的结构与性能",
    "第二点：扫描电子显微镜的工作原理",
    "第三点：样品制备 Sample preparation",
    "第四点：小结",
]

BY_ONE, JOINED, LEAVING, LINES_BY_ONE, NUMBERED, BACKWARDS, OTHERS, PARTLY, TRIGGERED, STILL, GROUND = range(1, 12)
"""Pages of the deck."""


def squares(deck: Any, title: str) -> tuple[Any, list[int]]:
    slide = decks.titled(deck, title)
    shapes = [
        box(slide.shapes, x - 0.75, y - 0.75, colour) for (x, y), colour in zip(PLACES, (RED, GREEN, BLUE), strict=True)
    ]
    return slide, [shape.shape_id for shape in shapes]


def lines(deck: Any, title: str, order: list[int], *, numbered: bool = False) -> None:
    slide = decks.titled(deck, title, layout=1)
    body = decks.bullets(slide, LINES, numbered=numbered)
    decks.colour_bullets(body, "C81E1E")
    animate(slide, [Effect(CLICK, body.shape_id, within=paragraph(index)) for index in order])
    decks.add_slide_number(slide)


def others(deck: Any) -> None:
    """A group, a picture and a table, one click each."""
    slide = decks.titled(deck, "其他")
    group = slide.shapes.add_group_shape()
    box(group.shapes, 1, 3, RED)
    photo = decks.photo(slide, 4, 3, 1.5)
    table = slide.shapes.add_table(1, 1, *(decks.Inches(side) for side in (7, 3, 1.5, 1.5)))
    cell = table.table.cell(0, 0)
    cell.fill.solid()
    cell.fill.fore_color.rgb = decks.RGBColor(*BLUE)
    animate(slide, [Effect(CLICK, one.shape_id) for one in (group, photo, table)])


def make(file: Path) -> None:
    deck = decks.new_deck()
    slide, (red, green, blue) = squares(deck, "逐个出现")
    animate(slide, [Effect(CLICK, red), Effect(CLICK, green), Effect(CLICK, blue)])
    slide, (red, green, blue) = squares(deck, "同时出现")
    animate(slide, [Effect(AFTER, red), Effect(CLICK, green), Effect(WITH, blue)])
    slide, (red, green, blue) = squares(deck, "退出")
    animate(
        slide, [Effect(CLICK, red, "exit"), Effect(CLICK, green), Effect(AFTER, green, "exit"), Effect(CLICK, blue)]
    )
    lines(deck, "逐段", [0, 1, 2, 3])
    lines(deck, "编号", [0, 1, 2, 3], numbered=True)
    lines(deck, "倒序", [3, 2, 1, 0], numbered=True)
    others(deck)
    slide, (red, green, blue) = squares(deck, "强调")
    dimmed = "<p:subTnLst><p:animClr/></p:subTnLst>"
    animate(slide, [Effect(CLICK, red, "emph"), Effect(CLICK, green, behind=dimmed), Effect(CLICK, blue, "path")])
    slide, (red, green, blue) = squares(deck, "触发器")
    animate(slide, [Effect(CLICK, red)], trigger=green)
    squares(deck, "无动画")
    slide, (red, green, blue) = squares(deck, "底色")
    animate(slide, [Effect(CLICK, red, within="<p:bg/>"), Effect(CLICK, 4242)])
    deck.save(file)


@pytest.fixture(scope="module")
def deck_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("builds") / "builds.pptx"
    make(file)
    return file


@pytest.fixture(scope="module")
def deck(deck_file: Path) -> Converted:
    return converted(deck_file, deck_file.parent / "pages")


@pytest.fixture(scope="module")
def original(deck_file: Path) -> list[Image.Image]:
    return drawn(office(deck_file, "pdf", deck_file.parent))


def there(deck: Converted, page: int) -> list[str]:
    """Return for each step which of the three squares are there."""
    colours = dict(zip("rgb", zip(PLACES, (RED, GREEN, BLUE), strict=True), strict=True))
    said = []
    for step in range(len(deck.pages[page - 1].steps)):
        picture = deck.picture(page, step)
        seen = ""
        for letter, (place, colour) in colours.items():
            at = colour_at(picture, place, WIDE[0])
            assert is_like(at, colour) or is_like(at, WHITE)
            seen += letter if is_like(at, colour) else "-"
        said.append(seen)
    return said


@pytest.mark.parametrize(
    ("page", "steps"),
    [
        (BY_ONE, ["---", "r--", "rg-", "rgb"]),
        (JOINED, ["r--", "rgb"]),
        (LEAVING, ["r--", "---", "--b"]),  # green comes and goes with one click, which so changes nothing
        (OTHERS, ["---", "r--", "rg-", "rgb"]),
        (PARTLY, ["r-b", "rgb"]),  # what is not taken over is there all the time
        (TRIGGERED, ["-gb", "rgb"]),
        (STILL, ["rgb"]),
        (GROUND, ["-gb", "rgb"]),
    ],
)
def test_each_step_shows_what_is_there_by_then(deck: Converted, page: int, steps: list[str]) -> None:
    assert there(deck, page) == steps


@pytest.mark.parametrize("page", [LINES_BY_ONE, NUMBERED, BACKWARDS])
def test_lines_come_one_by_one_and_none_moves(deck: Converted, page: int) -> None:
    steps = [deck.picture(page, step) for step in range(5)]
    boxes = [changed(before, after) for before, after in pairwise(steps)]
    assert None not in boxes
    rows = [(box[1], box[3]) for box in boxes if box]
    inside = rows if page != BACKWARDS else rows[::-1]
    for (_, upper), (lower, _) in pairwise(inside):
        assert upper <= lower, "each line changes its own stretch of the page only"
    for step, (top, bottom) in enumerate(rows):
        whole = steps[-1].crop((0, top, steps[-1].width, bottom))
        for later in range(step + 1, 5):
            assert changed(steps[later].crop((0, top, whole.width, bottom)), whole) is None
        for earlier in range(step + 1):
            hidden = steps[earlier].crop((0, top, whole.width, bottom))
            assert min(low for low, _high in hidden.getextrema()) > 200, "neither letters nor bullets"


@pytest.mark.parametrize("page", [BY_ONE, JOINED, LINES_BY_ONE, NUMBERED, BACKWARDS, OTHERS, PARTLY, STILL])
def test_the_last_step_is_the_page_as_libreoffice_exports_it(
    deck: Converted, original: list[Image.Image], page: int
) -> None:
    assert mean_difference(deck.picture(page), original[page - 1]) < 0.5
    assert worst_difference(deck.picture(page), original[page - 1]) < 24


def test_slides_without_animations_have_one_step(deck: Converted) -> None:
    assert [len(page.steps) for page in deck.pages] == [4, 2, 3, 5, 5, 5, 4, 2, 2, 1, 2]


def test_what_could_not_be_taken_over_is_said_with_its_pages(deck: Converted) -> None:
    assert deck.found(FindingKind.ANIMATIONS_SHOWN_COMPLETE) == (PARTLY, TRIGGERED)
    assert len(deck.findings) == 1


def test_keys_are_unguessable_and_have_their_files(deck: Converted) -> None:
    keys = [key for page in deck.pages for key in page.steps]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 22 for key in keys)
    for page in deck.pages:
        assert deck.file(page.steps[0]).size == (page.width, page.height) == (1920, 1080)
        assert deck.file(page.steps[-1], "medium").size == (960, 540)
        assert deck.file(page.steps[0], "thumb").size == (240, 135)
    firsts = {page.steps[0] for page in deck.pages}
    made = {file.name for file in deck.folder.iterdir()}
    assert made == {f"{key}-{size}.webp" for key in keys for size in ("large", "medium")} | {
        f"{key}-thumb.webp" for key in firsts
    }


def test_steps_that_look_alike_share_a_picture(tmp_path: Path) -> None:
    deck = decks.new_deck()
    slide = decks.titled(deck, "看不见的变化")
    outside = box(slide.shapes, 30, 30, RED)
    animate(slide, [Effect(CLICK, outside.shape_id)])
    deck.save(tmp_path / "alike.pptx")
    page = converted(tmp_path / "alike.pptx", tmp_path / "pages").pages[0]
    assert len(page.steps) == 2
    assert len(set(page.steps)) == 1


def test_a_page_with_endless_builds_is_shown_complete(tmp_path: Path) -> None:
    deck = decks.new_deck()
    slide = decks.titled(deck, "很多")
    shapes = [box(slide.shapes, x, 3, RED, 0.5).shape_id for x in range(8)]
    animate(slide, [Effect(CLICK, shape) for shape in shapes])
    deck.save(tmp_path / "many.pptx")
    made = converted(tmp_path / "many.pptx", tmp_path / "pages", limits=Limits(builds=5))
    assert len(made.pages[0].steps) == 1
    assert made.found(FindingKind.ANIMATIONS_SHOWN_COMPLETE) == (1,)
