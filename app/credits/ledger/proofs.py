"""Scanned proofs of hours that were earned elsewhere: PDF or pictures, as they were brought."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import IO

from app.credits.ledger.errors import ProofRefused
from app.kernel import storage
from app.kernel.disk import NoRoomLeft, has_room_for
from app.kernel.ids import new_id

MOST_BYTES = 10_000_000
KINDS = {
    b"%PDF-": ("pdf", "application/pdf"),
    b"\xff\xd8\xff": ("jpg", "image/jpeg"),
    b"\x89PNG\r\n\x1a\n": ("png", "image/png"),
}
TYPES = dict(KINDS.values())
NAME = re.compile(r"[0-9a-z]{1,30}\.(pdf|jpg|png)")


def keep(file: IO[bytes]) -> tuple[str, str]:
    """Keep a file, and return its name and the SHA-256 of what is in it. It is never opened here.

    Raises:
        ProofRefused: it is no PDF, JPEG or PNG, or too large.
        NoRoomLeft: the disk is almost full.
    """
    content = file.read(MOST_BYTES + 1)
    ending = next((kind[0] for start, kind in KINDS.items() if content.startswith(start)), None)
    if ending is None or len(content) > MOST_BYTES:
        raise ProofRefused
    if not has_room_for(len(content)):
        raise NoRoomLeft
    folder = storage.place("proofs")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{new_id()}.{ending}"
    draft = folder / f".{name}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
        kept.write(content)
        kept.flush()
        os.fsync(kept.fileno())
    draft.rename(folder / name)
    return name, hashlib.sha256(content).hexdigest()


def file_of(name: str) -> Path | None:
    """Find a proof; `None` where the name is not what ours look like, or the file is gone."""
    file = storage.place("proofs") / name
    return file if NAME.fullmatch(name) and file.is_file() else None


def digest_now(name: str) -> str:
    """Return the SHA-256 of a proof as it lies on the disk; empty when it is gone."""
    file = file_of(name)
    return hashlib.sha256(file.read_bytes()).hexdigest() if file else ""
