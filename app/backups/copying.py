"""Copies folders into a backup, file by file, and only files that have changed since the last time.

Other programs write meanwhile, in an order that makes each moment whole: a playlist names only segments that exist. So
playlists are copied first, and segments, which never change, afterwards.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.backups.manifest import Entry, digest_of

NOT_COPIED = {"work", "live", "preview"}
"""Folders of a stream that a running lesson rewrites, and that are useless for a replay."""

SEGMENTS = "segments"


def files_of(name: str, root: Path) -> Iterator[Path]:
    """Yield the files of a kept folder in the order of copying."""
    later: list[Path] = []
    for folder, folders, names in os.walk(root):
        depth = len(Path(folder).relative_to(root).parts)
        if name == "media" and depth == 1:
            folders[:] = [one for one in folders if one not in NOT_COPIED]
        for one in names:
            path = Path(folder) / one
            if one.startswith(".") or path.is_symlink():
                continue
            if path.parent.name == SEGMENTS:
                later.append(path)
            else:
                yield path
    yield from (path for path in _unfinished_last(name, root, later))


def _unfinished_last(name: str, root: Path, segments: list[Path]) -> Iterator[Path]:
    """Yield the segments found before, and those that came while the playlists were copied."""
    yield from segments
    if name == "media":
        seen = set(segments)
        yield from (path for path in root.glob(f"*/{SEGMENTS}/*") if path not in seen and not path.name.startswith("."))


def copy_in(name: str, root: Path, target: Path, before: Mapping[str, Entry]) -> dict[str, Entry]:
    """Copy a kept folder into a backup. Return its files by their path there.

    Args:
        name: name of the folder in the backup.
        root: the folder.
        target: the backup.
        before: files of the last backup in the same place.

    Raises:
        OSError: a file cannot be read or written. A file that vanishes meanwhile is no error.
    """
    copied: dict[str, Entry] = {}
    for path in files_of(name, root) if root.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            key = f"{name}/{path.relative_to(root)}"
            facts, known, copy = path.stat(), before.get(key), target / key
            unchanged = known and (known.bytes, known.changed_ns) == (facts.st_size, facts.st_mtime_ns)
            if known is None or not unchanged or not copy.is_file():
                _copy(path, copy, link=path.parent.name == SEGMENTS)
                known = Entry(copy.stat().st_size, digest_of(copy), facts.st_mtime_ns)
            copied[key] = known
    return copied


def _copy(path: Path, copy: Path, *, link: bool) -> None:
    """Copy a file, whole or not at all. With `link`, a file that never changes gets a second name on the same disk."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    draft = copy.with_name(f".{copy.name}.part")
    draft.unlink(missing_ok=True)
    if link:
        with contextlib.suppress(OSError):
            os.link(path, draft)
    if not draft.exists():
        shutil.copy2(path, draft)
    draft.replace(copy)


def drop_others(target: Path, wanted: Mapping[str, Entry], names: tuple[str, ...]) -> None:
    """Remove files from a backup that the service no longer has: taken-back ones must not survive there."""
    for name in names:
        for folder, _folders, files in os.walk(target / name, topdown=False):
            for one in files:
                path = Path(folder) / one
                if str(path.relative_to(target)) not in wanted:
                    path.unlink()
            with contextlib.suppress(OSError):
                Path(folder).rmdir()


def copy_out(target: Path, files: Mapping[str, Entry], places: Mapping[str, Path]) -> None:
    """Copy a backup's folders to their places in the service. Raises OSError."""
    for key in files:
        name, _, rest = key.partition("/")
        if rest and name in places:
            path = places[name] / rest
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(target / key, path)
