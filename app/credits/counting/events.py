"""Signals of counting to the floors above, sent within the transaction, so that receivers join it."""

from __future__ import annotations

from blinker import Namespace

judged = Namespace().signal("counting.judged")
"""Reports of pages were judged. The sender is the list of `Judged`, in the order in which the reports arrived."""
