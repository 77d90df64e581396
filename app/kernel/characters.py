"""Characters that nobody types or reads. Pure: programs that read strangers' files import it without the app."""

from __future__ import annotations

import unicodedata

PASTED = frozenset("\u00ad\u200b\u2060\ufeff")
"""Soft hyphen, blanks without width, mark of an encoding. Nobody types or sees them, but pasting brings them along."""

TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates (UAX #9): they turn the text behind them, beyond the end of a name. A text of
several lines is a block of its own on every page and may have them, as pasted telephone numbers do."""


def is_no_text(one: str) -> bool:
    """Return whether a character is a control, a surrogate or a noncharacter (Unicode 23.7), even if tables are old."""
    number = ord(one)
    return unicodedata.category(one) in {"Cc", "Cs"} or 0xFDD0 <= number <= 0xFDEF or number & 0xFFFE == 0xFFFE
