"""Python's garbage collector beside a full room."""

from __future__ import annotations

import gc


def calm() -> None:
    """Keep the collector from stopping a full room.

    Beside 5,000 pages it would walk through everything that they hold every eight seconds, for 0.8 s in which nobody
    hears a word, to find a few hundred objects. What is loaded now stays for ever. The rest is looked through once so
    many more objects were made than were freed: the young ones after ten thousand, all of them after three million,
    which is what a full room leaves behind.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 5, 60)
