"""The guide's two-step grant; and every page for people who use no mouse, a small screen, or a screen reader."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import ROOT
from tests.journeys.browsers import ChromiumScreen
from tests.journeys.conftest import Visitors
from tests.journeys.stack import ADMIN, LEARNER, MANAGER, TEACHER, Stack
from tests.journeys.waiting import wait_for

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
NARROW = {"viewport": {"width": 360, "height": 740}}
MAKE_MAIL = """
from app.mail import services as mail
mail.send("a@b.example", "address", name="x", email="x", username="x", link="x")
"""
BROUGHT = "姓名,用户名,邮箱,机构\n陈新来,chen,chen@iom.example,\n错行,wrong,wrong@iom.example,没有的研究所\n"
MAKE_ASSISTANTS = """
from app.accounts.services import create_user
from app.units.queries import unit_by_code
for number in range(1, 4):
    create_user(username=f"helper{number}", real_name=f"助教{number}", unit=unit_by_code("IOM"))
"""
NEW_PASSWORD = "four stones make a bridge"


@pytest.mark.journey
def test_a_new_person_comes_to_teach_in_two_steps(stack: Stack, visitor: Visitors) -> None:
    """系统管理 > 人员, 角色管理, 角色分配; then she signs in and creates a live session."""
    manager = visitor(stack.url, MANAGER).page
    manager.goto(f"{stack.url}/system/people")
    manager.get_by_role("link", name="导入人员").click()
    manager.get_by_label("选择文件，或拖到这里").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": BROUGHT.encode("gb18030")}
    )
    manager.get_by_role("button", name="读取文件").click()
    expect(manager.locator("main")).to_contain_text("没有的研究所", timeout=60_000)
    manager.get_by_role("checkbox", name=re.compile("邀请邮件")).check()
    manager.get_by_role("button", name="确认导入").click()
    expect(manager.get_by_role("link", name="查看人员")).to_be_visible(timeout=60_000)
    link = invitation(visitor(stack.url, ADMIN).page, stack, "chen@iom.example")

    manager.get_by_role("link", name="角色管理", exact=True).click()
    manager.get_by_role("link", name="新建角色").first.click()
    manager.get_by_label("角色名称").fill("直播管理")
    manager.get_by_role("checkbox", name="直播讲课").check()
    manager.get_by_role("button", name="创建角色").click()
    expect(manager.get_by_role("heading", level=1)).to_have_text("角色分配")
    expect(manager.get_by_label("角色", exact=True)).to_have_value(re.compile(r"\d+"))
    manager.wait_for_load_state("load")  # the list follows what is typed as soon as its script is there
    manager.get_by_label("搜索人员").press_sequentially("陈新")
    expect(manager.locator("tbody tr")).to_have_count(1)
    manager.get_by_role("checkbox", name="勾选 陈新来").check()
    expect(manager.locator(".bulk__count")).to_have_text("已勾选 1 人")
    manager.get_by_role("button", name="分配", exact=True).click()
    expect(manager.locator(".toast").first).to_contain_text("已将角色“直播管理”分配给 1 人")

    person = visitor(stack.url, LEARNER).page.context.browser.new_context(locale="zh-CN").new_page()
    person.goto(link)
    person.get_by_label("新密码", exact=True).fill(NEW_PASSWORD)
    person.get_by_label("再次输入新密码").fill(NEW_PASSWORD)
    person.get_by_role("button", name="设置密码并登录").click()
    person.goto(f"{stack.url}/live/new")
    person.get_by_label("直播名称").fill("陈新来的第一课")
    person.get_by_role("button", name="新建直播").click()
    expect(person.locator("h1")).to_have_text("陈新来的第一课")
    expect(person.get_by_role("link", name="开始直播")).to_be_visible()

    manager.goto(f"{stack.url}/system/assignments?q=chen")
    manager.get_by_role("button", name="收回").click()
    expect(manager.locator(".grant--ended")).to_contain_text("已收回")
    person.goto(f"{stack.url}/live/new")
    expect(person.locator("main")).to_contain_text("您没有权限")
    manager.get_by_role("button", name="撤销").click()
    expect(manager.locator(".toast").first).to_contain_text("1 人")
    person.context.close()


def invitation(admin: Page, stack: Stack, address: str) -> str:
    """Read the link in a mail that waits in the outbox, as an administrator without a mail server does."""
    row = admin.locator("tbody tr", has_text=address)

    def is_there() -> bool:
        admin.goto(f"{stack.url}/system/outbox")
        return row.count() > 0

    wait_for(is_there, "the invitation is in the outbox", 20)
    row.get_by_role("link").first.click()
    found = re.search(r"https?://\S+", admin.locator(".letter").inner_text())
    assert found
    return found[0]


PAGES_OF_ALL = ("/", "/sign-in", "/token", "/password/forgotten", "/nothing/here")
PAGES_OF_MANAGERS = (
    "/",
    "/live",
    "/live?tab=replays&q=none",
    "/live/kept",
    "/live/widget",
    "/replays/slides?q=none",
    "/live/mine",
    "/live/new",
    "/manage/live",
    "/manage/live/widget",
    "/manage/weekly",
    "/account",
    "/account/mail",
    "/account/password",
    "/account/sign-ins",
    "/system/units",
    "/system/units/{unit}",
    "/system/people",
    "/system/people/new",
    "/system/people/import",
    "/system/people/{person}",
    "/system/roles",
    "/system/roles/new",
    "/system/roles/{role}",
    "/system/assignments",
    "/system/audit",
    "/system/outbox",
    "/system/outbox/{mail}",
    "/learning",
    "/archive",
    "/help",
    "/support/new",
    "/manage/tickets",
    "/manage/recordings",
    "/manage/recordings/imports",
    "/manage/recommendations",
    "/manage/credits/people/departments",
)
WIDE = """[...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth)
    .map((one) => one.outerHTML.slice(0, 80))"""

LESSON_PAGES = ("", "/plan", "/copy", "/sharing", "/invitations", "/poster", "/watch", "/studio")


@pytest.mark.journey
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(stack: Stack, visitor: Visitors, language: str) -> None:
    """Every page, narrow in both languages, wide in one of them."""
    stack.run(MAKE_MAIL)
    lesson = stack.lesson("无障碍")
    ids: dict[str, Any] = {
        "unit": stack.row("SELECT id FROM unit WHERE code = 'IOM'")[0],
        "person": stack.row("SELECT id FROM user_account WHERE username = ?", TEACHER)[0],
        "role": stack.row("SELECT id FROM role WHERE name = '讲师'")[0],
        "mail": stack.row("SELECT max(id) FROM mail")[0],
    }
    wrong: list[str] = []
    pages = [path.format(**ids) for path in PAGES_OF_MANAGERS] + [f"/live/{lesson.id}{end}" for end in LESSON_PAGES]
    for options in ({}, NARROW) if language == "zh_CN" else (NARROW,):
        admin = visitor(stack.url, ADMIN, **options).page
        choose(admin, language)
        for path in pages:
            admin.goto(f"{stack.url}{path}")
            wrong += complaints(admin, f"{path} {options or 'wide'}")
        stranger = admin.context.browser.new_context(**options).new_page()  # type: ignore[union-attr]
        stranger.goto(stack.url)
        choose(stranger, language)
        for path in PAGES_OF_ALL:
            stranger.goto(f"{stack.url}{path}")
            wrong += complaints(stranger, f"{path} {options or 'wide'} signed out")
        stranger.context.close()
    assert wrong == []


def choose(page: Page, language: str) -> None:
    """Choose the language by its button, unless it is shown already."""
    button = page.locator(f'button[name="language"][value="{language}"]')
    if button.count():
        button.click()


def complaints(page: Page, where: str) -> list[str]:
    """Return axe's findings on the page, and whether it is wider than the screen."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)")
    said = [f"{where}: {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        said.append(f"{where}: wider than the screen: {page.evaluate(WIDE)}")
    return said


@pytest.mark.journey
def test_a_role_is_given_with_the_keyboard_alone(stack: Stack, visitor: Visitors) -> None:
    manager: ChromiumScreen = visitor(stack.url, MANAGER)
    page = manager.page
    page.goto(f"{stack.url}/system/assignments?q={LEARNER}")
    reach(page, "#role_id")
    while "讲师" not in page.evaluate("document.activeElement.selectedOptions[0].text"):
        page.keyboard.press("ArrowDown")
    reach(page, 'input[name="user_ids"]')
    page.keyboard.press("Space")
    reach(page, "#give button", backwards=True)
    page.keyboard.press("Enter")
    expect(page.locator(".toast").first).to_contain_text("1 人")
    reach(page, ".grant button")
    page.keyboard.press("Enter")
    expect(page.locator(".grant--ended")).to_be_visible()


@pytest.mark.journey
def test_who_is_ticked_stays_ticked_through_other_searches(stack: Stack, visitor: Visitors) -> None:
    """On a phone, and with the keyboard: three searches, two people in the end, one role."""
    stack.run(MAKE_ASSISTANTS)
    page = visitor(stack.url, MANAGER, **NARROW).page
    page.goto(f"{stack.url}/system/assignments")
    page.wait_for_load_state("load")
    kept, count = page.locator("[data-kept]"), page.locator(".bulk__count")
    expect(kept).to_be_hidden()
    for number in range(1, 4):
        search(page, f"助教{number}")
        page.locator("tbody input.pick").check()
        expect(count).to_have_text(f"已勾选 {number} 人")
    chips = kept.get_by_role("checkbox")
    expect(chips).to_have_count(2)
    assert all((chip.bounding_box() or {})["height"] >= 44 for chip in kept.locator("label").all())
    assert complaints(page, "with people ticked") == []
    reach(page, '[data-kept] input[data-name*="helper2"]', backwards=True)
    page.keyboard.press("Space")
    expect(count).to_have_text("已勾选 2 人")
    search(page, "助教1")
    expect(page.locator("tbody input.pick")).to_be_checked()
    expect(chips).to_have_count(1)
    page.get_by_label("角色", exact=True).select_option(label="讲师 · 物质研究所")
    page.get_by_role("button", name="分配", exact=True).click()
    expect(page.locator(".toast").first).to_contain_text("2 人")
    page.goto(f"{stack.url}/system/assignments?q=助教")
    for number, holds in ((1, 1), (2, 0), (3, 1)):
        row = page.locator("tbody tr", has_text=f"helper{number}")
        expect(row.locator(".grant", has_text="讲师")).to_have_count(holds)


def search(page: Page, words: str) -> None:
    """Look for somebody, and wait until the list shows nobody else."""
    page.get_by_label("搜索人员").fill(words)
    expect(page.locator("tbody tr", has_not_text=words)).to_have_count(0)


def reach(page: Page, selector: str, *, backwards: bool = False) -> None:
    """Press Tab until the wanted thing has the focus, and see that the focus can be seen."""
    for _ in range(80):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
            return
    raise AssertionError(f"{selector} is not reached by Tab")
