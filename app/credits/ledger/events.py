"""Signals of the ledger to the floors above, sent within the transaction, so that receivers join it."""

from __future__ import annotations

from blinker import Namespace

appended = Namespace().signal("ledger.appended")
"""Entries were appended. The sender is the list of their columns by name, in the order of the chain; `stretches` gives
the stretches as JSON by number, for those that were computed from any."""
