"""A learner with a phone, upright in one hand."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.journeys.browsers import (
    PHONE,
    ask,
    chromium_context,
    out_of_reach,
    wait_for_live,
    wait_for_movement,
    wait_for_pill,
    wait_for_sound,
)
from tests.journeys.stack import LEARNER, TEACHER
from tests.journeys.test_lesson import end_lesson
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser]

THUMB_PX = 44
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALLER = {"width": 360, "height": 740}
BELOW_THE_PICTURE = ".controls__row > *, .vitals *, .meter *, .guest-bar *"
CUT = """(selector) => [...document.querySelectorAll(selector)].filter((one) => {
  const { left, right, width } = one.getBoundingClientRect();
  const isShown = width > 0 && one.checkVisibility() && !one.closest(".visually-hidden, .popup__items");
  return isShown && (left < 0 || right > innerWidth);
}).map((one) => one.outerHTML.slice(0, 120))"""
"""Parts of a selector that reach beyond the left or right edge of the screen."""
PLAYER_BUTTONS = ("play", "back10", "audio-switch", "fullscreen")
HIT = """(() => {{
  const one = document.querySelector('[data-part="{part}"]');
  one.scrollIntoView({{ block: "nearest" }});
  const box = one.getBoundingClientRect();
  const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {{ width: box.width, height: box.height, left: box.left, right: box.right, free: one.contains(hit) }};
}})()"""


def test_a_phone_from_the_list_of_lessons_to_the_replay(stack, visitor, encoder) -> None:
    lesson = stack.lesson("手机上看的课")
    teacher = visitor(stack.url, TEACHER)
    phone = visitor(stack.url, LEARNER, **PHONE)
    encoder(lesson)
    teacher.open(f"{lesson.url}/studio")
    wait_for_live(teacher)
    teacher.press("开始讲课")
    wait_for(lambda: stack.state_of(lesson) == "on_air", "the lesson is on air")

    # from the list over the introduction to the picture, by touch only
    phone.open(stack.url)
    assert phone.ask(TOO_WIDE) <= 0
    phone.page.locator("a:visible", has_text="手机上看的课").first.tap()
    phone.page.wait_for_url(lesson.url)
    assert phone.ask(TOO_WIDE) <= 0
    phone.page.locator("a:visible", has_text="观看直播").first.tap()
    phone.page.wait_for_url(f"{lesson.url}/watch")
    wait_for_pill(phone, "直播中")
    wait_for_live(phone)
    assert phone.ask(TOO_WIDE) <= 0
    gate = phone.page.locator("[data-part=sound-gate]")

    # a line that is slow for a while is said on one line, under the picture, until it is good again
    thin = phone.page.locator("[data-part=thin]")
    pieces_took(phone, 950)
    expect(thin).to_be_visible()
    for width, height in ((1366, 768), (1280, 720), (390, 844)):
        phone.page.set_viewport_size({"width": width, "height": height})
        wait_for(lambda: thin.bounding_box()["height"] < 50, f"it is one line at {width}×{height}")
        parts = "[data-part=thin-yes], [data-part=thin-no], .player__stage"
        wait_for(lambda parts=parts: out_of_reach(phone.page, parts) == [], f"nothing is covered at {width}×{height}")
        if gate.is_visible():
            assert out_of_reach(phone.page, "[data-part=sound-gate]") == [], (width, height)
    pieces_took(phone, 80)
    expect(thin).to_be_hidden()

    if phone.ask("eyes.heard().muted"):  # a browser that knows the visitor may allow sound at once
        gate.tap()
    wait_for_sound(phone)

    # the picture is as wide as the phone, and every main button is under the thumb
    assert phone.ask("document.querySelector('lesson-player video').getBoundingClientRect().width") >= 388
    for part in PLAYER_BUTTONS:
        button = phone.ask(HIT.format(part=part))
        assert button["free"], part
        assert button["left"] >= 0, part
        assert button["right"] <= 390, part
        assert min(button["width"], button["height"]) >= THUMB_PX, (part, button)

    fits_small_phones(phone.page)
    guest_with_a_phone(stack, lesson, teacher.page, phone)

    # back ten seconds is the beginning here; then live again
    phone.page.locator("[data-part=play]").tap()
    wait_for(lambda: phone.ask("document.querySelector('lesson-player video').paused"), "the picture stands")
    pieces_took(phone, 950)
    phone.page.wait_for_function("new Promise((done) => setTimeout(() => done(true), 600))")  # two looks of the player
    expect(thin).to_be_hidden()
    pieces_took(phone, 80)
    phone.page.locator("[data-part=play]").tap()
    wait_for_live(phone)

    end_lesson(teacher)
    wait_for_pill(phone, "已结束")
    assert phone.ask(TOO_WIDE) <= 0
    phone.page.locator("a:visible", has_text="看回放").first.tap()
    phone.page.wait_for_url(f"{lesson.url}/replay")
    wait_for(lambda: phone.ask("window.eyes && eyes.frames.count > 2"), "the replay plays")
    wait_for_movement(phone)
    assert phone.ask(TOO_WIDE) <= 0


def fits_small_phones(page) -> None:
    """Controls, the meter's line and the reactions stay on the screen, on the usual phone and on a smaller one."""
    usual = page.viewport_size
    page.locator(".reactions summary").tap()
    for size in (usual, SMALLER):
        page.set_viewport_size(size)
        assert page.evaluate(TOO_WIDE) <= 0, size
        assert page.evaluate(CUT, BELOW_THE_PICTURE) == [], size
        assert page.locator(".controls__row").bounding_box()["height"] < 2 * THUMB_PX, size
        assert out_of_reach(page, ".reactions__all button") == [], size
    page.keyboard.press("Escape")
    page.set_viewport_size(usual)


def pieces_took(phone, ms: int) -> None:
    """Let the player of a page believe that the last 20 pieces of a second each took so long to come."""
    line = "document.querySelector('lesson-player').voice.line"
    phone.run(f"{line}.forget(); for (let n = 0; n < 20; n += 1) {line}.came(1, {ms})")


GUEST_LINK = """
from flask import current_app
from app.live import guests, queries
with current_app.test_request_context():
    print(guests.link_of(queries.by_id({id!r})))
"""
READABLE_PX = 160


def guest_with_a_phone(stack, lesson, teacher, phone) -> None:
    """Scans the code: picture, chat and hand are there at once, and so is a poll as a whole."""
    link = stack.run(GUEST_LINK.format(id=lesson.id)).split()[-1]
    context = chromium_context(phone.page.context.browser, **PHONE)
    try:
        page = context.new_page()
        page.goto(stack.url + urlsplit(link).path)
        expect(page.locator("lesson-room:not([data-offline])")).to_be_visible()
        assert out_of_reach(page, ".player__stage, .guest-bar, #chat-text, .raise__open") == []
        assert page.locator(".guest-bar").bounding_box()["height"] < 50
        assert page.locator(".chat__list").bounding_box()["height"] > READABLE_PX
        assert page.locator(".guest-bar .button--primary:visible").count() == 0
        fits_small_phones(page)
        options = ["第一种", "第二种", "第三种", "第四种，名字要长得多，长得在手机上要写两行才写得下", "都不是"]
        question = "以下哪一种您用得最多？请选择一项，并在聊天中说明理由。"
        poll = ask(teacher, "polls.new", kind="single", question=question, options=options, start=True)
        expect(page.locator("#polls-now .poll__option")).to_have_count(5)
        assert (
            out_of_reach(page, "#polls-now .poll__option, #polls-now [type=submit], #polls-now .poll__question") == []
        )
        page.locator("#polls-now .poll__option").nth(3).tap()
        page.get_by_role("button", name="提交答案").tap()
        expect(page.locator(".sheet__chip")).to_be_visible()
        assert out_of_reach(page, ".player__stage, #chat-text, .raise__open") == []
        ask(teacher, "polls.close", **poll)
    finally:
        context.close()
