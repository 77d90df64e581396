"""What people say and do in a lesson, seen from every side. One of the browsers is Firefox."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.journeys import browsers
from tests.journeys.browsers import PHONE, DrivenScreen
from tests.journeys.line import Line
from tests.journeys.saying import say_much
from tests.journeys.stack import LEARNER, MANAGER, PASSWORD, STRANGER, TEACHER, Lesson, Stack
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser]

WRITTEN = "[...document.querySelectorAll('.message__text, .pinned')].map((one) => one.innerText).join('\\n')"


@dataclass
class Class:
    """One lesson and the four who are in it."""

    lesson: Lesson
    teacher: Page
    assistant: Page
    learner: Page
    fox: DrivenScreen
    """A learner of another institute, in Firefox."""


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DrivenScreen]:
    with browsers.firefox(tmp_path_factory.mktemp("firefox")) as screen:
        yield screen


@pytest.fixture
def room(stack: Stack, visitor, firefox: DrivenScreen, request: pytest.FixtureRequest) -> Class:
    """Everybody has come in; the lesson has not begun."""
    lesson = stack.lesson(f"课堂 {request.node.name}"[:100])
    teacher, assistant, learner = (visitor(stack.url, name).page for name in (TEACHER, MANAGER, LEARNER))
    teacher.goto(f"{lesson.url}/studio")
    assistant.goto(f"{lesson.url}/studio")
    learner.goto(f"{lesson.url}/watch")
    if not firefox.driver.get_cookies():
        firefox.open(f"{stack.url}/sign-in")
        firefox.type("#username", STRANGER)
        firefox.type("#password", PASSWORD)
        firefox.press_on("form.stack button[type=submit]")
        wait_for(lambda: firefox.driver.current_url == f"{stack.url}/", "Firefox is signed in")
    firefox.open(f"{lesson.url}/watch")
    for page in (teacher, assistant, learner):
        expect(page.locator("[data-socket]:not([data-offline])").first).to_be_visible()
    return Class(lesson, teacher, assistant, learner, firefox)


def write(page: Page, text: str) -> None:
    """Write into the chat."""
    page.get_by_label("您的消息").fill(text)
    page.get_by_label("您的消息").press("Enter")


def message(page: Page, text: str):
    return page.locator(".message").filter(has=page.locator(".message__text", has_text=text))


NUMBERS = "[...document.querySelectorAll('#chat-list > .message')].map((one) => one.dataset.order)"


def fox_sees(fox: DrivenScreen, text: str, *, gone: bool = False) -> None:
    def is_there() -> bool:
        return text in fox.ask(WRITTEN)

    wait_for(lambda: is_there() is not gone, f"Firefox {'loses' if gone else 'shows'} {text!r}")


def choose(page: Page, text: str, what: str) -> None:
    """Open a message's menu and press one of its buttons."""
    message(page, text).locator("summary").click()
    message(page, text).get_by_role("button", name=what).click()


def test_what_is_written_is_read_by_all_and_what_is_whispered_by_the_desk_alone(room: Class) -> None:
    write(room.learner, "请问转变温度怎么测？ https://example.org/tc")
    for page in (room.learner, room.teacher, room.assistant):
        expect(message(page, "转变温度")).to_be_visible()
        expect(message(page, "转变温度").get_by_role("link")).to_have_attribute("href", "https://example.org/tc")
    fox_sees(room.fox, "转变温度")

    # Firefox answers, with an input method's Enter that must not send
    field = room.fox.driver.find_element(By.CSS_SELECTOR, "#chat-text")
    field.send_keys("我也想知道")
    room.fox.ask(
        "document.querySelector('#chat-text').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    assert field.get_attribute("value") == "我也想知道"
    field.send_keys(Keys.ENTER)
    expect(message(room.learner, "我也想知道")).to_be_visible()

    # a whisper
    room.learner.get_by_label("悄悄话").check()
    write(room.learner, "我需要先走")
    expect(message(room.teacher, "我需要先走")).to_contain_text("悄悄话")
    expect(message(room.assistant, "我需要先走")).to_be_visible()
    expect(message(room.learner, "我需要先走")).to_be_visible()
    room.learner.get_by_label("悄悄话").uncheck()

    # the teacher answers it, changes and withdraws
    choose(room.teacher, "转变温度", "回复")
    write(room.teacher, f"{room.teacher.get_by_label('您的消息').input_value()}四引线法")
    expect(message(room.learner, "四引线法").locator(".message__quote")).to_contain_text("转变温度")
    choose(room.teacher, "四引线法", "修改")
    write(room.teacher, "用四引线法，见第三章")
    expect(message(room.learner, "见第三章")).to_contain_text("已修改")
    choose(room.learner, "https://example.org/tc", "撤回")
    fox_sees(room.fox, "https://example.org/tc", gone=True)
    expect(room.teacher.locator(".chat__list")).not_to_contain_text("example.org")
    assert "先走" not in room.fox.ask(WRITTEN)


def test_the_desk_keeps_order(room: Class) -> None:
    write(room.learner, "第一条")
    write(room.learner, "第二条")
    choose(room.assistant, "第一条", "置顶")
    expect(room.learner.locator("#chat-pinned")).to_contain_text("第一条")
    fox_sees(room.fox, "第一条")
    choose(room.teacher, "第二条", "删除")
    expect(message(room.learner, "第二条")).to_have_count(0)

    # one is muted, then everybody
    choose(room.teacher, "第一条", "禁言")
    expect(room.learner.locator("#panel-chat").get_by_text("您已被禁言")).to_be_visible()
    expect(room.learner.get_by_label("您的消息")).to_be_hidden()
    room.teacher.locator(".chat__rules summary").click()
    room.teacher.get_by_label("全员禁言").check()
    room.teacher.get_by_role("button", name="保存").click()
    wait_for(
        lambda: "全员禁言" in room.fox.driver.find_element(By.CSS_SELECTOR, "[data-part=note-muted-all]").text,
        "Firefox is told that nobody writes",
    )
    field = room.fox.driver.find_element(By.CSS_SELECTOR, "#chat-text")
    field.send_keys("不该出现" + Keys.ENTER)
    wait_for(
        lambda: "全员禁言" in room.fox.driver.find_element(By.CSS_SELECTOR, ".composer__error").text,
        "Firefox is told why it is not sent",
    )
    assert field.get_attribute("value") == "不该出现", "nothing typed is lost"
    expect(message(room.teacher, "不该出现")).to_have_count(0)

    # and one is put out: her page says so, also when it is opened anew
    choose(room.teacher, "第一条", "移出 10 分钟")
    expect(room.learner.locator("[data-refusal]")).to_be_visible(timeout=10_000)
    room.learner.reload()
    expect(room.learner.locator("main")).to_contain_text("您已被移出本场直播")


def test_a_phone_behind_a_proxy_that_lets_no_websocket_through_takes_part(stack: Stack, visitor, room: Class) -> None:
    page = visitor(stack.url, LEARNER, **PHONE).page
    page.route_web_socket(re.compile("/socket"), lambda socket: socket.close())
    page.goto(f"{room.lesson.url}/watch")
    expect(page.locator("lesson-room:not([data-offline])")).to_be_visible(timeout=90_000)
    write(room.teacher, "手机能看到吗？")
    expect(message(page, "手机能看到吗")).to_be_visible(timeout=8000)
    write(page, "能看到")
    expect(message(room.teacher, "能看到").last).to_be_visible()
    expect(message(page, "能看到").last).to_be_visible(timeout=8000)
    room.teacher.get_by_role("button", name="开始讲课").click()
    expect(page.locator("#live-state .pill")).to_contain_text("缓冲中")


def test_a_page_that_was_away_for_long_catches_up_and_keeps_its_list_short(stack: Stack, visitor) -> None:
    lesson = stack.lesson("话很多的课")
    with Line(stack.port) as line:
        page = visitor(line.url, LEARNER).page
        page.goto(f"{line.url}/live/{lesson.id}/watch")
        write(page, "我先说一句")
        expect(message(page, "我先说一句")).to_be_visible()
        line.snap()
        write(page, "断线时写的话")
        expect(message(page, "断线时写的话")).to_contain_text("发送中")
        last = say_much(stack, lesson, 700)
        line.mend()
        expect(page.locator(".message--waiting")).to_have_count(0)
        expect(message(page, "断线时写的话")).to_have_count(1)
        expect(page.locator(f"#chat-{last}")).to_be_visible()
        assert page.locator("#chat-list > li").count() <= 301
        page.get_by_role("button", name="更早的消息").click()
        expect(page.locator(f"#chat-{last - 230}")).to_be_attached()
        shown = [int(one) for one in page.evaluate(NUMBERS)]
        assert shown == list(range(shown[0], last + 2)), "in order, none is missing, none twice; hers is the last"


def test_a_replay_brings_back_what_was_written_at_its_time(stack: Stack, visitor, encoder, tmp_path: Path) -> None:
    lesson = stack.lesson("课堂回放")
    teacher, learner = (visitor(stack.url, name) for name in (TEACHER, LEARNER))
    encoder(lesson)
    teacher.page.goto(f"{lesson.url}/studio")
    learner.page.goto(f"{lesson.url}/watch")
    write(learner.page, "课前先说一句")
    teacher.page.get_by_role("button", name="开始讲课").click()
    browsers.wait_for_live(learner)
    browsers.wait_while_it_plays(learner, 4000)
    write(learner.page, "第四秒的话")
    write(learner.page, "说错了")
    expect(message(learner.page, "说错了")).to_be_visible()
    choose(learner.page, "说错了", "撤回")
    browsers.wait_while_it_plays(learner, 4000)
    teacher.page.get_by_role("button", name="结束").first.click()
    teacher.page.locator("dialog[open] button", has_text="结束").last.click()
    expect(learner.page.locator("#live-state .pill")).to_contain_text("已结束")

    learner.page.goto(f"{lesson.url}/replay")
    expect(message(learner.page, "课前先说一句")).to_be_visible()
    assert message(learner.page, "第四秒的话").count() == 0, "its time has not come"
    browsers.wait_for_movement(learner)
    expect(message(learner.page, "第四秒的话")).to_be_visible(timeout=60_000)
    assert message(learner.page, "说错了").count() == 0, "what was withdrawn is gone from the replay"
    learner.page.evaluate("document.querySelector('video').currentTime = 0")
    expect(message(learner.page, "第四秒的话")).to_have_count(0)

    # the bar shows where she has been; keys work though nothing has the focus
    expect(learner.page.locator("[data-part=seek-been]")).to_have_attribute("d", re.compile("H"))
    learner.page.keyboard.press("k")
    wait_for(lambda: learner.page.evaluate("document.querySelector('video').paused"), "K stops the picture")
    learner.page.keyboard.press("5")
    share = "(({currentTime, duration}) => currentTime / duration)(document.querySelector('video'))"
    wait_for(lambda: abs(learner.page.evaluate(share) - 0.5) < 0.1, "5 leads to the middle")
    learner.page.keyboard.press("?")
    expect(learner.page.locator(".key-list")).to_contain_text("播放或暂停")
    learner.page.keyboard.press("Escape")


def test_hands_polls_roll_calls_and_notices_are_seen_from_every_side(room: Class, encoder) -> None:
    encoder(room.lesson)
    room.teacher.get_by_role("button", name="开始讲课").click()
    expect(room.learner.locator("#live-state .pill")).to_contain_text("直播中")
    for page in (room.teacher, room.assistant):
        browsers.look_at(page, "人员")
    # hands: two wait, in order; one gets the floor
    room.learner.locator(".raise summary").click()
    room.learner.get_by_label("想说什么").fill("关于第三页")
    room.learner.locator(".raise__form").get_by_role("button", name="举手").click()
    for page in (room.teacher, room.assistant):
        expect(page.locator(".hand")).to_contain_text("关于第三页")
    room.fox.press_on(".raise summary")
    room.fox.press_on(".raise__form button[type=submit]")
    expect(room.teacher.locator(".hand")).to_have_count(2)
    expect(room.teacher.locator(".hand").first).to_contain_text("张三")
    fox_reads(room.fox, "[data-part=place]", "2")
    room.teacher.locator(".hand").first.get_by_role("button", name="请发言").click()
    expect(room.learner.locator(".raise__floor")).to_be_visible()
    expect(room.assistant.locator(".hand--floor")).to_contain_text("张三")
    fox_reads(room.fox, "[data-part=place]", "1")
    a_poll_of_five_is_wholly_in_reach(room)
    room.assistant.get_by_role("button", name="全部放下").click()
    expect(room.learner.locator(".raise__floor")).to_be_hidden()

    # a notice stands out on every page
    browsers.look_at(room.teacher, "聊天")
    room.teacher.locator("summary", has=room.teacher.locator("svg [href*=megaphone]")).click()
    room.teacher.locator("#notice-text").fill("请打开第十页")
    room.teacher.locator("[data-command='notice.give']").get_by_role("button").click()
    expect(room.learner.locator(".announced")).to_contain_text("请打开第十页")
    fox_reads(room.fox, ".announced", "请打开第十页")

    # a poll made on the spot: answered, changed, published
    browsers.look_at(room.teacher, "投票")
    room.teacher.get_by_role("button", name="新建投票").click()
    room.teacher.locator("#quick-question").fill("哪一页最难？")
    for number, text in enumerate(("第三页", "第五页")):
        room.teacher.locator("#new-poll input[name=options]").nth(number).fill(text)
    room.teacher.reload()  # the draft is kept, and so is the tab
    expect(room.teacher.get_by_role("tab", name="投票")).to_have_attribute("aria-selected", "true")
    room.teacher.get_by_role("button", name="新建投票").click()
    expect(room.teacher.locator("#quick-question")).to_have_value("哪一页最难？")
    expect(room.teacher.locator("#new-poll input[name=options]").nth(1)).to_have_value("第五页")
    room.teacher.get_by_role("button", name="立即开始").click()
    expect(room.teacher.locator("#new-poll")).to_be_hidden()
    expect(room.learner.locator("#polls-now")).to_contain_text("哪一页最难")
    fox_reads(room.fox, "#polls-now", "哪一页最难")
    room.learner.get_by_label("第三页").check()
    room.learner.get_by_role("button", name="提交答案").click()
    expect(room.teacher.locator(".poll--open .results__total")).to_contain_text("1 人")
    room.learner.locator(".sheet__chip").click()
    room.learner.get_by_label("第五页").check()
    room.learner.get_by_role("button", name="修改答案").click()
    room.fox.press_on("#polls-now input[value='2']")
    room.fox.press_on("#polls-now button[type=submit]")
    expect(room.teacher.locator(".poll--open .results__total")).to_contain_text("2 人")
    assert room.learner.locator(".results").count() == 0, "learners see no numbers before they are published"
    room.teacher.get_by_role("button", name="结束并公布").click()
    expect(room.learner.locator("#polls-now .bar").nth(1)).to_contain_text("2 · 100%")
    fox_reads(room.fox, "#polls-now .results", "100%")

    # a roll-call: one confirms, the other does not
    browsers.look_at(room.teacher, "人员")
    room.teacher.get_by_role("button", name="立即点名").click()
    expect(room.learner.locator("#rollcall")).to_be_visible()
    unconfirmed = room.learner.locator("credit-meter").get_by_text("点名未确认")
    expect(unconfirmed).to_be_visible()
    room.learner.get_by_role("button", name="我在").click()
    expect(room.learner.locator("#rollcall")).to_contain_text("已确认")
    expect(unconfirmed).to_be_hidden()
    fox_reads(room.fox, "#rollcall", "点名")
    fox_reads(room.fox, "credit-meter", "点名未确认")
    expect(room.teacher.locator("#rollcall-desk [data-part=present]")).to_have_text("1")
    room.teacher.get_by_role("button", name="提前结束").click()
    expect(room.teacher.locator("#rollcall-desk")).to_contain_text("赵来访")
    room.learner.reload()
    expect(room.learner.locator("#rollcall")).to_be_hidden()


POLL = "#polls-now .poll__option, #polls-now [type=submit], #polls-now .poll__question, #polls-now count-down"
HIGHEST = "以下哪一种材料在常压下的超导转变温度最高？请选择一项，并在聊天中说明理由。"
MATERIALS = ["汞，4.2 K", "铌三锡，18 K", "二硼化镁，39 K，常见于磁体", "钇钡铜氧，约 92 K，在液氮温区以上"]
MATERIALS += ["汞钡钙铜氧，约 134 K，目前常压下最高的一种材料"]


def a_poll_of_five_is_wholly_in_reach(room: Class) -> None:
    """Who has the floor sees it whole on common laptops, in full screen too; folded, it gives the chat back."""
    page = room.learner
    usual = page.viewport_size
    poll = browsers.ask(
        room.teacher, "polls.new", kind="single", question=HIGHEST, options=MATERIALS, countdown_s=600, start=True
    )
    expect(page.locator("#polls-now .poll__option")).to_have_count(5)
    for width, height in ((1366, 768), (1280, 720), (1024, 768)):
        page.set_viewport_size({"width": width, "height": height})
        assert browsers.out_of_reach(page, POLL) == [], (width, height)
        assert browsers.out_of_reach(page, ".raise__down, [data-part=fullscreen]") == [], (width, height)
    page.locator("[data-part=fullscreen]").click()
    wait_for(lambda: page.evaluate("document.fullscreenElement !== null"), "the picture fills the screen")
    assert browsers.out_of_reach(page, POLL) == [], "in full screen"
    page.get_by_role("button", name="收成一行").click()
    assert browsers.out_of_reach(page, ".sheet__chip") == [], "in full screen, folded"
    page.locator("[data-part=fullscreen]").click()
    wait_for(lambda: page.evaluate("document.fullscreenElement === null"), "the picture is as large as before")
    assert browsers.out_of_reach(page, ".sheet__chip, #chat-text") == []
    page.locator(".sheet__chip").click()
    page.get_by_label(MATERIALS[4]).check()
    page.get_by_role("button", name="提交答案").click()
    expect(page.locator(".sheet__body")).to_be_hidden()
    browsers.ask(room.teacher, "polls.close", **poll)
    expect(page.locator(".sheet__chip")).to_be_hidden()
    assert usual is not None
    page.set_viewport_size(usual)


def fox_reads(fox: DrivenScreen, selector: str, text: str) -> None:
    def reads() -> bool:
        return any(text in one.text for one in fox.driver.find_elements(By.CSS_SELECTOR, selector))

    wait_for(reads, f"Firefox shows {text!r} in {selector}")


WRONG_CLOCK = """(() => {
  const Right = Date;
  window.Date = class extends Right {
    constructor(...given) { given.length ? super(...given) : super(Right.now() + OFF); }
    static now() { return Right.now() + OFF; }
  };
})()"""


@pytest.mark.parametrize("minutes", [14, -14])
def test_times_and_rights_are_the_servers_whatever_a_device_takes_for_the_time(
    stack: Stack, visitor, encoder, minutes: int
) -> None:
    lesson = stack.lesson(f"钟差 {minutes} 分钟的课")
    encoder(lesson)
    teacher, learner = visitor(stack.url, TEACHER).page, visitor(stack.url, LEARNER).page
    for page, off in ((learner, minutes), (teacher, -minutes)):
        page.add_init_script(WRONG_CLOCK.replace("OFF", str(off * 60_000)))
    teacher.goto(f"{lesson.url}/studio")
    learner.goto(f"{lesson.url}/watch")
    teacher.get_by_role("button", name="开始讲课").click()
    expect(teacher.locator(".desk__clock lesson-clock")).to_have_text(re.compile(r"0:00:\d\d"))
    expect(teacher.locator(".desk__left count-down")).to_have_text(re.compile(r"0:59:\d\d|1:\d\d:\d\d"))

    # what she wrote may be changed and withdrawn
    write(learner, "写错了的话")
    message(learner, "写错了的话").locator("summary").click()
    for what in ("修改", "撤回"):
        expect(message(learner, "写错了的话").get_by_role("button", name=what)).to_be_visible()
    message(learner, "写错了的话").get_by_role("button", name="撤回").click()
    expect(learner.locator(".chat__list")).not_to_contain_text("写错了的话")

    # her hand has been up for some seconds
    learner.locator(".raise summary").click()
    learner.locator(".raise__form").get_by_role("button", name="举手").click()
    browsers.look_at(teacher, "人员")
    expect(teacher.locator(".hand lesson-clock")).to_have_text(re.compile(r"0:00:[0-2]\d"))

    # a roll-call of a minute leaves her a minute
    teacher.get_by_role("button", name="立即点名").click()
    expect(learner.locator("#rollcall .rollcall__left")).to_have_text(re.compile(r"0:00:[3-5]\d"))
    learner.get_by_role("button", name="我在").click()
    expect(learner.locator("#rollcall")).to_contain_text("已确认")
