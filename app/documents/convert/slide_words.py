"""Text of a slide for people who hear it: the title first, then all else in the order of reading."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.documents.convert.markup import A, Element, P
from app.documents.convert.words import cleaned

TITLES = {"title", "ctrTitle"}
FURNITURE = {"sldNum", "dt", "ftr", "hdr"}
A_FILE_NAME = re.compile(r"^[^\n]{1,200}\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp)$", re.IGNORECASE)
"""A file name, which programs write in place of an alternative text."""
CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"


def text_of(slide: Element) -> str:
    """Return a slide's text, with pictures as their alternative text in brackets."""
    tree = slide.find(f"{P}cSld/{P}spTree")
    if tree is None:
        return ""
    shapes = list(_shapes(tree))
    titles = [shape for shape in shapes if _place(shape) in TITLES]
    rest = [shape for shape in shapes if _place(shape) not in TITLES | FURNITURE]
    return cleaned("\n".join(_said(shape) for shape in (*titles, *rest)))


def notes_of(notes: Element) -> str:
    """Return the text of a page of notes, without the small slide and its number."""
    tree = notes.find(f"{P}cSld/{P}spTree")
    shapes = _shapes(tree) if tree is not None else ()
    return cleaned("\n".join(_paragraphs(shape) for shape in shapes if _place(shape) == "body"))


def _shapes(tree: Element) -> Iterator[Element]:
    """Yield shapes, also those in groups. Of alternatives the first one counts."""
    for child in tree:
        if child.tag == f"{P}grpSp":
            yield from _shapes(child)
        elif child.tag == CHOICE:
            if len(child):
                yield from _shapes(child[0])
        elif child.tag in {f"{P}sp", f"{P}pic", f"{P}graphicFrame"}:
            yield child


def _place(shape: Element) -> str:
    """Return the purpose of a placeholder, "" for other shapes."""
    place = shape.find(f"./*/{P}nvPr/{P}ph")
    return "" if place is None else str(place.get("type", "obj"))


def _said(shape: Element) -> str:
    if rows := list(shape.iter(f"{A}tr")):
        return "\n".join(
            " | ".join(_paragraphs(cell).replace("\n", " ") for cell in row.iter(f"{A}tc")) for row in rows
        )
    return _paragraphs(shape) or _described(shape)


def _paragraphs(shape: Element) -> str:
    return "\n".join(_line(paragraph) for paragraph in shape.iter(f"{A}p"))


def _line(paragraph: Element) -> str:
    said = []
    for part in paragraph.iter(f"{A}t", f"{A}br"):
        owner = part.getparent()
        if part.tag == f"{A}br":
            said.append("\n")
        elif owner is not None and owner.tag == f"{A}fld" and owner.get("type") == "slidenum":
            continue
        else:
            said.append(part.text or "")
    return "".join(said)


def _described(shape: Element) -> str:
    mark = next(shape.iter(f"{P}cNvPr"), None)
    words = (mark.get("descr") or "").strip() if mark is not None else ""
    return f"[{words}]" if words and not A_FILE_NAME.match(words) else ""
