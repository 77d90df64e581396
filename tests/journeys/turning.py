"""Turns pages at known moments, and compares a browser's screen with them."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.journeys.browsers import Screen
from tests.journeys.publisher import EPOCH_S, TICK_MS
from tests.journeys.slides import Deck, Presenter

SCRIPT = (Path(__file__).parent / "turns.js").read_text(encoding="utf-8")
FAR_MS = 6000
"""Half of the minimum time after which the same page comes again."""


@dataclass(frozen=True)
class Turn:
    """A page that was shown, with the moment in ms since the Unix epoch."""

    page: int
    at_ms: int


@dataclass(frozen=True)
class Seen:
    """A page that came onto a screen, and its delay in ms of the lesson."""

    page: int
    at_ms: float
    error_ms: float
    date_error_ms: float
    """Player's date of the picture less the picture's clock: the part of the error that is no delay of the page."""

    @property
    def late_ms(self) -> float:
        """Delay of the page by the player's own date of the picture."""
        return self.error_ms + self.date_error_ms


class Turner:
    """Turns pages at irregular moments until it is stopped."""

    def __init__(self, presenter: Presenter, deck: Deck, *, least_s: float = 1.1, most_s: float = 1.9) -> None:
        self.turns: list[Turn] = []
        self._presenter, self._deck = presenter, deck
        self._pause = (least_s, most_s)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._turn_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def _turn_on(self) -> None:
        page, chance = 0, random.Random(6)
        while not self._stop.is_set():
            page = page % self._deck.pages + 1
            self.turns.append(Turn(page, self._presenter.show(self._deck, page)))
            self._stop.wait(chance.uniform(*self._pause))


def watch(screen: Screen) -> None:
    """Begin to note the pages on the screen."""
    screen.run(SCRIPT)


def seen_by(screen: Screen, turns: list[Turn]) -> list[Seen]:
    """Return the pages on the screen since `watch`, or since the last call."""
    shown: list[dict[str, Any]] = screen.ask("turns.splice(0)")
    return [_held_against(one, turns) for one in shown if one["clock"] is not None and one["wall"] is not None]


def at_of(clock_ms: float) -> float:
    """Return the moment of a picture by its clock, in ms since the Unix epoch."""
    return 1000 * EPOCH_S + clock_ms + TICK_MS / 2


def _held_against(shown: dict[str, Any], turns: list[Turn]) -> Seen:
    at_ms = at_of(shown["clock"])
    right = [turn for turn in turns if turn.page == shown["page"]]
    assert right, f"page {shown['page']} was never turned to"
    nearest = min(right, key=lambda turn: abs(turn.at_ms - at_ms))
    return Seen(shown["page"], at_ms, at_ms - nearest.at_ms, shown["wall"] - at_ms)


def missed(seen: list[Seen], turns: list[Turn]) -> list[Turn]:
    """Return the unseen turns between the first and the last page seen, while the picture went forward."""
    if not seen:
        return turns
    first, last = seen[0].at_ms + FAR_MS / 12, seen[-1].at_ms - FAR_MS / 12
    return [
        turn
        for turn in turns
        if first < turn.at_ms < last
        and not any(one.page == turn.page and abs(one.at_ms - turn.at_ms) < FAR_MS for one in seen)
    ]


def now_ms() -> int:
    """Return the present time in ms since the Unix epoch."""
    return int(time.time() * 1000)
