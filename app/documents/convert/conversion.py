"""One conversion from file to pages. It asks the programs in turn and puts their results in order.

    prepare -> LibreOffice (piece by piece) -> two that draw

All of them are processes with limits. This one only passes messages, so a hostile file cannot harm it.
"""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.documents.convert.drawers import Drawer, Drawers, Page
from app.documents.convert.endings import reason
from app.documents.convert.needs import missing
from app.documents.convert.office import find_office, fonts_for, has_math
from app.documents.convert.office_run import OfficeRun
from app.documents.convert.results import Finding, FindingKind, Limits, Outline, PageMade, Problem, Refused
from app.documents.convert.writing import remove_sizes
from app.kernel.children.family import Family, Rules, Said, View

Result = Outline | PageMade | Finding

TICK_S = 0.05
ASK_S = 0.5
"""Interval of the question whether anybody still wants the pages."""
WORK = "work-"


class Unwanted(Exception):
    """Nobody wants the pages any more."""


class Conversion:
    """Converts one file. Call `results` only once."""

    def __init__(self, source: Path, target: Path, limits: Limits, wanted: Callable[[], bool], view: View) -> None:
        self._source, self._target, self._limits, self._wanted = source.resolve(), target.resolve(), limits, wanted
        self._view = view.with_shown(self._source, self._target)
        self._began = self._asked = time.monotonic()
        self._work = Path()
        self._family: Family
        self._drawers: Drawers
        self._office: OfficeRun | None = None
        self._plan: dict[str, Any] = {}
        self._made: dict[int, PageMade] = {}
        self._total: int | None = None
        self._next_number = 1
        self._keys: set[str] = set()
        """Keys of pictures that may be written and are not handed out yet."""

    def results(self) -> Iterator[Result]:
        """Yield each result as soon as it is ready.

        Raises:
            Refused: the file cannot be shown.
        """
        self._target.mkdir(parents=True, exist_ok=True)
        for stale in self._target.glob(f"{WORK}*"):  # left by a killed conversion
            shutil.rmtree(stale, ignore_errors=True)
        self._work = Path(tempfile.mkdtemp(prefix=WORK, dir=self._target))
        try:
            with Family(self._work, self._view) as self._family:
                self._check_size()
                self._plan = self._ask_once("prepare", self._task(), self._prepare_rules())
                yield from self._pictured() if self._plan["way"] == "picture" else self._drawn()
        except Unwanted:
            return
        finally:
            shutil.rmtree(self._work, ignore_errors=True)
            for key in self._keys:
                remove_sizes(self._target, key)

    def _check_size(self) -> None:
        size = self._source.stat().st_size
        if size == 0:
            raise Refused(Problem.EMPTY)
        if size > self._limits.file_bytes:
            raise Refused(Problem.TOO_LARGE, f"{size} bytes")

    def _task(self) -> str:
        return json.dumps({"source": str(self._source), "work": str(self._work), "limits": asdict(self._limits)})

    def _prepare_rules(self) -> Rules:
        limits = self._limits
        return Rules(limits.prepare_bytes, limits.prepare_cpu_s, file_bytes=2 * limits.unfolded_bytes)

    def _ask_once(self, module: str, task: str, rules: Rules) -> dict[str, Any]:
        """Run a child, and return its only message."""
        child = self._family.start_own(module, f"app.documents.convert.{module}", rules, task)
        deadline = time.monotonic() + rules.cpu_s * self._limits.patience
        while True:
            said = self._family.hear(TICK_S)
            self._look_up(deadline)
            if said is None or said.child is not child:
                continue
            if said.line is None:
                raise reason(child)
            return self._believed(said.message)

    def _pictured(self) -> Iterator[Result]:
        key = self._new_keys(1)[0]
        task = json.dumps({"source": str(self._source), "target": str(self._target), "key": key})
        yield Outline(1)
        made = self._ask_once("picture", task, Rules(self._limits.render_bytes, self._limits.page_cpu_s * 2))
        yield self._handed(PageMade(1, made["width"], made["height"], (key,), "", ""))

    def _drawn(self) -> Iterator[Result]:
        """Yield pages in order, drawn as their PDF files come."""
        self._drawers = Drawers(self._family, self._limits, self._target, self._new_keys)
        if self._plan["way"] == "pdf":
            self._drawers.to_count.append(str(self._source))
        else:
            self._office = self._started_office()
        if self._plan["pieces"] is not None:
            yield from self._announced(sum(len(piece) for piece in self._plan["pieces"]))
        done = 0
        while self._total is None or done < self._total:
            self._look_up(self._began + self._limits.whole_s)
            for pdf, piece in self._office.finished() if self._office else ():
                self._queue(str(pdf), piece)
            self._drawers.employ(with_text=self._plan["texts"] is None)
            self._drawers.watch()
            was_known = self._total is not None
            self._listen(self._family.hear(TICK_S))
            if self._total is not None and not was_known:
                yield from self._announced(self._total)
            while done + 1 in self._made:
                done += 1
                yield self._handed(self._made.pop(done))

    def _announced(self, pages: int) -> Iterator[Result]:
        self._total = pages
        yield Outline(pages)
        for kind, where in self._plan["findings"]:
            yield Finding(FindingKind(kind), tuple(where))
        if self._plan["needs"]:
            office = find_office()
            fonts = fonts_for(office)
            lacks = missing(self._plan["needs"], math=has_math(office), families=fonts.families, signs=fonts.signs)
            yield from (Finding(kind, where) for kind, where in lacks.items())

    def _handed(self, page: PageMade) -> PageMade:
        self._keys.difference_update(page.steps)
        return page

    def _look_up(self, deadline: float) -> None:
        """Check that the pages are still wanted, and have not taken too long."""
        now = time.monotonic()
        if now > deadline:
            raise Refused(Problem.TOO_SLOW, "by the clock")
        if now - self._asked > ASK_S:
            self._asked = now
            if not self._wanted():
                raise Unwanted

    def _started_office(self) -> OfficeRun:
        files = [Path(file) for file in self._plan["files"]]
        pieces = self._plan["pieces"] or [None] * len(files)
        run = OfficeRun(self._family, self._work, self._limits, app=self._plan["way"], files=files, pieces=pieces)
        run.start()
        return run

    def _queue(self, pdf: str, piece: list[int] | None) -> None:
        """Queue the pages of a PDF for drawing. If their number is unknown, they are counted first."""
        if piece is None:
            self._drawers.to_count.append(pdf)
            return
        index = 0
        for steps in piece:
            self._drawers.waiting.append(Page(self._next_number, pdf, list(range(index, index + steps)), sum(piece)))
            self._next_number += 1
            index += steps

    def _listen(self, said: Said | None) -> None:
        if said is None:
            return
        if self._office and self._office.owns(said.child):
            for pdf, piece in self._office.ended() if said.line is None else ():
                self._queue(str(pdf), piece)
        elif drawer := self._drawers.of(said.child):
            if said.line is None:
                raise reason(said.child)
            self._take_answer(drawer, self._believed(said.message))

    def _take_answer(self, drawer: Drawer, answer: dict[str, Any]) -> None:
        page, counted = drawer.page, drawer.counting
        drawer.page, drawer.counting = None, ""
        if counted:
            self._count(counted, answer["count"])
        elif page is not None:
            if answer["count"] != page.pages_of_pdf:
                raise Refused(Problem.BROKEN, f"{answer['count']} pages in place of {page.pages_of_pdf}")
            index = page.number - 1
            texts, notes = self._plan["texts"], self._plan["notes"]
            self._made[page.number] = PageMade(
                number=page.number,
                width=answer["width"],
                height=answer["height"],
                steps=tuple(answer["keys"]),
                text=texts[index] if texts is not None else answer["text"],
                notes=notes[index] if len(notes) == self._total else "",
            )

    def _count(self, pdf: str, pages: int) -> None:
        if pages == 0:
            raise Refused(Problem.EMPTY, "no pages")
        if pages > self._limits.pages:
            raise Refused(Problem.TOO_MANY_PAGES, f"{pages} pages")
        self._total = pages
        self._drawers.waiting.extend(Page(number, pdf, [number - 1], pages) for number in range(1, pages + 1))

    def _new_keys(self, count: int) -> list[str]:
        keys = [secrets.token_urlsafe(16) for _ in range(count)]
        self._keys.update(keys)
        return keys

    def _believed(self, message: dict[str, Any]) -> dict[str, Any]:
        if "problem" in message:
            raise Refused(Problem(message["problem"]), str(message.get("detail", "")))
        return message
