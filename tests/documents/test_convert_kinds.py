"""Every kind of file that people bring becomes pages that look as LibreOffice itself would print them."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PIL import Image

from app.documents.convert import Limits, Outline, PageMade, convert
from app.documents.convert.deck_copies import FIRST
from app.documents.convert.kinds import Kind, kind_of
from app.documents.formats import PICTURES
from tests.documents import decks
from tests.documents.pages import (
    Converted,
    converted,
    drawn,
    empty_pages,
    is_like,
    mean_difference,
    office,
    worst_difference,
)

TITLES = ["材料的结构与性能", "扫描电子显微镜", "样品制备 Sample preparation", "小结"]
SHIPPED = Path("/usr/lib/libreoffice/share/xpdfimport/xpdfimport_err.pdf")
"""A PDF that Debian's libreoffice-core brings."""


def make_deck(file: Path, size: tuple[float, float] = decks.WIDE) -> Path:
    """Titles, bullets, a picture, a table, notes; numbers on every slide, and one slide that is hidden."""
    deck = decks.new_deck(size)
    for title in TITLES:
        slide = decks.titled(deck, title, layout=1)
        decks.bullets(slide, ["第一点：微观组织", "第二点：力学性能 strength & ductility"])
        slide.notes_slide.notes_text_frame.text = f"讲到{title}时提问"
        decks.add_slide_number(slide)
    decks.hide_slide(deck.slides[1])
    decks.photo(deck.slides[0], 4, 5, 2)._element.nvPicPr.cNvPr.set("descr", "晶粒的照片")
    table = deck.slides[2].shapes.add_table(2, 2, *(decks.Inches(side) for side in (1, 4, 5, 1))).table
    for row, texts in enumerate([("温度", "硬度"), ("25 ℃", "180 HV")]):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    deck.save(file)
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kinds")


@pytest.fixture(scope="module")
def deck_file(folder: Path) -> Path:
    return make_deck(folder / "deck.pptx")


@pytest.fixture(scope="module")
def deck(deck_file: Path) -> Converted:
    return converted(deck_file, deck_file.parent / "pptx")


@pytest.fixture(scope="module")
def deck_pdf(deck_file: Path) -> Path:
    return office(deck_file, "pdf", deck_file.parent)


def assert_alike(made: Converted, originals: list[Image.Image]) -> None:
    assert len(made.pages) == len(originals)
    for page, original in zip(made.pages, originals, strict=True):
        assert (page.width, page.height) == original.size
        assert mean_difference(made.picture(page.number), original) < 1
        assert worst_difference(made.picture(page.number), original) < 24


def test_pptx_looks_as_libreoffice_exports_it(deck: Converted, deck_pdf: Path) -> None:
    assert_alike(deck, drawn(deck_pdf))
    assert deck.findings == ()


def test_hidden_slides_are_left_out_and_the_others_keep_their_numbers(deck: Converted, deck_pdf: Path) -> None:
    assert [page.text.splitlines()[0] for page in deck.pages] == [TITLES[0], TITLES[2], TITLES[3]]
    # the field on the second page says 3: compared with the export, above; and the pieces end behind no slide
    assert len(drawn(deck_pdf)) == 3


def test_a_slide_says_its_title_first_then_the_rest_in_order(deck: Converted) -> None:
    bullets = "第一点：微观组织\n第二点：力学性能 strength & ductility"
    assert deck.pages[0].text == f"{TITLES[0]}\n{bullets}\n[晶粒的照片]"
    assert deck.pages[1].text == f"{TITLES[2]}\n{bullets}\n温度 | 硬度\n25 ℃ | 180 HV"


def test_a_slide_brings_its_notes(deck: Converted) -> None:
    assert [page.notes for page in deck.pages] == [f"讲到{title}时提问" for title in (TITLES[0], *TITLES[2:])]


def test_numbers_that_a_master_or_layout_shows_are_right_on_every_step(tmp_path: Path) -> None:
    """A box with the field `slidenum` on the master, as templates have it: pieces and steps do not count anew."""
    deck = decks.new_deck()
    decks.add_slide_number(deck.slide_master, left=1, placeholder=False)
    decks.add_slide_number(deck.slide_layouts[5], left=4, placeholder=False)
    for number in range(FIRST + 3):
        slide = decks.titled(deck, f"第 {number + 1} 页")
        if number == 1:
            shape = decks.box(slide.shapes, 6, 2, decks.RED)
            decks.animate(slide, [decks.Effect(decks.CLICK, shape.shape_id)])
        if number == 4:
            slide._element.set("showMasterSp", "0")
    deck.save(tmp_path / "numbers.pptx")
    made = converted(tmp_path / "numbers.pptx", tmp_path / "pages")
    assert_alike(made, drawn(office(tmp_path / "numbers.pptx", "pdf", tmp_path)))
    assert len(made.pages[1].steps) == 2


def test_pdf_looks_as_it_is_and_says_its_text(deck_pdf: Path, tmp_path: Path) -> None:
    made = converted(deck_pdf, tmp_path)
    assert_alike(made, drawn(deck_pdf))
    assert TITLES[0] in made.pages[0].text.replace(" ", "")
    assert "strength & ductility" in made.pages[0].text


def test_odp_looks_as_libreoffice_exports_it_and_brings_its_notes(deck_file: Path, tmp_path: Path) -> None:
    file = office(deck_file, "odp", tmp_path)
    made = converted(file, tmp_path / "pages")
    assert_alike(made, drawn(office(file, "pdf", tmp_path)))
    assert [page.notes for page in made.pages] == [f"讲到{title}时提问" for title in (TITLES[0], *TITLES[2:])]


def test_ppt_looks_as_libreoffice_exports_it(deck_file: Path, tmp_path: Path) -> None:
    file = office(deck_file, "ppt", tmp_path)
    made = converted(file, tmp_path / "pages")
    assert_alike(made, drawn(office(file, "pdf", tmp_path)))
    assert TITLES[2] in made.pages[1].text


@pytest.mark.parametrize("ending", ["docx", "odt", "doc"])
def test_texts_look_as_libreoffice_exports_them(ending: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("讲义：材料的结构与性能\n" + "第二页的文字 and more\n" * 60)
    file = office(tmp_path / "notes.txt", f"{ending}:{WRITERS[ending]}", tmp_path)
    made = converted(file, tmp_path / "pages")
    assert len(made.pages) >= 2
    assert_alike(made, drawn(office(file, "pdf", tmp_path)))
    assert (made.pages[0].height > made.pages[0].width, made.pages[0].width <= 1080) == (True, True)
    assert "材料的结构与性能" in made.pages[0].text.replace(" ", "")


WRITERS = {"docx": "MS Word 2007 XML", "odt": "writer8", "doc": "MS Word 97"}


@pytest.mark.parametrize(
    ("size", "pixels"), [(decks.NARROW, (1440, 1080)), (decks.UPRIGHT, (1080, 1920))], ids=["4:3", "upright"]
)
def test_slides_of_other_shapes_fit_the_box(size: tuple[float, float], pixels: tuple[int, int], tmp_path: Path) -> None:
    file = make_deck(tmp_path / "deck.pptx", size)
    made = converted(file, tmp_path / "pages")
    assert {(page.width, page.height) for page in made.pages} == {pixels}
    assert max(made.file(made.pages[0].steps[0], "thumb").size) == 240
    assert_alike(made, drawn(office(file, "pdf", tmp_path)))


@pytest.mark.parametrize("ending", [*(one.removeprefix(".") for one in sorted(PICTURES)), "mpo"])
def test_a_picture_is_one_page(ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"photo.{ending}"
    Image.new("RGB", (3000, 1000), decks.BLUE).save(file)
    assert kind_of(file, Limits()) is Kind.PICTURE
    made = converted(file, tmp_path / "pages")
    assert (made.pages[0].width, made.pages[0].height) == (1920, 640)
    middle = made.picture(1).getpixel((900, 300))
    assert isinstance(middle, tuple)
    assert is_like(middle, decks.BLUE)


def test_a_small_picture_keeps_its_size_and_a_turned_one_is_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    Image.new("RGB", (640, 480), decks.RED).save(tmp_path / "turned.jpg", exif=exif)
    page = converted(tmp_path / "turned.jpg", tmp_path / "pages").pages[0]
    assert (page.width, page.height) == (480, 640)


def test_what_is_in_a_file_counts_and_not_its_name(deck_pdf: Path, tmp_path: Path) -> None:
    file = tmp_path / "slides.pptx"
    file.write_bytes(deck_pdf.read_bytes())
    assert len(converted(file, tmp_path / "pages", name="slides.pptx").pages) == 3


def test_a_pdf_that_debian_ships(tmp_path: Path) -> None:
    assert SHIPPED.exists(), "libreoffice-core brings it"
    assert_alike(converted(SHIPPED, tmp_path), drawn(SHIPPED))


def test_first_pages_come_while_others_are_still_being_made(tmp_path: Path) -> None:
    deck = decks.new_deck()
    for number in range(FIRST):
        decks.titled(deck, f"第 {number} 页")
    for _ in range(5):  # these take LibreOffice seconds, the first page a tenth of one
        decks.bullets(decks.titled(deck, "长", layout=1), ["字" * 400] * 150)
    deck.save(tmp_path / "long.pptx")
    results = convert(tmp_path / "long.pptx", "long.pptx", tmp_path / "pages")
    assert next(results) == Outline(FIRST + 5)
    first = next(results)
    assert isinstance(first, PageMade)
    (work,) = (tmp_path / "pages").glob("work-*")
    assert len(list((work / "out").glob("*.pdf"))) < len(list(work.glob("piece*.pptx")))
    assert len(list(results)) == FIRST + 4


@pytest.mark.parametrize("ending", ["pdf", "pptx"])
def test_what_nobody_wants_ends_quietly_and_leaves_nothing(
    ending: str, deck_file: Path, deck_pdf: Path, tmp_path: Path
) -> None:
    asked = threading.Event()

    def wanted() -> bool:
        asked.set()
        return False

    source = {"pdf": deck_pdf, "pptx": deck_file}[ending]
    if ending == "pdf":  # long enough to be asked about
        source = empty_pages(tmp_path / "long.pdf", 400)
    made = [one for one in convert(source, source.name, tmp_path / "pages", wanted=wanted) if isinstance(one, PageMade)]
    assert asked.is_set()
    keys = {key for page in made for key in page.steps}
    assert {file.name.rpartition("-")[0] for file in (tmp_path / "pages").iterdir()} == keys


def test_whoever_stops_listening_leaves_nothing_behind(deck_file: Path, tmp_path: Path) -> None:
    results = convert(deck_file, deck_file.name, tmp_path / "pages")
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert list((tmp_path / "pages").iterdir()) == []


def test_leftovers_of_a_killed_conversion_are_cleared(deck_pdf: Path, tmp_path: Path) -> None:
    stale = tmp_path / "work-of-yesterday"
    stale.mkdir()
    (stale / "piece0.pptx").write_bytes(b"x")
    converted(deck_pdf, tmp_path)
    assert not stale.exists()
