"""What lessons say to the rooms above. The sender is the lesson's id; sent after the commit."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

changed = _signals.signal("live.changed")
"""The lesson has come into another state, or its recording was switched."""

ended = _signals.signal("live.ended")
"""The lesson is over."""

STATE = "live.state"
"""Kind of the timeline's event with the lesson's status; see `LiveSession.status`."""
