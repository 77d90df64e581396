"""Python's garbage collector in a process with a full room."""

from __future__ import annotations

import gc


def calm() -> None:
    """Keep the collector from stopping a full room.

    Beside 5,000 pages it would walk through everything that they hold every eight seconds, for 0.8 s in which nobody
    hears a word, to find a few hundred objects. So it leaves alone the objects that are loaded now, which stay for
    ever. It looks through the young ones when ten thousand more were made than freed, and through all of them after
    three million, which is what a full room leaves behind.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 5, 60)
