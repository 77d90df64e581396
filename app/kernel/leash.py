"""Programs that end with whoever started them, however that one ends: `kill -9` leaves nothing behind that works on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

LEASH = Path(__file__).resolve().parents[2] / "deploy" / "leash.py"


def leashed(command: Sequence[str]) -> list[str]:
    """Give the command that runs `command`, which is killed with the thread that starts it."""
    return [sys.executable, "-I", "-S", str(LEASH), "--kill", *command]
