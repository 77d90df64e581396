"""A private Redis for one test, with the machine's own server program."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from tests.ports import free_port


class Server:
    """A server that keeps nothing, and may be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        argv = ["redis-server", "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(argv, cwd=self._folder, stdout=subprocess.DEVNULL)
        patience = Retry(ConstantBackoff(0.05), 200)
        with redis.Redis.from_url(self.url, retry=patience, retry_on_error=[redis.ConnectionError]) as client:
            client.ping()

    def stop(self) -> None:
        """Kill the server, as a crash would."""
        if self._process:
            self._process.kill()
            self._process.wait()


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """Yield a running server."""
    it = Server(folder)
    it.start()
    try:
        yield it
    finally:
        it.stop()
