"""Commands that belong to no room: secrets, jobs, doctor."""

from __future__ import annotations

import os
import secrets as randomness
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from huey.consumer import Consumer

from app.kernel import storage
from app.kernel.clockwork import clockwork
from app.kernel.queue import queue

SECRETS = ("secret_key", "worker_secret", "media_secret", "credits_webhook_secret")


def register(app: Flask) -> None:
    """Add the commands to `flask`."""
    for command in (make_secrets, jobs, doctor):
        app.cli.add_command(command)


@click.command("secrets")
@with_appcontext
def make_secrets() -> None:
    """Make the secrets that are missing in DATA_DIR/secrets. Existing ones stay."""
    for name in SECRETS:
        if keep_secret(name, randomness.token_urlsafe(32)):
            click.echo(f"made {name}")


def keep_secret(name: str, value: str) -> bool:
    """Keep a secret in DATA_DIR/secrets. An existing one stays. Return whether there was none."""
    folder = storage.place("secrets")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / name).exists():
        return False
    draft = folder / f".{name}.{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(value)
    try:
        os.link(draft, folder / name)  # the link makes the file whole or not at all, and never over another's
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


@click.command("jobs")
@with_appcontext
def jobs() -> None:
    """Run queued work and watch deadlines until stopped."""
    stop = threading.Event()
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way to the app itself

    def keep_time() -> None:
        with app.app_context():
            clockwork.run(stop)

    keeper = threading.Thread(target=keep_time, name="clockwork")
    keeper.start()
    # a document and a download may take long, one of each at a time; the third worker does the rest
    consumer = Consumer(queue(), workers=3, periodic=False, initial_delay=0.1, max_delay=1.0, check_worker_health=True)
    try:
        consumer.run()
    finally:
        stop.set()
        keeper.join()
    os._exit(0)  # half-done work begins again after the next start; its programs end with this process


@dataclass(frozen=True)
class Finding:
    """One finding of the doctor."""

    what: str
    fine: bool
    mend: str = ""


Look = Callable[[], Iterable[Finding]]


def examine_also(app: Flask, look: Look) -> None:
    """Let the doctor also examine what a room needs from the machine. The room calls this."""
    app.extensions.setdefault("doctor", []).append(look)


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Print what this machine can do and what it lacks, each with the way to mend it."""
    findings = examine()
    for finding in findings:
        click.echo(
            f"{'ok  ' if finding.fine else 'MISS'}  {finding.what}" + ("" if finding.fine else f"  ->  {finding.mend}")
        )
    if not all(finding.fine for finding in findings):
        raise SystemExit(1)


def examine() -> list[Finding]:
    """Examine all that the service needs from this machine."""
    config = current_app.config
    free = shutil.disk_usage(config["DATA_DIR"]).free
    return [
        *(Finding(f"secret {name}", bool(config[name.upper()]), "run: flask --app wsgi secrets") for name in SECRETS),
        _examine_ffmpeg(config["FFMPEG"]),
        Finding(
            f"{free / 1e9:.1f} GB free in {config['DATA_DIR']}",
            free > 2e9,
            "free some space, or point DATA_DIR to a larger disk",
        ),
        _examine_vendor("hls.mjs"),
        _examine_vendor("htmx.js"),
        *(finding for look in current_app.extensions.get("doctor", []) for finding in look()),
    ]


def _examine_ffmpeg(binary: str) -> Finding:
    try:
        printed = subprocess.run(
            [binary, "-hide_banner", "-encoders"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return Finding(f"ffmpeg at {binary}", False, "install the requirements, or set FFMPEG")
    missing = [encoder for encoder in ("libx264", "aac") if f" {encoder} " not in printed]
    return Finding(f"ffmpeg at {binary}", not missing, f"this ffmpeg lacks {', '.join(missing)}; unset FFMPEG")


def _examine_vendor(file: str) -> Finding:
    path = Path(current_app.static_folder or "") / "vendor" / file
    return Finding(f"browser library {file}", path.exists(), "run: make setup")
