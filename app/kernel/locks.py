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


def one_by_one(lock: Path, next_one: Callable[[], Id | None], make: Callable[[Id], None]) -> None:
    """Make what waits, one after another, unless another process is at it and makes this too.

    Args:
        lock: held by the process that makes.
        next_one: returns the id of what has waited longest. `None` means that nothing waits.
        make: after it the id does not wait any more, whatever came of it.
    """
    while next_one() is not None:  # asked again after the lock is given back: one may have come since
        with alone(lock) as is_alone:
            if not is_alone:
                return
            while (found := next_one()) is not None:
                make(found)
