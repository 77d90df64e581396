"""The whole way of a lesson, from its form to its file, with the teacher and a learner at their browsers."""

from __future__ import annotations

import re
import time
import urllib.request
from pathlib import Path

import pypdfium2 as pdfium
import pytest
import zxingcpp

from tests.journeys import browsers
from tests.journeys.browsers import (
    PHONE,
    ChromiumScreen,
    clock_of,
    clock_shown,
    seen_at,
    usual_lag_ms,
    wait_for_live,
    wait_for_movement,
    wait_for_pill,
    wait_for_sound,
)
from tests.journeys.metering import close_now, guest_link, meter_says, metered_s, programme_s, stored_s
from tests.journeys.publisher import now_ms
from tests.journeys.recording import Recording, complaints_about, duration_of
from tests.journeys.stack import LEARNER, MANAGER, PASSWORD, STRANGER, TEACHER, Lesson, Stack
from tests.journeys.waiting import LATE_S, time_until, wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.alone]

A_HUNDREDTH_S = 27
"""Seconds that make a hundredth of a learning hour, the least that a certificate can hold."""


def create_by_form(teacher: ChromiumScreen, stack: Stack, subject: str) -> Lesson:
    """Go to the form, fill it in, go on to the studio; the key is what the studio shows."""
    page = teacher.page
    teacher.open(f"{stack.url}/live/new")
    page.fill("#subject", subject)
    page.fill("#abstract", "第一段。\n第二段。")
    page.get_by_role("button", name="新建直播").click()
    page.wait_for_url(re.compile(r"/live/(?!new)\w+$"))
    live_id = page.url.split("/")[-1]
    teacher.open(f"{page.url}/studio")
    page.check("input[data-way][value=encoder]")
    page.click("show-secret button[aria-controls=key-key]")
    assert page.input_value("#key-server") == f"rtmp://127.0.0.1:{stack.rtmp_port}/live"
    (stream,) = stack.row("SELECT stream_id FROM live_session WHERE id = ?", live_id)
    return Lesson(stack, live_id, str(stream), page.input_value("#key-key"))


def press_and_see(teacher: ChromiumScreen, button: str, learner: ChromiumScreen, state: str) -> float:
    """Press a button of the studio; gives the seconds until the learner's page shows the state."""
    pressed = time.time()
    teacher.press(button)
    wait_for_pill(learner, state)
    return seen_at(learner, state) - pressed


def sign_in_beside(guest: ChromiumScreen, username: str) -> None:
    """登录并开始计学时: in a window beside the page, which closes by itself."""
    with guest.page.expect_popup() as opened:
        guest.page.click("credit-meter [data-part=sign-in]")
    beside = opened.value
    beside.fill("#username", username)
    beside.fill("#password", PASSWORD)
    with beside.expect_event("close"):
        beside.click("form.stack button[type=submit]")


def end_lesson(teacher: ChromiumScreen) -> float:
    """End the lesson and confirm; gives the moment of the confirmation (Unix time, s)."""
    teacher.press("结束直播")
    confirmed = time.time()
    teacher.page.click("#controls dialog[open] [data-answer=yes]")
    return confirmed


def test_a_lesson_from_its_form_to_its_file(stack, visitor, encoder, note, tmp_path) -> None:
    teacher, learner = visitor(stack.url, TEACHER), visitor(stack.url, LEARNER)

    # before: the teacher has a preview, the learner waits and gets nothing
    lesson = create_by_form(teacher, stack, "超导量子计算导论")
    asked_for: list[str] = []
    learner.page.on("request", lambda request: asked_for.append(request.url))
    missed: list[str] = []
    for screen in (teacher, learner):
        screen.page.on("response", lambda reply: missed.append(reply.url) if reply.status == 404 else None)
    learner.open(f"{lesson.url}/watch")
    wait_for_pill(learner, "未开始")
    publisher = encoder(lesson)
    wait_for_live(teacher)
    wait_for(lambda: "已收到信号，学员还看不到" in teacher.ask("eyes.text('#controls')"), "the studio says so")
    assert learner.ask("eyes.pill()") == "未开始"
    assert learner.ask("eyes.clock()") is None
    assert [url for url in asked_for if url.endswith(".m4s")] == []
    assert not (lesson.media / "live" / "source.m3u8").exists()

    # 开始讲课
    pressed = time.time()
    teacher.press("开始讲课")
    wait_for_pill(learner, "直播中")
    note("开始讲课 until the learner's page says so", seen_at(learner, "直播中") - pressed)
    wait_for(lambda: learner.ask("eyes.frames.count") > 2, "the first pictures are shown")
    first_picture_s = learner.ask("eyes.frames.firstAt") / 1000 - pressed
    note("开始讲课 until the learner's first picture", first_picture_s)
    assert first_picture_s <= LATE_S
    assert missed == [], "nothing that is still to come fills the console"
    wait_for_movement(learner)
    assert learner.ask("eyes.heard().muted")
    learner.press("点击打开声音")
    wait_for_sound(learner)
    wait_for(lambda: "声音已打开" in learner.ask("document.querySelector('.vitals').innerText"), "the page says so")
    lag = usual_lag_ms(learner)
    note("picture to picture", lag / 1000)
    began = now_ms() - lag

    # 正在计学时, on her computer and on her phone; a guest by QR code has none until she signs in, on the same page
    wait_for(lambda: meter_says(learner) == "counting", "the meter counts")
    phone = visitor(stack.url, LEARNER, **PHONE)
    phone.open(f"{lesson.url}/watch")
    guest = ChromiumScreen(browsers.chromium_context(learner.page.context.browser).new_page())
    guest.open(guest_link(stack, lesson))
    wait_for_live(guest)
    assert meter_says(guest) == "guest"
    guest.ask("window.notReloaded = true")
    sign_in_beside(guest, STRANGER)
    wait_for(lambda: meter_says(guest) == "counting", "the guest's time counts")
    assert guest.ask("window.notReloaded") is True
    wait_for(lambda: metered_s(guest) > 2, "and goes on")

    # 暂停讲课 and 继续
    seconds = press_and_see(teacher, "暂停讲课", learner, "已暂停")
    note("暂停讲课 until 已暂停", seconds)
    assert seconds <= LATE_S
    assert "老师暂停了讲课，稍后继续。" in learner.ask("eyes.curtain()")
    paused = now_ms()
    for screen, name in ((learner, LEARNER), (phone, LEARNER), (guest, STRANGER)):
        wait_for(lambda screen=screen: meter_says(screen) == "lesson-paused", "no meter counts during a pause")
        wait_for(
            lambda screen=screen, name=name: metered_s(screen) == stored_s(stack, lesson, name),
            "the meter shows what is stored, to the second",
            20,
        )
    assert metered_s(learner) <= (paused - began) / 1000 + 1
    assert metered_s(guest) < metered_s(learner)
    for screen in (phone, guest):
        screen.page.context.close()
    seconds = press_and_see(teacher, "继续讲课", learner, "直播中")
    assert seconds <= LATE_S
    wait_for_live(learner)
    resumed_s = (now_ms() - paused) / 1000
    assert resumed_s > 0

    # 临时离开 and back
    seconds = press_and_see(teacher, "临时离开", learner, "缓冲中")
    note("临时离开 until 缓冲中", seconds)
    assert seconds <= LATE_S
    assert "老师临时离开" in learner.ask("eyes.curtain()")
    assert press_and_see(teacher, "我回来了", learner, "直播中") <= LATE_S
    wait_for_live(learner)

    # the encoder is lost and comes back; nobody reloads anything
    learner.ask("window.notReloaded = true")
    publisher.end()
    wait_for_pill(learner, "缓冲中")
    assert "与老师的连接中断" in learner.ask("eyes.curtain()")
    publisher.begin()
    back_s = time_until(lambda: learner.ask("eyes.pill()") == "直播中", "the encoder is found again", 15)
    note("encoder back until 直播中", back_s)
    wait_for_live(learner)
    assert learner.ask("window.notReloaded") is True

    # rewind to the beginning and go back to live
    learner.ask("eyes.seek(0)")
    wait_for(lambda: clock_of(learner) < began + 3000, "the start")
    wait_for_movement(learner)
    assert clock_shown(learner) < paused
    learner.press("回到直播")
    wait_for_live(learner)

    # 停止录制 and 开始录制
    teacher.press("停止录制")
    wait_for(lambda: "未录制" in teacher.ask("eyes.text('#controls')"), "the studio says 未录制")
    unrecorded = now_ms()
    size = Recording(lesson).entries[-1].start_ms
    wait_for(lambda: now_ms() - unrecorded > 2500, "some seconds without recording")
    teacher.press("开始录制")
    wait_for(lambda: "正在录制" in teacher.ask("eyes.text('#controls')"), "the studio says 正在录制")
    recorded_again = now_ms()
    wait_for(lambda: Recording(lesson).entries[-1].start_ms > max(size, recorded_again), "the recording grows again")

    # 结束, and the replay at once
    wait_for(lambda: metered_s(learner) > A_HUNDREDTH_S, "she has watched enough for a certificate", 40)
    confirmed = end_lesson(teacher)
    wait_for_pill(learner, "已结束")
    seconds = seen_at(learner, "已结束") - confirmed
    note("结束 until 已结束", seconds)
    assert seconds <= LATE_S
    metered = metered_s(learner)
    learner.page.route("**/commands", lambda route: route.abort())  # what the page says while it goes is lost
    learner.press("看回放")
    learner.page.wait_for_url(f"{lesson.url}/replay")
    learner.page.unroute("**/commands")
    wait_for(lambda: learner.ask("window.eyes && eyes.frames.count > 2"), "the replay plays")
    seconds = learner.ask("eyes.frames.firstAt") / 1000 - confirmed
    note("结束 until the first picture of the replay", seconds)
    assert seconds <= LATE_S
    assert learner.ask("eyes.position()") < 3
    assert clock_shown(learner) < began + 4000
    wait_for_movement(learner)

    # the replay holds everything but what was not to be recorded, and can be sought through
    wait_for(lambda: Recording(lesson).closed, "the recording is closed")
    recording = Recording(lesson)
    wait_for(lambda: abs(learner.ask("eyes.length()") - recording.duration_s) < 0.5, "the replay has its full length")
    learner.ask(f"eyes.seek({int(recording.duration_s) - 4})")
    last = recording.entries[-1]
    wait_for(lambda: clock_of(learner) > last.start_ms - 6000, "the end of the lesson is shown")
    wait_for_movement(learner)
    kept = recording.clocks(tmp_path)
    assert kept == sorted(kept)
    assert [one for one in kept if unrecorded + 300 < one < recorded_again - 1000] == []

    # the replay shows the same meter; what was watched live is not counted again
    learner.page.locator("lesson-player").evaluate("(player) => player.pause()")
    wait_for(lambda: metered_s(learner) == stored_s(stack, lesson, LEARNER), "the replay's meter agrees", 20)
    assert metered <= metered_s(learner) <= programme_s(stack, lesson)
    watched = check_hours(stack, lesson, learner, metered_s(learner))
    check_appeal(stack, visitor(stack.url, MANAGER), lesson, learner, watched)

    check_download(teacher, lesson, recording, note)
    check_moments(teacher, lesson)
    publisher.stop()


def check_hours(stack: Stack, lesson: Lesson, learner: ChromiumScreen, seconds: int) -> str:
    """Her archive and her certificate say what the meter said, to the second; anybody may check it."""
    closed = "SELECT count(*) FROM credits_closing WHERE closed_ms IS NOT NULL AND live_id = ?"
    wait_for(lambda: stack.row(closed, lesson.id) == (1,), "the lesson is closed by itself", 60)
    close_now(stack, lesson)
    watched = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    page = learner.page
    learner.open(f"{stack.url}/archive")
    assert watched in page.locator("table").inner_text()
    page.check("#is_open")
    page.get_by_role("button", name=re.compile("^开具")).click()
    with page.expect_download() as saving:
        page.get_by_role("link", name=re.compile("PDF")).first.click()
    document = pdfium.PdfDocument(Path(saving.value.path()))
    assert watched in document[0].get_textpage().get_text_range()
    (code,) = zxingcpp.read_barcodes(document[0].render(scale=3).to_pil())
    document.close()
    with urllib.request.urlopen(code.text, timeout=20) as reply:  # as anybody, not signed in
        checked = reply.read().decode()
    assert "此证明真实有效" in checked
    assert watched in checked
    return watched


def check_appeal(stack: Stack, manager: ChromiumScreen, lesson: Lesson, learner: ChromiumScreen, watched: str) -> None:
    """The manager's table says the same; the learner appeals, and gets the hours that the manager finds right."""
    manager.open(f"{lesson.url}/viewers")
    assert watched in manager.page.locator("tr", has_text="张三").first.inner_text()
    page = learner.page
    learner.open(f"{stack.url}/archive")
    page.get_by_role("link", name="申诉", exact=True).first.click()
    page.fill("textarea", "后半场网络中断")
    page.get_by_role("button", name="提交申诉").click()
    manager.open(f"{stack.url}/manage/credits/appeals")
    manager.page.get_by_role("link", name="张三").click()
    assert "后半场网络中断" in manager.page.locator("main").inner_text()
    manager.page.check("input[name=verdict][value=correct]")
    manager.page.fill("input[name=right]", "1.5")
    manager.page.fill("textarea[name=words]", "已核实")
    manager.page.get_by_role("button", name=re.compile("^答复")).click()
    learner.open(f"{stack.url}/archive")
    assert "已核实" in page.locator("#appeals").inner_text()
    assert "1.5" in page.locator("main").inner_text()


def check_download(teacher: ChromiumScreen, lesson: Lesson, recording: Recording, note) -> None:
    """Have the MP4 made, save it, save it again after an interruption."""
    teacher.press("看回放")
    teacher.page.wait_for_url(f"{lesson.url}/replay")
    teacher.page.wait_for_selector("#download")
    pressed = time.monotonic()
    teacher.press("下载 MP4")
    teacher.page.wait_for_selector("#download progress")
    wait_for(lambda: "下载完成" in teacher.ask("eyes.text('#download')"), "下载完成", 30)
    note("making the MP4", time.monotonic() - pressed)
    with teacher.page.expect_download() as saving:
        teacher.press("保存 MP4")
    file = Path(saving.value.path())
    assert saving.value.suggested_filename == "超导量子计算导论.mp4"
    assert complaints_about(file) == ""
    error_s = duration_of(file) - recording.duration_s
    note("MP4 longer than the recording by", error_s)
    assert abs(error_s) <= 0.2

    # a broken download is resumed
    whole = file.read_bytes()
    middle = len(whole) // 2
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in teacher.page.context.cookies())
    rest = urllib.request.Request(f"{lesson.url}/download/file", headers={"Cookie": cookies})
    rest.add_header("Range", f"bytes={middle}-")
    with urllib.request.urlopen(rest, timeout=120) as reply:
        assert reply.status == 206
        assert whole[:middle] + reply.read() == whole


CAPTIONS = "WEBVTT\n\n00:00:01.000 --> 00:01:00.000\n大家好\n"


def check_moments(teacher: ChromiumScreen, lesson: Lesson) -> None:
    """Follow a link to a moment, start over, note a moment and come back to it, see captions."""
    page = teacher.page
    teacher.open(f"{lesson.url}/replay?t=0:07")
    wait_for(lambda: 7 <= teacher.ask("eyes.position()") < 11, "it begins at the moment of the link")
    assert "从 0:00:07 看" in page.inner_text("[data-part=resumed]")
    page.click("[data-part=start-over]")
    wait_for(lambda: teacher.ask("eyes.position()") < 4, "it starts over")
    page.fill("#notes [data-part=note]", "记住这里")
    page.click("#notes .note-form button")
    page.wait_for_selector("#notes .moment--note")
    teacher.ask("eyes.seek(12)")
    wait_for(lambda: teacher.ask("eyes.position()") >= 12, "it is further on")
    page.click("#notes .moment--note")
    wait_for(lambda: teacher.ask("eyes.position()") < 8, "the note leads back to its moment")
    captions = {"name": "字幕.vtt", "mimeType": "text/vtt", "buffer": CAPTIONS.encode()}
    page.set_input_files("#captions-panel input[type=file]", captions)
    page.click("#captions-panel .captions-upload button")
    page.wait_for_selector("#captions-panel .captions-one")
    teacher.open(f"{lesson.url}/replay?t=3")
    wait_for(
        lambda: page.inner_text("lesson-player [data-part=captions]") == "大家好", "the captions are over the picture"
    )
