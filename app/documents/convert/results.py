"""What a conversion gives: pages as they are ready, what was left out, or why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Problem(StrEnum):
    """Why a file cannot be shown; each has its sentences in app/documents/problems.py."""

    EMPTY = "empty"
    UNKNOWN_KIND = "unknown_kind"
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    TOO_LARGE = "too_large"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_SLOW = "too_slow"
    TOO_MUCH_MEMORY = "too_much_memory"
    NO_OFFICE = "no_office"
    DYNAMIC_FORM = "dynamic_form"
    NO_ROOM = "no_room"


class FindingKind(StrEnum):
    """What was not taken over although the pages are there."""

    ANIMATIONS_SHOWN_COMPLETE = "animations_shown_complete"
    MEDIA_LEFT_OUT = "media_left_out"
    EXTERNAL_CONTENT_LEFT_OUT = "external_content_left_out"
    MACROS_IGNORED = "macros_ignored"
    EQUATIONS_LEFT_OUT = "equations_left_out"
    CHARACTERS_LEFT_OUT = "characters_left_out"
    FONTS_REPLACED = "fonts_replaced"


class Refused(Exception):
    """This file is not converted any further."""

    def __init__(self, problem: Problem, detail: str = "") -> None:
        super().__init__(f"{problem}: {detail}" if detail else str(problem))
        self.problem = problem
        self.detail = detail
        """For the log; people are told the problem's sentences."""


@dataclass(frozen=True)
class Outline:
    """How many pages there will be."""

    pages: int


@dataclass(frozen=True)
class PageMade:
    """A page whose pictures are all written."""

    number: int
    width: int
    height: int
    """Of the large picture, px."""
    steps: tuple[str, ...]
    """A picture's key for each step, the first before any build; steps that look alike share one."""
    text: str
    notes: str


@dataclass(frozen=True)
class Finding:
    """What people are told after the upload; no pages = of the whole file, or it is not known where."""

    kind: FindingKind
    pages: tuple[int, ...] = ()


@dataclass(frozen=True)
class Limits:
    """What a file may cost. Measured on 2 cores: see docs/benchmarks.md, and tests/bench/part_documents.py."""

    file_bytes: int = 200_000_000
    pages: int = 1000
    builds: int = 60
    """Steps of one page; a page with more is shown complete."""
    pictures: int = 3000
    """Pages and steps of one file; builds behind that are shown complete."""
    entries: int = 20_000
    """Files within a zip container."""
    unfolded_bytes: int = 1_000_000_000
    markup_bytes: int = 64_000_000
    """One XML file within a container; a tree of it takes some ten times as much memory."""
    prepare_cpu_s: int = 60
    prepare_bytes: int = 800_000_000
    office_cpu_s: int = 120
    office_bytes: int = 1_500_000_000
    """200 pages with 24 MB of photographs need 500 MB in one piece."""
    page_cpu_s: int = 5
    render_bytes: int = 800_000_000
    """Each of the two that draw; a plain page needs 40 MB, a picture of 25 million pixels 400 MB."""
    patience: int = 4
    """How much longer than its seconds of CPU something may take by the clock: it yields to lessons on air."""
    whole_s: int = 1800
    """The whole conversion, by the clock."""
