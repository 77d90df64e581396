"""What people type, before it is stored."""

from __future__ import annotations

import unicodedata

UNSEEN = {"Cc", "Cs", "Co", "Cn"}
"""Control characters, halves of pairs, private and unassigned ones: nobody types them, and databases refuse some."""


def one_line(text: str | None) -> str | None:
    """Make one line of what was typed: blanks and line breaks become single blanks, control characters go."""
    if text is None:
        return None
    return " ".join("".join(one for one in text if one.isspace() or unicodedata.category(one) not in UNSEEN).split())


def plain_text(text: str | None) -> str | None:
    """Take control characters out of a text of several lines."""
    if text is None:
        return None
    return "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in UNSEEN).strip()
