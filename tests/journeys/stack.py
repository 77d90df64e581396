"""The whole service as `make run` starts it, in a folder of its own, with processes that a test may kill."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from tests.conftest import ROOT
from tests.journeys.inside import Inside
from tests.journeys.waiting import wait_for
from tests.ports import free_ports, is_free

PASSWORD = "a long enough password"
TEACHER, LEARNER, STRANGER, MANAGER, ADMIN = "teacher", "learner", "stranger", "manager", "admin"
NOT_INHERITED = {"DATABASE_URL", "SECRET_KEY", "WORKER_SECRET", "MEDIA_SECRET", "MEDIA_ROOT"}

MAKE_PEOPLE = f"""
from app.accounts.services import create_user
from app.kernel.permissions import Permission
from app.roles.models import BuiltIn
from app.roles.services import appoint, create_role, give
from app.units.models import UnitKind
from app.units.queries import academy
from app.units.services import create
institute = create(academy(), name="物质研究所", kind=UnitKind.INSTITUTE, code="IOM", by_id=None)
def person(username, real_name, unit=institute):
    return create_user(username=username, real_name=real_name, unit=unit, password={PASSWORD!r})
admin, manager = person({ADMIN!r}, "管理员", academy()), person({MANAGER!r}, "周培训")
teacher, learner = person({TEACHER!r}, "李明远"), person({LEARNER!r}, "张三")
elsewhere = create(academy(), name="天文研究所", kind=UnitKind.INSTITUTE, code="IOA", by_id=None)
person({STRANGER!r}, "赵来访", elsewhere)
appoint(admin, BuiltIn.ADMINISTRATOR, academy())
appoint(manager, BuiltIn.TRAINING_MANAGER, institute)
role = create_role(institute, name="讲师", permissions=[Permission.LIVE_MANAGE], by=manager)
give(role, teacher, institute, by=manager)
"""

MAKE_LESSON = """
from app.accounts.queries import user_by_name
from app.kernel.clock import now_ms
from app.live.planning.services import schedule
from app.live.planning.plans import Plan
from app.live.subjects import next_free
now, subject = now_ms(), next_free({subject!r})
plan = Plan(subject=subject, starts_at_ms=now, ends_at_ms=now + 3600000)
live = schedule(plan, owner=user_by_name("teacher"))
print(live.id, live.stream.id, live.stream.key)
"""


class Lesson:
    """A lesson in the service, by its addresses."""

    def __init__(self, stack: Stack, live_id: str, stream: str, key: str) -> None:
        self.id, self.stream, self.key = live_id, stream, key
        self.url = f"{stack.url}/live/{live_id}"
        self.rtmp_url = f"rtmp://127.0.0.1:{stack.rtmp_port}/live/{key}"
        self.media = stack.folder / "media" / stream
        self.downloads = stack.folder / "downloads"


class Stack:
    """web, media_worker and jobs under their supervisor. All their output goes to `log`."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.settings = settings
        self.port, self.rtmp_port, self.ingest_port = free_ports(3)
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder.with_name(f"{folder.name}.log")
        self._process: subprocess.Popen[bytes] | None = None
        self._inside = Inside(self.environment, self.log)

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        own = {
            "DATA_DIR": str(self.folder),
            "DEMO": "0",
            "PORT": str(self.port),
            "RTMP_PORT": str(self.rtmp_port),
            "INGEST_PORT": str(self.ingest_port),
            "RATE_LIMITS": "0",
            "CREDITS_CLOSE_AFTER_S": "1",
            "MAKELEVEL": "1",  # as with `make run`: it stops when its parent dies
        }
        return inherited | own | self.settings

    # life

    def start(self) -> None:
        """Start everything and wait until it is well."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "deploy/run.py"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for(self.is_well, "the service is up", 60)

    def fill(self) -> None:
        """Make the accounts."""
        self.run(MAKE_PEOPLE)

    def lesson(self, subject: str) -> Lesson:
        """Return a new scheduled lesson that may begin now."""
        return Lesson(self, *self.run(MAKE_LESSON.format(subject=subject)).split()[-3:])

    def stop(self) -> None:
        """Stop everything as Ctrl-C does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(90)

    def tear_down(self) -> None:
        """End every process, whatever its state."""
        self._inside.close()
        self.kill_everything()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, code: str) -> str:
        """Run Python inside the app, beside the service. Return its output."""
        return self._inside.run(code)

    # queries

    def is_well(self) -> bool:
        """Return whether all programs are alive."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=8) as reply:
                return bool(json.load(reply)["ok"])
        except (OSError, urllib.error.HTTPError):
            return False

    def said(self, mark: int = 0) -> str:
        """Return the output of the programs since `mark`."""
        return self.log.read_bytes()[mark:].decode(errors="replace")

    def mark(self) -> int:
        """Return the present end of the log."""
        return self.log.stat().st_size

    def row(self, query: str, *values: object) -> tuple[object, ...]:
        """Return one row of the database."""
        with sqlite3.connect(f"file:{self.folder / 'jiangtang.sqlite3'}?mode=ro", uri=True, timeout=60) as database:
            found = database.execute(query, values).fetchone()
        database.close()
        assert found is not None, (query, values)
        return tuple(found)

    def change(self, statement: str, *values: object) -> None:
        """Change the database behind the service's back: time travel for lessons."""
        with sqlite3.connect(self.folder / "jiangtang.sqlite3", timeout=60) as database:
            database.execute(statement, values)
        database.close()

    def state_of(self, lesson: Lesson) -> str:
        """Return the state of a lesson."""
        return str(self.row("SELECT state FROM live_session WHERE id = ?", lesson.id)[0])

    # harm

    def pids(self, *words: str) -> list[int]:
        """Return the ids of this service's processes whose command holds all of the words."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"DATA_DIR={self.folder}\0".encode() not in (folder / "environ").read_bytes():
                    continue
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if command and all(word in command for word in words):
                found.append(int(folder.name))
        return found

    def kill(self, *words: str) -> list[int]:
        """Send SIGKILL to every process with these words in its command, at one moment. Return their ids."""
        pids = self.pids(*words)
        assert pids, f"nothing to kill: {words}"
        _kill(pids)
        return pids

    def kill_everything(self) -> None:
        """Send SIGKILL to every process of the service, the supervisor first."""
        if self._process is not None:
            _kill([self._process.pid])
            self._process.wait(30)
        while pids := self.pids():
            _kill(pids)
        # a dying process loses its environment a moment before its port
        used = (self.port, self.rtmp_port, self.ingest_port)
        wait_for(lambda: all(is_free(port) for port in used), "its ports are free again")


def _kill(pids: list[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
