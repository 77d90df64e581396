"""Needs of an office file from the machine to look as it does elsewhere. LibreOffice does not report missing ones."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from app.documents.convert.markup import Element
from app.documents.convert.results import FindingKind

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
FORMULA = "application/vnd.oasis.opendocument.formula"
FONT_ELEMENTS = ("{*}latin", "{*}ea", "{*}rFonts", "{*}font-face")
FONT_ATTRIBUTES = {"typeface", "ascii", "hAnsi", "eastAsia", "font-family"}

EQUATIONS, FONT, SIGN = "equations", "font:", "sign:"
MOST = 300
"""Maximum needs of one page. A page with more fonts or rare characters is judged by these."""
COMMON = {"中": range(0x4E00, 0x9FA6), "あ": range(0x3041, 0x3100), "한": range(0xAC00, 0xD7A4)}
"""Blocks that a font has as a whole or not at all, so that one character stands for all."""
STAND_INS = {
    "arial": "liberation sans",
    "times new roman": "liberation serif",
    "courier new": "liberation mono",
    "calibri": "carlito",
    "cambria": "caladea",
}
"""Fonts with letters of the same width, so that nothing moves (fontconfig's 30-metric-aliases.conf)."""


def needs_of(root: Element) -> set[str]:
    """Return the needs of a part of an office file: equations, and fonts and characters with their prefixes."""
    found = {*_some(f"{FONT}{name}" for name in _fonts(root))}
    found |= {*_some(f"{SIGN}{one}" for one in _signs("".join(map(str, root.itertext()))))}
    if next(root.iter(MATH), None) is not None:
        found.add(EQUATIONS)
    return found


def missing(
    needs: Mapping[str, Sequence[int]], *, math: bool, families: set[str], signs: set[int]
) -> dict[FindingKind, tuple[int, ...]]:
    """Return the needs that this machine does not meet, with their pages. No pages means the whole file.

    Args:
        needs: the file's needs with their pages.
        math: whether LibreOffice can draw equations.
        families: names of the installed fonts, in small letters.
        signs: the characters that they can draw.
    """
    pages: dict[FindingKind, list[Sequence[int]]] = {}
    for what, where in needs.items():
        if what == EQUATIONS and not math:
            pages.setdefault(FindingKind.EQUATIONS_LEFT_OUT, []).append(where)
        elif what.startswith(SIGN) and ord(what[-1]) not in signs:
            pages.setdefault(FindingKind.CHARACTERS_LEFT_OUT, []).append(where)
        elif what.startswith(FONT) and not _is_here(what.removeprefix(FONT).casefold(), families):
            pages.setdefault(FindingKind.FONTS_REPLACED, []).append(where)
    return {kind: tuple(sorted({*sum(map(tuple, all_), ())})) if all(all_) else () for kind, all_ in pages.items()}


def _is_here(font: str, families: set[str]) -> bool:
    return font in families or STAND_INS.get(font) in families


def _fonts(root: Element) -> Iterator[str]:
    for element in root.iter(*FONT_ELEMENTS):
        for name, value in element.attrib.items():
            font = str(value).strip("'\" ")
            if str(name).rpartition("}")[2] in FONT_ATTRIBUTES and font and not font.startswith("+"):
                yield font[:80]


def _signs(text: str) -> Iterator[str]:
    for one in {*text}:
        if one.isascii() or unicodedata.category(one) in {"Cc", "Cf", "Mn", "Me", "Co", "Zs", "Zl", "Zp"}:
            continue  # every font has it, or it is not drawn alone; symbol fonts fill the private area as they like
        yield next((stands for stands, block in COMMON.items() if ord(one) in block), one)


def _some(names: Iterator[str]) -> list[str]:
    return sorted({*names})[:MOST]
