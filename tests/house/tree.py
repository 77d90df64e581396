"""The files of the project: those that git knows or would take in."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files() -> tuple[Path, ...]:
    """Return all files of the project, relative to its root, without ignored ones."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(Path(line) for line in listed.splitlines() if (ROOT / line).is_file())


def rooms() -> set[str]:
    """Return the names of the rooms: the packages in app/."""
    return {
        file.parts[1] for file in files() if len(file.parts) == 3 and file.parts[0] == "app" and file.suffix == ".py"
    }


def text(file: Path) -> str:
    """Return the text of a file of the project."""
    return (ROOT / file).read_text(encoding="utf-8")
