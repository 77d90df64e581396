"""参与人员: who is in a lesson's room, and since when."""

from __future__ import annotations
