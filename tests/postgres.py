"""A private PostgreSQL cluster for one test run, with the machine's own server programs."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port


def binaries() -> Path:
    """Return the folder of initdb and pg_ctl, which Debian keeps outside of the PATH.

    Raises:
        FileNotFoundError: PostgreSQL's server is not installed.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    beside = shutil.which("initdb")
    if found:
        return found[-1].parent
    if beside:
        return Path(beside).parent
    raise FileNotFoundError("PostgreSQL is missing: apt-get install postgresql")


class Server:
    """A server with an empty database, which may be stopped and started again."""

    def __init__(self, folder: Path, *, forgets: bool = False) -> None:
        """Make the files. A server that `forgets` is quicker, and loses the last commits when it is stopped."""
        self._folder, self._as_user, self._tools, self._port = folder, _unprivileged(folder), binaries(), free_port()
        self._forgets = forgets
        self.url = f"postgresql+psycopg://test@127.0.0.1:{self._port}/postgres"
        """Address for SQLAlchemy."""
        owner = ("-U", "test", "--auth=trust")
        self._run("initdb", *owner, "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = (
            f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
            f" -c synchronous_commit={'off' if self._forgets else 'on'}"
        )
        self._run("pg_ctl", "-w", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop at once, as a crash would."""
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def _run(self, tool: str, *args: str) -> None:
        argv = [*self._as_user, str(self._tools / tool), "-D", str(self._folder / "data"), *args]
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self._folder)


@contextmanager
def server(*, forgets: bool = False) -> Iterator[Server]:
    """Yield a running server with its files in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="jiangtang-pg-"))
    it = Server(folder, forgets=forgets)
    it.start()
    try:
        yield it
    finally:
        it.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def cluster() -> Iterator[str]:
    """Yield the SQLAlchemy address of an empty database."""
    with server(forgets=True) as it:
        yield it.url


def _unprivileged(folder: Path) -> list[str]:
    """Return a prefix for commands: PostgreSQL does not run as root, so it runs as the user of its package."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
