"""What a page cannot show is there, or is said: forms, seals, equations, fonts, and kinds of files."""

from __future__ import annotations

import io
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from PIL import Image

from app.documents import formats
from app.documents.convert import FindingKind, Problem
from app.documents.convert.markup import parse
from app.documents.convert.needs import EQUATIONS, FONT, SIGN, missing, needs_of
from app.documents.convert.office import Fonts, Office, find_office, fonts_for, has_math
from tests.documents import decks
from tests.documents.pages import converted, problem

CASES = Path(__file__).parent / "cases"
FORM = b"""%PDF-1.7
1 0 obj <</Type/Catalog/Pages 2 0 R/NeedsRendering true/AcroForm<</Fields[]/XFA 5 0 R>>>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R
 /Resources<</Font<</F <</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>> endobj
4 0 obj <</Length 44>> stream
BT /F 12 Tf 20 100 Td (Please wait...) Tj ET
endstream endobj
5 0 obj <</Length 10>> stream
<xdp></xdp>
endstream endobj
trailer <</Root 1 0 R>>
%%EOF
"""


def darkness(picture: Image.Image, box: tuple[float, float, float, float]) -> float:
    """Return the share of a part of a page that is not white. The box is in fractions of its sides."""
    sides = (picture.width, picture.height) * 2
    part = picture.crop(tuple(round(at * side) for at, side in zip(box, sides, strict=True))).convert("L")
    return sum(part.histogram()[:230]) / (part.width * part.height)


def test_a_seal_is_drawn(tmp_path: Path) -> None:
    page = converted(CASES / "seal.pdf", tmp_path).picture(1)
    assert darkness(page, (350 / 595, 1 - 280 / 842, 510 / 595, 1 - 120 / 842)) > 0.05


def test_what_was_filled_into_a_form_is_drawn(tmp_path: Path) -> None:
    with_form = converted(CASES / "form_ap.pdf", tmp_path).picture(1)
    plain = tmp_path / "plain.pdf"
    plain.write_bytes((CASES / "form_ap.pdf").read_bytes().replace(b"/AcroForm", b"/AcroFarm"))
    without = converted(plain, tmp_path).picture(1)
    assert darkness(with_form, (0, 0, 1, 1)) > darkness(without, (0, 0, 1, 1))


def test_a_form_that_only_says_please_wait_is_said_to_be_one(tmp_path: Path) -> None:
    file = tmp_path / "form.pdf"
    file.write_bytes(FORM)
    assert problem(file, tmp_path) is Problem.DYNAMIC_FORM
    file.write_bytes(FORM.replace(b"Please wait...", b"A real page..."))
    assert len(converted(file, tmp_path).pages) == 1


def test_equations_are_drawn(tmp_path: Path) -> None:
    made = converted(CASES / "math.pptx", tmp_path)
    assert made.found(FindingKind.EQUATIONS_LEFT_OUT) is None
    assert darkness(made.picture(1), (0.15, 0.3, 0.9, 0.6)) > 0.001


def test_without_libreoffice_math_the_pages_of_equations_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.documents.convert.conversion.has_math", lambda _office: False)
    assert converted(CASES / "math.pptx", tmp_path).found(FindingKind.EQUATIONS_LEFT_OUT) == (1,)


def test_fonts_and_characters_that_are_not_here_are_said_with_their_pages(tmp_path: Path) -> None:
    deck = decks.new_deck()
    for words, font in (("讲义 💡", "Noto Sans CJK SC"), ("\U0002ebf0 \U0001fa77", ""), ("宋体", "华文没有宋")):
        decks.titled(deck, words).shapes.title.text_frame.paragraphs[0].runs[0].font.name = font or None
    file = tmp_path / "deck.pptx"
    deck.save(file)
    made = converted(file, tmp_path)
    assert made.found(FindingKind.CHARACTERS_LEFT_OUT) == (2,)
    assert made.found(FindingKind.FONTS_REPLACED) == (3,)


def test_fonts_as_wide_as_those_of_office_stand_in_for_them() -> None:
    def said(families: set[str]) -> set[FindingKind]:
        return {*missing({f"{FONT}Calibri": [1]}, math=True, families=families, signs=set())}

    assert said({"carlito"}) == said({"calibri"}) == set()
    assert said({"dejavu sans"}) == {FindingKind.FONTS_REPLACED}


def test_a_need_of_the_whole_file_names_no_pages() -> None:
    needs = {EQUATIONS: [], f"{SIGN}💡": [2, 1], f"{SIGN}💪": [3]}
    lacks = missing(needs, math=False, families=set(), signs={ord("A")})
    assert lacks == {FindingKind.EQUATIONS_LEFT_OUT: (), FindingKind.CHARACTERS_LEFT_OUT: (1, 2, 3)}


def test_theme_fonts_and_what_is_not_seen_are_no_needs() -> None:
    xml = '<p xmlns:a="urn:a"><a:latin typeface="+mn-lt"/><a:t>ABC\u200d\ufe0f\ue000</a:t></p>'
    assert needs_of(parse(xml.encode())) == set()


def test_this_machine_can_draw_what_the_tests_need() -> None:
    office = find_office()
    assert has_math(office)
    fonts = fonts_for(office)
    assert fonts.chinese
    assert fonts.emoji


def test_a_container_with_backslashes_is_shown(tmp_path: Path) -> None:
    assert len(converted(CASES / "backslash.docx", tmp_path).pages) >= 1
    deck, turned = tmp_path / "deck.pptx", tmp_path / "turned.pptx"
    made = decks.new_deck()
    decks.titled(made, "反斜杠")
    made.save(deck)
    with ZipFile(deck) as good, ZipFile(turned, "w", ZIP_DEFLATED) as bad:
        for name in good.namelist():
            bad.writestr(name.replace("/", "\\"), good.read(name))
    assert [page.text for page in converted(turned, tmp_path).pages] == ["反斜杠"]


@pytest.mark.parametrize("ending", ["pptm", "ppsm"])
def test_decks_with_macros_are_shown_and_the_macros_ignored(tmp_path: Path, ending: str) -> None:
    assert f".{ending}" in formats.TAKEN
    file = tmp_path / f"deck.{ending}"
    made = decks.new_deck()
    decks.titled(made, "有宏")
    made.save(file)
    kind = "presentation" if ending == "pptm" else "slideshow"
    changed = tmp_path / f"macro.{ending}"
    with ZipFile(file) as good, ZipFile(changed, "w") as out:
        for name in good.namelist():
            data = good.read(name)
            if name == "[Content_Types].xml":
                plain = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
                assert plain in data
                data = data.replace(plain, f"application/vnd.ms-powerpoint.{kind}.macroEnabled.main+xml".encode())
            out.writestr(name, data)
    assert len(converted(changed, tmp_path).pages) == 1


@pytest.mark.parametrize("ending", ["gif", "bmp", "tiff", "avif"])
@pytest.mark.parametrize("mode", ["RGB", "P", "L"])
def test_pictures_of_every_common_kind_are_a_page(tmp_path: Path, ending: str, mode: str) -> None:
    assert f".{ending}" in formats.TAKEN
    kept, picture = io.BytesIO(), Image.new("RGB", (64, 36), "#c00000")
    (picture if ending == "avif" else picture.convert(mode)).save(kept, ending.upper())
    file = tmp_path / f"picture.{ending}"
    file.write_bytes(kept.getvalue())
    red, green, _blue = converted(file, tmp_path).picture(1).getpixel((10, 10))
    assert (red > 150 and green < 60) or mode == "L"


def test_before_libreoffice_7_5_a_coloured_font_draws_nothing() -> None:
    old, new = (fonts_for(Office(Path("/x"), version)) for version in ("7.4.7.2", "24.2.1"))
    assert isinstance(old, Fonts)
    assert old.signs <= new.signs
