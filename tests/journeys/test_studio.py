"""A lecture out of nothing but a browser: a learner sees each of its turns in its time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import hearing
from tests.journeys.browsers import ask, out_of_reach, wait_for_pictures, wait_for_pill, wait_for_sound
from tests.journeys.line import Line, send_over
from tests.journeys.publisher import now_ms
from tests.journeys.recording import Recording
from tests.journeys.sending import is_publishing, sources_on
from tests.journeys.stack import LEARNER, TEACHER, Lesson, Stack
from tests.journeys.tabs import TabbedChromium
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser]

SYLLABLE_MS = 250
SIZES = tuple({"width": width, "height": height} for width, height in ((1366, 768), (1280, 720), (390, 844)))
CUT_MS = 15_000
"""Longer than the ten seconds that a page keeps."""


@pytest.mark.alone
def test_a_lecture_out_of_the_browser(stack: Stack, visitor, note) -> None:
    lesson, teacher, learner = stack.lesson("浏览器里的课"), visitor(stack.url, TEACHER), visitor(stack.url, LEARNER)
    page = teacher.page
    with Line(stack.ingest_port) as line:
        send_over(page, line)
        teacher.open(f"{lesson.url}/studio")
        page.check("input[data-way][value=browser]")
        learner.open(f"{lesson.url}/watch")

        # 检查设备: one is heard, the line is measured
        page.click("[data-part=check-first]")
        expect(page.locator("[data-part=check-heard]")).to_have_text("声音清楚。")
        page.get_by_role("button", name="测试网络").click()
        expect(page.locator("[data-part=check-line-state]")).to_contain_text("kbit/s", timeout=60_000)
        page.get_by_role("button", name="试录 5 秒").click()
        expect(page.locator("[data-part=check-replay]")).to_be_visible(timeout=20_000)
        for width, height in ((1366, 768), (1280, 720)):
            page.set_viewport_size({"width": width, "height": height})
            expect(page.get_by_role("button", name="完成")).to_be_in_viewport(ratio=1)
        page.get_by_role("button", name="完成").click()
        wait_for(lambda: sources_on(page) == [], "what was only tried is off again")

        # 开始讲课 with one press; the desktop, with the camera in its corner
        teacher.press("开始讲课")
        wait_for_pill(learner, "直播中", 15)
        wait_for_pictures(learner)
        learner.page.click("lesson-player [data-part=sound-gate]")
        wait_for_sound(learner)
        page.click("lesson-sender [data-part=screen]")
        expect(page.locator("lesson-sender [data-part=corner]")).to_be_visible()
        assert sources_on(page) == ["microphone", "camera", "screen"]
        expect(page.locator("#health-line")).to_contain_text("kbit/s")

        # a whiteboard stands beside it
        page.locator("[data-do=whiteboard]:visible").first.click()
        page.get_by_role("button", name="放映这一页").click()
        expect(learner.page.locator("lesson-player .slide__sheet")).to_be_visible()

        # 暂停讲课: everything is off, really; 继续 brings it back without asking
        teacher.press("暂停讲课")
        wait_for_pill(learner, "已暂停")
        wait_for(lambda: sources_on(page) == [], "camera, microphone and desktop are off")
        wait_for(lambda: not is_publishing(stack, lesson), "nothing is sent")
        teacher.press("继续讲课")
        wait_for_pill(learner, "直播中", 15)
        wait_for_pictures(learner)
        assert sources_on(page) == ["microphone", "camera"]

        # the line is gone for fifteen seconds
        cut = now_ms()
        line.snap()
        wait_for_pill(learner, "缓冲中", 15)
        expect(page.locator("lesson-sender [data-part=state]")).to_contain_text("网络已断开")
        wait_for(lambda: now_ms() > cut + CUT_MS, "fifteen seconds have passed", 30)
        line.mend()
        wait_for_pill(learner, "直播中", 20)
        wait_for_pictures(learner)
        note("the line was gone, and the learner sees on after", (now_ms() - cut) / 1000)

        # 临时离开, and back in a fresh window
        teacher.press("临时离开")
        wait_for_pill(learner, "缓冲中")
        wait_for(lambda: sources_on(page) == [], "camera and microphone are off")
        wait_for(lambda: not is_publishing(stack, lesson), "nothing is sent")
        page.goto("about:blank")
        teacher.open(f"{lesson.url}/studio")
        page.check("input[data-way][value=browser]")
        teacher.press("我回来了")
        expect(page.locator("lesson-sender")).to_have_attribute("data-sending", "sending")
        wait_for_pill(learner, "直播中", 15)
        wait_for_pictures(learner)

        teacher.press("结束直播")
        page.click("#controls dialog[open] [data-answer=yes]")
        wait_for_pill(learner, "已结束")
        page.wait_for_url(f"{lesson.url}/summary")  # once everything is sent
    wait_for(lambda: Recording(lesson).closed, "the recording is closed")
    learner.open(f"{lesson.url}/replay")
    learner.page.evaluate("document.querySelector('lesson-player').play()")
    wait_for_pictures(learner)


def test_closing_the_studio_asks_what_becomes_of_the_lecture(stack: Stack, visitor, encoder) -> None:
    lesson, teacher = stack.lesson("离开控制台的课"), visitor(stack.url, TEACHER)
    page, question = teacher.page, teacher.page.locator("leave-guard dialog")
    stack.change("UPDATE live_session SET draft = 1 WHERE id = ?", lesson.id)
    teacher.open(f"{lesson.url}/studio")
    publisher = encoder(lesson)
    wait_for(lambda: "已收到信号" in teacher.ask("eyes.text('#controls')"), "the encoder is heard")
    rehearse(stack, lesson, page)
    for size in SIZES:
        page.set_viewport_size(size)
        expect(page.get_by_role("button", name="发布并开始")).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 1280, "height": 800})
    teacher.press("发布并开始")
    wait_for(lambda: stack.state_of(lesson) == "on_air", "the lecture has begun")

    # 以学员身份查看 opens beside the studio, and nobody is counted for it
    with page.expect_popup() as opened:
        page.get_by_role("link", name="以学员身份查看").click()
    expect(opened.value.locator("lesson-player video")).to_be_attached()
    expect(opened.value.locator("lesson-room")).to_have_attribute("data-state", "on_air")
    expect(opened.value.get_by_text("您不计入人数")).to_be_visible()
    expect(page.locator("#people-count")).to_have_text("1")
    opened.value.close()

    # 关闭 asks; an encoder sends on without this page, a page that sends itself does not
    page.get_by_role("link", name="关闭").click()
    expect(question.get_by_role("button")).to_have_text(["离开，讲课继续", "取消", "临时离开", "本次直播结束"])
    expect(question.get_by_text("离开，讲课继续")).to_be_visible()
    room = page.locator("studio-room")
    room.evaluate("room => { room.dataset.sendsSound = room.dataset.sendsPicture = 'yes' }")
    expect(question.get_by_text("离开，讲课继续")).to_be_hidden()
    room.evaluate("room => { delete room.dataset.sendsSound; delete room.dataset.sendsPicture }")
    question.get_by_role("button", name="取消").click()
    expect(question).to_be_hidden()

    # the window is closed: whoever stays after the browser's own question is asked in our words
    page.on("dialog", lambda asked: asked.dismiss())
    page.close(run_before_unload=True)
    expect(question).to_be_visible()
    question.get_by_role("button", name="临时离开").click()
    page.wait_for_url(lesson.url)
    assert stack.state_of(lesson) == "away"

    # back, and 本次直播结束: she lands on the summary of the lesson
    learner = visitor(stack.url, LEARNER)
    learner.open(f"{lesson.url}/watch")
    teacher.open(f"{lesson.url}/studio")
    teacher.press("我回来了")
    wait_for_pill(learner, "直播中")
    expect(page.locator("#people-count")).to_have_text("2")
    learner.page.locator(".reactions summary").click()
    learner.page.locator(".reactions__all").get_by_text("太快了").click()
    expect(page.locator("react-meter")).to_have_text("太快了 1")
    page.get_by_role("link", name="关闭").click()
    question.get_by_role("button", name="本次直播结束").click()
    page.wait_for_url(f"{lesson.url}/summary")
    wait_for_pill(learner, "已结束")
    publisher.stop()
    expect(page.get_by_role("heading", level=1)).to_have_text("授课小结")
    expect(page.locator(".summary__facts")).to_contain_text("同时在线最多1")
    expect(page.locator("#found")).to_contain_text("张三")
    expect(page.locator(".reacted").first).to_have_text("太快了 1")
    for size in SIZES:
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, size
        for words in ("看回放", "下载名单"):
            shown = page.get_by_role("link", name=words).or_(page.get_by_role("button", name=words)).first
            shown.scroll_into_view_if_needed()
            expect(shown).to_be_in_viewport(ratio=1)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载名单").click()
    assert download.value.suggested_filename.endswith("离开控制台的课.xlsx")
    page.locator(".curve__band").first.click()
    page.wait_for_url(re.compile(rf"{lesson.url}/replay#at=\d+$"))


def she_votes_in_her_rehearsal(studio: Page, learner: Page) -> None:
    """A poll of five can be answered as a whole on every screen; the studio counts the answer."""
    options = ["汞，4.2 K", "铌三锡，18 K", "二硼化镁，39 K", "钇钡铜氧，约 92 K，在液氮温区以上", "都不是"]
    poll = ask(studio, "polls.new", kind="single", question="哪一种材料的转变温度最高？", options=options, start=True)
    expect(learner.locator("#polls-now .poll__option")).to_have_count(5)
    for size in SIZES:
        learner.set_viewport_size(size)
        assert out_of_reach(learner, "#polls-now .poll__option, #polls-now [type=submit]") == [], size
    learner.locator("#polls-now .poll__option").nth(2).click()
    learner.get_by_role("button", name="提交答案").click()
    expect(learner.locator(".sheet__chip")).to_be_visible()
    expect(studio.locator(f"[data-poll='{poll['poll']}'] .results__total")).to_contain_text("1 人")
    ask(studio, "polls.close", **poll)


def rehearse(stack: Stack, lesson: Lesson, page: Page) -> None:
    """排练 with the lesson's own encoder: it is seen in the rehearsal, and back in the lesson afterwards."""
    page.get_by_role("button", name="排练").click()
    page.wait_for_url(re.compile(rf"^(?!{lesson.url}).*/studio$"))
    twin = page.url.split("/")[-2]
    expect(page.locator("#controls")).to_contain_text("只有老师和助教看得到")
    page.get_by_role("button", name="开始讲课").click()
    expect(page.locator("#controls")).to_have_attribute("data-state", "on_air", timeout=30_000)
    expect(page.locator("#controls")).to_contain_text("正在录制")
    page.locator("#chat-text").fill("排练里的话")
    page.locator("#chat-text").press("Enter")
    expect(page.locator(".chat__list")).to_contain_text("排练里的话")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="以学员身份查看").click()
    she_votes_in_her_rehearsal(page, opened.value)
    opened.value.close()
    for size in SIZES:
        page.set_viewport_size(size)
        expect(page.get_by_role("button", name="结束排练").first).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="结束排练").first.click()
    page.click("#controls dialog[open] [data-answer=yes]")
    expect(page.locator("#controls")).to_have_attribute("data-state", "ended")
    page.get_by_role("link", name="回到直播").click()
    page.wait_for_url(f"{lesson.url}/studio")
    assert stack.state_of(lesson) == "scheduled"
    expect(page.locator("#controls")).to_contain_text("已收到信号", timeout=30_000)
    expect(page.locator(".chat__list")).not_to_contain_text("排练里的话")
    # what was said and recorded goes as soon as the recording is closed
    closed = "SELECT finished FROM media_stream s JOIN live_session l ON l.stream_id = s.id WHERE l.id = ?"
    wait_for(lambda: stack.row(closed, twin) == (1,), "the recording is closed")
    stack.change("UPDATE live_session SET ended_at_ms = ended_at_ms - 60000 WHERE id = ?", twin)
    wait_for(lambda: stack.row("SELECT count(*) FROM live_session WHERE id = ?", twin) == (0,), "it is thrown away")


def test_a_browser_that_is_not_allowed_says_what_to_do(stack: Stack, visitor, tmp_path: Path) -> None:
    lesson, teacher = stack.lesson("没有摄像头的课"), visitor(stack.url, TEACHER)
    page = teacher.page
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));"
    )
    teacher.open(f"{lesson.url}/studio")
    page.check("input[data-way][value=browser]")
    page.click("lesson-sender [data-part=camera]")
    expect(page.locator("lesson-sender > [data-part=problem]")).to_contain_text("Chrome 和 Edge")
    assert sources_on(page) == []


def test_who_takes_over_sends_and_the_other_window_is_really_off(stack: Stack, visitor) -> None:
    lesson, first, second = stack.lesson("两个窗口的课"), visitor(stack.url, TEACHER), visitor(stack.url, TEACHER)
    for teacher in (first, second):
        teacher.open(f"{lesson.url}/studio")
        teacher.page.check("input[data-way][value=browser]")
    first.page.click("lesson-sender [data-part=camera]")
    wait_for(lambda: is_publishing(stack, lesson), "the first window sends")
    first.page.click("lesson-sender [data-part=microphone]")
    second.page.click("lesson-sender [data-part=microphone]")
    question = second.page.locator("lesson-sender [data-part=taken]")
    expect(question).to_contain_text("李明远")

    # left as it is, nothing of the second is on, and it can still be changed
    question.get_by_role("button", name="保持不变").click()
    wait_for(lambda: sources_on(second.page) == [], "nothing of the second is on")
    second.page.get_by_role("button", name="由我接替").click()
    expect(second.page.locator("lesson-sender")).to_have_attribute("data-sending", "sending")
    wait_for(lambda: sources_on(second.page) == ["microphone", "camera"], "the second is on")

    expect(first.page.locator("lesson-sender")).to_have_attribute("data-sending", "replaced")
    wait_for(lambda: sources_on(first.page) == [], "the first is off")
    first.page.get_by_role("button", name="由我接替").click()
    expect(second.page.locator("lesson-sender")).to_have_attribute("data-sending", "replaced")
    wait_for(lambda: sources_on(second.page) == [], "and back again")


@pytest.mark.alone
def test_who_holds_the_key_talks(stack: Stack, visitor) -> None:
    lesson, teacher = stack.lesson("按住说话的课"), visitor(stack.url, TEACHER)
    page = teacher.page
    teacher.open(f"{lesson.url}/studio")
    page.check("input[data-way][value=browser]")
    page.click(".sender__more > summary")
    page.check("[data-part=push]")
    page.fill("[data-part=volume]", "1.5")
    page.keyboard.press("Escape")
    teacher.open(f"{lesson.url}/studio")  # what was chosen is remembered
    expect(page.locator("[data-part=gain]")).to_have_text("150%")
    page.click("lesson-sender [data-part=microphone]")
    talks = page.locator("studio-room")
    expect(page.locator("lesson-sender")).to_have_attribute("data-sending", "sending")
    assert sources_on(page) == []
    page.keyboard.down("t")
    assert sources_on(page) == ["microphone"]
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    assert sources_on(page) == [], "a key that is let go elsewhere is not heard of"
    page.keyboard.up("t")
    button = page.locator("[data-part=talk]").bounding_box()
    assert button is not None
    page.mouse.move(button["x"] + 5, button["y"] + 5)
    page.mouse.down()
    assert sources_on(page) == ["microphone"]
    page.mouse.up()
    assert sources_on(page) == []
    page.click("lesson-sender [data-part=microphone]")
    expect(talks).to_have_attribute("data-sends-sound", "no")


@pytest.mark.alone
def test_a_lecture_goes_on_while_nobody_looks_at_its_tab(stack: Stack, visitor, note, tmp_path: Path) -> None:
    lesson, learner = stack.lesson("在后台的课"), visitor(stack.url, LEARNER)
    learner.open(f"{lesson.url}/watch")
    with TabbedChromium(tmp_path / "teacher", *hearing.microphone(tmp_path / "tone.wav")) as teacher:
        teacher.sign_in(stack.url, TEACHER)
        teacher.open(f"{lesson.url}/studio")
        teacher.ask("document.querySelector('[data-part=noise]').click()")  # or a steady tone is taken for noise
        teacher.press("开始讲课")
        wait_for_pill(learner, "直播中", 15)
        wait_for_pictures(learner)
        teacher.hide()
        hidden = now_ms()
        wait_for(lambda: now_ms() > hidden + 4000, "what was taken before is played")
        before, began = learner.ask("eyes.pictures()"), now_ms()
        wait_for(lambda: now_ms() > began + 5000, "five seconds have passed")
        rate = (learner.ask("eyes.pictures()") - before) / (now_ms() - began) * 1000
        note("frames a second at the learner, out of a hidden tab", rate, "")
        assert rate >= 12, "browsers slow the timers of a hidden page down to one a second"
        heard = hearing.heard(hearing.windows_of(lesson, tmp_path), hidden)
        note("longest silence in the recording, out of a hidden tab", heard.silence_ms, "ms")
        assert heard.seconds > 5
        assert heard.silence_ms <= SYLLABLE_MS, heard


def test_an_encoder_that_sends_already_is_left_alone(stack: Stack, visitor, encoder) -> None:
    lesson, teacher = stack.lesson("编码器先到的课"), visitor(stack.url, TEACHER)
    page = teacher.page
    teacher.open(f"{lesson.url}/studio")
    page.check("input[data-way][value=browser]")
    # the page has not heard of the encoder yet
    page.route("**/health", lambda route: route.abort())
    encoder(lesson)
    wait_for(lambda: is_publishing(stack, lesson), "the encoder sends")
    teacher.press("开始讲课")
    expect(page.locator("input[data-way][value=encoder]")).to_be_checked()
    assert sources_on(page) == []
    expect(page.locator("lesson-sender [data-part=taken]")).to_be_hidden()
    assert is_publishing(stack, lesson)
