"""The studio without a mouse, and on every size of screen: each part has its key, and nothing is cut."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.browsers import PHONE, wait_for_pill
from tests.journeys.stack import LEARNER, STRANGER, TEACHER, Lesson, Stack
from tests.journeys.test_slides_showing import MAKE_ASSISTANT
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser]

UNKNOWN_KEYS = """async () => {
  const { meaningOf } = await import("/static/js/lib/slide-keys.js");
  const names = { "→": "ArrowRight", "↓": "ArrowDown", "←": "ArrowLeft", "↑": "ArrowUp", Space: " ", Esc: "Escape" };
  const listed = document.querySelectorAll(".keys__group--slides div:not([data-keys]) kbd");
  const keys = [...listed].map((one) => one.textContent);
  if (keys.length < 20) throw new Error(`only ${keys.length} keys are listed`);
  return keys.filter((name) => {
    const [key, held] = name.split("+").reverse();
    return meaningOf({ key: names[key] ?? key, ctrlKey: held === "Ctrl" }) === null;
  });
}"""
CUT = """() => [...document.querySelectorAll(
    ".desk *, .area__head *, .sender__switches, .sender__switches > *, .areas__tabs > *, .theatre-header > *",
  )].filter((one) => {
    if (!one.checkVisibility() || getComputedStyle(one).clipPath !== "none") return false;
    if (one.closest(".visually-hidden, svg, .popup__items, .pause__message, dialog")) return false;
    const { left, right, width } = one.getBoundingClientRect();
    const isCut = one.matches("button, label") && one.scrollWidth > one.clientWidth + 1;
    return width > 0 && (left < 0 || right > innerWidth + 1 || isCut);
  }).map((one) => `${one.className}: ${one.textContent.trim()}`)"""

AREAS = [f"[data-area={name}]" for name in ("slides", "video", "people", "chat", "questions")]
BOTTOM = "Math.max(...[...document.querySelectorAll('[data-area]')].map((one) => one.getBoundingClientRect().bottom))"
RUNNING = ("on_air", "interrupted")
"""It goes on, whether or not the picture of this slow machine has come yet."""


def is_in_sight(page: Page, selector: str) -> bool:
    """Return whether all of it can be seen where it stands, and pressed."""
    return bool(
        page.evaluate(
            """(selector) => {
              const one = document.querySelector(selector);
              const { left, right, top, bottom } = one.getBoundingClientRect();
              const corners = [[left + 3, top + 3], [right - 3, bottom - 3]];
              return corners.every(([x, y]) => one.contains(document.elementFromPoint(x, y)));
            }""",
            selector,
        )
    )


def height_of(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box
    return box["height"]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def start_in_browser(page: Page, stack: Stack, lesson: Lesson) -> None:
    page.goto(f"{lesson.url}/studio")
    page.check("input[data-way][value=browser]")
    press(page, "Shift+L")
    wait_for(lambda: stack.state_of(lesson) == "on_air", "the lesson is on air", 20)


def speak_in_english(page: Page) -> None:
    page.locator("button[name=language][value=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def folded(area: Locator) -> bool:
    return area.get_attribute("data-folded") is not None


def test_a_lecture_is_held_by_keys_alone(stack: Stack, visitor) -> None:
    lesson, teacher, learner = stack.lesson("只用键盘的课"), visitor(stack.url, TEACHER), visitor(stack.url, LEARNER)
    page, keys = teacher.page, teacher.page.locator("#keys")
    learner.open(f"{lesson.url}/watch")
    teacher.open(f"{lesson.url}/studio")

    # the list, without a document; what is listed is heard
    press(page, "?")
    expect(keys).to_be_visible()
    expect(keys.get_by_text("开始讲课", exact=True)).to_be_visible()
    expect(keys.get_by_text("摄像头")).to_be_hidden()
    assert page.evaluate(UNKNOWN_KEYS) == []
    press(page, "Shift+L", "Escape")
    expect(keys).to_be_hidden()
    page.get_by_role("button", name="快捷键").click()
    expect(keys).to_be_visible()
    press(page, "Escape")
    assert stack.state_of(lesson) == "scheduled", "nothing is begun behind a dialog"

    start_in_browser(page, stack, lesson)
    wait_for_pill(learner, "直播中")
    expect(page.locator("#controls [data-does='pause'] button")).to_have_attribute("aria-keyshortcuts", "Shift+P")
    press(page, "Shift+P")
    wait_for_pill(learner, "已暂停")
    expect(page.get_by_role("button", name="继续讲课")).to_be_visible()
    press(page, "Shift+P")
    wait_for_pill(learner, "直播中", 15)
    press(page, "Shift+R")
    expect(page.get_by_role("button", name="开始录制")).to_be_visible()
    press(page, "Shift+R")
    expect(page.get_by_role("button", name="停止录制")).to_be_visible()

    # areas: to one of them, folded, opened; who types is left alone
    people, chat = page.locator("[data-area=people]"), page.locator("[data-area=chat]")
    press(page, "Alt+3")
    expect(people).to_be_focused()
    assert not folded(people)
    press(page, "f")
    assert folded(people)
    press(page, "Alt+4", "f")
    assert folded(chat)
    press(page, "c")
    assert not folded(chat)
    page.keyboard.type("PRE? fm")
    expect(page.locator("#chat-text")).to_have_value("PRE? fm")
    assert stack.state_of(lesson) in RUNNING
    press(page, "Escape")
    expect(chat).to_be_focused()
    press(page, "Alt+6")
    expect(page.locator("#controls :focus")).to_have_count(1)

    # a raised hand is seen in a folded area, and called
    learner.page.click("summary.raise__open")
    learner.page.locator(".raise__form button[type=submit]").click()
    pill = people.locator("hand-count")
    expect(pill).to_have_text("举手 1")
    pill.click()
    assert not folded(people)
    press(page, "h")
    expect(learner.page.locator(".raise__floor")).to_be_visible()
    expect(pill).to_be_hidden()

    # a whiteboard, devices, invitations, and what asks first
    press(page, "w")
    expect(page.locator(".slide-tab")).to_have_count(1)
    press(page, "k")
    expect(page.locator("[data-part=check-dialog]")).to_be_visible()
    page.get_by_role("button", name="完成").click()
    press(page, "i")
    expect(page.locator("#invite")).to_be_visible()
    press(page, "Escape", "Shift+X")
    expect(page.locator("leave-guard dialog")).to_be_visible()
    press(page, "Escape", "Shift+E")
    expect(page.locator("#controls ask-first dialog")).to_be_visible()
    press(page, "Escape")
    assert stack.state_of(lesson) in RUNNING
    press(page, "Shift+O")
    wait_for_pill(learner, "缓冲中")
    expect(page.get_by_role("button", name="我回来了")).to_be_visible()
    press(page, "Shift+O")
    wait_for_pill(learner, "直播中", 15)


def test_an_assistant_has_the_keys_of_what_assistants_do(stack: Stack, visitor) -> None:
    lesson = stack.lesson("助教的快捷键")
    stack.run(MAKE_ASSISTANT.format(name=STRANGER, live_id=lesson.id))
    page = visitor(stack.url, STRANGER).page
    page.goto(f"{lesson.url}/studio")
    press(page, "?")
    expect(page.locator("#keys")).to_be_visible()
    for words in ("开始讲课", "摄像头", "激光笔"):
        expect(page.locator("#keys").get_by_text(words, exact=True)).to_be_hidden()
    expect(page.locator("#keys").get_by_text("新建白板", exact=True)).to_be_visible()
    press(page, "Escape", "Shift+L", "i")
    invite = page.locator("#invite")
    expect(invite.get_by_role("img", name=re.compile("二维码"))).to_be_visible()
    expect(invite).to_contain_text(lesson.url)
    press(page, "Escape", "w")
    expect(page.locator(".slide-tab")).to_have_count(1)
    assert stack.state_of(lesson) == "scheduled"

    # what is folded stays folded, the next time too
    press(page, "Escape", "Alt+4", "f")
    page.reload()
    expect(page.locator("[data-area=chat]")).to_have_attribute("data-folded", "")
    expect(page.locator("[data-area=people]")).not_to_have_attribute("data-folded", "")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_cut_on_any_screen(stack: Stack, visitor, language: str) -> None:
    lesson = stack.lesson(f"各种屏幕上的课 {language}")
    page = visitor(stack.url, TEACHER, viewport={"width": 1280, "height": 720}).page
    page.goto(f"{lesson.url}/studio")
    if language == "en":
        speak_in_english(page)
    start_in_browser(page, stack, lesson)
    press(page, "Shift+R")
    expect(page.locator("#controls [data-does='record'] button")).to_have_accessible_name(
        re.compile("开始录制|Start recording")
    )
    for width, height in ((1366, 768), (1280, 720), (1440, 900), (820, 1180), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        wait_for(lambda: page.evaluate(CUT) == [], f"nothing is cut at {width}×{height}: {page.evaluate(CUT)}", 3)
        if width > 1000:
            assert height_of(page, ".chat__list") >= 100, "messages can be read"
            six = {name: round(height_of(page, name)) for name in ("#controls", *AREAS)}
            assert min(six[name] for name in AREAS) >= 180, f"{width}×{height}: {six}"
            assert page.evaluate(BOTTOM) <= height, "all six areas are on one screen"
        else:
            page.locator("[data-shows=video]").click()
        assert is_in_sight(page, ".sender__switches"), f"{width}×{height}"
        # two rows of the control bar, on phones three, are less than this
        assert height_of(page, ".desk__answers") + height_of(page, ".desk__buttons") < 110, f"{width}×{height}"


def test_a_phone_shows_the_area_and_not_the_bar(stack: Stack, visitor) -> None:
    lesson = stack.lesson("手机上的控制台")
    page = visitor(stack.url, TEACHER, **PHONE).page
    page.goto(f"{lesson.url}/studio")
    page.locator("[data-shows=video]").tap()
    start_in_browser(page, stack, lesson)
    page.locator("[data-shows=chat]").tap()
    assert height_of(page, "[data-area=chat]") >= 0.6 * PHONE["viewport"]["height"]
    assert page.evaluate("document.documentElement.scrollHeight") <= PHONE["viewport"]["height"]
    page.locator("[data-shows=video]").tap()
    page.locator(".sender__more > summary").tap()
    small = page.locator(".segments__one, .sender__more .check, .sender__more [type=range], .health-line__more")

    def heights() -> list[float]:
        found = [box["height"] for box in (one.bounding_box() for one in small.all()) if box]
        return found if len(found) >= 7 else []  # the line of health is drawn anew every second

    assert min(wait_for(heights, "all of them are there")) >= 44
    page.locator(".area--video .area__title").tap()

    # the other buttons are one touch away
    out = page.get_by_role("button", name="临时离开")
    expect(out).to_be_hidden()
    page.get_by_role("button", name="全部按钮").tap()
    out.tap()
    wait_for(lambda: stack.state_of(lesson) == "away", "she has stepped out")
