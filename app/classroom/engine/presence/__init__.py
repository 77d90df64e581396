"""Presence: the people in a lesson's room, and since when they are there."""

from __future__ import annotations
