"""Files that the jobs process makes, one after another, so that other workers of the queue stay free.

The rows of a table say what is to be done, and a queued call only says "look". So a call that is queued twice, or lost
with its process, does no harm: the next process that looks begins a file again that a killed one has left half made.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from flask import Flask, current_app

from app.kernel import clock, locks
from app.kernel.queue import Job
from app.kernel.unit_of_work import unit_of_work

Id = TypeVar("Id")

MOST_ATTEMPTS = 3
"""Maximum number of attempts. A file whose making has killed its process as often is given up."""

REPORT_EVERY_MS = 500


class Workshop(Generic[Id]):
    """The place where one kind of file is made."""

    def __init__(
        self,
        name: str,
        folder: Callable[[], Path],
        *,
        next_one: Callable[[], Id | None],
        make: Callable[[Id], None],
        sweep: Callable[[], None],
    ) -> None:
        """Describe the work.

        Args:
            name: of the job in the queue.
            folder: returns where the files are made.
            next_one: returns the id that has waited longest. `None` means that nothing waits.
            make: makes a file. Afterwards its row does not wait any more, whether or not that worked.
            sweep: removes half-made files; runs only while nobody makes any.
        """
        self._folder, self._next_one, self._make, self._sweep = folder, next_one, make, sweep
        self.make_waiting = Job(self._make_waiting, name=name)

    def resume(self) -> None:
        """Clear up after a killed process and have its work done. The clockwork calls this at its start and hourly."""
        locks.resume(self._lock, self._sweep, self._next_one, self.make_waiting.later)

    def _make_waiting(self) -> None:
        locks.one_by_one(self._lock, self._next_one, self._make)

    @property
    def _lock(self) -> Path:
        return self._folder() / "making.lock"


class Attempted(Protocol):
    """A row of a file that is to be made."""

    state: Any
    attempts: Any
    problem: Any
    changed_ms: Any


def begin(row: Attempted, *, running: object, failed: object) -> bool:
    """Count an attempt to make something, within the unit of work that holds its row. Return whether to go on.

    Args:
        row: of the file that is to be made.
        running: state of a row that is being made.
        failed: state of a row that is given up.
    """
    row.changed_ms, row.problem = clock.now_ms(), ""
    if row.attempts >= MOST_ATTEMPTS:
        row.state, row.problem = failed, "failed"
        return False
    row.attempts += 1
    row.state = running
    return True


class Meter:
    """Notes the progress of a file in its row, not too often."""

    def __init__(self, write: Callable[[int], None]) -> None:
        """Note nothing yet.

        Args:
            write: writes into the row, within a unit of work, given the moment (epoch ms). What it raises ends the
                making.
        """
        self._app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way to the app
        self._write, self._noted_ms = write, 0

    def note(self, *, at_once: bool = False) -> None:
        """Note the progress, if the last time was a while ago. May be called in any thread."""
        now_ms = clock.now_ms()
        if at_once or now_ms - self._noted_ms > REPORT_EVERY_MS:
            self._noted_ms = now_ms
            with self._app.app_context(), unit_of_work():  # ffmpeg's output is read in a thread of its own
                self._write(now_ms)
