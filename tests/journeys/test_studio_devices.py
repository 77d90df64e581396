"""Camera, microphone and desktop of a presenter while she teaches: exchanged, lost, found; the camera in its corner."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.journeys import browsers, hearing
from tests.journeys.browsers import ChromiumScreen, chromium_context, wait_for_pictures, wait_for_pill, wait_for_sound
from tests.journeys.publisher import now_ms
from tests.journeys.recording import Recording
from tests.journeys.sending import keep_tracks, sources_on, tracks_on
from tests.journeys.stack import LEARNER, TEACHER, Lesson, Stack
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser]

SENDER = "lesson-sender"
PROBLEM = f"{SENDER} > [data-part=problem]"
GREEN, BLACK = (0, 135, 0), (0, 0, 0)
"""What lies behind everything that Chromium's first camera and its desktop show, and its second camera."""
NEAR = 45
ASKED_FOR_LONG = """
window.asked = 0;
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
const answered = new Promise((resolve) => { window.answer = resolve; });
navigator.mediaDevices.getUserMedia = async (wish) => { window.asked += 1; await answered; return open(wish); };
"""
SYLLABLE_MS = 250


@pytest.fixture(scope="module")
def toned(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium whose microphones hear a steady tone."""
    browser = browsers.chromium(playwright, *hearing.microphone(tmp_path_factory.mktemp("tone") / "tone.wav"))
    yield browser
    browser.close()


def studio(stack: Stack, lesson: Lesson, browser: Browser) -> ChromiumScreen:
    """Open the studio; what is a steady tone is not taken for noise."""
    teacher = ChromiumScreen(chromium_context(browser).new_page())
    browsers.sign_in(teacher, stack.url, TEACHER)
    teacher.open(f"{lesson.url}/studio")
    teacher.page.check("input[data-way][value=browser]")
    teacher.page.click(".sender__more > summary")
    teacher.page.uncheck("[data-part=noise]")
    teacher.page.keyboard.press("Escape")
    return teacher


def permit(page: Page, name: str, setting: str) -> None:
    """Allow the page a device, or take it away while it is used, as the browser's own switch does."""
    wire = page.context.new_cdp_session(page)
    context = wire.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
    assert page.context.browser
    page.context.browser.new_browser_cdp_session().send(
        "Browser.setPermission",
        {"permission": {"name": name}, "setting": setting, "origin": origin, "browserContextId": context},
    )


def lose(page: Page, name: str) -> None:
    permit(page, name, "granted")
    permit(page, name, "denied")


def wait_for_colour(
    screen: ChromiumScreen, x: float, y: float, colour: tuple[int, int, int], seconds: float = 20
) -> None:
    """Wait until the picture that is shown has this colour in this place, in shares of its width and height."""

    def has_it() -> bool:
        seen = screen.ask(f"eyes.colour({x}, {y})")
        return seen is not None and all(abs(one - other) < NEAR for one, other in zip(seen, colour, strict=True))

    wait_for(has_it, f"{colour} is seen at {x:.2f}, {y:.2f}, not {screen.ask(f'eyes.colour({x}, {y})')}", seconds)


def choose(page: Page, part: str, label: str) -> None:
    """Choose another device while the lecture goes on."""
    page.click(".sender__more > summary")
    page.click(f"{SENDER} [data-part=check]")
    page.select_option(f"[data-part={part}]", label=label)


@pytest.mark.alone
def test_devices_are_exchanged_lost_and_found_while_the_lecture_goes_on(
    stack: Stack, visitor, toned, note, tmp_path: Path
) -> None:
    lesson, learner = stack.lesson("换设备的课"), visitor(stack.url, LEARNER)
    teacher = studio(stack, lesson, toned)
    page = teacher.page
    keep_tracks(teacher)
    learner.open(f"{lesson.url}/watch")
    teacher.press("开始讲课")
    wait_for_pill(learner, "直播中", 15)
    wait_for_colour(learner, 0.2, 0.5, GREEN)
    learner.page.click("lesson-player [data-part=sound-gate]")
    wait_for_sound(learner)
    began = now_ms()

    # another camera, another microphone, without a stop; what was there before is off
    choose(page, "check-camera", "fake_device_1")
    wait_for_colour(learner, 0.2, 0.5, BLACK)
    page.select_option("[data-part=check-microphone]", label="Fake Audio Input 2")
    wait_for(lambda: teacher.ask("window.tracks.at(-1).label") == "Fake Audio Input 2", "the other microphone is open")
    assert tracks_on(teacher) == ["audio", "video"]
    page.select_option("[data-part=check-camera]", label="fake_device_0")
    wait_for_colour(learner, 0.2, 0.5, GREEN)
    page.get_by_role("button", name="完成").click()
    assert sources_on(page) == ["microphone", "camera"]

    # the camera is gone: its last picture stays, sound goes on, words say what to do
    lose(page, "camera")
    expect(page.locator(PROBLEM)).to_contain_text("摄像头")
    wait_for(lambda: sources_on(page) == ["microphone"], "the switch says that the camera is off")
    lost = now_ms()
    wait_for(lambda: learner.ask("eyes.still()") > 2, "the picture stands still", 20)
    wait_for_pictures(learner)
    wait_for_colour(learner, 0.2, 0.5, GREEN)
    wait_for_sound(learner)
    page.locator(PROBLEM).get_by_role("button", name="检查设备").click()
    expect(page.locator(f"{SENDER} [data-part=check-dialog]")).to_be_visible()
    page.get_by_role("button", name="完成").click()
    wait_for(lambda: sources_on(page) == ["microphone", "camera"], "the camera is back")
    wait_for(lambda: learner.ask("eyes.still()") == 0, "the picture moves again", 20)
    expect(page.locator(PROBLEM)).to_be_hidden()

    # the microphone is gone: the picture goes on
    silent = now_ms()
    lose(page, "microphone")
    expect(page.locator(PROBLEM)).to_contain_text("麦克风")
    wait_for(lambda: sources_on(page) == ["camera"], "the switch says that the microphone is off")
    expect(page.locator("studio-room")).to_have_attribute("data-sends-sound", "no")
    wait_for_pictures(learner)
    page.click(f"{SENDER} [data-part=microphone]")
    wait_for(lambda: sources_on(page) == ["microphone", "camera"], "the microphone is back")
    expect(page.locator(PROBLEM)).to_be_hidden()
    back = now_ms()
    wait_for(lambda: now_ms() > back + 3000, "something is heard of it")
    end = now_ms()
    teacher.press("结束直播")
    page.click("#controls dialog[open] [data-answer=yes]")
    wait_for_pill(learner, "已结束")
    wait_for(lambda: Recording(lesson).closed, "the recording is closed")
    windows = hearing.windows_of(lesson, tmp_path)
    spans = {"while devices are exchanged": (began, lost), "without the camera": (lost, silent), "again": (back, end)}
    for what, span in spans.items():
        heard = hearing.heard(windows, *span)
        note(f"longest silence {what}", heard.silence_ms, "ms")
        assert heard.silence_ms <= SYLLABLE_MS, (what, heard)
    page.wait_for_url(f"{lesson.url}/summary")  # once everything is sent
    records = [line for line in page.evaluate("JSON.parse(localStorage['sending-log']).lines") if " records " in line]
    rates = [line.partition(" records ")[2] for line in records]
    again = [one for one, other in itertools.pairwise(rates) if one == other]  # on a busy machine it may become smaller
    assert again == [], f"one recording goes on through all of it, not {records}"
    page.context.close()


def corner_of(handle: Locator) -> tuple[float, float, float, float]:
    """Return the place of the corner's handle in the picture: left, top, width, height, in shares of it."""
    return tuple(
        handle.evaluate(
            """(one) => {
              const its = one.getBoundingClientRect(), all = one.parentElement.getBoundingClientRect();
              const { width, height } = all;
              return [(its.x - all.x) / width, (its.y - all.y) / height, its.width / width, its.height / height];
            }"""
        )
    )


def wait_for_corner(learner: ChromiumScreen, handle: Locator) -> tuple[float, float, float, float]:
    """Wait until the learner sees the camera's picture where the handle lies, and the desktop around it."""
    x, y, width, height = corner_of(handle)
    wait_for_colour(learner, x + 0.3 * width, y + 0.5 * height, BLACK)
    for beside in ((x - 0.05, y + 0.5 * height), (x + width + 0.05, y + 0.5 * height)):
        if 0.02 < beside[0] < 0.98:
            wait_for_colour(learner, *beside, GREEN)
    return x, y, width, height


def test_the_camera_stands_in_the_corner_where_it_is_put(stack: Stack, visitor, toned) -> None:
    lesson, learner = stack.lesson("画中画的课"), visitor(stack.url, LEARNER)
    teacher = studio(stack, lesson, toned)
    page = teacher.page
    learner.open(f"{lesson.url}/watch")
    teacher.press("开始讲课")
    wait_for_pill(learner, "直播中", 15)
    choose(page, "check-camera", "fake_device_1")
    wait_for_colour(learner, 0.2, 0.5, BLACK)
    page.get_by_role("button", name="完成").click()
    page.click(f"{SENDER} [data-part=screen]")
    handle = page.locator(f"{SENDER} [data-part=corner]")
    expect(handle).to_be_visible()
    places = [wait_for_corner(learner, handle)]

    # by mouse
    box = handle.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] - box["width"], box["y"] - box["height"], steps=6)
    page.mouse.up()
    places.append(wait_for_corner(learner, handle))

    # by keys
    handle.focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "+", "+"):
        page.keyboard.press(key)
    places.append(wait_for_corner(learner, handle))
    first, moved, keyed = places
    assert moved[0] < first[0] - 0.2
    assert moved[1] < first[1] - 0.2
    assert [round(keyed[one] - moved[one], 2) for one in range(3)] == [-0.04, -0.02, 0.04]

    # and comes back as it was left
    page.goto("about:blank")
    teacher.open(f"{lesson.url}/studio")
    page.click(f"{SENDER} [data-part=camera]")
    page.click(f"{SENDER} [data-part=screen]")
    expect(handle).to_be_visible()
    again = wait_for_corner(learner, handle)
    assert all(abs(one - other) < 0.01 for one, other in zip(again, keyed, strict=True)), (again, keyed)
    page.context.close()


def test_a_device_that_comes_after_the_check_was_closed_stays_off(stack: Stack, visitor) -> None:
    """The browser asks her for the camera; she closes the check before she answers."""
    lesson, teacher = stack.lesson("等许可的课"), visitor(stack.url, TEACHER)
    page = teacher.page
    teacher.open(f"{lesson.url}/studio")
    page.check("input[data-way][value=browser]")
    teacher.run(ASKED_FOR_LONG)
    keep_tracks(teacher)
    page.click("[data-part=check-first]")
    wait_for(lambda: teacher.ask("window.asked") == 1, "the browser asks for the camera")
    page.keyboard.press("Escape")
    teacher.run("window.answer()")
    wait_for(lambda: teacher.ask("window.tracks.length") == 2, "camera and microphone have come")
    wait_for(lambda: tracks_on(teacher) == [], "both are off again")
