"""Secrets, tables and the example academy, in one process so that a start takes seconds; `python -m deploy.prepare`.

Prints what the one who started the service wants to know once it runs.
"""

from __future__ import annotations

import os
import sys

from flask import Flask

from app import create_app
from app.kernel import scripts, storage


def main() -> None:
    """Call the commands that also stand alone, in order."""
    if os.environ.get("RELOAD") != "1":  # who changes scripts wants to see them as they are written
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
    """Run a command of `flask`; gives what it says. Ends this process when it fails."""
    with app.app_context():
        result = app.test_cli_runner(catch_exceptions=False).invoke(args=command)
    if result.exit_code:
        sys.exit(f"flask {' '.join(command)}: {result.output}")
    return result.stdout


if __name__ == "__main__":
    main()
