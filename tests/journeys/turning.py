"""Turning pages at known moments, and what a browser shows of it held against them."""

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
"""The same page comes again after more than twice this."""


@dataclass(frozen=True)
class Turn:
    """A page that was turned to; ms since the Unix epoch."""

    page: int
    at_ms: int


@dataclass(frozen=True)
class Seen:
    """A page that came onto a screen, and how much later that was than it should be, in ms of the lesson."""

    page: int
    at_ms: float
    error_ms: float
    date_error_ms: float
    """How much later the player dates the picture than its clock: the part of the error that is not showing late."""

    @property
    def late_ms(self) -> float:
        """How much later it came than the player's own date of the picture asks for."""
        return self.error_ms + self.date_error_ms


class Turner:
    """Turns pages at irregular moments until it is told to stop."""

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
    """Begin to write down what the page shows."""
    screen.run(SCRIPT)


def seen_by(screen: Screen, turns: list[Turn]) -> list[Seen]:
    """Give what the page has shown since `watch`, or since the last time it was asked."""
    shown: list[dict[str, Any]] = screen.ask("turns.splice(0)")
    return [_held_against(one, turns) for one in shown if one["clock"] is not None and one["wall"] is not None]


def at_of(clock_ms: float) -> float:
    """Give the moment of a picture by its clock, ms since the Unix epoch."""
    return 1000 * EPOCH_S + clock_ms + TICK_MS / 2


def _held_against(shown: dict[str, Any], turns: list[Turn]) -> Seen:
    at_ms = at_of(shown["clock"])
    right = [turn for turn in turns if turn.page == shown["page"]]
    assert right, f"page {shown['page']} was never turned to"
    nearest = min(right, key=lambda turn: abs(turn.at_ms - at_ms))
    return Seen(shown["page"], at_ms, at_ms - nearest.at_ms, shown["wall"] - at_ms)


def missed(seen: list[Seen], turns: list[Turn]) -> list[Turn]:
    """Give the turns between the first and the last page seen that were not seen, while the picture went forward."""
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
    """Give the present, ms since the Unix epoch."""
    return int(time.time() * 1000)
