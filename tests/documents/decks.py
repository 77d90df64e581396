"""Presentations for the tests, with slides of python-pptx, and animations in the form of PowerPoint."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree
from PIL import Image
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.util import Emu, Inches, Pt

P = "http://schemas.openxmlformats.org/presentationml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
CLICK, WITH, AFTER = "clickEffect", "withEffect", "afterEffect"
WIDE, NARROW, UPRIGHT = (13.333, 7.5), (10.0, 7.5), (7.5, 13.333)
"""Sizes of slides in inches."""

RED, GREEN, BLUE = (200, 30, 30), (30, 150, 60), (30, 60, 200)


@dataclass(frozen=True)
class Effect:
    """One animation of a shape."""

    start: str
    shape: int
    kind: str = "entr"
    within: str = ""
    """XML of the part of the shape that is animated."""
    behind: str = ""
    """XML of the effects after it (subTnLst)."""


def paragraph(index: int, last: int | None = None) -> str:
    return f'<p:txEl><p:pRg st="{index}" end="{index if last is None else last}"/></p:txEl>'


def animate(slide: Any, effects: Sequence[Effect], *, trigger: int | None = None) -> None:
    """Add animations to a slide, in the order in which they happen."""
    body = "".join(_effect(number, effect) for number, effect in enumerate(effects, 10))
    sequence = (
        '<p:seq concurrent="1" nextAc="seek"><p:cTn id="2" dur="indefinite" nodeType="mainSeq"><p:childTnLst>'
        f"{body}</p:childTnLst></p:cTn></p:seq>"
    )
    if trigger is not None:
        sequence += (
            '<p:seq concurrent="1" nextAc="seek"><p:cTn id="900" restart="whenNotActive" fill="hold" '
            f'nodeType="interactiveSeq"><p:childTnLst>{_effect(901, Effect(CLICK, trigger))}</p:childTnLst></p:cTn>'
            "</p:seq>"
        )
    xml = (
        f'<p:timing xmlns:p="{P}" xmlns:a="{A}"><p:tnLst><p:par><p:cTn id="1" dur="indefinite" restart="never" '
        f'nodeType="tmRoot"><p:childTnLst>{sequence}</p:childTnLst></p:cTn></p:par></p:tnLst></p:timing>'
    )
    slide._element.append(etree.fromstring(xml))


def _effect(number: int, effect: Effect) -> str:
    there = "visible" if effect.kind == "entr" else "hidden"
    change = (
        f'<p:set><p:cBhvr><p:cTn id="{number}5" dur="1" fill="hold"/><p:tgtEl><p:spTgt spid="{effect.shape}">'
        f"{effect.within}</p:spTgt></p:tgtEl><p:attrNameLst><p:attrName>style.visibility</p:attrName></p:attrNameLst>"
        f'</p:cBhvr><p:to><p:strVal val="{there}"/></p:to></p:set>'
    )
    return (
        f'<p:par><p:cTn id="{number}1" fill="hold"><p:stCondLst><p:cond delay="indefinite"/></p:stCondLst>'
        f'<p:childTnLst><p:par><p:cTn id="{number}2" fill="hold"><p:childTnLst>'
        f'<p:par><p:cTn id="{number}3" presetID="10" presetClass="{effect.kind}" presetSubtype="0" fill="hold" '
        f'nodeType="{effect.start}"><p:stCondLst><p:cond delay="0"/></p:stCondLst>'
        f"<p:childTnLst>{change}</p:childTnLst>{effect.behind}</p:cTn></p:par>"
        "</p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn></p:par>"
    )


def new_deck(size: tuple[float, float] = WIDE) -> Any:
    """Return a new presentation, with the size of its slides in inches."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(size[0]), Inches(size[1])
    for layout in deck.slide_layouts:  # the template is 4:3
        for shape in layout.placeholders:
            _stretch(shape, size)
    for shape in deck.slide_master.placeholders:
        _stretch(shape, size)
    return deck


def _stretch(shape: Any, size: tuple[float, float]) -> None:
    own = shape._element.spPr.find(f"{{{A}}}xfrm")
    if own is not None:
        place = [shape.left, shape.top, shape.width, shape.height]
        across, down = size[0] / 10, size[1] / 7.5
        left, top, width, height = (
            Emu(int(side * factor)) for side, factor in zip(place, (across, down, across, down), strict=True)
        )
        shape.left, shape.top, shape.width, shape.height = left, top, width, height


def titled(deck: Any, title: str, *, layout: int = 5) -> Any:
    """Return a new slide with a title and nothing else (layout 5), or with a body (layout 1)."""
    slide = deck.slides.add_slide(deck.slide_layouts[layout])
    slide.shapes.title.text = title
    return slide


def bullets(slide: Any, lines: Sequence[str], *, numbered: bool = False) -> Any:
    """Write the lines into the slide's body, and return it."""
    body = slide.placeholders[1]
    body.text_frame.text = lines[0]
    for line in lines[1:]:
        body.text_frame.add_paragraph().text = line
    for one in body.text_frame.paragraphs:
        one.font.size = Pt(24)
        if numbered:
            etree.SubElement(one._p.get_or_add_pPr(), f"{{{A}}}buFont", typeface="+mj-lt")
            etree.SubElement(one._p.get_or_add_pPr(), f"{{{A}}}buAutoNum", type="arabicPeriod")
    return body


def colour_bullets(body: Any, colour: str) -> None:
    """Set a colour for bullets, as templates do: in the list style and not in each line."""
    style = body._element.txBody.find(f"{{{A}}}lstStyle")
    level = etree.SubElement(style, f"{{{A}}}lvl1pPr")
    etree.SubElement(etree.SubElement(level, f"{{{A}}}buClr"), f"{{{A}}}srgbClr", val=colour)


def box(shapes: Any, left: float, top: float, colour: tuple[int, int, int], size: float = 1.5, text: str = "") -> Any:
    """Return a new square without a shadow. Lengths are inches."""
    shape = shapes.add_shape(1, Inches(left), Inches(top), Inches(size), Inches(size))
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor(*colour)
    shape.line.fill.background()
    shape.shadow.inherit = False
    shape.text_frame.text = text
    return shape


def photo(slide: Any, left: float, top: float, width: float, colour: tuple[int, int, int] = GREEN) -> Any:
    """Return a new PNG picture on a slide. Lengths are inches."""
    data = io.BytesIO()
    Image.new("RGB", (300, 200), colour).save(data, "PNG")
    data.seek(0)
    return slide.shapes.add_picture(data, Inches(left), Inches(top), Inches(width))


def add_slide_number(slide: Any, *, left: float = 0, placeholder: bool = True) -> None:
    """Add the field with a slide's number, as PowerPoint copies it from the layout, or in a box of its own."""
    place = f'<a:xfrm><a:off x="{Inches(left)}" y="{Inches(5)}"/><a:ext cx="2000000" cy="1000000"/></a:xfrm>'
    mark = '<p:ph type="sldNum" sz="quarter" idx="12"/>' if placeholder else ""
    shape = "" if placeholder else f'{place}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    xml = (
        f'<p:sp xmlns:p="{P}" xmlns:a="{A}"><p:nvSpPr><p:cNvPr id="77" name="Number"/><p:cNvSpPr/><p:nvPr>'
        f"{mark}</p:nvPr></p:nvSpPr>"
        f"<p:spPr>{shape}</p:spPr><p:txBody><a:bodyPr/><a:p>"
        '<a:fld id="{C1FF6DA9-008F-8B48-92A6-B652298478BF}" type="slidenum"><a:rPr sz="6000"/><a:t>‹#›</a:t></a:fld>'
        "</a:p></p:txBody></p:sp>"
    )
    slide.shapes._spTree.append(etree.fromstring(xml))


def hide_slide(slide: Any) -> None:
    slide._element.set("show", "0")
