"""The kinds of events of the stage, by name; `renderers` says how they look."""

from __future__ import annotations

JOINED = "stage.joined"
"""`key` and `name` of a person who talks on the stage from this moment of the capture clock."""
LEFT = "stage.left"
"""`key` and `name` of a person who talked on the stage until this moment."""
CHANGED = "stage.changed"
"""A person was called, muted, or came back with another page, the host came or went, or the rules changed."""

ALL = (JOINED, LEFT, CHANGED)
