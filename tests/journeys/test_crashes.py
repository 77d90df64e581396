"""`kill -9` in mid-lesson: the same lesson goes on, nobody reloads anything, and hardly anything is missing.

The encoder comes back by itself, as OBS does, and keeps a copy of all that it has sent: what is in the copies and not
in the recording is missing. While an encoder has no connection it sends nothing, so that time does not count.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.browsers import (
    ChromiumScreen,
    clock_of,
    clock_shown,
    lag_ms,
    wait_for_live,
    wait_for_movement,
    wait_for_pill,
)
from tests.journeys.conftest import running
from tests.journeys.metering import metered_s, stored_s
from tests.journeys.publisher import Publisher, now_ms
from tests.journeys.recording import Recording, missing_ms, sent_by
from tests.journeys.stack import LEARNER, TEACHER, Lesson, Stack
from tests.journeys.test_lesson import end_lesson
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.alone]

WEB = ("gunicorn", "wsgi:app")
WORKER = ("-m media_worker",)
FFMPEG = ("ffmpeg", "pipe:")
NEAR_LIVE_MS = 6000


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A service that may be harmed."""
    yield from running(tmp_path_factory.mktemp("harmed") / "data")


class Harm:
    """Does harm to a running lesson and waits until it has recovered; remembers what happened when."""

    def __init__(self, stack: Stack, lesson: Lesson, learner: ChromiumScreen, publisher: Publisher, note) -> None:
        self.stack, self.lesson, self.learner, self.publisher, self.note = stack, lesson, learner, publisher, note
        self.stretches: dict[str, tuple[float, float]] = {}
        self._until = now_ms()

    def do(self, what: str, harm) -> None:
        """Do it, then wait until the page shows the present again and the recording grows."""
        runs = self.publisher.runs
        self.learner.ask("eyes.frames.stoodStill = 0")
        harm()
        done = now_ms()
        wait_for(self.stack.is_well, f"{what}: all programs are back", 40)
        wait_for(lambda: self._recovered(done), f"{what}: the page recovers by itself", 40)
        wait_for_live(self.learner, NEAR_LIVE_MS)
        since, self._until = self._until, now_ms()
        self.stretches[what] = (since, self._until)
        wait_for(lambda: self._recorded() > self._until, f"{what}: the recording goes on", 20)
        self.note(f"{what}: the picture stood still for", self.learner.ask("eyes.frames.stoodStill") / 1000)
        assert self.learner.ask("window.notReloaded") is True
        assert self.stack.state_of(self.lesson) == "on_air"
        self.encoder_lost = self.publisher.runs > runs

    def _recovered(self, since: float) -> bool:
        shown = now_ms() - lag_ms(self.learner)
        return shown > since + 1000 and now_ms() - shown < NEAR_LIVE_MS

    def _recorded(self) -> float:
        last = Recording(self.lesson).entries[-1]
        return last.start_ms + last.duration_ms


def test_whatever_dies_the_lesson_goes_on(stack, visitor, encoder, note, tmp_path) -> None:
    lesson = stack.lesson("极端条件下的课程")
    teacher, learner = visitor(stack.url, TEACHER), visitor(stack.url, LEARNER)
    publisher = encoder(lesson)
    teacher.open(f"{lesson.url}/studio")
    wait_for_live(teacher)
    teacher.press("开始讲课")
    learner.open(f"{lesson.url}/watch")
    wait_for_live(learner, NEAR_LIVE_MS)
    learner.ask("window.notReloaded = true")
    harm = Harm(stack, lesson, learner, publisher, note)

    harm.do("ffmpeg killed", lambda: stack.kill(*FFMPEG))
    assert not harm.encoder_lost
    metered = metered_s(learner)
    harm.do("web killed", lambda: stack.kill(*WEB))
    assert not harm.encoder_lost
    wait_for(
        lambda: stored_s(stack, lesson, LEARNER) >= metered, "no second of hers is lost: the page reports it again", 20
    )
    harm.do("media_worker killed", lambda: stack.kill(*WORKER))
    assert harm.encoder_lost

    # a second learner watches the beginning while everything dies
    latecomer = visitor(stack.url, LEARNER)
    latecomer.open(f"{lesson.url}/watch")
    wait_for_live(latecomer, NEAR_LIVE_MS)
    latecomer.ask("(window.notReloaded = true, eyes.seek(0))")
    began = Recording(lesson).entries[0].start_ms
    wait_for(lambda: clock_of(latecomer) < began + 3000, "the beginning is shown")

    def everything() -> None:
        stack.kill_everything()
        stack.start()

    metered = metered_s(learner)
    harm.do("everything killed", everything)
    wait_for(lambda: stored_s(stack, lesson, LEARNER) >= metered - 10, "hardly a second of hers is lost", 20)
    wait_for_movement(latecomer)
    assert began <= clock_shown(latecomer) < now_ms() - NEAR_LIVE_MS
    latecomer.press("回到直播")
    wait_for_live(latecomer, NEAR_LIVE_MS)
    assert latecomer.ask("window.notReloaded") is True

    # the teacher's page has lived through all that as well, and her buttons work; what she has pressed outlasts web
    wait_for_live(teacher, NEAR_LIVE_MS)
    teacher.press("暂停讲课")
    wait_for_pill(learner, "已暂停")
    stack.kill(*WEB)
    wait_for(stack.is_well, "web is back", 40)
    teacher.press("继续讲课")
    wait_for_pill(learner, "直播中")
    wait_for_live(learner, NEAR_LIVE_MS)

    # she ends the lesson while nobody is there to close the recording
    stack.kill(*WORKER)
    end_lesson(teacher)
    wait_for_pill(learner, "已结束")
    wait_for(lambda: Recording(lesson).closed, "the recording is closed")
    publisher.stop()

    kept, sent = Recording(lesson).clocks(tmp_path), sent_by(publisher)
    assert kept == sorted(kept)
    assert set(kept) <= set(sent)
    for what, (since, until) in harm.stretches.items():
        lost = missing_ms(sent, kept, max(since, kept[0]), min(until, kept[-1]))
        note(f"{what}: missing of what was sent", lost / 1000)
        assert lost <= (2000 if what in {"media_worker killed", "everything killed"} else 0), what

    # and it plays through for whoever comes later
    learner.press("看回放")
    wait_for(lambda: learner.ask("window.eyes && eyes.frames.count > 2"), "the replay plays")
    end = Recording(lesson).duration_s
    wait_for(lambda: abs(learner.ask("eyes.length()") - end) < 0.5, "the replay has its full length")
    for share in (0.25, 0.5, 0.75):
        learner.ask(f"eyes.seek({int(end * share)})")
        wait_for(lambda share=share: abs(learner.ask("eyes.position()") - end * share) < 4, "the replay was sought")
        before = learner.ask("eyes.pictures()")
        wait_for(lambda before=before: learner.ask("eyes.pictures()") > before + 20, "the replay goes on")
