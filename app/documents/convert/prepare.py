"""Examines a file and prepares it for drawing. Runs as a child, which bears the harm of a hostile file.

It prints one JSON object: a plan, or {"problem": …}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from app.documents.convert.deck import Deck, NotOurWay, read_deck
from app.documents.convert.deck_copies import pieces_of, write_piece
from app.documents.convert.kinds import BROKEN_CONTAINER, Container, Kind, kind_of
from app.documents.convert.links import write_without_links
from app.documents.convert.markup import NotWellFormed, parse
from app.documents.convert.odf import pages_of
from app.documents.convert.opc import Package
from app.documents.convert.results import FindingKind, Limits, Problem, Refused

WRITER = {Kind.DOCX, Kind.DOC, Kind.ODT}


@dataclass
class Plan:
    """Orders to the parent. `way` is "pdf", "picture", or the part of LibreOffice, "impress" or "writer"."""

    way: str
    files: list[str] = field(default_factory=list)
    """Input of LibreOffice, in order."""
    pieces: list[list[int]] | None = None
    """For a presentation in pieces: number of steps of each page of each file."""
    texts: list[str] | None = None
    notes: list[str] = field(default_factory=list)
    findings: list[tuple[str, list[int]]] = field(default_factory=list)
    needs: dict[str, list[int]] = field(default_factory=dict)
    """Needs from the machine (`needs.py`) with their pages. No pages means anywhere."""

    def need(self, what: Iterable[str], page: int | None = None) -> None:
        """Note needs of a page, or of the file as a whole."""
        for one in what:
            pages = self.needs.setdefault(one, [])
            if page is not None:
                pages.append(page)

    def find(self, kind: FindingKind, pages: list[int] | None = None, *, anywhere: bool = False) -> None:
        """Note a loss, if there is one."""
        if pages or anywhere:
            self.findings.append((kind, pages or []))


def main(arguments: list[str]) -> None:
    """Read the task {"source", "work", "limits"} from the first argument, and print the plan."""
    task = json.loads(arguments[0])
    try:
        plan: dict[str, Any] = asdict(planned(Path(task["source"]), Path(task["work"]), Limits(**task["limits"])))
    except Refused as refused:
        plan = {"problem": refused.problem, "detail": refused.detail}
    except (*BROKEN_CONTAINER, NotWellFormed) as error:
        plan = {"problem": Problem.BROKEN, "detail": repr(error)}
    except (MemoryError, RecursionError):
        plan = {"problem": Problem.TOO_MUCH_MEMORY}
    sys.stdout.write(json.dumps(plan) + "\n")


def planned(source: Path, work: Path, limits: Limits) -> Plan:
    """Return the plan for a file, and write the input of LibreOffice into `work`.

    Raises:
        Refused: the file cannot be shown.
    """
    kind = kind_of(source, limits)
    if kind is Kind.PDF:
        return Plan("pdf")
    if kind is Kind.PICTURE:
        return Plan("picture")
    if kind in {Kind.PPT, Kind.DOC}:
        copy = work / f"whole.{kind}"
        copy.symlink_to(source.resolve())
        return Plan("writer" if kind is Kind.DOC else "impress", [str(copy)])
    with Container(source) as archive:
        if kind is Kind.PPTX:
            try:
                return _of_deck(Package(archive), work, limits)
            except NotOurWay:
                pass  # LibreOffice may still know what to do with it
        return _of_whole(archive, kind, work)


def _of_deck(package: Package, work: Path, limits: Limits) -> Plan:
    deck = read_deck(package, limits)
    plan = Plan("impress", pieces=[], texts=[one.text for one in deck.slides], notes=[one.notes for one in deck.slides])
    for number, slides in enumerate(pieces_of(deck.slides)):
        file = work / f"piece{number}.pptx"
        write_piece(package, deck, slides, file)
        plan.files.append(str(file))
        assert plan.pieces is not None
        plan.pieces.append([len(one.builds.hidden) for one in slides])
    _note_findings(plan, deck)
    return plan


def _note_findings(plan: Plan, deck: Deck) -> None:
    pages = list(enumerate(deck.slides, 1))
    for page, slide in pages:
        plan.need(slide.needs, page)
    incomplete = [page for page, slide in pages if slide.builds.incomplete]
    plan.find(FindingKind.ANIMATIONS_SHOWN_COMPLETE, incomplete)
    plan.find(FindingKind.MEDIA_LEFT_OUT, [page for page, slide in pages if slide.has_media])
    plan.find(FindingKind.EXTERNAL_CONTENT_LEFT_OUT, [page for page, slide in pages if slide.has_external])
    plan.find(FindingKind.MACROS_IGNORED, anywhere=deck.has_macros)


def _of_whole(archive: ZipFile, kind: Kind, work: Path) -> Plan:
    plan = Plan("writer" if kind in WRITER else "impress", [str(work / f"whole.{kind}")])
    found = write_without_links(archive, Path(plan.files[0]))
    plan.need(found.needs)
    external: list[int] = []
    if kind is Kind.ODP:
        pages = list(enumerate(pages_of(parse(archive.read("content.xml"))), 1))
        plan.notes = [one.notes for _, one in pages]
        external = [page for page, one in pages if one.external]
        plan.find(FindingKind.ANIMATIONS_SHOWN_COMPLETE, [page for page, one in pages if one.animated])
        plan.find(FindingKind.MEDIA_LEFT_OUT, [page for page, one in pages if one.has_media])
    plan.find(FindingKind.EXTERNAL_CONTENT_LEFT_OUT, external, anywhere=found.external)
    plan.find(FindingKind.MACROS_IGNORED, anywhere=found.macros)
    return plan
