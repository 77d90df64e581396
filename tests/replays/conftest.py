"""Shared by tests of replays."""

from __future__ import annotations

from tests.classroom.conftest import room

__all__ = ["room"]
