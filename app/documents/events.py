"""Signals of documents to the rooms above."""

from __future__ import annotations

from blinker import Namespace

TELL_EVERY_MS = 1000
"""Minimum interval between two signals of a document under conversion."""

_signals = Namespace()

changed = _signals.signal("documents.changed")
"""A document was added, removed, renamed or moved, or has progressed. The sender is the Document. The signal comes
after the commit, in the process that made the change: web, or jobs."""
