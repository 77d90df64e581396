"""What units say to the rooms above."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

moved = _signals.signal("units.moved")
"""A unit hangs elsewhere now. The sender is its id; sent within the transaction, so that what hears it joins it."""

kind_changed = _signals.signal("units.kind_changed")
"""A unit is of another kind now, so what is beneath may belong to another institute. The sender is its id; sent within
the transaction, too."""
