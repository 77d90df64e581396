"""Slides go with the picture: live, while one looks back, in a pause, and in the replay."""

from __future__ import annotations

from statistics import median

import pytest

from tests.journeys import turning
from tests.journeys.browsers import ChromiumScreen, wait_for_live, wait_for_movement, wait_for_pill
from tests.journeys.publisher import EPOCH_S, TICK_MS
from tests.journeys.slides import Presenter, make_deck
from tests.journeys.stack import LEARNER, TEACHER
from tests.journeys.test_lesson import end_lesson
from tests.journeys.turning import Seen, Turn, Turner
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.alone]

LATE_MS = 250
"""A page may come so much later than the picture asks for; on a busy machine one of them may be later."""
DATES_MS = 150
"""What the dates of a lesson may be wrong by, once the capture clock had some seconds."""
DATE_ERROR = "document.querySelector('lesson-player').wall - eyes.clock()"
PAGE = "document.querySelector('slide-view')?.page?.page ?? 0"
LAYOUT = "document.querySelector('lesson-player').dataset.layout ?? ''"


def shown_while(screen: ChromiumScreen, turner: Turner, count: int) -> list[Seen]:
    """Watch until so many pages have come."""
    screen.ask("turns.splice(0)")
    wait_for(lambda: screen.ask("turns.length") >= count, f"{count} pages have come", 25)
    return turning.seen_by(screen, list(turner.turns))


def wait_for_dates(screen: ChromiumScreen) -> None:
    """Wait until pictures are dated rightly: where the machine was busy as the lesson began, they are dated late."""

    def are_right() -> bool:
        error = screen.ask(DATE_ERROR)
        return error is not None and abs(error - 1000 * EPOCH_S - TICK_MS / 2) <= DATES_MS

    wait_for(are_right, f"the dates of the picture are right within {DATES_MS} ms: {screen.ask(DATE_ERROR)}", 15)


def check(seen: list[Seen], turns: list[Turn]) -> None:
    """Every page came when it should, once and in order, and none was left out."""
    order = [one.at_ms - one.error_ms for one in seen]
    assert order == sorted(set(order))
    assert len([one for one in seen if abs(one.late_ms) > LATE_MS]) <= 1, seen
    assert median(abs(one.late_ms) for one in seen) <= LATE_MS / 2, seen
    assert turning.missed(seen, turns) == []


def test_slides_go_with_the_picture(stack, visitor, encoder, note) -> None:
    lesson = stack.lesson("讲义与画面同步")
    teacher, learner = visitor(stack.url, TEACHER), visitor(stack.url, LEARNER)
    deck, presenter = make_deck(stack, lesson, 8), Presenter(stack, lesson)

    # before the lesson a page is there at once, beside the curtain
    learner.open(f"{lesson.url}/watch")
    turning.watch(learner)
    presenter.show(deck, 8)
    wait_for(lambda: learner.ask(PAGE) == 8, "the page is there before the lesson")
    assert learner.ask(LAYOUT) == "thirds"
    assert learner.ask("eyes.curtain()")

    # live
    encoder(lesson)
    teacher.open(f"{lesson.url}/studio")
    wait_for_live(teacher)
    teacher.press("开始讲课")
    wait_for_live(learner)
    wait_for_dates(learner)
    with Turner(presenter, deck, least_s=0.8, most_s=1.3) as turner:
        seen = shown_while(learner, turner, 5)
    check(seen, turner.turns)
    note("largest error live", max(abs(one.error_ms) for one in seen), "ms")
    note("of that dates", max(abs(one.date_error_ms) for one in seen), "ms")
    assert max(abs(one.date_error_ms) for one in seen) <= DATES_MS + 100, seen

    # the layout is the presenter's until the learner chooses
    presenter.command("scene.set", layout="side", at=turning.now_ms())
    wait_for(lambda: learner.ask(LAYOUT) == "side", "the presenter's layout")
    learner.page.locator(".leaf__layouts summary").click()
    learner.page.locator(".layouts__one", has_text="画中画").click()
    assert learner.ask(LAYOUT) == "pip"
    presenter.command("scene.set", layout="video", at=turning.now_ms())

    # in a pause the next page does not wait for a picture
    teacher.press("暂停讲课")
    wait_for_pill(learner, "已暂停")
    presenter.show(deck, 7)
    wait_for(lambda: learner.ask(PAGE) == 7, "the page is there in the pause", 2)
    assert learner.ask(LAYOUT) == "pip"
    presenter.command("slides.clear", at=turning.now_ms())
    wait_for(lambda: learner.ask(LAYOUT) == "", "the stage is the video's alone")
    end_lesson(teacher)
    wait_for_pill(learner, "已结束")

    # the replay shows the same, at the same pictures, also after a seek
    learner.open(f"{lesson.url}/replay")
    turning.watch(learner)
    wait_for_movement(learner)
    learner.ask("eyes.seek(0)")
    first = turner.turns[0].at_ms - EPOCH_S * 1000
    wait_for(lambda: (learner.ask("eyes.clock()") or 0) > first + 500, "the first page has come")
    seen = shown_while(learner, turner, 4)
    check(seen, turner.turns)
    note("largest error in the replay", max(abs(one.error_ms) for one in seen), "ms")
