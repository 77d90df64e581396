"""Reads a presentation package: its slides in order, with their text and builds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.documents.convert.builds import Builds, builds_of
from app.documents.convert.markup import A, Element, P, R, parse
from app.documents.convert.needs import needs_of
from app.documents.convert.opc import Package, Relation
from app.documents.convert.results import Limits, Problem, Refused
from app.documents.convert.slide_words import notes_of, text_of

MEDIA = {"video", "audio", "media"}
KEPT_LINKS = {"hyperlink"}
"""Kinds of references that may lead outside: no program follows them while a page is drawn."""


class NotOurWay(Exception):
    """The presentation is better left to LibreOffice as it is (the strict dialect, or oddly built)."""


@dataclass(frozen=True)
class Slide:
    """A slide of the show."""

    part: str
    number: int
    """The number in its fields. Hidden slides are counted, and the first one may have any number."""
    text: str
    notes: str
    builds: Builds
    has_media: bool
    has_external: bool
    needs: frozenset[str]
    """See `needs.py`."""


@dataclass(frozen=True)
class Deck:
    """A presentation."""

    main: str
    slides: tuple[Slide, ...]
    has_macros: bool


def read_deck(package: Package, limits: Limits) -> Deck:
    """Return the slides of the show.

    Raises:
        NotOurWay: the package is no presentation as we know it.
        Refused: there is nothing to show, or too much.
    """
    try:
        main = package.main_part()
        root = parse(package.read(main))
        if root.tag != f"{P}presentation":
            raise NotOurWay
        relations = {one.id: one for one in package.relations(main)}
        listed = list(root.iterfind(f"{P}sldIdLst/{P}sldId"))
        if len(listed) > limits.pages:
            raise Refused(Problem.TOO_MANY_PAGES, f"{len(listed)} slides")
        first = int(root.get("firstSlideNum", "1"))
        slides = tuple(_slides(package, [relations[one.get(f"{R}id", "")].target for one in listed], first, limits))
    except (KeyError, ValueError) as error:
        raise NotOurWay from error
    if not slides:
        raise Refused(Problem.EMPTY, "no slide is shown")
    return Deck(main, slides, has_macros=any(one.kind == "vbaProject" for one in relations.values()))


def _slides(package: Package, parts: list[str], first: int, limits: Limits) -> Iterator[Slide]:
    left = limits.pictures - len(parts)
    for number, part in enumerate(parts, first):
        root = parse(package.read(part))
        if root.tag != f"{P}sld":
            raise NotOurWay
        if root.get("show") in {"0", "false"}:
            continue
        relations = package.relations(part)
        builds = builds_of(root, min(limits.builds, left + 1))
        left -= len(builds.hidden) - 1
        yield Slide(
            part=part,
            number=number,
            text=text_of(root),
            notes=_notes(package, relations),
            builds=builds,
            has_media=has_media(root),
            has_external=any(one.external and one.kind not in KEPT_LINKS | MEDIA for one in relations),
            needs=frozenset(needs_of(root)),
        )


def has_media(slide: Element) -> bool:
    """Return whether a slide has film or sound."""
    return next(slide.iter(f"{A}videoFile", f"{A}audioFile", f"{A}quickTimeFile", f"{A}wavAudioFile"), None) is not None


def _notes(package: Package, relations: list[Relation]) -> str:
    for one in relations:
        if one.kind == "notesSlide" and not one.external and package.has(one.target):
            return notes_of(parse(package.read(one.target)))
    return ""
