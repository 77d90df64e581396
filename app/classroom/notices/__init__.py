"""广播: what a presenter says to everybody at once, as a line among the messages that nobody overlooks."""

from __future__ import annotations
