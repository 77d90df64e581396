"""All places in DATA_DIR, and whether a backup needs them. No room can open a place that is not listed here."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path

from flask import current_app


class Fate(StrEnum):
    """Treatment of a place by a backup."""

    KEPT = "kept"
    DATABASE = "database"
    """The file is not copied, because the database itself writes a consistent copy."""
    MADE_AGAIN = "made again"
    PASSING = "passing"
    """Of value for minutes or hours. After a restore people do the work again if they need it."""


PLACES = {
    "secrets": Fate.KEPT,
    "covers": Fate.KEPT,
    "banners": Fate.KEPT,
    "documents": Fate.KEPT,
    "chat": Fate.KEPT,
    "proofs": Fate.KEPT,
    "tickets": Fate.KEPT,
    "media": Fate.KEPT,
    "jiangtang.sqlite3": Fate.DATABASE,
    "jiangtang.sqlite3-wal": Fate.DATABASE,
    "jiangtang.sqlite3-shm": Fate.DATABASE,
    "downloads": Fate.MADE_AGAIN,
    "courseware": Fate.MADE_AGAIN,
    "jobs.sqlite3": Fate.PASSING,
    "jobs.sqlite3-wal": Fate.PASSING,
    "jobs.sqlite3-shm": Fate.PASSING,
    "imports": Fate.PASSING,
    "intake": Fate.PASSING,
    "moments": Fate.PASSING,
    "run": Fate.PASSING,
}

OPEN_TO_THE_GROUP = ("media", "documents")
"""Places that nginx serves by itself. Under the umask 027 the group may read them."""


def place(name: str) -> Path:
    """Return the path of a place in DATA_DIR; `media` may lie elsewhere. Raises KeyError for an unlisted name."""
    if name not in PLACES:
        raise KeyError(f"{name}: list it in app/kernel/storage.py, and say whether a backup needs it")
    if name == "media":
        root: Path = current_app.config["MEDIA_ROOT"]
        return root
    folder: Path = current_app.config["DATA_DIR"]
    return folder / name


def kept() -> dict[str, Path]:
    """Return the folders that a backup copies, by name."""
    return {name: place(name) for name, fate in PLACES.items() if fate is Fate.KEPT}


def unknown(data_dir: Path) -> list[str]:
    """Return the names in a data folder that are not listed: nobody has decided whether a backup needs them."""
    return sorted(one.name for one in data_dir.iterdir() if one.name not in PLACES)


def shut(data_dir: Path, media_root: Path) -> None:
    """Close a data folder to other users of this machine, also one that an older version has left open.

    Under exactly the umask 027, which the systemd unit sets, the group may pass through to media and documents, because
    nginx belongs to it. Raises OSError.
    """
    mask = os.umask(0o077)
    os.umask(mask)
    group = mask == 0o027
    for path in (data_dir, media_root, *data_dir.iterdir()):
        if path.is_symlink() or not path.exists():
            continue
        open_to_group = group and (path == media_root or path.name in OPEN_TO_THE_GROUP)
        if path == data_dir:
            mode = 0o710 if group else 0o700
        elif path.is_dir():
            mode = 0o750 if open_to_group else 0o700
        else:
            mode = 0o600
        if path.stat().st_mode & 0o777 != mode:
            path.chmod(mode)
