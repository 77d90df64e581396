"""Hides parts of a slide without moving the others."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from app.documents.convert.builds import Target
from app.documents.convert.markup import A, Element, P, drop

SHAPES = {f"{P}{name}" for name in ("sp", "pic", "grpSp", "graphicFrame", "cxnSp", "contentPart")}
COLOURS = {f"{A}{name}" for name in ("solidFill", "gradFill", "blipFill", "pattFill", "grpFill", "noFill")}
MARKS = {f"{A}{name}" for name in ("ln", "effectLst", "effectDag", "highlight", "uFill", "uFillTx", "uLn", "uLnTx")}
LINKS = {f"{A}hlinkClick", f"{A}hlinkMouseOver"}
"""Links. They are drawn in the theme's colour, whatever the colour of their text."""
BULLET_COLOURS = {f"{A}buClr", f"{A}buClrTx"}
BEFORE_BULLET_COLOUR = {f"{A}lnSpc", f"{A}spcBef", f"{A}spcAft"}


def hide(slide: Element, targets: Iterable[Target]) -> None:
    """Hide shapes, paragraphs and grounds. A missing target counts as hidden."""
    shapes: dict[str, list[Element]] = {}
    for mark in slide.iter(f"{P}cNvPr"):
        shape = mark.getparent().getparent() if mark.getparent() is not None else None  # type: ignore[union-attr]
        if shape is not None and shape.tag in SHAPES:
            shapes.setdefault(mark.get("id", ""), []).append(shape)
    for target in targets:
        for shape in shapes.get(target.shape, ()):
            if target.ground:
                _hide_ground(shape)
            elif target.paragraph is None:
                drop(shape)
            else:
                _hide_paragraph(shape, target.paragraph)


def _hide_ground(shape: Element) -> None:
    properties = shape.find(f"{P}spPr")
    if properties is None:
        return
    for child in list(properties):
        if child.tag in COLOURS | MARKS:
            properties.remove(child)
    outline = etree.Element(f"{A}ln")
    etree.SubElement(outline, f"{A}noFill")
    place = sum(child.tag in {f"{A}xfrm", f"{A}prstGeom", f"{A}custGeom"} for child in properties)
    for child in reversed((etree.Element(f"{A}noFill"), outline, etree.Element(f"{A}effectLst"))):
        properties.insert(place, child)


def _hide_paragraph(shape: Element, index: int) -> None:
    """Make a paragraph's letters fully transparent, so that it keeps its room and its number."""
    paragraphs = shape.findall(f"{P}txBody/{A}p")
    if index >= len(paragraphs):
        return
    paragraph = paragraphs[index]
    for run in paragraph.iter(f"{A}r", f"{A}fld"):
        _make_transparent(_properties(run, f"{A}rPr", place=0))
    properties = _properties(paragraph, f"{A}pPr", place=0)
    for child in list(properties):
        if child.tag in BULLET_COLOURS:
            properties.remove(child)
    for picture in properties.findall(f"{A}buBlip"):
        properties.replace(picture, etree.Element(f"{A}buChar", char=" "))
    place = sum(child.tag in BEFORE_BULLET_COLOUR for child in properties)
    properties.insert(place, etree.Element(f"{A}buClrTx"))  # the bullet has the colour of the letters


def _make_transparent(properties: Element) -> None:
    for child in list(properties):
        if child.tag in COLOURS | MARKS | LINKS:
            properties.remove(child)
    properties.set("u", "none")
    properties.set("strike", "noStrike")
    fill = etree.Element(f"{A}solidFill")
    etree.SubElement(etree.SubElement(fill, f"{A}srgbClr", val="FFFFFF"), f"{A}alpha", val="0")
    properties.insert(0, fill)


def _properties(element: Element, tag: str, *, place: int) -> Element:
    found = element.find(tag)
    if found is None:
        found = etree.Element(tag)
        element.insert(place, found)
    return found
