"""Signals of lessons, for the rooms above. The sender is the lesson's id. They are sent after the commit."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

changed = _signals.signal("live.changed")
"""The lesson has come into another state, or its recording was switched."""

ended = _signals.signal("live.ended")
"""The lesson is over."""

planned_anew = _signals.signal("live.planned_anew")
"""A published plan was changed. The sender is the LiveSession, `before` its Plan until now, `by` who changed it;
within the transaction."""

cancelled = _signals.signal("live.cancelled")
"""The lesson is called off, or deleted before it began. The sender is the LiveSession, `by` who did it; within the
transaction."""

rehearsed = _signals.signal("live.rehearsed")
"""A rehearsal was made. The sender is the LiveSession, `rehearsal` its twin, `by` who wants it; within the
transaction."""

part_taken = _signals.signal("live.part_taken")
"""A person has become teacher or assistant by a token. The sender is the LiveSession, `user` the person, `part` what
she is now; within the transaction."""
