"""Chapters come from the slides; presenters name, merge, hide and add them, and take each deed back."""

from __future__ import annotations

import re

import pytest

from app.accounts.models import User
from app.documents import queries as documents
from app.kernel import clock
from app.live import services as live_services
from app.live.models import LiveSession
from app.replays import queries
from app.timeline import services as timeline
from tests.conftest import SignIn
from tests.factories import live as lives
from tests.factories import media, slides

HTMX = {"HX-Request": "true"}


@pytest.fixture
def lesson(teacher: User) -> LiveSession:
    """Three pages of half a minute each."""
    live = lives.lesson(teacher)
    deck = slides.deck(live, pages=3, steps=(1, 3))
    media.encoder(live.stream)
    live_services.start(live, by=teacher)
    began_ms = (live.started_at_ms or 0) - 100_000
    live.started_at_ms = began_ms
    for page, step, after_s in ((1, 0, 1), (2, 0, 31), (2, 1, 40), (3, 0, 61)):
        payload = {"document": deck.id, "page": page, "step": step}
        timeline.append(live.id, "slides.shown", payload, at_ms=began_ms + 1000 * after_s)
    live_services.end(live, by=teacher)
    return live


def listed(html: str) -> list[str]:
    """Return the words of the chapters in a list, in order."""
    found = re.findall(
        r'data-at="\d+"[^>]*data-chapter>.*?<span class="moment__words">(.*?)</span>\s*</button>', html, re.DOTALL
    )
    return [" ".join(re.sub(r"<[^>]+>", "", one).split()) for one in found]


def test_presenters_change_the_chapters_and_take_each_deed_back(
    sign_in: SignIn, lesson: LiveSession, learner: User
) -> None:
    teacher, pupil = sign_in(lesson.owner), sign_in(learner)
    base = f"/live/{lesson.id}/replay"
    first, second, third = (chapter.at_ms for chapter in queries.chapters(lesson))

    def seen(browser: object = pupil) -> list[str]:
        return listed(browser.get(base).text)  # type: ignore[attr-defined]

    as_shown = ["第 1 页 第 1 页的标题", "第 2 页 第 2 页的标题", "第 3 页 第 3 页的标题"]
    assert seen() == as_shown
    assert "chapters/" not in pupil.get(base).text, "learners are offered no editing"
    renamed = teacher.post(f"{base}/chapters/{second}/title", data={"title": "  约瑟夫森结 "}, headers=HTMX)
    assert listed(renamed.text) == ["第 1 页 第 1 页的标题", "第 2 页 约瑟夫森结", "第 3 页 第 3 页的标题"]
    teacher.post(f"{base}/chapters/{third}/merging", headers=HTMX)
    assert seen() == ["第 1 页 第 1 页的标题", "第 2 页 约瑟夫森结"]
    teacher.post(f"{base}/chapters/{first}/hiding", headers=HTMX)
    assert seen() == ["第 2 页 约瑟夫森结"]
    assert "对学员隐藏" in teacher.get(base).text
    teacher.post(f"{base}/chapters", data={"at": second + 5000, "title": "答疑"}, headers=HTMX)
    assert seen() == ["第 2 页 约瑟夫森结", "答疑"]
    for _deed in range(4):
        teacher.delete(f"{base}/chapters/newest", headers=HTMX)
    assert seen() == as_shown
    assert teacher.delete(f"{base}/chapters/newest", headers=HTMX).status_code == 200, "nothing is left to undo"
    assert pupil.post(f"{base}/chapters/{second}/title", data={"title": "x"}).status_code == 403


def test_what_cannot_be_done_is_said(sign_in: SignIn, lesson: LiveSession) -> None:
    browser, base = sign_in(lesson.owner), f"/live/{lesson.id}/replay/chapters"
    first = queries.chapters(lesson)[0].at_ms
    assert browser.post(f"{base}/{first}/merging").status_code == 409
    assert browser.post(f"{base}/{first + 1}/hiding").status_code == 404
    assert browser.post(base, data={"at": first + 1, "title": " "}).status_code == 400
    assert browser.post(base, data={"at": clock.now_ms() + 3_600_000, "title": "x"}).status_code == 400
    assert browser.post(f"{base}/{first}/title", data={"title": "长" * 121}).status_code == 400


def test_a_chapter_shows_its_page_as_far_as_it_was_built_up(
    sign_in: SignIn, lesson: LiveSession, learner: User
) -> None:
    """A build that the presenter never showed stays unseen."""
    (document,) = documents.documents_of(lesson.id)
    steps = documents.pages_of_all([document.id])[document.id][1].steps
    page = sign_in(learner).get(f"/live/{lesson.id}/replay").text
    thumbs = re.findall(r'class="moment__thumb" src="([^"]+)"', page)
    assert len(thumbs) == 3
    assert [name for name in steps if name in thumbs[1]] == [steps[1]]
