"""Typed text before it is stored. No typed character is dropped; misleading ones are refused in words.

Python's Unicode tables are some years old. People already type characters that they do not know, such as the newest
emoji and rare letters of Chinese names. So only categories that will not change are judged here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from pathlib import PurePath

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.kernel.characters import PASTED, TURNING, is_no_text
from app.kernel.errors import AppError

BREAKS = {**dict.fromkeys(map(ord, "\v\f\x1c\x1d\x1e\x85\u2028\u2029"), "\n"), ord("\x1f"): " "}
"""Ends of lines as Office and old systems write them."""

UNSEEN = ("Cc", "Cf", "Zs", "Zl", "Zp")
FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters of other categories that are empty all the same, as variation selectors are."""


class Unwritable(AppError, ValueError):
    """A character misleads readers, or no database holds it. As a ValueError it becomes an error of its form field."""

    status = 422
    code = "text.unwritable"
    mend = _l("Delete it, or type the text again instead of pasting it.")

    def __init__(self, before: str) -> None:
        words = before[-12:]
        super().__init__(
            _l("The text contains a character that cannot be seen, behind “%(words)s”.", words=words)
            if words
            else _l("The text begins with a character that cannot be seen.")
        )
        self.args = (LazyString(lambda: f"{self.message} {self.mend}"),)  # wtforms shows this beside the field


def one_line(text: str | None) -> str | None:
    """Return typed text as one line. Blanks and line breaks become single blanks.

    Raises:
        Unwritable: a character would mislead readers.
    """
    if text is None:
        return None
    _refuse(text, TURNING)
    return tidied(text)


def plain_text(text: str | None) -> str | None:
    """Return typed text of several lines, tidied.

    Raises:
        Unwritable: a character is no text.
    """
    if text is None:
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(BREAKS)
    _refuse(text)
    return _unless_blank(text.replace("\ufeff", "").strip())


def tidied(text: str) -> str:
    """Return one line of text that was not typed here or is not kept, such as a file name. Refuses nothing."""
    kept = (one for one in text if one.isspace() or not (one in PASTED or one in TURNING or is_no_text(one)))
    return _unless_blank(" ".join("".join(kept).split()))


def storable(text: str) -> str:
    """Return text without the characters that no database holds and JSON lets through: NUL and surrogates."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _refuse(text: str, more: Collection[str] = ()) -> None:
    for place, one in enumerate(text):
        if one in more or (is_no_text(one) and not one.isspace()):
            raise Unwritable(tidied(text[:place]))


def _unless_blank(text: str) -> str:
    return "" if all(_is_blank(one) for one in text) else text


def _is_blank(one: str) -> bool:
    return (
        unicodedata.category(one) in UNSEEN
        or one in FILLERS
        or "\ufe00" <= one <= "\ufe0f"
        or "\U000e0100" <= one <= "\U000e01ef"
    )


def file_name(name: str, longest: int) -> str:
    """Return a file's name as one short line with its ending, without the folders that some browsers send."""
    name = tidied(name).replace("\\", "/").rpartition("/")[2]
    ending = PurePath(name).suffix[:10]
    return f"{name.removesuffix(ending)[: longest - len(ending)]}{ending}"
