"""Writes copies of a presentation for LibreOffice: in pieces, and each step of a slide as a slide of its own.

LibreOffice tells nothing before it has drawn a whole file. With pieces the first pages are ready while it works on the
others. A piece holds the parts that its slides need, and none that are useless for a picture: no notes, animations,
films, macros, and no references to the outside.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from lxml import etree

from app.documents.convert.deck import KEPT_LINKS, MEDIA, Deck, Slide
from app.documents.convert.hiding import hide
from app.documents.convert.links import clean_office_xml
from app.documents.convert.markup import A, Element, P, R, drop, parse, written
from app.documents.convert.opc import (
    CONTENT_TYPES,
    Package,
    Relation,
    relations_file,
    relations_name,
    types_file,
)
from app.documents.convert.slide_numbers import (
    bring_shapes,
    numbered_shapes,
    remove_numbered_shapes,
    shows_shapes_behind,
    write_numbers,
)

FIRST, THEN = 4, 30
"""Maximum pictures in the first piece and in the later ones. Each piece costs LibreOffice another tenth of a second."""

SLIDE_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/slide"
MAIN = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
UNUSED = MEDIA | {
    "slide", "notesSlide", "notesMaster", "handoutMaster", "comments", "commentAuthors", "vbaProject", "customXml",
    "tags", "printerSettings", "attachedToolbars", "ctrlProp",
}  # fmt: skip
NOT_OF_MAIN = ("sldIdLst", "notesMasterIdLst", "handoutMasterIdLst", "custShowLst", "custDataLst", "extLst")
BEHIND = ("slideLayout+xml", "slideMaster+xml")
FILMS = ("videoFile", "audioFile", "quickTimeFile", "wavAudioFile", "audioCd")


def pieces_of(slides: Sequence[Slide]) -> Iterator[tuple[Slide, ...]]:
    """Yield the slides in pieces. No slide is in two."""
    piece: list[Slide] = []
    room = FIRST
    for slide in slides:
        if piece and sum(len(one.builds.hidden) for one in piece) + len(slide.builds.hidden) > room:
            yield tuple(piece)
            piece, room = [], THEN
        piece.append(slide)
    yield tuple(piece)


def write_piece(package: Package, deck: Deck, slides: Sequence[Slide], file: Path) -> None:
    """Write a presentation that has one slide for each step of these slides."""
    with ZipFile(file, "w", ZIP_STORED) as archive:
        _Piece(package, archive).write(deck, slides)


class _Piece:
    """A package under construction."""

    def __init__(self, package: Package, archive: ZipFile) -> None:
        self._package, self._archive = package, archive
        self._written: set[str] = set()
        self._types: dict[str, str] = {}
        self._behind: dict[str, Element] = {}

    def write(self, deck: Deck, slides: Sequence[Slide]) -> None:
        relations = self._kept(deck.main)
        shown: list[Relation] = []
        for slide in slides:
            for part in self._write_steps(slide):
                shown.append(Relation(f"rIdStep{len(shown)}", SLIDE_TYPE, part, external=False))
        main = _main_part(parse(self._package.read(deck.main)), [one.id for one in shown])
        self._put(deck.main, written(main), MAIN, [*relations, *shown])
        office = f"{SLIDE_TYPE.rpartition('/')[0]}/officeDocument"
        self._archive.writestr(
            relations_name(""), relations_file([Relation("rId1", office, deck.main, external=False)])
        )
        self._archive.writestr(CONTENT_TYPES, types_file(self._package.defaults, self._types))

    def _write_steps(self, slide: Slide) -> Iterator[str]:
        root = parse(self._package.read(slide.part))
        relations = self._kept(slide.part)
        _make_plain(root)
        bring_shapes(root, self._numbered_behind(slide.part, root))
        write_numbers(root, slide.number)
        for step, hidden in enumerate(slide.builds.hidden):
            shown = deepcopy(root) if len(slide.builds.hidden) > 1 else root
            hide(shown, hidden)
            folder, name = posixpath.split(slide.part)
            part = posixpath.join(folder, f"step{step}-{name}")
            self._put(part, written(shown), self._type_of(slide.part), relations)
            yield part

    def _numbered_behind(self, part: str, root: Element) -> list[Element]:
        """Return the shapes with the slide's number in its layout and its master, from back to front."""
        shapes: list[Element] = []
        for kind in ("slideLayout", "slideMaster"):
            part = next((one.target for one in self._package.relations(part) if one.kind == kind), "")
            if not part or not shows_shapes_behind(root):
                break
            if part not in self._behind:
                self._behind[part] = parse(self._package.read(part))
            root = self._behind[part]
            shapes = numbered_shapes(root) + shapes
        return shapes

    def _kept(self, part: str) -> list[Relation]:
        """Return the relations that a part keeps, and write their targets. Jumps to other slides lead nowhere."""
        kept = [
            one
            for one in self._package.relations(part)
            if (one.external and one.kind in KEPT_LINKS) or (not one.external and one.kind not in UNUSED)
        ]
        for one in kept:
            if not one.external and one.target not in self._written and self._package.has(one.target):
                self._copy(one.target)
        return kept

    def _copy(self, part: str) -> None:
        self._written.add(part)
        data = self._package.read(part)
        kind = self._type_of(part)
        if part.lower().endswith(".vml"):
            root = parse(data)
            clean_office_xml(root)
            data = written(root)
        elif kind.endswith(BEHIND) and remove_numbered_shapes(root := parse(data)):
            data = written(root)
        self._put(part, data, kind, self._kept(part))

    def _put(self, part: str, data: bytes, kind: str, relations: list[Relation]) -> None:
        self._archive.writestr(part, data)
        if kind:
            self._types[part] = kind
        if relations:
            self._archive.writestr(relations_name(part), relations_file(relations))

    def _type_of(self, part: str) -> str:
        return self._package.overrides.get(part.lower(), "")


def _main_part(root: Element, ids: Sequence[str]) -> Element:
    """Return the presentation's main part with these slides, and without references to others."""
    for name in NOT_OF_MAIN:
        for element in root.findall(f"{P}{name}"):
            drop(element)
    listed = etree.Element(f"{P}sldIdLst")
    for number, name in enumerate(ids, 256):  # 19.7.15: the smallest id of a slide
        etree.SubElement(listed, f"{P}sldId", {"id": str(number), f"{R}id": name})
    masters = root.find(f"{P}sldMasterIdLst")
    root.insert(0 if masters is None else root.index(masters) + 1, listed)
    return root


def _make_plain(slide: Element) -> None:
    """Remove animations and transitions."""
    for name in ("timing", "transition"):
        for element in list(slide.iter(f"{P}{name}")):
            drop(element)
    for element in list(slide.iter(*(f"{A}{name}" for name in FILMS))):
        drop(element)
