"""Starting them: each a process with limits; what those of a family say comes as messages into one queue."""

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
"""What a child may say at once, bytes; a page's text is cut long before."""


@dataclass(frozen=True)
class Rules:
    """What a process may use. `network`: "none" or it does not run, "try", or "shared" as everybody."""

    memory_bytes: int
    cpu_s: int
    file_bytes: int = 2_000_000_000
    network: str = "try"


@dataclass(frozen=True)
class View:
    """What programs see of the disk: all but `hidden`, and of that only `shown`. Empty: everything."""

    hidden: tuple[Path, ...] = ()
    shown: tuple[Path, ...] = ()

    def with_shown(self, *paths: Path) -> View:
        """Give a view of some more paths."""
        return replace(self, shown=(*self.shown, *paths))


EVERYTHING = View()


@dataclass
class Child:
    """A process of ours, and what it said before it ended."""

    name: str
    process: subprocess.Popen[bytes]
    rules: Rules
    log: Path
    cpu_s: float = 0.0
    """What it used, known when it has ended."""
    most_bytes: int = 0
    """What it held at most whenever somebody looked."""

    def ask(self, message: Mapping[str, Any]) -> None:
        """Send a message; one that is dead already is found out by its end."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()

    def look_at_memory(self) -> None:
        """See what it holds now (proc(5), VmData, which is what its limit counts)."""
        with suppress(OSError, ValueError, IndexError):
            status = Path(f"/proc/{self.process.pid}/status").read_text()
            held = int(status.partition("VmData:")[2].split(maxsplit=1)[0]) * 1024
            self.most_bytes = max(self.most_bytes, held)

    @property
    def was_short_of_memory(self) -> bool:
        """Say whether it came near its limit; LibreOffice then only says that it cannot read the file."""
        return self.most_bytes > 0.7 * self.rules.memory_bytes

    def complaint(self) -> str:
        """The end of what it wrote to stderr, for the log."""
        try:
            return self.log.read_bytes()[-2000:].decode(errors="replace")
        except OSError:
            return ""


@dataclass(frozen=True)
class Said:
    """A message of a child; None when it has ended."""

    child: Child
    line: bytes | None

    @property
    def message(self) -> dict[str, Any]:
        """What it said, as JSON; a child of ours says nothing else."""
        return dict(json.loads(self.line or b"{}"))


class Family:
    """All processes that work on one file, in a folder; leaving it ends them."""

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
        """Start a program; what it says will be heard."""
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
        """Start a module of ours, which has a `main` and knows nothing of the app."""
        return self.start(name, own(module, *arguments), rules)

    def hear(self, timeout_s: float) -> Said | None:
        """Give the next message, or None when nobody says anything for so long."""
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
    """Wait for a process and read what it used (proc(5), utime and stime) before it is gone.

    How a program ends that has used up its seconds is up to itself: LibreOffice aborts as it does without memory.
    """
    with suppress(OSError, ValueError, IndexError):
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return 0.0  # somebody else has waited for it already, or there is no /proc


def own(module: str, *arguments: str) -> list[str]:
    """Give the command that runs a module of ours without the app around it."""
    return [sys.executable, "-I", str(FOLDER / "child.py"), module, *arguments]


def launched(command: Sequence[str], rules: Rules, view: View = EVERYTHING) -> list[str]:
    """Put the limits before a command."""
    paths = {"hidden": list(map(str, view.hidden)), "shown": [str(path.resolve()) for path in view.shown]}
    said = json.dumps(asdict(rules) | paths | {"parent": os.getpid()})
    return [sys.executable, "-I", "-S", str(FOLDER / "launch.py"), said, *command]


def bare_environment(home: Path) -> dict[str, str]:
    """Give what a program needs to know, and none of our settings and secrets."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        # Where there is no network namespace: whoever honours these asks a port that nobody listens on.
        **dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy", "all_proxy"), "http://127.0.0.1:9"),
    }


def end(child: Child) -> None:
    """Kill a child and everything that it has started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()
    if child.process.stdin:
        with suppress(BrokenPipeError):
            child.process.stdin.close()


@cache
def can_be_apart() -> bool:
    """Say whether this machine lets a process go where there is no network, and hides our data from it."""
    rules = Rules(memory_bytes=1_000_000_000, cpu_s=5, network="none")
    with tempfile.TemporaryDirectory() as folder:
        try:
            command = launched(["true"], rules, View((Path(folder),)))
            done = subprocess.run(command, capture_output=True, timeout=10, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0
