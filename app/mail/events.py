"""Signals of the mail room."""

from __future__ import annotations

from blinker import Namespace

was_read = Namespace().signal("mail_events.was_read")
"""An administrator has read a mail, which may hold a link that opens an account. The sender is the Mail."""
