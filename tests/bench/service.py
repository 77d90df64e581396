"""The whole service for a bench, in a folder of its own and without rate limits, with a teacher's hands on it."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

from tests.journeys.stack import PASSWORD, TEACHER, Lesson, Stack
from tests.journeys.waiting import wait_for

MAKE_LESSONS = """
from app.accounts.queries import user_by_name
from app.kernel.clock import now_ms
from app.live.models import Audience
from app.live.planning.services import schedule
from app.live.planning.plans import Plan
from app.live.services import start
now, teacher = now_ms(), user_by_name("teacher")
for number in range({count}):
    plan = Plan(subject="{subject} %d" % number, starts_at_ms=now, ends_at_ms=now + 3600000, audience=Audience.EVERYONE)
    live = schedule(plan, owner=teacher)
    if {on_air}:
        start(live, by=teacher)
    print("made", live.id, live.stream.id, live.stream.key)
"""


class BenchStack(Stack):
    """A service that makes many lessons quickly."""

    def lessons(self, subject: str, count: int, *, on_air: bool = False) -> list[Lesson]:
        """Return new lessons that anyone may watch."""
        said = self.run(MAKE_LESSONS.format(subject=subject, count=count, on_air=on_air))
        return [Lesson(self, *line.split()[1:]) for line in said.splitlines() if line.startswith("made ")]

    def on_air(self, subject: str) -> Lesson:
        """Return one new lesson that has begun."""
        return self.lessons(subject, 1, on_air=True)[0]


@contextmanager
def service(folder: Path, **settings: str) -> Iterator[BenchStack]:
    """Run a service. Nothing of it is left afterwards."""
    stack = BenchStack(folder, **settings)
    try:
        stack.start()
        stack.fill()
        yield stack
    finally:
        stack.tear_down()


class Teacher:
    """The presenter's browser as far as its buttons go."""

    def __init__(self, stack: Stack) -> None:
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        self._token = ""
        page = self._read(f"{stack.url}/sign-in")
        token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
        form = {"csrf_token": token, "username": TEACHER, "password": PASSWORD}
        with self._open(f"{stack.url}/sign-in", urllib.parse.urlencode(form).encode(), timeout=10) as answer:
            page = answer.read().decode()
        self._token = re.findall(r'X-CSRFToken&#34;: &#34;([^&]+)&|"X-CSRFToken": "([^"]+)"', page)[0]
        self._token = self._token[0] or self._token[1]

    def press(self, url: str) -> None:
        """POST as a button of the studio does."""
        headers = {"X-CSRFToken": self._token, "HX-Request": "true"}
        with self._open(urllib.request.Request(url, b"", headers, method="POST"), timeout=10) as answer:
            answer.read()

    def _read(self, url: str) -> str:
        with self._open(url, timeout=10) as answer:
            return str(answer.read().decode())


def wait_for_segments(lesson: Lesson, count: int, scope: str = "preview", seconds: float = 20) -> None:
    """Wait until a stream has `count` segments in a playlist."""
    path = lesson.media / scope / "source.m3u8"
    wait_for(lambda: path.exists() and path.read_text().count("#EXTINF") >= count, f"{count} segments", seconds)
