"""What documents say to the rooms above."""

from __future__ import annotations

from blinker import Namespace

TELL_EVERY_MS = 1000
"""So often at most one that is on its way is told of."""

_signals = Namespace()

changed = _signals.signal("documents.changed")
"""A document was added, removed, renamed or moved, or is further than before. The sender is the Document; sent after
the commit, about once a second at most while one is converted, in the process that made the change: web, or jobs."""
