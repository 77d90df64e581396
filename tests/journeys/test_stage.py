"""小班课: learners are called up and speak; the teacher hears them at once, the recording has all of it.

The lesson begins with an encoder, and the teacher takes it over later. The first learner's network first lets through
what a TURN server relays over TCP alone, then everything. The second one's browser has no WebRTC, as some institutes
switch it off: her voice goes by way of the server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.journeys import browsers
from tests.journeys.browsers import ChromiumScreen, ask, wait_for_pill
from tests.journeys.conftest import running
from tests.journeys.recording import Recording
from tests.journeys.sending import is_publishing, tracks_on
from tests.journeys.speaking import (
    HZ,
    MAKE_SECOND,
    SEAT,
    SECOND,
    WAY,
    first_heard,
    lamp,
    lateness,
    lost_and_doubled,
    moment,
    onsets_in,
    press,
    raise_hand,
    said_under_the_lamp,
    visit,
    wait_for_lamp,
)
from tests.journeys.stack import LEARNER, TEACHER, Stack
from tests.journeys.waiting import wait_for
from tests.relay import Relay, coturn

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.alone]


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    with coturn(tmp_path) as relay:
        yield relay


@pytest.fixture
def stack(tmp_path: Path, relay: Relay) -> Iterator[Stack]:
    yield from running(tmp_path / "data", **relay.settings)


@pytest.fixture
def mesh(playwright: Playwright) -> Iterator[Browser]:
    """Chromium whose pages reach each other on this machine, as they would over a network."""
    browser = browsers.chromium(playwright, "--allow-loopback-in-peer-connection")
    yield browser
    browser.close()


MOST_LOST = 0.25
"""Share of tones that a busy machine may swallow or delay on their way to the studio; on a quiet one it is none.

A late one lies where the next one is looked for, which seems to be doubled.
"""
CUT_MS = 300
"""Of a tone that has begun so shortly before the teacher calls the next one, too little is left to be found."""


def is_sending(teacher: ChromiumScreen) -> bool:
    return bool(teacher.ask("document.querySelector('lesson-sender').programme?.state === 'sending'"))


def speak_beside_an_encoder(teacher: ChromiumScreen, first: ChromiumScreen, relay: Relay, note) -> list[float]:
    """Have the first learner be heard while an encoder sends, and give the moments of what she said under the lamp."""
    first.run("sessionStorage.onlyRelayed = 'yes'")
    raise_hand(first, "voice")
    queue, host = teacher.page.locator("#hands-queue"), teacher.page.locator("stage-host")
    queue.get_by_role("button", name="请发言").click()
    host.get_by_role("button", name="在本页与学员通话").click()
    words = host.locator("[data-part=beside-words]")
    expect(words).to_contain_text("已混入编码器的直播")
    wait_for_lamp(first)
    assert first.page.evaluate(WAY) == "relay tcp"
    said = [float(one["at"]) for one in said_under_the_lamp(first, 6)[-6:]]

    # the relay is gone: her voice goes by way of the server, still beside the encoder
    relay.kill()
    killed = moment(first)
    expect(first.page.locator(f"{SEAT} [data-part=by-line]")).to_be_visible(timeout=60_000)
    wait_for_lamp(first)
    note("a relay that is gone: her voice goes by way of the server after", (moment(first) - killed) / 1000)

    # 改用直播台: she goes on, in the picture and the sound that the studio sends
    host.locator("[data-part=beside] [data-takes-over]").click()
    wait_for(lambda: is_sending(teacher), "the studio sends")
    expect(words).to_be_hidden()
    said_under_the_lamp(first, 3)
    assert tracks_on(first) == ["audio"]
    first.page.click(f"{SEAT} [data-part=leave]")
    assert tracks_on(first) == []
    first.run("delete sessionStorage.onlyRelayed; window.tones.splice(0)")
    return said


def test_learners_are_called_up_speak_and_go_back_to_watching(
    stack: Stack, mesh: Browser, relay: Relay, encoder, note, tmp_path: Path
) -> None:
    lesson = stack.lesson("小班讨论课")
    stack.run(MAKE_SECOND)
    teacher = visit(stack, mesh, TEACHER, f"{lesson.url}/studio")
    first = visit(stack, mesh, LEARNER, f"{lesson.url}/watch")
    second = visit(stack, mesh, SECOND, f"{lesson.url}/watch", without="RTCPeerConnection", **browsers.PHONE)
    encoder(lesson, loop=False)
    wait_for(lambda: is_publishing(stack, lesson), "the encoder sends")
    teacher.press("开始讲课")
    for one in (first, second):
        wait_for_pill(one, "直播中", 20)
    loads = [one.ask("performance.timeOrigin") for one in (first, second)]
    beside = speak_beside_an_encoder(teacher, first, relay, note)

    # called up: microphone within a red frame, the lesson's player rests, the teacher hears her
    raise_hand(first, "both")
    queue = teacher.page.locator("#hands-queue")
    expect(queue).to_contain_text("声音和画面")
    teacher.run("window.listen()")
    pressed = press(teacher, queue.get_by_role("button", name="请发言"))
    note("请发言 to the first tone at the teacher", first_heard(teacher, pressed))
    expect(first.page.locator(f"{SEAT} [data-part=open]")).to_have_text("您的麦克风已打开")
    expect(first.page.locator("lesson-room")).to_have_attribute("data-on-stage", "")
    assert tracks_on(first) == ["audio", "video"]
    wait_for_lamp(first)
    assert first.page.evaluate(WAY).startswith("host")
    assert first.ask("document.querySelector('lesson-player video').readyState") == 0, "nothing is played beside it"
    wait_for(
        lambda: first.ask("document.querySelector('.stage-pictures__one:not(.stage-pictures__own) video').videoWidth"),
        "she sees the teacher",
    )
    began = moment(teacher)
    wait_for(lambda: moment(teacher) > began + 5000, "she has spoken for a while")
    late = lateness(teacher, first, began)
    note("mouth to ear at the teacher, median", median(late), "ms")
    note("mouth to ear at the teacher, longest", max(late), "ms")

    # muted by the desk, and heard again
    stage = teacher.page.locator("#stage-desk")
    stage.get_by_role("button", name="静音", exact=True).click()
    wait_for(lambda: lamp(first) == "muted", "the lamp says that nobody hears her")
    muted = moment(teacher) + 500
    wait_for(lambda: moment(teacher) > muted + 1500, "some tones are not said")
    assert [at for at in teacher.ask("window.onsets") if at > muted] == []
    stage.get_by_role("button", name="取消静音").click()
    wait_for_lamp(first)

    # the next one, on a phone: she comes, the first one's tracks end, her player goes on where she left
    raise_hand(second, "voice")
    pressed = press(teacher, queue.locator("li", has_text="李四").get_by_role("button", name="请发言"))
    wait_for(lambda: tracks_on(first) == [], "no track of hers is left")
    left = moment(first)
    note("swap: tracks of the one before ended after", (left - pressed) / 1000)
    swapped = range(int(pressed) - CUT_MS, int(left))
    heard = first_heard(teacher, left + 100)
    note("swap: first tone of the next one after", (left + 100 - pressed) / 1000 + heard)
    wall = "document.querySelector('lesson-player').wall"
    plays = "!document.querySelector('lesson-player video').paused"
    resumed = wait_for(lambda: first.ask(f"{plays} && {wall}"), "her player goes on")
    note("leaving: the player runs after", (moment(first) - left) / 1000)
    assert resumed >= pressed, "she hears nothing twice"
    wait_for_lamp(second)
    expect(second.page.locator("lesson-room")).to_have_attribute("data-on-stage", "")
    expect(first.page.locator("lesson-room")).not_to_have_attribute("data-on-stage", "")

    # 轮流发言: how long she may still speak stands at her and at the desk
    ask(teacher.page, "stage.rules", turn_s=600)
    for place in (second.page.locator(f"{SEAT} [data-part=time]"), stage.locator("time-left")):
        expect(place).to_contain_text(re.compile(r"0:0[5-9]:\d\d"))

    tones = {SECOND: said_under_the_lamp(second, 4)}

    # her page is loaded anew: no microphone is open before she says so, and then she is heard again
    second.page.reload()
    expect(second.page.locator(f"{SEAT} [data-part=call-title]")).to_contain_text("刷新")
    assert second.ask("window.tracks") == []
    second.page.click(f"{SEAT} [data-part=speak]")
    wait_for_lamp(second)
    # 一起留在台上: both speak, and each of them is connected with the other one and the teacher
    raise_hand(first, "voice")
    queue.get_by_role("button", name="一起留在台上").click()
    wait_for_lamp(first)
    for one in (first, second):
        expect(one.page.locator(".stage-pictures")).to_have_attribute("data-count", "2")
        heard = "[...document.querySelectorAll('.stage-pictures__one:not(.stage-pictures__own) video')]"
        heard += ".map((one) => one.srcObject?.getAudioTracks().length ?? 0)"
        wait_for(lambda one=one, heard=heard: one.ask(heard) == [1, 1], "she hears the teacher and the other one")
    wait_for_lamp(second)

    # 结束发言, and the end of the lesson with somebody on the stage
    tones[SECOND] += said_under_the_lamp(second, 4)
    second.page.click(f"{SEAT} [data-part=leave]")
    assert tracks_on(second) == []
    expect(stage).not_to_contain_text("李四")
    tones[LEARNER] = said_under_the_lamp(first, 4)
    said_by = moment(teacher)
    wait_for(lambda: moment(teacher) > said_by + 2000, "what she said lies in a whole segment: the last one is cut")
    assert first.ask("performance.timeOrigin") == loads[0], "no page was loaded"
    teacher.press("结束直播")
    teacher.page.click("#controls dialog[open] [data-answer=yes]")
    wait_for(lambda: tracks_on(first) == [], "no track is left when the lesson is over")
    wait_for(lambda: Recording(lesson).closed, "the recording is closed")
    tones[LEARNER] = [one for one in tones[LEARNER] if int(one["at"]) not in swapped]
    added = [at for at in onsets_in(lesson, tmp_path, HZ[LEARNER]) if beside[0] < at < beside[-1] + 500]
    note("tones added to what an encoder sends, of six", len(added), "")
    assert abs(len(added) - len(beside)) <= MOST_LOST * len(beside)
    for who, said in tones.items():
        onsets = onsets_in(lesson, tmp_path, HZ[who])
        lost, doubled = lost_and_doubled(said, onsets)
        lit = sum(one["lamp"] == "recorded" for one in said)
        note(f"tones of {who} under the lamp", lit, "")
        assert lit > 3
        note(f"tones of {who} under the lamp that are missing, or late", len(lost), "")
        assert len(lost) <= MOST_LOST * lit, f"of {lit} tones of {who} under the lamp: {lost}"
        assert len(doubled) <= MOST_LOST * lit, f"of {lit} tones of {who} under the lamp: {doubled}"
