"""One conversion from file to pages: who is asked when, and what comes out in order.

    prepare -> LibreOffice (piece by piece) -> two that draw

All of them are processes with limits; this one only passes messages, so a hostile file takes nothing from it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import shutil
import signal
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.documents.convert import office
from app.documents.convert.children import Child, Family, Rules, Said
from app.documents.convert.results import Finding, FindingKind, Limits, Outline, PageMade, Problem, Refused
from app.documents.convert.writing import remove_sizes

log = logging.getLogger(__name__)

Result = Outline | PageMade | Finding

NETWORK = "try"
"""LibreOffice gets a network with nothing in it where the kernel allows that; see children.Rules."""
DRAWERS = 2
TICK_S = 0.05
ASK_S = 0.5
"""How often it is asked whether anybody still wants the pages."""
WORK = "work-"
OUT_OF_MEMORY = {signal.SIGABRT, signal.SIGTRAP, signal.SIGILL, signal.SIGKILL}
"""How programs end that get no more memory: abort(3), pdfium's trap, or by the kernel."""
OUT_OF_TIME = {signal.SIGPROF, signal.SIGXCPU}


class Unwanted(Exception):
    """Nobody wants the pages any more."""


@dataclass
class _Page:
    """A page that is to be drawn: where its steps are, and under which names they will lie."""

    number: int
    pdf: str
    indices: list[int]
    pages_of_pdf: int
    keys: list[str] = field(default_factory=list)


@dataclass
class _Drawer:
    """A process that draws, and what it has been asked."""

    child: Child
    page: _Page | None = None
    counting: str = ""
    since: float = 0.0

    @property
    def is_free(self) -> bool:
        return self.page is None and not self.counting


class Conversion:
    """Converts one file; `results` may be called once."""

    def __init__(self, source: Path, target: Path, limits: Limits, wanted: Callable[[], bool]) -> None:
        self._source, self._target, self._limits, self._wanted = source.resolve(), target.resolve(), limits, wanted
        self._began = self._asked = time.monotonic()
        self._work = Path()
        self._family: Family
        self._plan: dict[str, Any] = {}
        self._waiting: deque[_Page] = deque()
        self._to_count: deque[str] = deque()
        self._made: dict[int, PageMade] = {}
        self._drawers: list[_Drawer] = []
        self._office: Child | None = None
        self._office_runs = 0
        self._office_since = 0.0
        self._pdfs: deque[tuple[Path, list[int] | None]] = deque()
        self._total: int | None = None
        self._next_number = 1
        self._keys: set[str] = set()

    def results(self) -> Iterator[Result]:
        """Give what there is as soon as it is there.

        Raises:
            Refused: the file is not what can be shown.
        """
        self._target.mkdir(parents=True, exist_ok=True)
        for stale in self._target.glob(f"{WORK}*"):  # of a conversion that was killed
            shutil.rmtree(stale, ignore_errors=True)
        self._work = Path(tempfile.mkdtemp(prefix=WORK, dir=self._target))
        try:
            with Family(self._work) as self._family:
                self._check_size()
                self._plan = self._ask_once("prepare", self._task(), self._prepare_rules())
                yield from self._pictured() if self._plan["way"] == "picture" else self._drawn()
        except Unwanted:
            return
        finally:
            shutil.rmtree(self._work, ignore_errors=True)
            for key in self._keys:  # written and handed to nobody
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
        """Run a child that answers with one message."""
        child = self._family.start_own(module, module, rules, task)
        deadline = time.monotonic() + rules.cpu_s * self._limits.patience
        while True:
            said = self._family.hear(TICK_S)
            self._look_up(deadline)
            if said is None or said.child is not child:
                continue
            if said.line is None:
                raise self._died(child)
            return self._believed(said.message)

    def _pictured(self) -> Iterator[Result]:
        key = self._new_keys(1)[0]
        task = json.dumps({"source": str(self._source), "target": str(self._target), "key": key})
        yield Outline(1)
        made = self._ask_once("picture", task, Rules(self._limits.render_bytes, self._limits.page_cpu_s * 2))
        yield self._handed(PageMade(1, made["width"], made["height"], (key,), "", ""))

    def _drawn(self) -> Iterator[Result]:
        """Draw pages as PDF files come; give them in order."""
        if self._plan["way"] == "pdf":
            self._to_count.append(str(self._source))
        else:
            self._start_office()
        if self._plan["pieces"] is not None:
            yield from self._announced(sum(len(piece) for piece in self._plan["pieces"]))
        done = 0
        while self._total is None or done < self._total:
            self._look_up(self._began + self._limits.whole_s)
            self._take_pdfs()
            self._employ()
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

    def _handed(self, page: PageMade) -> PageMade:
        self._keys.difference_update(page.steps)
        return page

    def _look_up(self, deadline: float) -> None:
        """See whether this is still wanted, and has not taken too long."""
        now = time.monotonic()
        if now > deadline:
            raise Refused(Problem.TOO_SLOW, "by the clock")
        if now - self._asked > ASK_S:
            self._asked = now
            if not self._wanted():
                raise Unwanted

    # LibreOffice

    def _start_office(self) -> None:
        found = office.find_office()
        if found is None:
            raise Refused(Problem.NO_OFFICE)
        out, profile = self._work / "out", self._work / "profile"
        if not self._office_runs:
            out.mkdir()
            office.prepare_profile(profile)
            pieces = self._plan["pieces"] or [None] * len(self._plan["files"])
            self._pdfs.extend(
                (out / f"{Path(file).stem}.pdf", piece) for file, piece in zip(self._plan["files"], pieces, strict=True)
            )
        files = [Path(file) for file in self._plan["files"]]
        limits = self._limits
        self._office = self._family.start(
            "office",
            office.command(found, profile, out, files, self._plan["way"]),
            Rules(limits.office_bytes, limits.office_cpu_s, network=NETWORK),
            env=office.ENVIRONMENT,
        )
        self._office_runs += 1
        self._office_since = time.monotonic()

    def _take_pdfs(self) -> None:
        """Put the pages of what LibreOffice has finished in the queue."""
        if not self._pdfs:
            return
        if self._office:
            self._office.look_at_memory()
        if self._office and time.monotonic() - self._office_since > self._limits.office_cpu_s * self._limits.patience:
            raise Refused(Problem.TOO_SLOW, "LibreOffice, by the clock")
        while self._pdfs and _is_whole(self._pdfs[0][0]):
            pdf, piece = self._pdfs.popleft()
            if piece is None:
                self._to_count.append(str(pdf))
            else:
                self._queue_piece(str(pdf), piece)

    def _queue_piece(self, pdf: str, piece: list[int]) -> None:
        index = 0
        for steps in piece:
            indices = list(range(index, index + steps))
            self._waiting.append(_Page(self._next_number, pdf, indices, sum(piece)))
            self._next_number += 1
            index += steps

    def _office_ended(self, child: Child) -> None:
        code = child.process.returncode
        self._office = None
        if code == office.START_AGAIN and self._office_runs < 3:
            self._start_office()
            return
        self._take_pdfs()
        if self._pdfs:
            raise self._died(child)

    # those that draw

    def _employ(self) -> None:
        """Give work to whoever is free, and hire another when there is more."""
        while self._to_count or self._waiting:
            free = next((one for one in self._drawers if one.is_free), None) or self._hired()
            if free is None:
                return
            free.since = time.monotonic()
            if self._to_count:
                free.counting = self._to_count.popleft()
                free.child.ask({"do": "count", "pdf": free.counting})
            else:
                page = free.page = self._waiting.popleft()
                page.keys = self._new_keys(len(page.indices))
                free.child.ask(
                    {
                        "do": "page",
                        "pdf": page.pdf,
                        "pages": page.indices,
                        "keys": page.keys,
                        "target": str(self._target),
                        "text": self._plan["texts"] is None,
                    }
                )

    def _hired(self) -> _Drawer | None:
        if len(self._drawers) >= min(DRAWERS, os.cpu_count() or 1):
            return None
        limits = self._limits
        rules = Rules(limits.render_bytes, limits.whole_s)
        child = self._family.start_own(f"render{len(self._drawers)}", "render", rules, str(limits.page_cpu_s))
        self._drawers.append(_Drawer(child))
        return self._drawers[-1]

    def _listen(self, said: Said | None) -> None:
        self._watch_drawers()
        if said is None:
            return
        if said.child is self._office:
            if said.line is None:
                self._office_ended(said.child)
            return
        drawer = next((one for one in self._drawers if one.child is said.child), None)
        if drawer is None:
            return
        if said.line is None:
            raise self._died(said.child)
        self._take_answer(drawer, self._believed(said.message))

    def _watch_drawers(self) -> None:
        now = time.monotonic()
        for one in self._drawers:
            steps = len(one.page.indices) if one.page else 1
            if not one.is_free and now - one.since > self._limits.page_cpu_s * self._limits.patience * steps:
                raise Refused(Problem.TOO_SLOW, "a page, by the clock")

    def _take_answer(self, drawer: _Drawer, answer: dict[str, Any]) -> None:
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
        self._waiting.extend(_Page(number, pdf, [number - 1], pages) for number in range(1, pages + 1))

    # how it went

    def _new_keys(self, count: int) -> list[str]:
        keys = [secrets.token_urlsafe(16) for _ in range(count)]
        self._keys.update(keys)
        return keys

    def _believed(self, message: dict[str, Any]) -> dict[str, Any]:
        if "problem" in message:
            raise Refused(Problem(message["problem"]), str(message.get("detail", "")))
        return message

    def _died(self, child: Child) -> Refused:
        """Say why a child has ended that should not have."""
        child.process.wait()
        code, complaint = child.process.returncode, child.complaint()
        log.info("converting %s: %s ended with %s: %s", self._source.name, child.name, code, complaint)
        detail = f"{child.name} ended with {code}"
        if -code in OUT_OF_TIME or child.cpu_s > child.rules.cpu_s - 0.5:
            return Refused(Problem.TOO_SLOW, detail)
        if -code in OUT_OF_MEMORY or child.was_short_of_memory or re.search("MemoryError|bad_alloc", complaint):
            return Refused(Problem.TOO_MUCH_MEMORY, detail)
        return Refused(Problem.BROKEN, detail)


def _is_whole(pdf: Path) -> bool:
    """Say whether a PDF is written to its end; LibreOffice copies it into place."""
    try:
        with pdf.open("rb") as file:
            file.seek(max(0, pdf.stat().st_size - 16))
            return file.read().rstrip().endswith(b"%%EOF")
    except OSError:
        return False
