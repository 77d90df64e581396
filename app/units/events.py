"""Signals of units to the rooms above, sent within the transaction, so that receivers join it."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

moved = _signals.signal("units.moved")
"""A unit has moved. The sender is its id."""

kind_changed = _signals.signal("units.kind_changed")
"""A unit is of another kind now, so the units beneath may belong to another institute. The sender is its id."""
