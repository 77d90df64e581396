"""Showing slides from the studio: turning, drawing, hiding, and who may; a learner who waits sees all of it at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.browsers import PHONE
from tests.journeys.slides import make_deck
from tests.journeys.stack import LEARNER, STRANGER, TEACHER, Lesson, Stack
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser]

MAKE_ASSISTANT = """
from app.accounts.queries import user_by_name
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.live.models import Part, Presenter
somebody = user_by_name({name!r}).id
with unit_of_work():
    db.session.add(Presenter(live_id={live_id!r}, user_id=somebody, part=Part.ASSISTANT))
"""

PAGE = "document.querySelector('lesson-player slide-view')?.page?.page ?? 0"


def studio(page: Page, lesson: Lesson) -> Locator:
    """Open the studio; gives the desk of the slides."""
    page.goto(f"{lesson.url}/studio")
    return page.locator("slide-desk")


def sees(learner: Page, number: int) -> None:
    wait_for(lambda: learner.evaluate(PAGE) == number, f"the learner sees page {number}", 10)


def number_of(desk: Locator) -> Locator:
    return desk.get_by_label("页码")


def drag(page: Page, desk: Locator, *spots: tuple[float, float]) -> None:
    """Draw over the page, from spot to spot, in parts of its width and height."""
    page.evaluate("window.scrollTo(0, 0)")
    box = desk.locator(".slides__page .slide__sheet").bounding_box()
    assert box
    places = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in spots]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


def test_a_teacher_shows_slides_and_learners_see_them(stack: Stack, visitor) -> None:
    lesson = stack.lesson("放映讲义")
    stack.run(MAKE_ASSISTANT.format(name=STRANGER, live_id=lesson.id))
    make_deck(stack, lesson, 5)
    teacher, learner = visitor(stack.url, TEACHER).page, visitor(stack.url, LEARNER).page
    learner.goto(f"{lesson.url}/watch")
    strokes = learner.locator("lesson-player .stroke")

    # nothing is shown until one turns to it
    desk = studio(teacher, lesson)
    expect(desk.get_by_text("学员还没有看到这一页")).to_be_visible()
    expect(number_of(desk)).to_have_value("1")
    assert learner.evaluate(PAGE) == 0
    teacher.keyboard.press("ArrowRight")
    expect(desk.get_by_text("学员看到第 1 页")).to_be_visible()
    sees(learner, 1)
    for key in ("PageDown", "n"):
        teacher.keyboard.press(key)
    sees(learner, 3)
    expect(desk.get_by_text("学员看到第 3 页")).to_be_visible()
    teacher.keyboard.type("2")
    expect(desk.get_by_text("第 2 页：按回车键跳转")).to_be_visible()
    teacher.keyboard.press("Enter")
    sees(learner, 2)

    # who types turns no page
    teacher.locator("#chat-text").click()
    teacher.keyboard.type("n b 4")
    expect(number_of(desk)).to_have_value("2")
    teacher.locator("body").evaluate("document.activeElement.blur()")

    # a stroke is there while it is drawn, and gone when it is taken back
    teacher.keyboard.press("d")
    drag(teacher, desk, (0.2, 0.5), (0.5, 0.3), (0.7, 0.6))
    expect(strokes).to_have_count(1)
    expect(desk.locator(".stroke")).to_have_count(1)
    teacher.keyboard.press("Control+z")
    expect(strokes).to_have_count(0)
    teacher.keyboard.press("Control+y")
    expect(strokes).to_have_count(1)
    desk.get_by_role("button", name="文字").click()
    drag(teacher, desk, (0.3, 0.7))
    teacher.keyboard.type("临界温度")
    teacher.keyboard.press("Enter")
    expect(learner.locator("lesson-player .stroke__words")).to_have_text("临界温度")
    teacher.keyboard.press("e")
    drag(teacher, desk, (0.45, 0.2), (0.55, 0.6))
    expect(strokes).to_have_count(1)
    teacher.keyboard.press("Escape")

    # what is drawn stays with its page; the pointer is seen where it is held
    teacher.keyboard.press("ArrowRight")
    sees(learner, 3)
    expect(strokes).to_have_count(0)
    teacher.keyboard.press("l")
    desk.locator(".slides__page .slide__sheet").hover()
    expect(learner.locator("lesson-player .slide__pointer")).to_be_visible()
    teacher.keyboard.press("l")
    expect(learner.locator("lesson-player .slide__pointer")).to_be_hidden()
    teacher.keyboard.press("ArrowLeft")
    sees(learner, 2)
    expect(strokes).to_have_count(1)

    # away and back
    teacher.keyboard.press("b")
    expect(desk.get_by_text("学员现在只看到视频")).to_be_visible()
    expect(learner.locator("lesson-player slide-view")).to_be_hidden()
    teacher.keyboard.press("b")
    sees(learner, 2)
    expect(learner.locator("lesson-player slide-view")).to_be_visible()

    # a whiteboard, closed and brought back
    desk.get_by_role("button", name="新建白板").click()
    sees(learner, 1)
    desk.get_by_role("button", name="加一页").click()
    sees(learner, 2)
    desk.get_by_role("button", name="关闭“白板”").click()
    expect(desk.locator(".slide-tab")).to_have_count(1)
    desk.locator("[data-do=bring-back]").click()
    expect(desk.locator(".slide-tab")).to_have_count(2)
    expect(number_of(desk)).to_have_value("2")
    desk.locator(".slide-tab__open").first.click()
    sees(learner, 2)
    expect(strokes).to_have_count(1)


def test_an_assistant_turns_only_when_allowed_and_a_teacher_also_from_a_phone(stack: Stack, visitor) -> None:
    lesson = stack.lesson("助教翻页")
    stack.run(MAKE_ASSISTANT.format(name=STRANGER, live_id=lesson.id))
    make_deck(stack, lesson, 6)
    teacher, assistant = visitor(stack.url, TEACHER).page, visitor(stack.url, STRANGER).page
    desk, other = studio(teacher, lesson), studio(assistant, lesson)
    expect(number_of(desk)).to_have_value("1")
    desk.get_by_role("button", name="放映这一页").click()
    expect(other.get_by_text("学员看到第 1 页")).to_be_visible()

    expect(other.get_by_text("由老师翻页")).to_be_visible()
    expect(other.get_by_role("button", name="下一页")).to_be_disabled()
    assistant.keyboard.press("ArrowRight")
    expect(number_of(other)).to_have_value("1")
    desk.get_by_label("讲义设置").click()
    desk.get_by_role("switch", name="助教可以翻页和书写").click()
    expect(other.get_by_text("由老师翻页")).to_be_hidden()
    other.get_by_role("button", name="下一页").click()
    expect(number_of(desk)).to_have_value("2")
    expect(desk.get_by_text("学员看到第 2 页")).to_be_visible()

    phone = visitor(stack.url, TEACHER, **PHONE).page
    hand = studio(phone, lesson)
    expect(number_of(hand)).to_have_value("2")
    hand.get_by_role("button", name="下一页").tap()
    for one in (desk, other, hand):
        expect(number_of(one)).to_have_value("3")
        expect(one.get_by_text("学员看到第 3 页")).to_be_visible()

    # a connection that breaks loses no page
    phone.context.set_offline(True)
    hand.get_by_role("button", name="下一页").tap()
    expect(number_of(hand)).to_have_value("4")
    phone.context.set_offline(False)
    expect(number_of(desk)).to_have_value("4", timeout=60_000)
    expect(hand.get_by_text("学员看到第 4 页")).to_be_visible(timeout=60_000)
