"""Prepares secrets, tables and the example academy, in one process for a quick start: `python -m deploy.prepare`.

It prints the greeting for the operator, to be shown once the service runs.
"""

from __future__ import annotations

import gc
import os
import sys

gc.disable()  # as in wsgi.py; this process ends soon

from flask import Flask  # noqa: E402

from app import create_app  # noqa: E402
from app.kernel import scripts, storage  # noqa: E402


def main() -> None:
    """Call the commands, which can also be called by hand, in order."""
    if os.environ.get("RELOAD") != "1":  # people who change scripts load the modules as they are written
        scripts.build()
    app = create_app()
    if not all(app.config[name] for name in ("SECRET_KEY", "WORKER_SECRET", "MEDIA_SECRET")):
        call(app, "secrets")
        app = create_app()  # settings are read once
    call(app, "db", "upgrade")
    call(app, "found")
    if app.config["DEMO"]:
        call(app, "demo", "fill")
    elif said := call(app, "demo", "close"):
        print(said)
    with app.app_context():
        storage.shut(app.config["DATA_DIR"], app.config["MEDIA_ROOT"])
    print(call(app, "demo-info" if app.config["DEMO"] else "first-admin").rstrip())


def call(app: Flask, *command: str) -> str:
    """Run a command of `flask`. Return its output. If it fails, end this process."""
    with app.app_context():
        result = app.test_cli_runner(catch_exceptions=False).invoke(args=command)
    if result.exit_code:
        sys.exit(f"flask {' '.join(command)}: {result.output}")
    return result.stdout


if __name__ == "__main__":
    main()
