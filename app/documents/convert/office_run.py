"""A run of LibreOffice on the files of one conversion. It tells which of the PDF files are whole."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.documents.convert import office
from app.documents.convert.endings import reason
from app.documents.convert.results import Limits, Problem, Refused
from app.kernel.children.family import Child, Family, Rules

NETWORK = "try"
"""LibreOffice gets a network with nothing in it, if the kernel allows that. See children.Rules."""
MOST_STARTS = 3

Finished = tuple[Path, "list[int] | None"]
"""A PDF, and the number of steps of each page. `None` means that its pages are unknown."""


class OfficeRun:
    """One run, which starts again after LibreOffice has set up its profile."""

    def __init__(
        self,
        family: Family,
        work: Path,
        limits: Limits,
        *,
        app: str,
        files: Sequence[Path],
        pieces: Sequence[list[int] | None],
    ) -> None:
        self._family, self._limits, self._app, self._files = family, limits, app, files
        self._out, self._profile = work / "out", work / "profile"
        self._pdfs: deque[Finished] = deque(
            (self._out / f"{file.stem}.pdf", piece) for file, piece in zip(files, pieces, strict=True)
        )
        self._child: Child | None = None
        self._starts = 0
        self._since = 0.0

    def start(self) -> None:
        """Start LibreOffice.

        Raises:
            Refused: there is no LibreOffice.
        """
        found = office.find_office()
        if found is None:
            raise Refused(Problem.NO_OFFICE)
        if not self._starts:
            self._out.mkdir()
            office.prepare_profile(self._profile)
        self._child = self._family.start(
            "office",
            office.command(found, self._profile, self._out, self._files, self._app),
            Rules(self._limits.office_bytes, self._limits.office_cpu_s, network=NETWORK),
            env=office.ENVIRONMENT,
        )
        self._starts += 1
        self._since = time.monotonic()

    def owns(self, child: Child) -> bool:
        """Return whether the child is the present LibreOffice."""
        return child is self._child

    def finished(self) -> Iterator[Finished]:
        """Yield the files that have become whole since the last call.

        Raises:
            Refused: LibreOffice takes too long by the clock.
        """
        if self._pdfs and self._child:
            self._child.look_at_memory()
            if time.monotonic() - self._since > self._limits.office_cpu_s * self._limits.patience:
                raise Refused(Problem.TOO_SLOW, "LibreOffice, by the clock")
        while self._pdfs and _is_whole(self._pdfs[0][0]):
            yield self._pdfs.popleft()

    def ended(self) -> list[Finished]:
        """Handle the end of the process. Return its last files.

        Raises:
            Refused: files are missing.
        """
        assert self._child
        child, self._child = self._child, None
        if child.process.returncode == office.START_AGAIN and self._starts < MOST_STARTS:
            self.start()
            return []
        last = list(self.finished())
        if self._pdfs:
            raise reason(child)
        return last


def _is_whole(pdf: Path) -> bool:
    """Return whether a PDF is written to its end, since LibreOffice copies it into place."""
    try:
        with pdf.open("rb") as file:
            file.seek(max(0, pdf.stat().st_size - 16))
            return file.read().rstrip().endswith(b"%%EOF")
    except OSError:
        return False
