"""What people type, before it is stored."""

from __future__ import annotations

import unicodedata

UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Control characters, those that turn the direction of a line or have no width, halves of pairs, private and unassigned
ones: nobody types them, they let a line look like another one, and databases refuse some."""

JOINERS = "\u200c\u200d"
"""Of those without width, these are written: they hold the parts of an emoji together, and Persian letters apart."""


def one_line(text: str | None) -> str | None:
    """Make one line of what was typed: blanks and line breaks become single blanks, control characters go."""
    if text is None:
        return None
    return " ".join("".join(one for one in text if one.isspace() or _is_seen(one)).split())


def plain_text(text: str | None) -> str | None:
    """Take control characters out of a text of several lines."""
    if text is None:
        return None
    return "".join(one for one in text if one in "\n\t" or _is_seen(one)).strip()


def storable(text: str) -> str:
    """Take out what no database holds and JSON lets through: zeros, and halves of pairs (Unicode 3.8, surrogates)."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _is_seen(one: str) -> bool:
    return one in JOINERS or unicodedata.category(one) not in UNSEEN
