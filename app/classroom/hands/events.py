"""Signals of hands, for the stage. The sender is the lesson's id. They are sent within the transaction."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

called = _signals.signal("hands.called")
"""A person, by `key`, has the floor."""

lowered = _signals.signal("hands.lowered")
"""A hand, by its person's `key`, is down; `by_id` is the account of who lowered it, `spoke` says whether she
had the floor, `left` whether she ended it herself, or has gone."""
