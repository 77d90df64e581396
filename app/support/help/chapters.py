"""The chapters, as they stand in `texts/<language>/<key>.md`.

A file begins with `# Title` and a paragraph about the chapter. Each section begins with `## Heading {#anchor}`; the
anchors are the same in all languages, because pages lead to them. A line `![words](/pictures/name)` is a picture of the
running service, which `make help-pictures` makes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.kernel.markdown import as_html

TEXTS = Path(__file__).parent / "texts"

HEADING = re.compile(r"## (?P<title>.+?) \{#(?P<anchor>[a-z-]+)\}")
PICTURE = re.compile(r"!\[(?P<words>[^\]]+)\]\(/pictures/(?P<name>[a-z-]+)\)")


class Reader(StrEnum):
    """A kind of reader, with chapters of her own."""

    EVERYBODY = "everybody"
    LEARNER = "learner"
    TEACHER = "teacher"
    MANAGER = "manager"


READER_NAMES = {
    Reader.EVERYBODY: _l("For everybody"),
    Reader.LEARNER: _l("For learners"),
    Reader.TEACHER: _l("For teachers"),
    Reader.MANAGER: _l("For managers"),
}

KEYS: dict[Reader, tuple[str, ...]] = {
    Reader.EVERYBODY: ("questions", "account"),
    Reader.LEARNER: ("watching", "taking-part", "hours", "replays"),
    Reader.TEACHER: ("planning", "teaching", "slides", "class", "encoder", "afterwards"),
    Reader.MANAGER: ("roles", "people", "lessons", "hours-rules", "service"),
}
"""Chapters of each kind of reader, in the order of the screen."""


@dataclass(frozen=True)
class Picture:
    """A picture of the running service."""

    name: str
    words: str


@dataclass(frozen=True)
class Section:
    """A part of a chapter."""

    anchor: str
    title: str
    text: str
    """Markdown."""
    pictures: tuple[Picture, ...] = ()

    @property
    def html(self) -> Markup:
        """The text as HTML."""
        return as_html(self.text)


@dataclass(frozen=True)
class Chapter:
    """A page of help."""

    key: str
    reader: Reader
    title: str
    about: str
    """Markdown."""
    sections: tuple[Section, ...]

    @property
    def about_html(self) -> Markup:
        """The words about the chapter as HTML."""
        return as_html(self.about)


def shelf(language: str) -> dict[str, Chapter]:
    """Return all chapters of a language by key, in the order of the screen."""
    return _shelf(language, TEXTS.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _shelf(language: str, _stamp: int) -> dict[str, Chapter]:
    return {key: _read(language, key, reader) for reader, keys in KEYS.items() for key in keys}


def _read(language: str, key: str, reader: Reader) -> Chapter:
    """Read a chapter. Raises ValueError if its file does not have the agreed form."""
    head, *parts = re.split(
        r"^(?=## )", (TEXTS / language / f"{key}.md").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    title, _newline, about = head.partition("\n")
    if not title.startswith("# "):
        raise ValueError(f"{language}/{key}.md does not begin with its title")
    return Chapter(key, reader, title.removeprefix("# "), about.strip(), tuple(_section(one, key) for one in parts))


def _section(part: str, key: str) -> Section:
    first, _newline, text = part.partition("\n")
    heading = HEADING.fullmatch(first.strip())
    if heading is None:
        raise ValueError(f"{key}.md has a heading without an anchor: {first}")
    pictures = tuple(Picture(found["name"], found["words"]) for found in PICTURE.finditer(text))
    return Section(heading["anchor"], heading["title"], PICTURE.sub("", text).strip(), pictures)
