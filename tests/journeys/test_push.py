"""Reminders on a device: switched on, shown, opened and switched off in Firefox; and every reason why not, in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.kernel.clock import now_ms
from app.notices.push import keys
from tests.journeys import browsers
from tests.journeys.browsers import DrivenScreen
from tests.journeys.conftest import Visitors, running
from tests.journeys.pushing import line_of
from tests.journeys.stack import LEARNER, Stack
from tests.journeys.test_other_browsers import sign_in
from tests.journeys.test_people import complaints
from tests.journeys.waiting import wait_for
from tests.notices.push_service import PushService, serving

pytestmark = [pytest.mark.journey, pytest.mark.browser]

MINUTE_MS = 60_000
GIVE_ADDRESS = """
from app.accounts.queries import user_by_name
from app.kernel.unit_of_work import unit_of_work
with unit_of_work():
    user_by_name("learner").email = "learner@iom.example"
"""
SHOWN = """const done = arguments[0];
navigator.serviceWorker.ready.then((worker) => worker.getNotifications())
  .then((all) => done(all.map(({ title, body, data }) => ({ title, body, url: data }))));"""

PRESS = """const shown = [...Services.wm.getEnumerator("alert:alert")][0];
shown?.document.getElementById("alertBox")?.click();
return Boolean(shown);"""
"""Presses the notification that Firefox shows, in its own code."""


@pytest.fixture(scope="module")
def push_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PushService, Path]]:
    with serving(tmp_path_factory.mktemp("push")) as (service, certificate):
        yield service, certificate


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, push_service: tuple[PushService, Path]) -> Iterator[Stack]:
    """The service, with a key and a push service that it may call."""
    place, certificate = push_service[0].place, str(push_service[1])
    settings = {"VAPID_PRIVATE_KEY": keys.new_private_key(), "PUSH_SERVICES": place, "REQUESTS_CA_BUNDLE": certificate}
    yield from running(tmp_path_factory.mktemp("service") / "data", **settings)


def words(screen: DrivenScreen) -> str:
    """Return what the panel says."""
    return str(screen.ask("document.querySelector('push-switch [role=status]').innerText.trim()"))


def test_a_reminder_comes_to_firefox_and_leads_to_the_lesson(
    service: Stack, push_service: tuple[PushService, Path], tmp_path: Path
) -> None:
    service.run(GIVE_ADDRESS)
    lesson = service.lesson("提醒的课")
    service.change("UPDATE live_session SET starts_at_ms = ? WHERE id = ?", now_ms() + 20 * MINUTE_MS, lesson.id)
    with line_of(push_service[0]) as waits, browsers.firefox(tmp_path, preferences=waits) as screen:
        sign_in(screen, service.url)
        screen.open(lesson.url)
        screen.press("报名")
        screen.open(f"{service.url}/account/mail")
        wait_for(lambda: words(screen).startswith("未开启"), "the panel knows that it is off")
        screen.press("开启")
        wait_for(lambda: words(screen).startswith("已开启"), "Firefox has subscribed")
        assert service.row("SELECT endpoint FROM push_device")[0]

        # half an hour before the lesson, whatever page is open
        service.change("UPDATE live_learner SET signed_up_ms = ?", now_ms() - 60 * MINUTE_MS)
        wait_for(lambda: push_service[0].came, "the push service is handed the reminder", 10)
        screen.driver.set_script_timeout(10)
        wait_for(lambda: screen.driver.execute_async_script(SHOWN), "Firefox shows the reminder", 10)
        (shown,) = screen.driver.execute_async_script(SHOWN)
        assert shown["title"] == "提醒的课"
        assert "开始" in shown["body"]
        assert shown["url"] == lesson.url

        # a press on it opens the lesson in a window of its own
        here = screen.driver.current_window_handle
        with screen.driver.context("chrome"):
            wait_for(lambda: screen.driver.execute_script(PRESS), "the reminder is pressed", 5)
        wait_for(lambda: len(screen.driver.window_handles) == 2, "a window opens")
        (opened,) = set(screen.driver.window_handles) - {here}
        screen.driver.switch_to.window(opened)
        wait_for(lambda: screen.driver.current_url == lesson.url, "it shows the lesson")

        screen.open(f"{service.url}/account/mail")
        wait_for(lambda: words(screen).startswith("已开启"), "the panel remembers")
        screen.press("关闭")
        wait_for(lambda: words(screen).startswith("未开启"), "it is off")
        assert service.row("SELECT count(*) FROM push_device") == (0,)


def test_why_it_cannot_be_switched_on_stands_on_the_page(service: Stack, visitor: Visitors) -> None:
    # Chromium reaches no push service from here
    page = visitor(service.url, LEARNER, permissions=["notifications"]).page
    panel = page.locator("push-switch")
    page.goto(f"{service.url}/account/mail")
    expect(panel).to_contain_text("未开启")
    assert complaints(page, "off") == []
    panel.get_by_role("button", name="开启").click()
    expect(panel).to_contain_text("连不上它的推送服务", timeout=40_000)
    expect(panel.get_by_role("button", name="开启")).to_be_enabled()
    assert complaints(page, "unreached") == []

    # she has said no
    refused = visitor(service.url, LEARNER).page
    refused.add_init_script("Object.defineProperty(Notification, 'permission', { value: 'denied' })")
    refused.goto(f"{service.url}/account/mail")
    expect(refused.locator("push-switch")).to_contain_text("您已禁止本站发送通知")
    expect(refused.locator("push-switch button:visible")).to_have_count(0)
    assert complaints(refused, "refused") == []
