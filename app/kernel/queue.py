"""The queue of long work: huey on SQLite, consumed by the jobs process."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import Flask, current_app
from huey import SqliteHuey
from huey.api import Huey, Result

Task = Callable[..., object]


def init_app(app: Flask) -> None:
    """Open the queue in DATA_DIR and give it the rooms' tasks."""
    app.extensions["queue"] = SqliteHuey("jobs", filename=str(app.config["DATA_DIR"] / "jobs.sqlite3"), utc=True)


def queue() -> Huey:
    """Return the queue of the current app."""
    return cast(Huey, current_app.extensions["queue"])


class Job:
    """A function that the jobs process runs within an app context. `later` queues a call."""

    def __init__(self, function: Task, *, name: str = "") -> None:
        self._function = function
        self.name = name or f"{function.__module__}.{function.__name__}"

    def bind(self, app: Flask) -> None:
        """Register the function with the app's queue. Its room calls this."""
        huey: Huey = app.extensions["queue"]

        @wraps(self._function)
        def within_app(*args: Any, **kwargs: Any) -> None:
            with app.app_context():
                self._function(*args, **kwargs)

        app.extensions.setdefault("jobs", {})[self.name] = huey.task(name=self.name)(within_app)

    def later(self, *args: Any) -> Result:
        """Queue a call. The arguments must be plain values."""
        return cast(Result, current_app.extensions["jobs"][self.name](*args))

    def now(self, *args: Any) -> None:
        """Run the function here and now, for tests."""
        self._function(*args)
