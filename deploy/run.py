"""Starts the whole service in the foreground. `make run` calls it when everything is installed, and so does systemd.

It checks the ports, brings the database up to date, runs supervisord (deploy/supervisord.conf) and shows the output of
its programs, each line with the program's name. Ctrl-C, SIGTERM and a closed terminal stop every program.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from leash import die_with_parent
from terminal import open_pipes, say, show_lines

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "app" / "translations"
PROGRAMS = ("web", "media_worker", "jobs", "demo_lecture")
PORTS = {"PORT": "8000", "RTMP_PORT": "1935", "INGEST_PORT": "8001"}
NGINX_READS = 0o027
START_PATIENCE_S = 60.0
STOP_PATIENCE_S = 20.0


class CannotStart(Exception):
    """The service cannot start. The sentence says why, and what to do."""


def main() -> int:
    """Run until stopped. Return the exit status."""
    os.chdir(ROOT)
    if os.environ.get("MAKELEVEL"):
        die_with_parent()
    stop = listen_for_stop()
    try:
        run_dir = prepare_environment()
        with hold(run_dir / "lock"):
            check_ports()
            greeting = prepare_service()
            return supervise(run_dir, stop, greeting)
    except CannotStart as reason:
        say(f"Cannot start: {reason}")
        return 1


def listen_for_stop() -> threading.Event:
    """Return the event that Ctrl-C, SIGTERM and a closed terminal set."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    return stop


def prepare_environment() -> Path:
    """Set the variables that all programs share. Return the folder for pipes and locks."""
    data_dir = Path(os.environ.get("DATA_DIR") or "var").expanduser().absolute()
    demo = os.environ.get("DEMO", "1").strip().lower() in {"1", "true", "yes", "on"}
    run_dir = data_dir / "run"
    keep_others_out()
    try:
        run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"{error.strerror}: {run_dir}. Set DATA_DIR to a folder that may be written.") from error
    os.environ.update(DATA_DIR=str(data_dir), RUN_DIR=str(run_dir), DEMO=str(int(demo)), PYTHON=sys.executable)
    os.environ["PYTHONUNBUFFERED"] = "1"
    for name, default in PORTS.items():
        os.environ[name] = os.environ.get(name) or default
    return run_dir


def keep_others_out() -> None:
    """Keep other users of this machine from reading our files. Under a umask of 027 the group may: nginx is in it."""
    if os.umask(0o077) == NGINX_READS:
        os.umask(NGINX_READS)


@contextlib.contextmanager
def hold(path: Path) -> Iterator[None]:
    """Claim DATA_DIR for this service. The kernel drops the claim when the process dies, however it dies."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            folder = path.parent.parent
            raise CannotStart(
                f"it runs already on {folder}. Stop that one, or set DATA_DIR to another folder."
            ) from None
        yield


def check_ports() -> None:
    """Raise CannotStart if a port is not free, before anything starts."""
    for name in PORTS:
        text = os.environ[name]
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise CannotStart(f"{name}={text} is not a port number.")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", int(text)))
            except OSError as error:
                raise CannotStart(f"port {text}: {error.strerror}. Choose another by {name}=…") from error


def prepare_service() -> str:
    """Prepare translations, secrets, tables and the example academy. Return the greeting for when all is alive."""
    if any(_is_newer(source) for source in TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        _call("-m", "babel.messages.frontend", "-q", "compile", "-d", str(TRANSLATIONS))
    return _call("-m", "deploy.prepare")


def _is_newer(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime


def _call(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        say(done.stdout + done.stderr)
        raise CannotStart(f"`{' '.join(arguments[1:])}` failed; its output is above.")
    return done.stdout


def supervise(run_dir: Path, stop: threading.Event, greeting: str) -> int:
    """Run supervisord until `stop` is set or it ends by itself. Return the exit status."""
    if stop.is_set():
        return 0
    open_pipes(run_dir, PROGRAMS)
    user = ["--user", "root"] if os.getuid() == 0 else []  # supervisord warns about root unless it is named
    command = [sys.executable, "-m", "supervisor.supervisord", "--configuration", "deploy/supervisord.conf", *user]
    supervisor = subprocess.Popen(
        [sys.executable, "deploy/leash.py", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        bufsize=0,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C reaches only this process, which then stops everything in order
    )
    assert supervisor.stdout is not None
    show_lines("supervisor", supervisor.stdout)
    threading.Thread(target=greet, args=(greeting, stop), daemon=True).start()
    while not stop.wait(0.2):
        if supervisor.poll() is not None:
            say("The supervisor ended by itself.")
            return 1
    say("Stopping …")
    supervisor.terminate()
    try:
        supervisor.wait(STOP_PATIENCE_S)
    except subprocess.TimeoutExpired:
        supervisor.kill()
    return 0


def greet(greeting: str, stop: threading.Event) -> None:
    """Print `greeting` as soon as everything is alive, or after a while the part that is not."""
    deadline = time.monotonic() + START_PATIENCE_S
    while trouble := ask_health():
        if stop.wait(0.2):
            return
        if time.monotonic() > deadline:
            say(f"Not everything is alive after {START_PATIENCE_S:.0f} s: {trouble}")
            return
    say(f"\n{greeting.rstrip()}\n\nCtrl-C stops everything.\n")


def ask_health() -> str:
    """Return "" if /healthz answers 200, else its answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{os.environ['PORT']}/healthz", timeout=2):
            return ""
    except urllib.error.HTTPError as error:
        return error.read().decode(errors="replace").strip()
    except OSError as error:
        return str(error)


if __name__ == "__main__":
    sys.exit(main())
