"""Signals of the media room to the rooms above, sent after the commit. The sender is the stream's id."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

encoder_ready = _signals.signal("media.encoder_ready")
"""An encoder publishes and its first segment is on disk."""

encoder_lost = _signals.signal("media.encoder_lost")
"""The encoder is gone, or the worker that took it in."""

finished = _signals.signal("media.finished")
"""The playlists of an ended stream are closed."""
