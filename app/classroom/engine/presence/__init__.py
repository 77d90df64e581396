"""Who is in a lesson's room, and since when."""

from __future__ import annotations
