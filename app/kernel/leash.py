"""Programs that end with their parent, however it ends: even `kill -9` leaves none behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

LEASH = Path(__file__).resolve().parents[2] / "deploy" / "leash.py"


def leashed(command: Sequence[str]) -> list[str]:
    """Return the command that runs `command` for this process and kills it together with the thread that starts it."""
    return [sys.executable, "-I", "-S", str(LEASH), "--kill", str(os.getpid()), *command]
