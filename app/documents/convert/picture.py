"""Makes a page of one picture. Runs as a child, since a small file may unfold to much.

`picture.py {"source", "target", "key"}` says the page's size, or {"problem": …}.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from app.documents.convert.results import Problem
from app.documents.convert.sizes import fit
from app.documents.convert.writing import write_sizes
from app.kernel import pictures

USUAL = (b"\xff\xd8\xff", b"\x89PNG")
RARER = ("GIF", "BMP", "TIFF", "AVIF")


def main(arguments: list[str]) -> None:
    """Read the task from the first argument, write the pictures, say how large they are."""
    sys.stdout.write(json.dumps(_made(json.loads(arguments[0]))) + "\n")


def _plain(data: bytes) -> bytes:
    """Give a picture of a rarer format as PNG: its first one, upright."""
    if data.startswith(USUAL) or data[8:12] == b"WEBP":
        return data
    with Image.open(io.BytesIO(data), formats=RARER) as picture:
        if picture.width * picture.height > pictures.MOST_PIXELS:
            raise pictures.PictureTooLarge
        has_alpha = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
        plain, png = ImageOps.exif_transpose(picture).convert("RGBA" if has_alpha else "RGB"), io.BytesIO()
    plain.save(png, "PNG", compress_level=1)
    return png.getvalue()


def _made(task: dict[str, Any]) -> dict[str, Any]:
    try:
        picture = fit(pictures.read(_plain(Path(task["source"]).read_bytes())))
        write_sizes(picture, Path(task["target"]), task["key"], thumb=True)
    except pictures.PictureTooLarge:
        return {"problem": Problem.TOO_LARGE}
    except (pictures.PictureUnreadable, UnidentifiedImageError, *pictures.BROKEN):
        return {"problem": Problem.BROKEN}
    except MemoryError:
        return {"problem": Problem.TOO_MUCH_MEMORY}
    return {"keys": [task["key"]], "width": picture.width, "height": picture.height, "text": ""}
