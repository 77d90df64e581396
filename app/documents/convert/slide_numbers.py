"""Numbers of slides. Fields would count the steps and begin anew in each piece, so the number itself is written.

Fields stand on the slides, and in shapes that layouts and masters show on every slide. Those shapes are moved onto
the slides, beneath all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy

from lxml import etree

from app.documents.convert.markup import A, Element, P, R, drop

FIRST_ID = 900_000
"""First id of moved shapes. No slide has so many of its own."""


def write_numbers(tree: Element, number: int) -> None:
    """Write a slide's number in place of the fields."""
    for field in list(tree.iter(f"{A}fld")):
        if field.get("type") == "slidenum":
            _write_number(field, number)


def numbered_shapes(layout: Element) -> list[Element]:
    """Return the shapes of a layout or master that show the number on every slide.

    Placeholders do not: their visible parts are on the slide. Shapes that refer to other parts are left out.
    """
    tree = layout.find(f"{P}cSld/{P}spTree")
    return [] if tree is None else [shape for shape in tree if _has_number(shape) and not _is_bound(shape)]


def remove_numbered_shapes(layout: Element) -> bool:
    """Remove those shapes. Return whether there were any."""
    shapes = numbered_shapes(layout)
    for shape in shapes:
        drop(shape)
    return bool(shapes)


def bring_shapes(slide: Element, shapes: Sequence[Element]) -> None:
    """Copy shapes of a layout or master onto a slide, beneath its own."""
    tree = slide.find(f"{P}cSld/{P}spTree")
    if tree is None:
        return
    place = sum(child.tag in {f"{P}nvGrpSpPr", f"{P}grpSpPr"} for child in tree)
    for shape in reversed(shapes):
        moved = deepcopy(shape)
        for number, mark in enumerate(moved.iter(f"{P}cNvPr")):
            mark.set("id", str(FIRST_ID + number))  # the slide's builds refer to its own shapes
        tree.insert(place, moved)


def shows_shapes_behind(part: Element) -> bool:
    """Return whether a slide or layout shows the shapes of its layout or master."""
    return part.get("showMasterSp") not in {"0", "false"}


def _has_number(shape: Element) -> bool:
    return any(field.get("type") == "slidenum" for field in shape.iter(f"{A}fld"))


def _is_bound(shape: Element) -> bool:
    return next(shape.iter(f"{P}ph"), None) is not None or any(_references(shape))


def _references(shape: Element) -> Iterator[bool]:
    return (str(name).startswith(R) for element in shape.iter() for name in element.attrib)


def _write_number(field: Element, number: int) -> None:
    run = etree.Element(f"{A}r")
    properties = field.find(f"{A}rPr")
    if properties is not None:
        run.append(properties)
    etree.SubElement(run, f"{A}t").text = str(number)
    run.tail = field.tail
    parent = field.getparent()
    if parent is not None:
        parent.replace(field, run)
