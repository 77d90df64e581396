"""`deploy/run.py`, which `make run` ends in: refuses in one sentence, starts everything, leaves nothing behind."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.journeys.waiting import wait_for
from tests.ports import free_ports

PATIENCE_S = 180


class Service:
    """The service as somebody started it in a terminal, with its words."""

    def __init__(self, folder: Path) -> None:
        self.ports = dict(zip(("PORT", "RTMP_PORT", "INGEST_PORT"), free_ports(3), strict=True))
        self.folder = folder
        self.lines: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in {"MAKELEVEL", "DATABASE_URL"}}
        return inherited | {name: str(port) for name, port in self.ports.items()} | {"DATA_DIR": str(self.folder)}

    def start(self, **settings: str) -> None:
        """Start, and collect what is said."""
        self.process = subprocess.Popen(
            [sys.executable, "deploy/run.py"],
            cwd=ROOT,
            env=self.environment | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        with self.process.stdout as pipe:
            self.lines.extend(pipe)

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['PORT']}/healthz", timeout=2) as reply:
                return bool(json.load(reply)["ok"])
        except OSError:
            return False

    def pids(self) -> dict[int, str]:
        """Return every process that has this service's DATA_DIR in its environment, with its command."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"DATA_DIR={self.folder}\0".encode() in (folder / "environ").read_bytes():
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def pid_of(self, words: str) -> int | None:
        return next((pid for pid, command in self.pids().items() if words in command), None)


def _wait(condition: Callable[[], object], service: Service) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, service.said
        time.sleep(0.05)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Yield a service that is not started yet. Afterwards all its processes are ended."""
    service = Service(tmp_path / "data")
    yield service
    for pid in service.pids():
        os.kill(pid, signal.SIGKILL)
    if service.process:
        service.process.wait(10)


def test_starts_heals_and_leaves_nothing_behind(service: Service) -> None:
    service.folder.mkdir(mode=0o755)
    (service.folder / "covers").mkdir(mode=0o755)  # an older version has left it open to everybody
    service.start()
    _wait(lambda: "Ctrl-C stops everything" in service.said, service)
    assert service.healthy()
    assert "an example academy: everybody knows these passwords" in service.said
    everything = {path: path.stat().st_mode & 0o077 for path in (service.folder, *service.folder.iterdir())}
    assert everything == dict.fromkeys(everything, 0), "other users of the machine read nothing"
    assert f"rtmp://localhost:{service.ports['RTMP_PORT']}/live" in service.said

    first = service.pid_of("-m media_worker")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    _wait(lambda: (pid := service.pid_of("-m media_worker")) and pid != first, service)

    assert service.process is not None
    service.process.send_signal(signal.SIGINT)
    assert service.process.wait(30) == 0
    _wait(lambda: not service.pids(), service)


def test_a_terminal_that_is_closed_ends_it_just_as_well(service: Service) -> None:
    service.start(DEMO="0")
    _wait(lambda: "Ctrl-C stops everything" in service.said, service)
    assert service.process is not None
    service.process.send_signal(signal.SIGHUP)
    assert service.process.wait(30) == 0
    _wait(lambda: not service.pids(), service)


def test_killing_the_supervisor_leaves_nothing_behind(service: Service) -> None:
    service.start()
    _wait(lambda: "Ctrl-C stops everything" in service.said, service)
    supervisor = service.pid_of("supervisor.supervisord")
    assert supervisor is not None
    os.kill(supervisor, signal.SIGKILL)
    _wait(lambda: not service.pids(), service)


def test_busy_port_is_refused_before_anything_starts(service: Service) -> None:
    with socket.socket() as other:
        other.bind(("0.0.0.0", service.ports["RTMP_PORT"]))
        other.listen()
        service.start()
        assert service.process is not None
        assert service.process.wait(30) == 1
    _wait(lambda: service.said, service)
    assert service.said.splitlines() == [
        f"Cannot start: port {service.ports['RTMP_PORT']}: Address already in use. Choose another by RTMP_PORT=…"
    ]
    assert not (service.folder / "secrets").exists()


def test_same_folder_is_not_used_twice(service: Service) -> None:
    (service.folder / "run").mkdir(parents=True)
    with (service.folder / "run" / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        service.start()
        assert service.process is not None
        assert service.process.wait(30) == 1
    _wait(lambda: service.said, service)
    assert "it runs already on" in service.said


def test_with_reload_a_program_starts_again_when_its_files_change(tmp_path: Path) -> None:
    watched, said = tmp_path / "watched", tmp_path / "said"
    watched.mkdir()
    said.touch()
    program = f"import time; open({str(said)!r}, 'a').write('.'); time.sleep({PATIENCE_S})"
    command = [sys.executable, "deploy/again.py", str(watched), sys.executable, "-c", program]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "RELOAD": "1"})

    def starts_again() -> bool:
        (watched / "routes.py").write_text(str(time.monotonic()))
        return len(said.read_text()) > 1

    try:
        wait_for(lambda: said.read_text() == ".", "it has started", PATIENCE_S)
        wait_for(starts_again, "it has started again", PATIENCE_S)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
