"""Makes the files of one picture. Runs as a child.

`{"source", "target", "sizes": [[width, height, cut, centre], …]}` writes `0.webp`, `1.webp`, … into the target and
answers {} or {"problem": …}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from app.kernel.pictures.decoding import TooLarge, Unreadable, read

QUALITY = 82


def main(arguments: list[str]) -> None:
    """Read the task from the first argument, write the files, and print the result."""
    sys.stdout.write(json.dumps(_made(json.loads(arguments[0]))) + "\n")


def _made(task: dict[str, Any]) -> dict[str, Any]:
    sizes: list[tuple[int, int, bool, float]] = task["sizes"]
    try:
        picture = read(Path(task["source"]), max(max(width, height) for width, height, _cut, _centre in sizes))
    except TooLarge:
        return {"problem": "too_large"}
    except Unreadable:
        return {"problem": "unreadable"}
    for number, (width, height, cut, centre) in enumerate(sizes):
        made = _cut(picture, width, height, centre) if cut else _within(picture, width, height)
        made.save(Path(task["target"], f"{number}.webp"), "WEBP", quality=QUALITY)
    return {}


def _cut(picture: Image.Image, width: int, height: int, centre: float) -> Image.Image:
    """Return a picture that fills a frame. Its sides are cut alike, its top and foot as `centre` says."""
    return ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS, centering=(0.5, centre))


def _within(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Return a picture scaled down into a frame, never up."""
    scale = min(width / picture.width, height / picture.height)
    if scale >= 1:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
