"""Draws pages of PDF files by pdfium, with questions as JSON lines on stdin and answers on stdout. Runs as a child.

A hostile page may crash this process, or use up its memory and time. The conversion then learns the reason from the
way it ended.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium_c
from PIL import Image

from app.documents.convert.sizes import cut, scale_for
from app.documents.convert.words import cleaned
from app.documents.convert.writing import write_sizes

PASSWORD = 4
"""FPDF_ERR_PASSWORD of pdfium's fpdfview.h."""
PLEASE_WAIT = re.compile("please wait|请稍候|请等待|正在加载", re.IGNORECASE)
"""Text of the page in a dynamic XFA form, which does not hold the form itself (Adobe's XFA 3.3)."""


class Renderer:
    """Draws pages. It keeps the last file open, since most questions are about the same one."""

    def __init__(self) -> None:
        self._path = ""
        self._document: pypdfium2.PdfDocument | None = None

    def count(self, *, pdf: str) -> dict[str, Any]:
        """Return the number of pages. A file that only asks for another program has none."""
        document = self._open(pdf)
        if document.get_formtype() == pdfium_c.FORMTYPE_XFA_FULL and PLEASE_WAIT.search(_text(document, 0)):
            return {"problem": "dynamic_form"}
        return {"count": len(document)}

    def page(self, *, pdf: str, pages: list[int], keys: list[str], target: str, text: bool) -> dict[str, Any]:
        """Draw the steps of a page. A step that looks like the one before gets the same key."""
        document = self._open(pdf)
        shown: list[str] = []
        before: Image.Image | None = None
        width = height = 0
        for index, key in zip(pages, keys, strict=True):
            picture = _draw(document, index)
            if before is not None and picture.tobytes() == before.tobytes():
                shown.append(shown[-1])
                continue
            write_sizes(picture, Path(target), key, thumb=not shown)
            shown.append(key)
            before, (width, height) = picture, picture.size
        words = _text(document, pages[-1]) if text else ""
        return {"count": len(document), "keys": shown, "width": width, "height": height, "text": words}

    def _open(self, pdf: str) -> pypdfium2.PdfDocument:
        if self._document is None or self._path != pdf:
            if self._document is not None:
                self._document.close()
            self._document, self._path = pypdfium2.PdfDocument(pdf), pdf
            self._document.init_forms()  # without forms, filled-in fields and seals would be missing
        return self._document


def _draw(document: pypdfium2.PdfDocument, index: int) -> Image.Image:
    page = document[index]
    try:
        width, height = page.get_size()
        scale = scale_for(width, height)
        drawn: Image.Image = page.render(scale=scale, rev_byteorder=True).to_pil()
    finally:
        page.close()
    return cut(drawn if drawn.mode == "RGB" else drawn.convert("RGB"))


def _text(document: pypdfium2.PdfDocument, index: int) -> str:
    page = document[index]
    try:
        words = page.get_textpage()
        try:
            return cleaned(words.get_text_bounded())
        finally:
            words.close()
    finally:
        page.close()


def main(arguments: list[str]) -> None:
    """Answer questions until there are no more. The first argument is the maximum CPU seconds for one of them."""
    seconds = float(arguments[0])
    renderer = Renderer()
    for line in sys.stdin:
        signal.setitimer(signal.ITIMER_PROF, seconds)  # nothing catches SIGPROF, so it ends the process even within C
        question = json.loads(line)
        answer = _answered(renderer, question.pop("do"), question)
        signal.setitimer(signal.ITIMER_PROF, 0)
        print(json.dumps(answer), flush=True)  # noqa: T201


def _answered(renderer: Renderer, what: str, question: dict[str, Any]) -> dict[str, Any]:
    try:
        return renderer.page(**question) if what == "page" else renderer.count(**question)
    except pypdfium2.PdfiumError as error:
        return {"problem": "encrypted" if error.err_code == PASSWORD else "broken", "detail": str(error)}
    except MemoryError:
        return {"problem": "too_much_memory"}
