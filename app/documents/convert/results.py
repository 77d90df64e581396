"""Results of a conversion: finished pages, losses, or the reason why there are no pages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Problem(StrEnum):
    """Why a file cannot be shown. app/documents/problems.py has the sentences for each."""

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
    """Loss in a conversion that has made pages."""

    ANIMATIONS_SHOWN_COMPLETE = "animations_shown_complete"
    MEDIA_LEFT_OUT = "media_left_out"
    EXTERNAL_CONTENT_LEFT_OUT = "external_content_left_out"
    MACROS_IGNORED = "macros_ignored"
    EQUATIONS_LEFT_OUT = "equations_left_out"
    CHARACTERS_LEFT_OUT = "characters_left_out"
    FONTS_REPLACED = "fonts_replaced"


class Refused(Exception):
    """The file is not converted any further."""

    def __init__(self, problem: Problem, detail: str = "") -> None:
        super().__init__(f"{problem}: {detail}" if detail else str(problem))
        self.problem = problem
        self.detail = detail
        """For the log. People are told the problem's sentences."""


@dataclass(frozen=True)
class Outline:
    """Number of the pages to come."""

    pages: int


@dataclass(frozen=True)
class PageMade:
    """A page with all its pictures written."""

    number: int
    width: int
    height: int
    """Height of the large picture in px."""
    steps: tuple[str, ...]
    """Key of the picture of each step, the first before any build. Steps that look alike share one."""
    text: str
    notes: str


@dataclass(frozen=True)
class Finding:
    """A remark to people after the upload. Without pages it is about the whole file, or its place is unknown."""

    kind: FindingKind
    pages: tuple[int, ...] = ()


@dataclass(frozen=True)
class Limits:
    """Limits of one file. Measured on 2 cores: see docs/benchmarks.md, and tests/bench/part_documents.py."""

    file_bytes: int = 200_000_000
    pages: int = 1000
    builds: int = 60
    """Maximum steps of one page. A page with more is shown complete."""
    pictures: int = 3000
    """Maximum pages and steps of one file. Later builds are shown complete."""
    entries: int = 20_000
    """Maximum files within a zip container."""
    unfolded_bytes: int = 1_000_000_000
    markup_bytes: int = 64_000_000
    """Maximum of one XML file within a container. Its tree takes some ten times as much memory."""
    prepare_cpu_s: int = 60
    prepare_bytes: int = 800_000_000
    office_cpu_s: int = 120
    office_bytes: int = 1_500_000_000
    """Memory of LibreOffice. 200 pages with 24 MB of photographs need 500 MB in one piece."""
    page_cpu_s: int = 5
    render_bytes: int = 800_000_000
    """Memory of each drawer. A plain page needs 40 MB, a picture of 25 million pixels 400 MB."""
    patience: int = 4
    """Maximum ratio of seconds by the clock to seconds of CPU, because the programs yield to lessons on air."""
    whole_s: int = 1800
    """Maximum of the whole conversion, by the clock."""
