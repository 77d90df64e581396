"""Work that only one process at a time does on this machine."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

Id = TypeVar("Id")


@contextmanager
def alone(lock: Path) -> Iterator[bool]:
    """Take the lock. Yield whether that worked. A killed process leaves no lock behind."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def resume(
    lock: Path, sweep: Callable[[], None], next_one: Callable[[], Id | None], begin: Callable[[], object]
) -> None:
    """Clear up after a killed process and have its work done.

    Args:
        lock: held by the process that makes.
        sweep: removes half-made files; runs only while nobody makes any.
        next_one: returns the id of what has waited longest. `None` means that nothing waits.
        begin: queues the making.
    """
    with alone(lock) as is_alone:
        if is_alone:
            sweep()
    if next_one() is not None:
        begin()


def one_by_one(lock: Path, next_one: Callable[[], Id | None], make: Callable[[Id], None]) -> None:
    """Make everything that waits, one after another. If another process is at it, leave the work to that.

    Args:
        lock: held by the process that makes.
        next_one: returns the id of what has waited longest. `None` means that nothing waits.
        make: makes one. Afterwards its id does not wait any more, whether or not that worked.
    """
    while next_one() is not None:  # asked again after the lock is given back: one may have come since
        with alone(lock) as is_alone:
            if not is_alone:
                return
            while (found := next_one()) is not None:
                make(found)
