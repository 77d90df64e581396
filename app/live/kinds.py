"""Kinds of the timeline's events that lessons append; the classroom says how they look."""

from __future__ import annotations

STATE = "live.state"
"""The lesson's status, see `LiveSession.status`."""
