"""A lesson is planned and handed out: by its address, by the QR code on a poster, by a token."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.journeys import browsers
from tests.journeys.browsers import PHONE
from tests.journeys.stack import LEARNER, STRANGER, TEACHER, Stack

pytestmark = [pytest.mark.journey, pytest.mark.browser]


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_a_lesson_for_an_institute_is_handed_out(stack: Stack, visitor, size: dict[str, object]) -> None:
    may = ["clipboard-read", "clipboard-write"]
    teacher = visitor(stack.url, TEACHER, permissions=may, timezone_id="Europe/Berlin", **size).page
    learner = visitor(stack.url, LEARNER, timezone_id="Asia/Shanghai", **size).page
    stranger = visitor(stack.url, STRANGER, **size).page
    guest = browsers.chromium_context(learner.context.browser, **size).new_page()

    # 新建直播: what is wrong is listed at the top, and its field is in sight and has the focus
    teacher.goto(f"{stack.url}/live/new")
    teacher.get_by_label("直播名称").fill("太长的一课")
    teacher.get_by_label("结束时间").fill("2031-01-01T00:00")
    teacher.get_by_label("学员WEB端口令").fill("ab1")
    for width, height in ((390, 844),) if size else ((1366, 768), (1280, 720)):
        teacher.set_viewport_size({"width": width, "height": height})
        teacher.get_by_role("button", name="新建直播").click()
        expect(teacher.locator("fault-list a")).to_have_count(2)
        expect(teacher.get_by_label("结束时间")).to_be_focused()
        expect(teacher.get_by_label("结束时间")).to_be_in_viewport(ratio=1)
        teacher.locator("fault-list a").last.click()
        expect(teacher.get_by_label("学员WEB端口令")).to_be_focused()
        expect(teacher.get_by_label("学员WEB端口令")).to_be_in_viewport(ratio=1)

    # 新建直播, for 物质研究所 alone, with a cover; a token that is too short is said while it is typed
    teacher.goto(f"{stack.url}/live/new")
    subject = f"所内学术报告 {len(size)}"
    teacher.get_by_label("直播名称").fill(subject)
    begins = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(minutes=20)  # she is in Berlin and types academy time
    teacher.get_by_label("开始时间").fill(f"{begins:%Y-%m-%dT%H:%M}")
    teacher.get_by_label("结束时间").fill(f"{begins + timedelta(hours=1):%Y-%m-%dT%H:%M}")
    teacher.get_by_label("公开范围").select_option(label=_choice(teacher, "物质研究所"))
    teacher.get_by_label("老师口令").press_sequentially("ab1")
    expect(teacher.locator("main")).to_contain_text("6")
    teacher.get_by_label("老师口令").fill("")
    teacher.locator("input[type=file]").set_input_files(
        {"name": "cover.png", "mimeType": "image/png", "buffer": _picture()}
    )
    teacher.get_by_role("button", name="新建直播").click()
    expect(teacher.get_by_role("heading", level=1)).to_have_text(subject)
    expect(teacher.locator(".intro__cover img")).to_be_visible()

    # 复制邀请: everything that a chat group needs, with one press
    teacher.locator("copy-button:defined").get_by_role("button", name="复制邀请").click()
    expect(teacher.locator("copy-button", has_text="已复制").last).to_be_visible()
    invitation = teacher.evaluate("navigator.clipboard.readText()")
    for words in (f"《{subject}》", f"{begins:%H:%M}", "北京时间", "老师：李明远", teacher.url, "学员口令：", "/token"):
        assert words in invitation, words

    # 复制地址到剪切板: who is in the audience watches, who is not is shown where a token is entered
    teacher.locator("copy-button:defined").get_by_role("button", name="复制地址到剪切板").click()
    expect(teacher.locator("copy-button", has_text="已复制").last).to_be_visible()
    address = teacher.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(rf"{stack.url}/live/\w+", address)
    learner.goto(address)
    for page, zone in ((teacher, "（北京时间）"), (learner, "")):
        times = page.locator(".intro__now local-time")
        expect(times.first).to_contain_text(f"{begins:%H:%M}")
        expect(times.last).to_have_text(re.compile(rf"\d\d:\d\d{zone}$"))
    learner.get_by_role("button", name="报名", exact=True).click()
    expect(learner.get_by_role("button", name="取消报名")).to_be_visible()
    learner.get_by_role("link", name="等候").first.click()
    expect(learner).to_have_url(f"{address}/watch")
    reply = stranger.goto(f"{address}/watch")
    assert reply is not None
    assert reply.status == 404
    stranger.locator("main").get_by_role("link", name="口令").click()

    # the QR code of the poster is scanned with another phone: she watches at once, as a guest who can choose a name
    teacher.goto(f"{address}/sharing")
    tokens = dict(zip(("老师", "助教", "学员"), teacher.locator(".share__token code").all_inner_texts(), strict=True))
    poster = teacher.context.request.get(f"{address}/poster").text()
    assert re.search(rf"{begins:%H:%M} – \d\d:\d\d（北京时间）", poster)
    with teacher.expect_download() as download:
        teacher.get_by_role("link", name="下载印刷用图").click()
    (code,) = zxingcpp.read_barcodes(Image.open(download.value.path()).convert("RGB"))
    guest.goto(code.text)
    expect(guest).to_have_url(f"{address}/watch")
    expect(guest.locator(".guest-bar")).to_contain_text("不计学时")
    guest.locator(".guest-bar").get_by_text("改名", exact=True).click()
    guest.get_by_label("您的名字").fill("钱先生")
    guest.get_by_role("button", name="保存").click()
    expect(guest.locator(".guest-bar__who")).to_contain_text("钱先生")

    # the link is reissued: old codes say so kindly, and the guest who watches is let out by her open page
    teacher.get_by_role("button", name="更换链接").first.click()
    teacher.locator("dialog[open] [data-answer=yes]").click()
    expect(teacher.locator(".toast").first).to_be_visible()
    guest.goto(code.text)
    expect(guest.locator("main")).to_contain_text("链接")
    expect(guest.locator("main")).not_to_contain_text("钱先生")

    # the learner token lets the stranger in; the teacher's makes her one of the presenters
    stranger.get_by_label("口令").fill("nobody1")
    stranger.get_by_role("button", name="进入").click()
    expect(stranger.locator("#token-errors")).to_be_visible()
    stranger.get_by_label("口令").fill(tokens["学员"].upper())
    stranger.get_by_role("button", name="进入").click()
    expect(stranger).to_have_url(f"{address}/watch")
    stranger.goto(f"{stack.url}/token")
    stranger.get_by_label("口令").fill(tokens["老师"])
    stranger.get_by_role("button", name="进入").click()
    stranger.get_by_role("button", name="进入这场直播").click()  # it is of another unit than hers
    expect(stranger).to_have_url(f"{address}/studio")
    expect(stranger.get_by_role("button", name="开始讲课")).to_be_visible()
    guest.context.close()


def _choice(page: Page, words: str) -> str:
    """Return the whole label of the choice that names a unit."""
    return str(page.locator("#audience option", has_text=words).first.inner_text())


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1600, 1200), (30, 90, 160)).save(file, "PNG")
    return file.getvalue()
