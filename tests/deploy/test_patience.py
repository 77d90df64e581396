"""Requests that come half: the web process waits for them as long as a slow line needs, and no longer."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.ports import free_port

HURRIED = """
import patience
patience.PATIENCE_S, patience.LEAST_BYTES_PER_S, patience.AT_A_TIME = 1.0, 2000, 512
exec(open("deploy/gunicorn.conf.py").read())
keepalive = 2
"""
"""The real settings with a shorter patience, so that the tests need not wait."""

SITE = """
def app(environ, start_response):
    try:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    except TimeoutError:
        body = b"late"
    start_response("200 OK", [("Content-Length", str(len(str(len(body)))))])
    return [str(len(body)).encode()]
"""


@pytest.fixture
def open_line(tmp_path: Path) -> Iterator[Callable[[], socket.socket]]:
    """Yield a function that connects to gunicorn with the service's own kind of worker."""
    port = free_port()
    (tmp_path / "conf.py").write_text(HURRIED)
    (tmp_path / "hasty_site.py").write_text(SITE)
    environ = {**os.environ, "PORT": str(port), "WEB_HOST": "127.0.0.1", "PYTHONPATH": f"{tmp_path}:{ROOT / 'deploy'}"}
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        str(tmp_path / "conf.py"),
        "--chdir",
        str(ROOT),
        "hasty_site:app",
    ]
    with subprocess.Popen(command, cwd=ROOT, env=environ) as process:
        try:
            _wait_for(port)
            yield lambda: socket.create_connection(("127.0.0.1", port), timeout=20)
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("gunicorn does not listen")


def _read_to_the_end(line: socket.socket) -> bytes:
    """Return what comes until the server closes; a server that never does ends in `TimeoutError`."""
    pieces = []
    try:
        while piece := line.recv(4096):
            pieces.append(piece)
    except ConnectionError:
        pass
    return b"".join(pieces)


def test_senders_that_stop_half_way_are_let_go(open_line: Callable[[], socket.socket]) -> None:
    lines = [open_line() for _ in range(50)]
    for line in lines:
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nhalf of it")
    for line in lines:
        _read_to_the_end(line)
        line.close()


def test_half_of_the_headers_is_waited_for_no_longer(open_line: Callable[[], socket.socket]) -> None:
    with open_line() as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nX-Half")
        _read_to_the_end(line)


def test_a_slow_line_gets_its_body_through(open_line: Callable[[], socket.socket]) -> None:
    """8 kB take 2 s, longer than the patience with a sender of whom nothing comes."""
    with open_line() as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 8000\r\n\r\n")
        for _ in range(20):
            line.sendall(b"x" * 400)
            time.sleep(0.1)
        assert _read_to_the_end(line).endswith(b"8000")
