"""coturn, the TURN server that deploy/turnserver.conf is for, with what of that file needs no public address."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conftest import ROOT
from tests.journeys.waiting import wait_for
from tests.ports import free_ports, is_free

SECRET = "of the academy"
HERE = "127.0.0.1"
NOBODY = 65534
NOT_HERE = ("listening-port", "min-port", "max-port", "external-ip", "tcp-proxy-port", "denied-peer-ip", "static-auth")
"""Lines that a test replaces. The peers of its browsers are on the loopback device, which the file rightly denies."""


class Relay:
    """A running coturn. `url` is that of TURN over TCP."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.url = f"turn:{HERE}:{port}?transport=tcp"
        self.secret = SECRET
        self.settings = {"TURN_URLS": self.url, "TURN_SECRET": SECRET}
        self.process = process

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()


@contextmanager
def coturn_of_nobody() -> Iterator[Relay]:
    """Run coturn as a user to whom no rule for root's packets applies."""
    with TemporaryDirectory(prefix="relay-") as folder:
        shutil.chown(folder, NOBODY, NOBODY)
        with coturn(Path(folder), "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups") as relay:
            yield relay


@contextmanager
def coturn(folder: Path, *prefix: str) -> Iterator[Relay]:
    """Run coturn. Nothing of it is left afterwards.

    Args:
        folder: for its files.
        prefix: program that runs it, with arguments.
    """
    [port] = free_ports(1)
    lines = (ROOT / "deploy" / "turnserver.conf").read_text(encoding="utf-8").splitlines()
    kept = [line.replace("<turn.example.cn>", "turn.example.cn") for line in lines if not line.startswith(NOT_HERE)]
    own = [f"static-auth-secret={SECRET}", f"listening-port={port}", f"listening-ip={HERE}", f"relay-ip={HERE}"]
    own += ["min-port=32100", "max-port=32399", "allow-loopback-peers", "log-file=stdout"]
    own += [f"pidfile={folder}/coturn.pid", f"userdb={folder}/coturn.sqlite3"]
    file = folder / "turnserver.conf"
    file.write_text("\n".join(kept + own), encoding="utf-8")
    with (folder / "coturn.log").open("wb") as log:
        process = subprocess.Popen([*prefix, "turnserver", "-c", str(file)], stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(lambda: not is_free(port) or process.poll() is not None, "coturn listens")
        assert process.poll() is None, (folder / "coturn.log").read_text()
        yield Relay(port, process)
    finally:
        process.kill()
        process.wait()
