"""The home page: a lesson is recommended, followed and opened; the app is installed, and works without a network."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.browsers import PHONE, wait_for_live
from tests.journeys.conftest import Encoders, Visitors
from tests.journeys.stack import ADMIN, LEARNER, MANAGER, STRANGER, TEACHER, Stack
from tests.journeys.test_lesson import end_lesson
from tests.journeys.waiting import time_until, wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser]

SOON_S = 2.0
"""Time in which an open home page shows a new picture."""


@pytest.mark.parametrize("device", ["computer", "phone"])
def test_a_recommended_lesson_is_followed_and_opened_from_the_open_page(
    stack: Stack, visitor: Visitors, encoder: Encoders, note, device: str
) -> None:
    subject = {"computer": "推荐的课", "phone": "手机上推荐的课"}[device]
    lesson, size = stack.lesson(subject), PHONE if device == "phone" else {}
    learner, teacher = visitor(stack.url, LEARNER, **size), visitor(stack.url, TEACHER)
    stranger, admin = visitor(stack.url, STRANGER, **size).page, visitor(stack.url, ADMIN, **size).page
    manager = visitor(stack.url, MANAGER, **size).page
    for page in (learner.page, stranger):
        page.goto(stack.url)
        page.locator("banner-show:defined").wait_for(state="attached")
    hers, theirs = slide_of(learner.page, subject), slide_of(stranger, subject)

    # 首页培训推荐: hers is the institute, and its people see the picture at once
    manager.goto(f"{stack.url}/manage/recommendations")
    candidate(manager, subject).get_by_role("link", name="推荐管理").click()
    manager.get_by_label("推荐语").fill("带您读懂超导")
    manager.get_by_role("button", name="推荐到首页").click()
    took_s = time_until(lambda: hers.count() == 1, "the open page shows the picture")
    note(f"recommended: seconds until an open home page shows it, {device}", took_s)
    assert took_s < SOON_S
    expect(hers).to_contain_text("带您读懂超导")
    expect(hers).to_contain_text("预告")
    expect(theirs).to_have_count(0)

    # 申请全院推荐: the platform team grants it, and everybody sees it
    candidate(manager, subject).get_by_role("button", name="申请全院推荐").click()
    expect(manager.locator(".ask", has_text=subject)).to_contain_text("等待答复")
    admin.goto(f"{stack.url}/manage/recommendations")
    asked = admin.locator(".ask", has_text=subject)
    asked.get_by_role("button", name="通过", exact=True).click()
    expect(theirs).to_have_count(1)
    manager.reload()
    expect(manager.locator(".ask", has_text=subject)).to_contain_text("已通过")

    # the picture follows the lesson, and opens it
    teacher.page.goto(f"{lesson.url}/studio")
    encoder(lesson)
    teacher.page.get_by_role("button", name="开始讲课").click()
    expect(hers).to_contain_text("直播中")
    turned_to(learner.page, hers)
    hers.get_by_role("link", name="观看直播").click()
    expect(learner.page).to_have_url(f"{lesson.url}/watch")
    wait_for_live(learner)
    end_lesson(teacher)
    expect(theirs).to_contain_text("回放")
    assert stack.row("SELECT sum(opened) FROM recommendation WHERE live_id = ?", lesson.id) == (1,)


def test_pictures_are_put_in_order_with_the_keyboard_alone(stack: Stack, visitor: Visitors) -> None:
    manager = visitor(stack.url, MANAGER).page
    for number in range(3):
        stack.lesson(f"排序的课 {number}")
        manager.goto(f"{stack.url}/manage/recommendations")
        candidate(manager, f"排序的课 {number}").get_by_role("link", name="推荐管理").click()
        manager.get_by_role("button", name="推荐到首页").click()
    mine = manager.locator(".order__row", has_text="排序的课")
    expect(mine).to_have_count(3)
    before = mine.locator(".order__about a").all_inner_texts()
    forward = mine.nth(2).get_by_role("button", name=re.compile("前移"))
    forward.focus()
    forward.press("Enter")
    expect(mine.nth(1).locator(".order__about a")).to_have_text(before[2])
    focused = "document.activeElement.closest('.order__row')?.dataset.name"
    wait_for(lambda: manager.evaluate(focused) == before[2], "the focus goes with the picture")


@pytest.mark.parametrize("device", ["computer", "phone"])
def test_the_app_is_installed_and_says_what_it_knows_without_a_network(
    stack: Stack, visitor: Visitors, device: str
) -> None:
    subject = {"computer": "离线时知道的课", "phone": "手机离线时知道的课"}[device]
    lesson, screen = stack.lesson(subject), visitor(stack.url, LEARNER, **(PHONE if device == "phone" else {}))
    page = screen.page
    page.goto(f"{stack.url}/live")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    assert screen.wire.send("Page.getAppManifest")["errors"] == []
    missing = screen.wire.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {one["errorId"] for one in missing} <= {"in-incognito"}, "as each person of a journey is"

    page.reload()  # the worker answers for pages that are loaded after it has come
    page.context.set_offline(True)
    page.goto(f"{stack.url}/learning")
    expect(page.get_by_role("heading", level=1)).to_have_text("当前没有网络")
    known = page.get_by_role("link", name=subject, exact=True)
    expect(known).to_have_attribute("href", f"/live/{lesson.id}")
    assert page.evaluate("getComputedStyle(document.querySelector('.panel')).borderRadius") != "0px", "it has its sheet"
    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text("我的学习")


def candidate(page: Page, subject: str) -> Locator:
    """Look for a lesson among those that can be recommended."""
    page.get_by_role("searchbox", name="搜索直播", exact=True).fill(subject)
    expect(page.locator(".candidate")).to_have_count(1)
    return page.locator(".candidate", has_text=subject)


def slide_of(page: Page, subject: str) -> Locator:
    """Return the large picture of a lesson."""
    return page.locator("[data-slide]", has_text=subject)


def turned_to(page: Page, slide: Locator) -> None:
    """Turn the pictures until this one stands there."""
    number = slide.get_attribute("data-slide")
    dot = page.locator(f"[data-dot='{number}']")
    if dot.count():
        dot.click()
    expect(slide).to_be_in_viewport(ratio=0.9)
