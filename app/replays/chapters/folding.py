"""Chapters from pages and edits. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.replays.chapters.models import ChapterEdit, Deed


@dataclass(frozen=True)
class Moment:
    """A point of the lesson worth jumping to."""

    at_ms: int
    label: str
    page: int | None = None
    """Number of the page that was shown then. `None` means that no page belongs to it."""
    thumb: str = ""
    """Address of the page's small picture; empty where there is none."""
    is_chapter: bool = False
    """A chapter begins. Otherwise the lesson itself took a turn."""
    hidden: bool = False
    """Only presenters see it."""
    names: bool = False
    """Its label names a learner."""


def folded(pages: Sequence[Moment], edits: Iterable[ChapterEdit]) -> list[Moment]:
    """Return the chapters in order.

    Args:
        pages: what stood for a while, as chapters.
        edits: what presenters did, in order. An edit of a chapter that is not there changes nothing.
    """
    chapters = {page.at_ms: page for page in pages}
    for edit in edits:
        at_ms = edit.at_ms
        if edit.deed is Deed.ADDED:
            before = max((page for page in pages if page.at_ms <= at_ms), key=lambda page: page.at_ms, default=None)
            chapters[at_ms] = Moment(at_ms, edit.title, thumb=before.thumb if before else "", is_chapter=True)
        elif at_ms not in chapters:
            continue
        elif edit.deed is Deed.NAMED:
            chapters[at_ms] = replace(chapters[at_ms], label=edit.title)
        elif edit.deed is Deed.MERGED:
            del chapters[at_ms]
        else:
            chapters[at_ms] = replace(chapters[at_ms], hidden=edit.deed is Deed.HIDDEN)
    return sorted(chapters.values(), key=lambda chapter: chapter.at_ms)
