"""Makes a page of one picture. Runs as a child, since a small file may unfold to much.

`picture.py {"source", "target", "key"}` answers with the page's size, or {"problem": …}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from app.documents.convert.results import Problem
from app.documents.convert.sizes import LONG, fit
from app.documents.convert.writing import write_sizes
from app.kernel.pictures.decoding import TooLarge, Unreadable, read


def main(arguments: list[str]) -> None:
    """Read the task from the first argument, write the pictures, and print their size."""
    sys.stdout.write(json.dumps(_made(json.loads(arguments[0]))) + "\n")


def _made(task: dict[str, Any]) -> dict[str, Any]:
    try:
        picture = fit(read(Path(task["source"]), LONG))
        write_sizes(picture, Path(task["target"]), task["key"], thumb=True)
    except TooLarge:
        return {"problem": Problem.TOO_LARGE}
    except Unreadable:
        return {"problem": Problem.BROKEN}
    except MemoryError:
        return {"problem": Problem.TOO_MUCH_MEMORY}
    return {"keys": [task["key"]], "width": picture.width, "height": picture.height, "text": ""}
