"""Search in the chapters, without an index: all of them together are a few hundred kilobytes.

Chinese has no blanks between words, so a question is cut into pairs of characters. A section is found if it has most of
the pairs; whole words count in other scripts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.kernel.markdown import as_words
from app.support.help.chapters import Chapter, Section, shelf

MOST_FOUND = 20
LEAST_SHARE = 0.6
"""Share of the pieces of a question that a section must have."""
IN_TITLE = 3
"""Times a piece counts that stands in a heading."""
PIECES = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")
EMPTY = re.compile(
    r"为什么|怎么样|如何|怎么|怎样|什么|可以|哪里|我的|我|\b(?:the|how|to|do|is|i|my|can|what|why|where)\b"
)
"""Words of questions that say nothing about their subject."""


@dataclass(frozen=True)
class Hit:
    """A section that answers a question."""

    chapter: Chapter
    section: Section
    excerpt: str


def find(question: str, language: str) -> list[Hit]:
    """Return the sections that answer a question, the best first."""
    pieces = _pieces(question)
    rated = [
        (rate, -number, chapter, section)
        for number, (chapter, section) in enumerate(_sections(language))
        if (rate := _rate(pieces, f"{chapter.title} {section.title}", section.text))
    ]
    rated.sort(key=lambda one: one[:2], reverse=True)
    return [Hit(chapter, section, as_words(section.text)) for _best, _number, chapter, section in rated[:MOST_FOUND]]


def _sections(language: str) -> list[tuple[Chapter, Section]]:
    return [(chapter, section) for chapter in shelf(language).values() for section in chapter.sections]


def _pieces(question: str) -> set[str]:
    found: set[str] = set()
    asked = question.casefold()
    for run in PIECES.findall(EMPTY.sub(" ", asked)) or PIECES.findall(asked):
        if run.isascii() or len(run) == 1:
            found.add(run)
        else:
            found.update(run[at : at + 2] for at in range(len(run) - 1))
    return found


def _rate(pieces: set[str], title: str, text: str) -> float:
    title, text = title.casefold(), text.casefold()
    in_title = {piece for piece in pieces if piece in title}
    found = in_title | {piece for piece in pieces if piece in text}
    if not pieces or len(found) < LEAST_SHARE * len(pieces):
        return 0
    return len(found) + IN_TITLE * len(in_title)
