"""Bad days of a stage: programs die, a page is open twice, somebody is put out.

The first speaker has Firefox, the second one Chromium.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Playwright, expect

from tests.journeys import browsers
from tests.journeys.browsers import ChromiumScreen, DrivenScreen, Screen, ask, firefox, loudspeaker, wait_for_pill
from tests.journeys.conftest import running
from tests.journeys.recording import Recording
from tests.journeys.sending import tracks_on
from tests.journeys.speaking import (
    HZ,
    MAKE_SECOND,
    SEAT,
    SECOND,
    lamp,
    lost_and_doubled,
    moment,
    mouth_of,
    onsets_in,
    raise_hand,
    said_under_the_lamp,
    visit,
    wait_for_lamp,
)
from tests.journeys.stack import LEARNER, TEACHER, Stack
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.alone]

MOST_LOST = 0.25
"""Share of tones that a busy machine may swallow or delay on their way; on a quiet one it is none."""
LAMPS = f"""
const lamp = document.querySelector("{SEAT} [data-part=lamp]");
window.lamps = [];
const keep = () => window.lamps.push({{ at: Date.now(), says: lamp.dataset.says }});
new MutationObserver(keep).observe(lamp, {{ attributes: true }});
"""
"""Keeps what the lamp says from now on."""


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    yield from running(tmp_path / "data")


@pytest.fixture
def mesh(playwright: Playwright) -> Iterator[Browser]:
    """Chromium whose pages reach each other on this machine, as they would over a network."""
    browser = browsers.chromium(playwright, "--allow-loopback-in-peer-connection")
    yield browser
    browser.close()


def come_to_speak(screen: DrivenScreen, stack: Stack, url: str) -> None:
    """Open the lesson as the learner, and raise a hand to be heard."""
    browsers.sign_in_by_keys(screen, stack.url, LEARNER)
    screen.open(url)
    screen.run(mouth_of(LEARNER))
    screen.press_on(".raise__open")
    screen.press_on("stage-check input[value=voice]")
    wait_for(lambda: tracks_on(screen) == ["audio"], "her microphone is tried")
    screen.press_on(".raise__form button[type=submit]")
    wait_for(lambda: tracks_on(screen) == [], "it is off again until she is called")


def answers(screen: ChromiumScreen) -> bool:
    """Return whether the server answers the page, which may be coming back."""
    try:
        ask(screen.page, "hands.lower")
    except Error:
        return False
    return True


def unheard(teacher: ChromiumScreen, speaker: Screen, since: float, until: float) -> tuple[int, int]:
    """Return how many tones were said in a stretch, and how many of them the teacher's page did not hear."""
    said = [one["at"] for one in speaker.ask("window.tones") if since < one["at"] < until]
    onsets = teacher.ask(f"window.onsetsOf[{HZ[LEARNER]}]")
    return len(said), sum(not any(at <= onset < at + 450 for onset in onsets) for at in said)


def talk_through(teacher: ChromiumScreen, speaker: Screen, since: float, what: str, note) -> None:
    """Wait six seconds, and see that the talk went on from page to page."""
    wait_for(lambda: moment(teacher) > since + 6000, "they have talked for a while")
    said, lost = unheard(teacher, speaker, since, since + 5000)
    note(f"{what}: tones of {said} that the teacher did not hear", lost, "")
    assert said >= 5
    assert lost <= MOST_LOST * said


def test_the_talk_goes_on_when_programs_die_and_people_come_and_go(
    stack: Stack, mesh: Browser, note, tmp_path: Path
) -> None:
    lesson = stack.lesson("小班的坏日子")
    stack.run(MAKE_SECOND)
    teacher = visit(stack, mesh, TEACHER, f"{lesson.url}/studio")
    teacher.page.check("input[data-way][value=browser]")
    teacher.press("开始讲课")
    second = visit(stack, mesh, SECOND, f"{lesson.url}/watch")
    wait_for_pill(second, "直播中", 20)
    queue = teacher.page.locator("#hands-queue")
    with loudspeaker() as speaker, firefox(tmp_path, speaker) as first:
        come_to_speak(first, stack, f"{lesson.url}/watch")
        teacher.run("window.listen()")
        queue.get_by_role("button", name="请发言").click()
        wait_for(lambda: lamp(first) == "recorded", "the lamp of a speaker with Firefox is on")
        said_under_the_lamp(first, 2)
        first.run(LAMPS)

        # web dies: the talk is between the pages. The queue is there again afterwards
        killed = moment(teacher)
        stack.kill("gunicorn")
        talk_through(teacher, first, killed, "web was killed", note)
        assert first.ask("window.lamps.map(({ says }) => says)") == [], "what she says is still sent, and recorded"
        wait_for(stack.is_well, "web is back", 30)
        for one in (teacher, second):
            wait_for(lambda one=one: answers(one), "her page is connected again")
        raise_hand(second, "voice")
        expect(queue).to_contain_text("李四")

        # media_worker dies: the talk goes on, the lamp says that the others do not hear her, and then that they do
        killed = moment(teacher)
        stack.kill("media_worker")
        talk_through(teacher, first, killed, "media_worker was killed", note)
        wait_for(lambda: lamp(first) == "recorded", "she is sent again")

        # 一起留在台上; a second window of hers takes the place of the first one, which says so
        queue.get_by_role("button", name="一起留在台上").click()
        wait_for_lamp(second)
        window = ChromiumScreen(second.page.context.new_page())
        window.open(f"{lesson.url}/watch")
        expect(window.page.locator(f"{SEAT} [data-part=call-title]")).to_contain_text("另一个窗口")
        assert tracks_on(window) == []
        window.page.click(f"{SEAT} [data-part=speak]")
        wait_for_lamp(window)
        wait_for(lambda: tracks_on(second) == [], "the first window has closed its microphone")
        expect(second.page.locator(f"{SEAT} [data-part=call-title]")).to_contain_text("另一个窗口")
        said_under_the_lamp(window, 2)

        # that window is closed: the teacher reads so, and nothing about her network; she comes back with the first one
        closed = moment(teacher)
        window.page.close()
        lost, by_line = (teacher.page.locator(f"stage-host [data-part={part}]") for part in ("lost", "by-line"))
        expect(lost).to_contain_text("李四")
        wait_for(lambda: moment(teacher) > closed + 6000, "a voice by way of the server has had its time")
        expect(lost).to_contain_text("李四")
        expect(by_line).to_be_hidden()
        second.page.click(f"{SEAT} [data-part=speak]")
        wait_for_lamp(second)
        expect(lost).to_be_hidden()

        # the teacher's page is loaded anew: a press, and no question about her own page before
        second.run(LAMPS)
        teacher.page.once("dialog", lambda dialog: dialog.accept())
        teacher.run("addEventListener('pagehide', () => sessionStorage.setItem('hiddenAt', Date.now()))")
        teacher.page.reload()
        ready = moment(second)
        teacher.page.click("lesson-sender [data-part=microphone]")
        wait_for(lambda: lamp(second) == "recorded", "she is recorded again")
        gone = float(teacher.ask("sessionStorage.getItem('hiddenAt')"))
        note("teacher's page loaded anew: lamp off after", (second.ask("window.lamps[0].at") - gone) / 1000)
        note("teacher's page loaded anew: lamp on again after it was ready", (moment(second) - ready) / 1000)
        assert not teacher.ask("document.querySelector('lesson-sender [data-part=taken]').open")
        teacher.run("window.listen()")
        tones = said_under_the_lamp(second, 4)[-4:]

        # 移出: silent for everybody at once
        key = first.ask("document.querySelector('stage-seat').dataset.me")
        began = moment(teacher)
        ask(teacher.page, "room.put_out", key=key)
        ended = wait_for(lambda: first.ask(f"window.endedAt > {began} && window.endedAt"), "her microphone is closed")
        note("put out: her microphone is closed after", (ended - began) / 1000)
        wait_for(lambda: moment(teacher) > ended + 3000, "some time has passed")
        heard = teacher.ask(f"window.onsetsOf[{HZ[LEARNER]}].filter((at) => at > {ended} + 1000)")
        assert heard == [], "nobody hears her any more"
        assert lamp(second) == "recorded", "the others talk on"

    teacher.press("结束直播")
    teacher.page.click("#controls dialog[open] [data-answer=yes]")
    wait_for(lambda: tracks_on(second) == [], "no track is left when the lesson is over")
    wait_for(lambda: Recording(lesson).closed, "the recording is closed")
    lost, _doubled = lost_and_doubled(tones, onsets_in(lesson, tmp_path, HZ[SECOND]))
    assert len(lost) <= MOST_LOST * len(tones)
