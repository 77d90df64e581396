"""Text out of files: without what no page and no database can hold, and cut where it has no end."""

from __future__ import annotations

import re

MOST = 20_000
"""Characters of one page."""

UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def cleaned(text: str) -> str:
    """Give what may be shown: lines without spaces around them, no empty ones."""
    text = UNFIT.sub("", text[: MOST * 2].replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n"))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)[:MOST]
