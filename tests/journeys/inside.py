"""Python inside the app, in a process that stays, because importing the app takes longer than most questions."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import ROOT

ANSWER = """
import contextlib, io, json, sys, traceback
from wsgi import app
for line in sys.stdin:
    said, failed = io.StringIO(), ""
    with contextlib.redirect_stdout(said):
        try:
            with app.app_context():
                exec(json.loads(line), {})
        except Exception:
            failed = traceback.format_exc()
    print(json.dumps([said.getvalue(), failed]), flush=True)
"""


class Inside:
    """Starts with the first question, and again if it was killed meanwhile."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment, self._log = environment, log
        self._process: subprocess.Popen[str] | None = None

    def run(self, code: str) -> str:
        """Run code within an app context of its own. Return its output. It fails with the code's traceback."""
        if self._process is None or self._process.poll() is not None:
            self.close()  # it was killed with the service, but its pipes are still open here
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-c", ANSWER],
                    cwd=ROOT,
                    env=self._environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    start_new_session=True,
                )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(code) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line, f"it died: see {self._log}"
        said, failed = json.loads(line)
        assert not failed, failed
        return str(said)

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
