"""The home page: a recommended lesson reaches open pages and is followed there; the app without a network."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browsers import PHONE
from tests.journeys.stack import LEARNER, MANAGER, TEACHER, Stack
from tests.journeys.waiting import time_until, wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser]

WITHIN_S = 2.0


def words_of(page: Page) -> str:
    """Return the words of the picture that stands on the page now."""
    return page.evaluate("document.querySelector('[data-slide]:not([inert])')?.innerText ?? ''")


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_a_recommended_lesson_reaches_the_open_home_page(
    stack: Stack, visitor, encoder, size: dict[str, object]
) -> None:
    lesson = stack.lesson("首页推荐的课")
    manager, learner, teacher = (visitor(stack.url, who, **size).page for who in (MANAGER, LEARNER, TEACHER))
    learner.goto(stack.url)
    wait_for(lambda: learner.evaluate("document.querySelector('banner-show') !== null"), "the page has its place")

    # 推荐管理, by the way of the guide
    manager.goto(f"{stack.url}/manage/recommendations")
    card = manager.locator(".candidate", has=manager.locator(f"#card-{lesson.id}"))
    card.get_by_role("link", name="推荐管理").click()
    manager.get_by_label("推荐语").fill("全所必修")
    manager.get_by_role("button", name="推荐到首页").click()
    expect(manager.locator(".order__row")).to_contain_text("首页推荐的课")
    took_s = time_until(lambda: "全所必修" in words_of(learner), "the open home page shows the picture")
    assert took_s < WITHIN_S
    assert "预告" in words_of(learner)

    # the picture follows the lesson
    publisher = encoder(lesson)
    wait_for(lambda: stack.row("SELECT publishing FROM media_stream WHERE id = ?", lesson.stream)[0], "it publishes")
    teacher.goto(f"{stack.url}/live/{lesson.id}/studio")
    teacher.get_by_role("button", name="开始讲课").click()
    wait_for(lambda: stack.state_of(lesson) == "on_air", "the lesson is on air")
    took_s = time_until(lambda: "直播中" in words_of(learner), "the picture says so")
    assert took_s < WITHIN_S

    # its button leads to the lesson
    learner.locator("[data-slide]:not([inert]) .slide__step").click()
    expect(learner).to_have_url(f"{stack.url}/live/{lesson.id}/watch")
    learner.go_back()
    publisher.stop()

    # the app is installed, says without a network what it knows, and comes back by itself
    learner.goto(stack.url)
    learner.evaluate("navigator.serviceWorker.ready.then(() => true)")
    learner.context.set_offline(True)
    learner.goto(f"{stack.url}/live")
    expect(learner.get_by_role("heading", level=1)).to_have_text("当前没有网络")
    expect(learner.locator("known-lessons")).to_contain_text("首页推荐的课")
    learner.context.set_offline(False)
    expect(learner.get_by_role("heading", level=1)).to_have_text("直播课程")
