"""Turns a file into pictures, texts and notes, page by page, without database and web.

Every file is a stranger's. Processes with limits of memory and time and with low priority read, convert and draw it,
without a network and our data if the kernel allows that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from app.documents.convert.conversion import Conversion
from app.documents.convert.results import Finding, FindingKind, Limits, Outline, PageMade, Problem, Refused
from app.kernel.children.family import EVERYTHING, View

__all__ = ["Finding", "FindingKind", "Limits", "Outline", "PageMade", "Problem", "Refused", "convert"]

DEFAULTS = Limits()


def convert(
    source: Path,
    name: str,  # noqa: ARG001 - part of the question, but only the contents of the file decide
    target: Path,
    *,
    limits: Limits = DEFAULTS,
    wanted: Callable[[], bool] = lambda: True,
    view: View = EVERYTHING,
) -> Iterator[Outline | PageMade | Finding]:
    """Convert a file into `target`: first the outline, then findings and pages, in order, as each is ready.

    For each key of a page there are `<key>-large.webp` (within 1920 × 1080 px, or 1080 × 1920 upright) and
    `<key>-medium.webp` (960 px), for the first also `<key>-thumb.webp` (240 px). `wanted` is called about every half
    second. Once it returns False, everything ends quietly. Pages that were yielded stay, other files are removed.
    The programs see `view` of the disk, with `source` and `target` in it.

    Raises:
        Refused: the file cannot be shown, or not further. Its `problem` says why.
    """
    return Conversion(source, target, limits, wanted, view).results()
