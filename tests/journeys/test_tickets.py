"""反馈问题: from a studio that gets no picture to its solution, by page and by mail, at a desk and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browsers import PHONE
from tests.journeys.stack import MANAGER, TEACHER, Stack

pytestmark = [pytest.mark.journey, pytest.mark.browser]

GIVE_ADDRESSES = """
from app.accounts.queries import user_by_name
from app.kernel.unit_of_work import unit_of_work
with unit_of_work():
    for name in ("teacher", "manager"):
        user_by_name(name).email = f"{name}@iom.example"
"""

NEWEST_MAIL = "SELECT text FROM mail WHERE recipient = ? ORDER BY id DESC LIMIT 1"


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_a_problem_in_the_studio_is_reported_answered_and_solved(
    stack: Stack, visitor, size: dict[str, object]
) -> None:
    stack.run(GIVE_ADDRESSES)
    lesson = stack.lesson("没有画面的课")
    teacher = visitor(stack.url, TEACHER, **size).page
    manager = visitor(stack.url, MANAGER, **size).page

    # the studio waits for an encoder that does not come: ? leads to the form beside it, and the studio stays open
    teacher.goto(f"{lesson.url}/studio")
    teacher.locator("summary.help-mark").click()
    with teacher.context.expect_page() as opened:
        teacher.get_by_role("link", name="反馈问题").click()
    form = opened.value
    expect(form.locator("main")).to_contain_text("没有画面的课")
    facts = form.locator("textarea[name=facts]")
    expect(facts).to_have_value(re.compile("browser: .*\n(.*\n)*page: /live/"))
    form.get_by_label("一句话概括").fill("控制台没有画面")
    form.get_by_label("问题描述").fill("OBS 已经推流，控制台一直等待。")

    # what she typed survives a look elsewhere
    form.reload()
    expect(form.get_by_label("一句话概括")).to_have_value("控制台没有画面")
    form.get_by_label("附上下面显示的诊断信息").check()
    form.get_by_role("button", name="发送").click()
    expect(form.locator(".ticket__facts")).to_contain_text("待受理")
    number = (form.locator(".ticket__facts").text_content() or "").split("#")[1].split(" ")[0]

    # the manager hears of it by mail, sees the diagnostics, and answers
    (told,) = stack.row(NEWEST_MAIL, "manager@iom.example")
    assert f"/manage/tickets/{number}" in str(told)
    manager.goto(f"{stack.url}/manage/tickets")
    manager.get_by_role("link", name="控制台没有画面").first.click()
    manager.get_by_role("button", name="受理").click()
    manager.locator("summary", has_text="诊断信息").click()
    expect(manager.locator("pre.ticket__diagnostics")).to_contain_text(f"session: {lesson.id}")
    manager.get_by_label("回复").fill("推流密钥换过了，请重新复制。")
    manager.get_by_role("button", name="回复并请用户确认").click()
    expect(manager.locator(".ticket__facts")).to_contain_text("待用户确认")

    # the teacher opens the link in the mail, confirms, and says how the help was
    (answer,) = stack.row(NEWEST_MAIL, "teacher@iom.example")
    path = re.search(r"/support/t/\w+", str(answer))
    assert path
    form.goto(stack.url + path[0])
    expect(form.locator("main")).to_contain_text("推流密钥换过了")
    form.get_by_role("button", name="已解决").click()
    form.get_by_label("非常满意").check()
    form.locator(".ticket__rating").get_by_role("button", name="发送").click()
    expect(form.locator(".ticket__facts")).to_contain_text("已解决")
    assert stack.row("SELECT state, rating FROM support_ticket WHERE id = ?", int(number)) == ("solved", 5)
