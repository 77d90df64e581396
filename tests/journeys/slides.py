"""Slides for journeys and benches: a deck, and a presenter who turns its pages at known moments."""

from __future__ import annotations

import json
import re
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from tests.journeys.stack import PASSWORD, TEACHER, Lesson, Stack

SIZES = {"large": (1920, 1080), "medium": (960, 540), "thumb": (240, 135)}
INKS = ("#1d4ed8", "#b45309", "#15803d", "#7e22ce", "#be123c", "#0f766e")

MAKE_DECK = """
from app.documents.queries import pages_of
from app.extensions import db
from app.live.models import LiveSession
from tests.factories.slides import deck
document = deck(db.session.get(LiveSession, {live_id!r}), pages={pages}, hidden=False, name={name!r})
for page in pages_of(document.id):
    print("page", document.id, *page.steps)
"""


@dataclass(frozen=True)
class Deck:
    """A document whose pages are ready."""

    id: str
    pages: int


def make_deck(stack: Stack, lesson: Lesson, pages: int, name: str = "超导量子计算导论.pptx") -> Deck:
    """Return a new document of a lesson, with pictures as a conversion leaves them."""
    said = stack.run(MAKE_DECK.format(live_id=lesson.id, pages=pages, name=name))
    lines = [line.split()[1:] for line in said.splitlines() if line.startswith("page ")]
    folder = stack.folder / "documents" / lines[0][0]
    folder.mkdir(parents=True, exist_ok=True)
    for number, (_, key) in enumerate(lines, 1):
        _draw_page(folder, key, number)
    return Deck(lines[0][0], pages)


def _draw_page(folder: Path, key: str, number: int) -> None:
    picture = Image.new("RGB", SIZES["large"], "#ffffff")
    pen = ImageDraw.Draw(picture)
    ink = INKS[number % len(INKS)]
    pen.rectangle((0, 0, 1920, 150), fill=ink)
    pen.text((80, 30), f"Page {number}", fill="#ffffff", font_size=80)
    for line in range(6):
        pen.text(
            (100, 230 + 110 * line),
            f"{line + 1}. what page {number} says in its line {line + 1}",
            "#1b2430",
            font_size=52,
        )
    for bar in range(7):
        height = 120 + (37 * (number + 3) * (bar + 2)) % 560
        pen.rectangle((1280 + 80 * bar, 980 - height, 1340 + 80 * bar, 980), fill=ink)
    for size, measures in SIZES.items():
        picture.resize(measures).save(folder / f"{key}-{size}.webp", quality=80)


class Presenter:
    """The teacher's hands on the stage, by the frames that the studio sends."""

    def __init__(self, stack: Stack, lesson: Lesson) -> None:
        self._lesson = lesson
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        self._number = 0
        page = self._read(f"{stack.url}/sign-in")
        token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
        form = {"csrf_token": token, "username": TEACHER, "password": PASSWORD}
        with self._open(f"{stack.url}/sign-in", urllib.parse.urlencode(form).encode(), timeout=40) as answer:
            found = re.search(r"X-CSRFToken(?:&#34;|\"): (?:&#34;|\")([^&\"]+)", answer.read().decode())
        assert found
        self._token = found[1]

    def show(self, deck: Deck, page: int) -> int:
        """Show a page now. Return the moment, ms since the Unix epoch."""
        at = int(time.time() * 1000)
        self.command("slides.show", document=deck.id, page=page, step=0, at=at)
        return at

    def command(self, name: str, **fields: Any) -> Any:
        """Send a command. Return its answer. It fails if the command is refused."""
        self._number += 1
        frame = {"type": "command", "n": self._number, "name": name, "fields": fields}
        headers = {"X-CSRFToken": self._token, "Content-Type": "application/json", "Accept": "application/json"}
        request = urllib.request.Request(f"{self._lesson.url}/commands?studio=1", json.dumps(frame).encode(), headers)
        with self._open(request, timeout=40) as answer:
            told = json.load(answer)
        assert told["type"] == "done", told
        return told.get("data")

    def _read(self, url: str) -> str:
        with self._open(url, timeout=40) as answer:
            return str(answer.read().decode())
