"""A presentation in ODF apart from its pictures: notes, and whether it has animations (ODF 1.3 part 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.documents.convert.links import ELSEWHERE, LINKS_OF_PEOPLE, XLINK
from app.documents.convert.markup import Element
from app.documents.convert.words import cleaned

NAMES = "urn:oasis:names:tc:opendocument:xmlns"
DRAW, PRESENTATION, STYLE, TEXT = (f"{{{NAMES}:{name}:1.0}}" for name in ("drawing", "presentation", "style", "text"))


@dataclass(frozen=True)
class OdfPage:
    """A page of the show."""

    notes: str
    animated: bool
    external: bool
    has_media: bool


def pages_of(content: Element) -> list[OdfPage]:
    """Return the pages of content.xml in order, without hidden ones."""
    hidden = set(_hidden_styles(content))
    return [
        OdfPage(
            notes=cleaned("\n".join("".join(map(str, line.itertext())) for line in _note_lines(page))),
            animated=any(one.get(f"{PRESENTATION}preset-class") for one in page.iter()),
            external=any(_leads_elsewhere(one) for one in page.iter()),
            has_media=next(page.iter(f"{DRAW}plugin"), None) is not None,
        )
        for page in content.iter(f"{DRAW}page")
        if page.get(f"{DRAW}style-name") not in hidden
    ]


def _leads_elsewhere(element: Element) -> bool:
    return element.tag not in LINKS_OF_PEOPLE and bool(ELSEWHERE.match(element.get(XLINK, "")))


def _note_lines(page: Element) -> Iterator[Element]:
    for notes in page.findall(f"{PRESENTATION}notes"):
        for frame in notes.iter(f"{DRAW}frame"):
            if frame.get(f"{PRESENTATION}class") == "notes":
                yield from frame.iter(f"{TEXT}p", f"{TEXT}h")


def _hidden_styles(content: Element) -> Iterator[str]:
    for style in content.iter(f"{STYLE}style"):
        for properties in style.iter(f"{STYLE}drawing-page-properties"):
            if properties.get(f"{PRESENTATION}visibility") == "hidden":
                yield style.get(f"{STYLE}name", "")
