"""An exported course where others put it: in learning platforms, good and bad, on web servers, and on a desk."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Frame, Page

from app.courseware import queries
from app.courseware.models import Export, Form
from app.kernel.permissions import Permission
from app.roles.services import found
from tests import conftest
from tests.courseware.conftest import encoded, exported, taught
from tests.factories import accounts, roles
from tests.journeys import browsers
from tests.journeys.browsers import ChromiumScreen, Screen
from tests.journeys.lms import STUBS, Site, serving
from tests.journeys.moodle import Activity
from tests.journeys.waiting import wait_for
from tests.ports import free_port

pytestmark = [pytest.mark.journey, pytest.mark.browser]

FIRST_S, SECOND_S = 16, 8
TURN_S = FIRST_S + 1
"""When page 2 comes, in the film."""
SHARE = 0.75
TURNS = [(1, 0), *((1 + number % 3, 800 * number) for number in range(1, 19))]
"""(page, ms) of a lesson whose pages are turned often."""
MOST_MS = 150
VERSIONS = {"1.2": Form.SCORM12, "2004": Form.SCORM2004}


@pytest.fixture(scope="module")
def packages(_app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with each form of a course, as a zip and unpacked."""
    folder = tmp_path_factory.mktemp("packages")
    with _app.app_context():
        found("科学院")
        teacher = roles.holding(accounts.user("teacher", "李明远"), Permission.LIVE_MANAGE)
        runs = encoded(tmp_path_factory.mktemp("runs"), FIRST_S, SECOND_S)
        live = taught(_app, teacher, accounts.user("learner", "张三"), runs)
        for form in VERSIONS.values():
            _unpack(exported(live, form), folder, str(form))
        _unpack(exported(live, Form.WEB), folder, str(Form.WEB))
        other = roles.holding(accounts.user("other", "王老师"), Permission.LIVE_MANAGE)
        often = taught(_app, other, accounts.user("learner2", "李四"), runs, TURNS, "翻页")
        _unpack(exported(often, Form.WEB), folder, "often")
        yield folder
        _app.extensions["queue"].flush()
        conftest._empty()


def _unpack(export: Export, folder: Path, name: str) -> None:
    file = queries.file_of(export).rename(folder / f"{name}.zip")
    with zipfile.ZipFile(file) as package:
        package.extractall(folder / name)


@pytest.fixture(scope="module")
def site(packages: Path) -> Iterator[Site]:
    with serving(packages) as site:
        yield site


@contextmanager
def computer(chromium: Browser) -> Iterator[BrowserContext]:
    """Open a browser that has been nowhere yet."""
    context = browsers.chromium_context(chromium)
    yield context
    context.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with computer(chromium) as context:
        yield context


class Course:
    """The player in a page or a frame of it."""

    def __init__(self, page: Page, frame: Frame | None = None) -> None:
        self.page, self.frame = page, frame or page.main_frame
        self.wait("document.querySelector('course-player')?.video?.readyState >= 2", "the film is there")

    def ask(self, expression: str) -> Any:
        return self.frame.evaluate(
            f"() => {{ const player = document.querySelector('course-player'); return {expression}; }}"
        )

    def wait(self, condition: str, what: str) -> None:
        wait_for(lambda: self.frame.evaluate(condition), what)

    def play(self, to_s: float, speed: float = 2.5) -> None:
        """Play until a moment, without sound: browsers let nobody begin with it."""
        self.frame.evaluate(
            """([to, speed]) => { const { video } = document.querySelector('course-player');
            video.muted = true; video.playbackRate = speed; video.play();
            video.addEventListener('timeupdate', () => { if (video.currentTime >= to) video.pause(); }); }""",
            [to_s, speed],
        )
        self.wait(f"document.querySelector('course-player').video.currentTime >= {to_s}", f"it plays to {to_s}")

    @property
    def position(self) -> float:
        return float(self.ask("player.video.currentTime"))

    @property
    def shown_page(self) -> int:
        return int(self.ask("player.view.page?.page ?? 0"))


def in_lms(context: BrowserContext, site: Site, version: str) -> tuple[Page, Course]:
    page = context.new_page()
    page.goto(f"{site.url}/lms?version={version}&course=/{VERSIONS[version]}/index.html")
    return page, framed(page)


def framed(page: Page) -> Course:
    """Find the course in the frame of a page."""

    def found() -> Frame | None:
        page.title()  # whoever only sleeps hears nothing of new frames
        return next((frame for frame in page.frames[1:] if frame.url.endswith("index.html")), None)

    frame = wait_for(found, "the course is in its frame")
    frame.wait_for_selector("course-player")
    return Course(page, frame)


@pytest.mark.parametrize("version", list(VERSIONS))
def test_a_strict_lms_hears_what_was_watched_and_brings_it_back(
    context: BrowserContext, site: Site, version: str
) -> None:
    status = "cmi.core.lesson_status" if version == "1.2" else "cmi.completion_status"
    location = "cmi.core.lesson_location" if version == "1.2" else "cmi.location"
    key = f"/{VERSIONS[version]}/index.html {version}"

    def kept() -> dict[str, Any]:
        return site.kept.get(key, {"cmi": {}, "refused": [], "lowered": [], "ended": False})

    page, course = in_lms(context, site, version)
    course.play(6)
    page.close(run_before_unload=True)
    wait_for(lambda: kept()["ended"], "the last words of a closed page have arrived")
    assert kept()["cmi"][status] == "incomplete"
    assert float(kept()["cmi"][location]) >= 6
    assert not any("score" in name for name in kept()["cmi"])

    context.clear_cookies()
    page, course = in_lms(context, site, version)
    course.wait("document.querySelector('course-player').video.currentTime >= 5.5", "it goes on where she left")
    course.ask("player.goTo(23)")
    course.ask("player.goTo(7)")
    assert page.evaluate(f"report.cmi['{status}']") == "incomplete", "to jump is not to watch"
    course.wait("!document.querySelector('course-player').video.seeking", "it is there")
    course.play(SHARE * (FIRST_S + SECOND_S) + 1.5)
    wait_for(lambda: page.evaluate(f"report.cmi['{status}']") == "completed", "it is completed at the share")
    if version == "2004":
        assert float(page.evaluate("report.cmi['cmi.progress_measure']")) >= SHARE
    course.frame.click("[data-part=tab-polls]")
    course.frame.check(".poll-choice input[value='1']")
    course.frame.click("[data-part=send]")
    judged = "cmi.core.lesson_status" if version == "1.2" else "cmi.success_status"
    wait_for(lambda: page.evaluate(f"report.cmi['{judged}']") == "passed", "the quiz is passed")
    page.goto("about:blank")
    wait_for(lambda: kept()["ended"], "leaving for another page is heard too")
    score = "cmi.core.score.raw" if version == "1.2" else "cmi.score.raw"
    assert kept()["cmi"][score] == "100"
    assert kept()["refused"] == []

    page, course = in_lms(context, site, version)
    assert course.ask("player.quiz.score") == 100, "answers are there again"
    assert course.ask("player.querySelectorAll('.poll-choice').length") == 0, "and shown: she is not asked again"
    page.close(run_before_unload=True)
    wait_for(lambda: kept()["ended"], "she only looked in")
    assert kept()["cmi"][judged] == "passed"
    assert (kept()["refused"], kept()["lowered"]) == ([], [])


def in_moodle(context: BrowserContext, site: Site, activity: Activity) -> tuple[Page, Course]:
    page = context.new_page()
    page.goto(f"{site.url}/moodle/{activity.name}/player")
    return page, framed(page)


def left(page: Page, activity: Activity) -> None:
    """Close the page; return when Moodle has heard the last word of it."""
    before = activity.ended
    page.close(run_before_unload=True)
    wait_for(lambda: activity.ended > before, "the last words of a closed page have arrived")


@pytest.mark.parametrize("version", list(VERSIONS))
def test_a_moodle_completes_it_at_its_share_and_not_before(
    chromium: Browser, site: Site, packages: Path, version: str
) -> None:
    activity = site.install(packages / f"{VERSIONS[version]}.zip")
    core, total = ("cmi.core", "cmi.core.total_time") if version == "1.2" else ("cmi", "cmi.total_time")
    assert activity.sco.version == ("SCORM_1.2" if version == "1.2" else "SCORM_1.3")
    assert (activity.sco.kind, activity.sco.launch, activity.sco.title) == ("sco", "index.html", "量子 <器件>")
    tracks = activity.tracks

    with computer(chromium) as context:
        page, _course = in_moodle(context, site, activity)
        left(page, activity)
        assert activity.status == "incomplete", "to look in is not to watch"
        page, course = in_moodle(context, site, activity)
        course.play(7)
        left(page, activity)
    assert (activity.status, tracks[f"{core}.exit"]) == ("incomplete", "suspend")
    first_s = float(tracks[total])
    assert first_s >= 2, "played time is kept: seven seconds at 2.5 times the speed"

    with computer(chromium) as context:  # another one, which remembers nothing by itself
        page, course = in_moodle(context, site, activity)
        course.wait("document.querySelector('course-player').video.currentTime >= 6.5", "it goes on where she left")
        course.play(SHARE * (FIRST_S + SECOND_S) + 1.5)
        wait_for(lambda: activity.status == "completed", "it is completed at the share")
        assert f"{core}.score.raw" not in tracks
        course.frame.click("[data-part=tab-polls]")
        course.frame.check(".poll-choice input[value='1']")
        course.frame.click("[data-part=send]")
        left(page, activity)
    assert float(tracks[total]) > first_s, "the time of two sessions"
    assert tracks["cmi.core.lesson_status" if version == "1.2" else "cmi.success_status"] == "passed"
    assert float(tracks[f"{core}.score.raw"]) == 100
    kept = {name: value for name, value in tracks.items() if name != total}

    with computer(chromium) as context:
        assert activity.mode == "review"
        page, course = in_moodle(context, site, activity)
        assert course.ask("player.quiz.score") == 100, "answers are there again"
        assert course.ask("player.learning.watched.share") >= SHARE, "and what she has watched"
        course.play(course.position + 2)
        left(page, activity)
    assert {name: value for name, value in tracks.items() if name != total} == kept, "a look back changes nothing"
    assert activity.refused == []


@pytest.fixture(scope="module")
def small_lms(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """A small LMS of other people's making, with both packages uploaded: its address, and how each is launched."""
    data, port = tmp_path_factory.mktemp("scormhost"), free_port()
    program = (
        "import uvicorn; from scormhost.app import create_scorm_app; "
        f"uvicorn.run(create_scorm_app(data_dir={str(data)!r}, secret_key='s' * 32), port={port}, log_level='warning')"
    )
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen([sys.executable, "-W", "ignore", "-c", program]) as process:
        try:
            wait_for(lambda: _answers(f"{url}/health"), "the LMS runs")
            session = requests.Session()
            somebody = {
                "display_name": "T",
                "username": "teacher",
                "email": "t@iom.example.com",
                "password": "long enough",
            }
            session.post(f"{url}/api/auth/register", json=somebody, timeout=30).raise_for_status()
            launched = {}
            for version, form in VERSIONS.items():
                with (packages / f"{form}.zip").open("rb") as file:
                    reply = session.post(f"{url}/api/packages", files={"file": (f"{form}.zip", file)}, timeout=60)
                assert reply.status_code == 201, reply.text
                launched[version] = reply.json()["id"]
            yield url, launched
        finally:
            process.kill()


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=1).ok
    except requests.ConnectionError:
        return False


@pytest.mark.parametrize("version", list(VERSIONS))
def test_a_small_lms_takes_it_plays_it_and_knows_it_again(
    context: BrowserContext, small_lms: tuple[str, dict[str, str]], version: str
) -> None:
    url, launched = small_lms
    package = launched[version]
    status = "cmi.core.lesson_status" if version == "1.2" else "cmi.completion_status"

    def opened() -> tuple[Page, Course]:
        page = context.new_page()
        page.goto(f"{url}/launch/{package}")
        return page, framed(page)

    def kept() -> dict[str, Any]:
        reply = context.request.get(f"{url}/api/scorm/{package}/cmi?launch=index.html")
        return dict(reply.json()["elements"])

    page, course = opened()
    course.play(7)
    page.close(run_before_unload=True)
    wait_for(
        lambda: float(kept().get("cmi.core.lesson_location") or kept().get("cmi.location") or 0) >= 7, "it is kept"
    )
    assert kept()[status] == "incomplete"
    page, course = opened()
    course.wait("document.querySelector('course-player').video.currentTime >= 6.5", "it goes on where she left")
    course.play(SHARE * (FIRST_S + SECOND_S) + 1.5)
    wait_for(lambda: kept()[status] == "completed", "it is completed at the share")


PLACES = {
    **{f"an LMS with the window {name}": f"/stub?as={name}&course=/scorm12/index.html" for name in STUBS},
    "a sandbox": "/stub?as=none&course=/scorm12/index.html&frame=sandbox='allow-scripts'",
    "a strict policy": "/stub?as=none&course=/strict/scorm2004/index.html",
    "a server without parts": "/stub?as=none&course=/norange/scorm12/index.html",
}


def test_nothing_that_is_wrong_around_it_keeps_it_from_playing(context: BrowserContext, site: Site) -> None:
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    places = {
        **PLACES,
        "a frame of another site": f"/stub?as=booleans&course={elsewhere}/scorm12/index.html",
    }
    for place, address in places.items():
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error, wrong=wrong: wrong.append(str(error)))
        page.goto(f"{site.url}{address}")
        course = framed(page)
        course.ask(f"player.goTo({TURN_S + 1})")
        course.wait(
            f"document.querySelector('course-player').video.currentTime >= {TURN_S + 0.9}", f"one can jump in {place}"
        )
        course.play(TURN_S + 1.3, 1)
        wait_for(lambda course=course: course.shown_page == 2, f"the page of that moment is shown in {place}")
        assert wrong == [], place
        tracked = course.frame.locator("[data-part=untracked]").is_hidden()
        assert tracked == (place.endswith(("booleans", "slow")) and "another" not in place), place
        page.close()


def test_it_opens_by_double_click_and_its_slides_keep_their_moments(context: BrowserContext, packages: Path) -> None:
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.goto((packages / "web" / "index.html").as_uri())
    course = Course(page)
    assert page.title() == "量子 <器件>"
    wait_for(lambda: course.shown_page == 1, "its first page is shown")
    course.ask(f"player.goTo({TURN_S - 1.5})")
    course.wait("!document.querySelector('course-player').video.seeking", "it is there")
    page.evaluate("""() => { const { video, view } = document.querySelector('course-player');
      const look = (_now, { mediaTime }) => {
        window.turned ??= view.page?.page === 2 ? mediaTime : undefined;
        video.requestVideoFrameCallback(look);
      };
      video.requestVideoFrameCallback(look); }""")
    course.play(TURN_S + 1, 1)
    assert abs(page.evaluate("window.turned") - TURN_S) < 0.15, "the page comes with its picture"
    assert page.locator(".slide__strokes .stroke").count() == 1
    page.get_by_role("tab", name="章节").click()
    page.locator(".course__chapter button").first.click()
    wait_for(lambda: course.position < TURN_S - 5, "a chapter leads to its moment")
    wait_for(lambda: course.shown_page == 1, "with its page")
    page.locator("[data-part=stage]").focus()
    page.keyboard.press("6")
    wait_for(lambda: course.position > 0.55 * (FIRST_S + SECOND_S), "keys lead, too")
    page.get_by_role("tab", name="聊天").click()
    assert page.locator("[data-part=chat] li:visible").all_inner_texts()[0].startswith("张三")
    page.get_by_role("button", name="English").click()
    page.get_by_role("tab", name="Chapters").wait_for()
    page.reload()
    course = Course(page)
    wait_for(lambda: course.position > 10, "it goes on where one left")
    assert wrong == []


BROWSERS = {"Firefox": browsers.firefox, "WebKitGTK": browsers.webkit}
PLAYER = "document.querySelector('course-player')"
NOTE_TURNS = f"""window.turns = [];
  const {{ video, view }} = {PLAYER};
  let before = view.page?.page ?? 0;
  const look = (_now, picture) => {{
    const page = view.page?.page ?? 0;
    if (before && page !== before) turns.push([page, 1000 * picture.mediaTime]);
    before = page;
    video.requestVideoFrameCallback(look);
  }};
  video.requestVideoFrameCallback(look);
  video.muted = true;
  video.play();"""
"""Plays, and notes with which picture (ms in the film) each page came."""


@contextmanager
def screen_of(browser: str, context: BrowserContext, home: Path) -> Iterator[Screen]:
    """Open a browser by its name."""
    if browser == "Chromium":
        yield ChromiumScreen(context.new_page())
    else:
        with BROWSERS[browser](home) as screen:
            yield screen


@contextmanager
def simple_server(folder: Path) -> Iterator[str]:
    """Run the web server of Python, which gives no parts of files; yield its address."""
    port = free_port()
    argv = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "-d", str(folder)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(lambda: _answers(url), "the web server listens")
            yield url
        finally:
            process.kill()


@pytest.mark.parametrize("browser", ["Chromium", *BROWSERS])
def test_its_pages_keep_to_their_pictures_from_a_disk_and_from_a_simple_server(
    context: BrowserContext, packages: Path, tmp_path: Path, note: Callable[[str, float], None], browser: str
) -> None:
    with simple_server(packages) as url, screen_of(browser, context, tmp_path) as screen:
        for place in ((packages / "often").as_uri(), f"{url}/often"):
            screen.open(f"{place}/index.html")
            wait_for(lambda: screen.ask(f"{PLAYER}?.video?.readyState >= 2"), f"the film is there, from {place}")
            screen.run(NOTE_TURNS)
            wait_for(lambda: screen.ask(f"turns.length >= {len(TURNS) - 1}"), f"all pages come, from {place}", 40)
            turns = screen.ask("turns")
            assert [page for page, _ms in turns] == [page for page, _ms in TURNS[1:]], place
            late = sorted(abs(ms - due) for (_page, ms), (_, due) in zip(turns, TURNS[1:], strict=True))
            note(f"page to picture, from {place.partition(':')[0]}", late[-2] / 1000)
            assert late[-2] <= MOST_MS, f"p95 from {place}: {late}"
            screen.run(f"{PLAYER}.goTo(3.6)")
            wait_for(lambda: 3.5 < screen.ask(f"{PLAYER}.video.currentTime") < 5, f"one can jump back, from {place}")
