"""Makes pictures, texts and notes of a file, page by page; knows no database and no web.

Every file is a stranger's: it is read, converted and drawn in processes with limits of memory and time, of low
priority, and without a network and our data where the kernel allows that.
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
    name: str,  # noqa: ARG001 - part of the question; what is in the file decides, whatever it is called
    target: Path,
    *,
    limits: Limits = DEFAULTS,
    wanted: Callable[[], bool] = lambda: True,
    view: View = EVERYTHING,
) -> Iterator[Outline | PageMade | Finding]:
    """Convert a file into `target`: first the outline, then findings and pages, in order, as each is ready.

    For each key of a page there are `<key>-large.webp` (within 1920 × 1080 px, or 1080 × 1920 upright) and
    `<key>-medium.webp` (960 px); for the first also `<key>-thumb.webp` (240 px). `wanted` is asked about every half
    second; once it says no, everything ends quietly. Pages that were given stay; what else was written is removed.
    The programs see `view` of the disk, with `source` and `target` in it.

    Raises:
        Refused: the file cannot be shown, or not further; its `problem` says why.
    """
    return Conversion(source, target, limits, wanted, view).results()
