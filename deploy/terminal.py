"""Shows the output of several programs on the terminal, each line behind the program's name."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import IO

COLOURS = (36, 35, 33, 32, 34)
WIDTH = 12
_writing = threading.Lock()


def open_pipes(folder: Path, names: Iterable[str]) -> None:
    """Make one named pipe per program in `folder`, and show its output until this process ends."""
    for number, name in enumerate(names):
        path = folder / name
        path.unlink(missing_ok=True)
        os.mkfifo(path, 0o600)
        # open both ways, so that a writer never waits for us, and the pipe does not end when a program is restarted
        pipe = os.fdopen(os.open(path, os.O_RDWR), "rb", buffering=0)
        show_lines(name, pipe, colour=COLOURS[number % len(COLOURS)])


def show_lines(name: str, pipe: IO[bytes], colour: int = 0) -> None:
    """Show `pipe` line by line in the background."""
    threading.Thread(target=_show, args=(name, pipe, colour), daemon=True, name=f"show {name}").start()


def say(text: str) -> None:
    """Write whole lines. A closed terminal is no reason to stop."""
    with _writing, contextlib.suppress(OSError, ValueError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def _show(name: str, pipe: IO[bytes], colour: int) -> None:
    label = f"{name:<{WIDTH}} |"
    if colour and sys.stdout.isatty():
        label = f"\x1b[{colour}m{label}\x1b[0m"
    rest = b""
    while chunk := pipe.read(65536):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            say(f"{label} {line.decode(errors='replace').rstrip()}")
