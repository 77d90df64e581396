"""举手: one queue of those who want to speak; the desk gives the floor."""

from __future__ import annotations
