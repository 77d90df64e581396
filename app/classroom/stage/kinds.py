"""The kinds of events of the stage, by name; `renderers` says how they look."""

from __future__ import annotations

JOINED = "stage.joined"
"""`key` and `name`: since this moment of the capture clock she talks on the stage."""
LEFT = "stage.left"
"""`key` and `name`: until this moment."""
CHANGED = "stage.changed"
"""Somebody was called, muted, or came back with another page; the host came or went; other rules are in force."""

ALL = (JOINED, LEFT, CHANGED)
