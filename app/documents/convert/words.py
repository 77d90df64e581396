"""Text from files, without characters that no page and no database can hold, and cut at a maximum length."""

from __future__ import annotations

import re

MOST = 20_000
"""Maximum characters of one page."""

UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def cleaned(text: str) -> str:
    """Return the text that may be shown, without empty lines and blanks around lines."""
    text = UNFIT.sub("", text[: MOST * 2].replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n"))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)[:MOST]
