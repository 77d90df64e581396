"""A real learning record store for tests: Ralph's, with a file for its statements. Tests kill it and start it again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

from tests.journeys.waiting import wait_for
from tests.ports import free_port

USER, PASSWORD = "jiangtang", "a-password"

SERVER = """
import sys
import uvicorn
from ralph.api import app
from ralph.backends.data.base import BaseOperationType
from ralph.backends.data.fs import FSDataBackend

FSDataBackend.default_operation_type = BaseOperationType.APPEND  # its own way refuses the second write to a file
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""


def ralph(*argv: str, said: str = "", **settings: str) -> str:
    """Run Ralph's program and return what it prints."""
    command, env = [sys.executable, "-m", "ralph", *argv], os.environ | settings
    done = subprocess.run(command, input=said, env=env, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


@cache
def _account() -> str:
    """Return Ralph's file of accounts, with one. Its program takes 1.5 s to write it."""
    account = ["-u", USER, "-p", PASSWORD, "-s", "all", "-M", "mailto:jiangtang@iom.example", "-N", "讲堂", "-w"]
    with TemporaryDirectory() as folder:
        file = Path(folder, "auth.json")
        ralph("auth", *account, RALPH_APP_DIR=folder, RALPH_AUTH_FILE=str(file), RALPH_RUNSERVER_BACKEND="fs")
        return file.read_text()


class RecordStore:
    """The store in a folder of its own, with one account."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self._environment = {
            **os.environ,
            "RALPH_APP_DIR": str(folder),
            "RALPH_AUTH_FILE": str(folder / "auth.json"),
            "RALPH_RUNSERVER_BACKEND": "fs",
            "RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH": str(folder / "statements"),
        }
        self.url = f"http://127.0.0.1:{self._port}/xAPI"
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "auth.json").write_text(_account())

    def start(self) -> None:
        """Start, and wait until it answers."""
        argv = [sys.executable, "-c", SERVER, str(self._port)]
        self._process = subprocess.Popen(argv, cwd=self._folder, env=self._environment)
        wait_for(self._answers, "the record store answers", 60)

    def kill(self) -> None:
        """Kill it, as a crash would."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def statements(self) -> list[dict[str, Any]]:
        """Return all that it holds, in the order in which it came."""
        file = self._folder / "statements" / "fs_lrs.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/statements?limit=1", auth=(USER, PASSWORD), timeout=5).ok
        except requests.ConnectionError:
            return False


@contextmanager
def running(folder: Path) -> Iterator[RecordStore]:
    """Yield a store that runs."""
    store = RecordStore(folder)
    store.start()
    try:
        yield store
    finally:
        store.kill()
