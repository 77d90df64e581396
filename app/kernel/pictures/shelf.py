"""Pictures of one shape, in some widths, under names that are made from their content."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flask import Response, send_file
from werkzeug.datastructures import FileStorage
from wtforms import Field

from app.kernel import storage
from app.kernel.disk import NoRoomLeft
from app.kernel.errors import NotFound
from app.kernel.forms import refuse
from app.kernel.pictures.errors import PictureRefused
from app.kernel.pictures.keeping import Size, charge, keep

MOST_SENT = 200_000_000
"""Maximum bytes of a form with a picture. A picture that is far too large is still read, to the disk, so that the
rest of the form can be given back."""
NAME = re.compile(r"[0-9a-f]{32}")
UNUSED_S = 7 * 86_400
"""Age after which a picture that nothing shows is removed: its form was not sent again."""


@dataclass(frozen=True)
class Shelf:
    """A folder of pictures. Nobody can guess a name, and the same picture gets the same name."""

    place: str
    """Name of the folder in `storage`."""
    widths: tuple[int, ...]
    """In px."""
    shape: tuple[int, int]
    """Width and height of each picture, to one another."""

    def keep(self, upload: FileStorage, *, centre: float = 0.5) -> str:
        """Cut and store a picture. Return its name, which is the same for the same picture and centre.

        Args:
            upload: the picture.
            centre: the part that stays if it is too high, 0 for its top and 1 for its foot.

        Raises:
            PictureTooLarge, PictureUnreadable, PicturesBusy, NoRoomLeft: it is not kept.
        """
        name = _name_of(upload, centre)
        if self.is_kept(name):
            for width in self.widths:
                self.file_of(name, width).touch()  # it is as if it had come now: its week begins anew
        else:
            wide, high = self.shape
            sizes = {one: Size(one, one * high // wide, cut=True, centre=centre) for one in self.widths}
            keep(upload, {self.file_of(name, width): size for width, size in sizes.items()})
        return name

    def is_kept(self, name: str) -> bool:
        """Return whether there is a picture of this name."""
        return bool(NAME.fullmatch(name)) and all(self.file_of(name, width).exists() for width in self.widths)

    def file_of(self, name: str, width: int) -> Path:
        """Return the file of a picture in one of the widths."""
        return storage.place(self.place) / f"{name}-{width}.webp"

    def reply(self, name: str, width: int, caches: Literal["public", "private"]) -> Response:
        """Return the reply with a picture. Its name stands for its content, so that no cache asks for it again.

        Args:
            name: of the picture.
            width: one of the widths.
            caches: the caches that may hold the picture, everybody's or the browser's own.

        Raises:
            NotFound: there is no such picture.
        """
        if width not in self.widths or not self.is_kept(name):
            raise NotFound
        reply = send_file(self.file_of(name, width), "image/webp", conditional=True)
        reply.headers["Cache-Control"] = f"{caches}, max-age=31536000, immutable"
        return reply

    def remove_unused(self, used: Collection[str]) -> None:
        """Remove the pictures that are a week old and not in use."""
        for file in storage.place(self.place).glob("*"):
            if file.name[:32] not in used and file.stat().st_mtime < time.time() - UNUSED_S:
                file.unlink(missing_ok=True)

    def keep_sent(self, field: Field, name: Field, *, dropped: bool, person: str, centre: float = 0.5) -> bool:
        """Keep the picture of a form though something else may be wrong, so that nobody chooses it twice.

        Args:
            field: takes the file, and the sentence that says why it is not kept.
            name: hidden, of the picture that was kept before, or is now.
            dropped: whether the person wants none.
            person: who sends it, for the limit.
            centre: as in `keep`.

        Returns:
            Whether nothing is wrong with the picture.
        """
        upload = field.data
        name.data = name.data if self.is_kept(name.data or "") and not dropped else ""
        if not isinstance(upload, FileStorage) or not upload.filename:
            return True
        try:
            charge(upload, person=person)
            name.data = self.keep(upload, centre=centre)
        except (PictureRefused, NoRoomLeft) as error:
            refuse(field, error)
            return False
        return True


def _name_of(upload: FileStorage, centre: float) -> str:
    content = hashlib.file_digest(upload.stream, "sha256")  # type: ignore[arg-type]  # reads piece by piece
    upload.stream.seek(0)
    content.update(f"{centre:.2f}".encode())
    return content.hexdigest()[:32]
