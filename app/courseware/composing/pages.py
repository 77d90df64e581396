"""Draws the slides of a lesson as a PDF: a program of its own with limits, which knows nothing of the app.

`pages.py FOLDER FONTS` reads `plan.json` there, says for each page how far it is, as lines of JSON, and writes
`slides.pdf`. What stood on the slides comes as data, and is text to Typst, whatever it holds.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typst

from app.courseware.composing.drawing import Sheets, say
from app.courseware.composing.stage import sheets

QUALITY = 88
TEMPLATE = Path(__file__).with_name("pages.typ")
LONGEST_TITLE = 60


def main(arguments: Sequence[str]) -> None:
    """Draw each page, then bind them."""
    folder, fonts = Path(arguments[0]), arguments[1]
    plan = json.loads((folder / "plan.json").read_text())
    try:
        _draw(folder, plan, fonts)
    except OSError as error:
        say({"failed": "disk_full" if error.errno == 28 else "failed"})
    else:
        say({"whole": True})


def _draw(folder: Path, plan: Mapping[str, Any], fonts: str) -> None:
    drawer = Sheets(plan["pictures"], Path(plan["font"]))
    width, found, told = plan["width"], sheets(plan["stage"]), []
    for number, scene in enumerate(found, 1):
        assert scene.ratio is not None
        name = f"{number:05d}.jpg"
        sheet = drawer.of(scene, (width, max(1, round(width * scene.ratio))))
        sheet.save(folder / name, "JPEG", quality=QUALITY, subsampling=0)
        title = next(iter(scene.words.strip().splitlines()), "")[:LONGEST_TITLE] or str(number)
        told.append({"file": name, "ratio": scene.ratio, "title": title, "words": scene.words})
        say({"done": number, "of": len(found)})
    lesson = {"title": plan["title"], "teachers": plan["teachers"], "sheets": told}
    (folder / "sheets.json").write_text(json.dumps(lesson))
    shutil.copyfile(TEMPLATE, folder / "pages.typ")
    typst.compile(str(folder / "pages.typ"), output=str(folder / "slides.pdf"), root=str(folder), font_paths=[fonts])
