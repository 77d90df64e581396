"""Drawers: processes that draw one page at a time."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.documents.convert.results import Limits, Problem, Refused
from app.kernel.children.family import Child, Family, Rules

MOST = 2


@dataclass
class Page:
    """A page to draw, with the places of its steps and the names of their pictures."""

    number: int
    pdf: str
    indices: list[int]
    pages_of_pdf: int
    keys: list[str] = field(default_factory=list)


@dataclass
class Drawer:
    """A process that draws, and its present task."""

    child: Child
    page: Page | None = None
    counting: str = ""
    since: float = 0.0

    @property
    def is_free(self) -> bool:
        """Whether the drawer waits for work."""
        return self.page is None and not self.counting


class Drawers:
    """All drawers, and the tasks that wait for one."""

    def __init__(self, family: Family, limits: Limits, target: Path, new_keys: Callable[[int], list[str]]) -> None:
        self._family, self._limits, self._target, self._new_keys = family, limits, target, new_keys
        self._drawers: list[Drawer] = []
        self.waiting: deque[Page] = deque()
        self.to_count: deque[str] = deque()
        """PDF files with an unknown number of pages."""

    def employ(self, *, with_text: bool) -> None:
        """Hand work to free drawers, and start another if there is more."""
        while self.to_count or self.waiting:
            free = next((one for one in self._drawers if one.is_free), None) or self._hired()
            if free is None:
                return
            free.since = time.monotonic()
            if self.to_count:
                free.counting = self.to_count.popleft()
                free.child.ask({"do": "count", "pdf": free.counting})
            else:
                free.page = self.waiting.popleft()
                free.child.ask(self._question(free.page, with_text))

    def watch(self) -> None:
        """Check that no drawer has been at a page for too long by the clock.

        Raises:
            Refused: one has.
        """
        now = time.monotonic()
        for one in self._drawers:
            steps = len(one.page.indices) if one.page else 1
            if not one.is_free and now - one.since > self._limits.page_cpu_s * self._limits.patience * steps:
                raise Refused(Problem.TOO_SLOW, "a page, by the clock")

    def of(self, child: Child) -> Drawer | None:
        """Return the drawer of this process."""
        return next((one for one in self._drawers if one.child is child), None)

    def _question(self, page: Page, with_text: bool) -> dict[str, Any]:
        page.keys = self._new_keys(len(page.indices))
        return {
            "do": "page",
            "pdf": page.pdf,
            "pages": page.indices,
            "keys": page.keys,
            "target": str(self._target),
            "text": with_text,
        }

    def _hired(self) -> Drawer | None:
        if len(self._drawers) >= min(MOST, os.cpu_count() or 1):
            return None
        rules = Rules(self._limits.render_bytes, self._limits.whole_s)
        name = f"render{len(self._drawers)}"
        child = self._family.start_own(name, "app.documents.convert.render", rules, str(self._limits.page_cpu_s))
        self._drawers.append(Drawer(child))
        return self._drawers[-1]
