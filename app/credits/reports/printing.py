"""Prints a certificate. Runs as a child: `printing FOLDER FONTS` reads certificate.json and qr.svg, writes a PDF.

What it is to print comes as data, and is text to Typst, whatever it holds.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import typst

TEMPLATE = Path(__file__).with_name("certificate.typ")


def main(arguments: list[str]) -> None:
    """Compile the template within the folder; nothing outside of it is read but the fonts."""
    work, fonts = Path(arguments[0]), arguments[1]
    page = work / "certificate.typ"
    shutil.copyfile(TEMPLATE, page)
    typst.compile(str(page), output=str(work / "draft.pdf"), root=str(work), font_paths=[fonts])
    (work / "draft.pdf").rename(work / "certificate.pdf")
    sys.stdout.write("{}\n")
