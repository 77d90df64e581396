"""Starts the programs, each in a process with limits. The messages of a family come into one queue."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import IO, Any, Self

FOLDER = Path(__file__).resolve().parent
LONGEST_LINE = 4_000_000
"""Maximum bytes of one message of a child. A page's text is cut long before."""


@dataclass(frozen=True)
class Rules:
    """Limits of a process. `network` is "none" (else the process does not start), "try" for none, or "shared"."""

    memory_bytes: int
    cpu_s: int
    file_bytes: int = 2_000_000_000
    network: str = "try"


@dataclass(frozen=True)
class View:
    """The part of the disk that programs see: all but `hidden`, and of that `shown`. Without paths it is everything."""

    hidden: tuple[Path, ...] = ()
    shown: tuple[Path, ...] = ()

    def with_shown(self, *paths: Path) -> View:
        """Return a view that also shows these paths."""
        return replace(self, shown=(*self.shown, *paths))


EVERYTHING = View()


@dataclass
class Child:
    """A process of ours, with its limits and its log."""

    name: str
    process: subprocess.Popen[bytes]
    rules: Rules
    log: Path
    cpu_s: float = 0.0
    """CPU time used, known when the process has ended."""
    most_bytes: int = 0
    """Highest memory seen by `look_at_memory`."""

    def ask(self, message: Mapping[str, Any]) -> None:
        """Send a message. A child that is dead already is found by its end."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()

    def look_at_memory(self) -> None:
        """Note the child's memory (proc(5), VmData, which its limit counts)."""
        with suppress(OSError, ValueError, IndexError):
            status = Path(f"/proc/{self.process.pid}/status").read_text()
            held = int(status.partition("VmData:")[2].split(maxsplit=1)[0]) * 1024
            self.most_bytes = max(self.most_bytes, held)

    @property
    def was_short_of_memory(self) -> bool:
        """Return whether the child came near its limit. LibreOffice then only reports that it cannot read the file."""
        return self.most_bytes > 0.7 * self.rules.memory_bytes

    def complaint(self) -> str:
        """The end of the child's stderr, for the log."""
        try:
            return self.log.read_bytes()[-2000:].decode(errors="replace")
        except OSError:
            return ""


@dataclass(frozen=True)
class Said:
    """A message of a child. `line` is None when the child has ended."""

    child: Child
    line: bytes | None

    @property
    def message(self) -> dict[str, Any]:
        """The parsed JSON. Our own children write nothing else."""
        return dict(json.loads(self.line or b"{}"))


class Family:
    """All processes that work on one file, in a folder. Leaving the context ends them."""

    def __init__(self, work: Path, view: View = EVERYTHING) -> None:
        self._work, self._view = work, view.with_shown(work)
        self._said: queue.Queue[Said] = queue.Queue()
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children:
            end(child)

    def start(self, name: str, command: Sequence[str], rules: Rules, *, env: Mapping[str, str] | None = None) -> Child:
        """Start a program, and listen to its messages."""
        log = self._work / f"{name}.log"
        with log.open("ab") as stderr:
            process = subprocess.Popen(
                launched(command, rules, self._view),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=self._work,
                env=bare_environment(self._work) | dict(env or {}),
                start_new_session=True,
            )
        child = Child(name, process, rules, log)
        self._children.append(child)
        threading.Thread(target=self._listen, args=(child,), daemon=True).start()
        return child

    def start_own(self, name: str, module: str, rules: Rules, *arguments: str) -> Child:
        """Start a module of ours, which has a `main` and does not import the app."""
        return self.start(name, own(module, *arguments), rules)

    def hear(self, timeout_s: float) -> Said | None:
        """Return the next message, or None if none comes within `timeout_s`."""
        try:
            return self._said.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def _listen(self, child: Child) -> None:
        assert child.process.stdout is not None
        with child.process.stdout as out:
            for line in _lines(out):
                self._said.put(Said(child, line))
        child.cpu_s = _cpu_seconds_at_its_end(child.process.pid)
        child.process.wait()
        self._said.put(Said(child, None))


def _lines(out: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: out.readline(LONGEST_LINE), b"")


def _cpu_seconds_at_its_end(pid: int) -> float:
    """Wait for a process, and return its CPU seconds (proc(5), utime and stime) before it is gone.

    A program that has used up its seconds ends in its own way: LibreOffice aborts as it does without memory.
    """
    with suppress(OSError, ValueError, IndexError):
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return 0.0  # it was waited for elsewhere, or there is no /proc


def own(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of ours without the app around it."""
    return [sys.executable, "-I", str(FOLDER / "child.py"), module, *arguments]


def launched(command: Sequence[str], rules: Rules, view: View = EVERYTHING) -> list[str]:
    """Return the command that sets the limits and then runs `command`."""
    paths = {"hidden": list(map(str, view.hidden)), "shown": [str(path.resolve()) for path in view.shown]}
    said = json.dumps(asdict(rules) | paths | {"parent": os.getpid()})
    return [sys.executable, "-I", "-S", str(FOLDER / "launch.py"), said, *command]


def bare_environment(home: Path) -> dict[str, str]:
    """Return the environment that a program needs, without our settings and secrets."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        # without a network namespace: a program that honours these asks a port on which nobody listens
        **dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy", "all_proxy"), "http://127.0.0.1:9"),
    }


def end(child: Child) -> None:
    """Kill a child and all processes that it has started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()
    if child.process.stdin:
        with suppress(BrokenPipeError):
            child.process.stdin.close()


@cache
def can_be_apart() -> bool:
    """Return whether this machine can take the network from a process, and hide our data from it."""
    rules = Rules(memory_bytes=1_000_000_000, cpu_s=5, network="none")
    with tempfile.TemporaryDirectory() as folder:
        try:
            command = launched(["true"], rules, View((Path(folder),)))
            done = subprocess.run(command, capture_output=True, timeout=10, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0
