"""The tree of a course that plays: its page, its data, the player, the film and the pictures."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from flask import current_app
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from PIL import Image

from app.courseware.course import Course
from app.courseware.packing.words import words
from app.courseware.packing.zips import Entry, from_file, from_text
from app.kernel.errors import AppError

DRAWINGS = (
    "play", "pause", "back10", "sound", "muted", "fullscreen", "shrink", "screen", "layout", "layout-follow",
    "layout-thirds", "layout-slides", "layout-video", "layout-side", "layout-pip",
)  # fmt: skip
QUALITY = 88
"""Of pictures; below 85, thin letters on slides get a fringe."""
GROWS = 2
"""Maximum size of a JPEG, in sizes of the WebP of the same page."""


class PlayerMissing(AppError):
    """The portable player was not put together at set-up."""

    status = 503
    code = "courseware.player_missing"
    message = _l("The player for exported courses is missing on this server.")
    mend = _l("Ask whoever runs the server to run `make setup` again.")


def tree(course: Course, pictures: Mapping[str, Path], film: Path | None, film_bytes: int, form: str) -> list[Entry]:
    """Return the files of a course that plays, the film last.

    Args:
        course: what it is about.
        pictures: where its pictures lie, by their names in the package.
        film: the film; None while it is yet to be made, when only sizes count.
        film_bytes: its size, or a guess.
        form: of the package, which the player asks for.

    Raises:
        PlayerMissing: it was not put together.
    """
    static = Path(current_app.static_folder or "")
    data = json.dumps({"form": form, **course.as_json(), "words": words()}, ensure_ascii=False, separators=(",", ":"))
    entries = [
        from_text("index.html", _page(course, static)),
        from_text("course.js", f"window.COURSE={_safe(data)};\n"),
    ]
    for kind in ("css", "js"):
        file = static / "vendor" / f"course-player.{kind}"
        if not file.exists():
            raise PlayerMissing
        entries.append(from_file(f"player/player.{kind}", file))
    entries += list(_pictures(pictures))
    return [*entries, Entry(course.film.src, film or b"", film_bytes)]


def _safe(data: str) -> str:
    """Keep JSON from ending a script: U+2028 and U+2029 were ends of lines to older browsers."""
    return data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _page(course: Course, static: Path) -> str:
    sprite = (static / "icons" / "sprite.svg").read_text()
    symbols = {name: text for text, name in re.findall(r'(<symbol id="([\w-]+)".*?</symbol>)', sprite, re.DOTALL)}
    icons = Markup("").join(Markup(symbols[name]) for name in DRAWINGS)  # noqa: S704 - our own drawings
    return current_app.jinja_env.get_template("courseware/player/index.html").render(course=course, icons=icons)


def _pictures(pictures: Mapping[str, Path]) -> Iterator[Entry]:
    for name, file in pictures.items():
        yield Entry(name, partial(_jpeg, file), GROWS * file.stat().st_size)


def _jpeg(file: Path) -> bytes:
    """Return a picture of ours as JPEG: many LMSs do not know WebP and send it under no type."""
    written = io.BytesIO()
    with Image.open(file) as picture:
        picture.convert("RGB").save(written, "JPEG", quality=QUALITY, subsampling=0)
    return written.getvalue()
