"""A search in a replay finds what the replay shows to the person who searches, and nothing else."""

from __future__ import annotations

import re

import pytest
import time_machine

from app.extensions import db, limiter
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work
from app.live import services as live_services
from app.replays.cutting.models import Cut
from app.replays.publishing import services as publishing
from app.replays.search.matching import excerpt_of
from tests.classroom.cast import Room
from tests.factories import slides

HTMX = {"HX-Request": "true"}


def found(room: Room, who: str, q: str) -> list[str]:
    """Return the words of what somebody finds, each with its kind."""
    page = room.browser(who).get(f"/live/{room.live_id}/replay/search", query_string={"q": q}, headers=HTMX)
    assert page.status_code == 200, page.text
    hits = re.findall(r'class="hit__words">(.*?)</span>\s*</button>', page.text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in hits]


def test_each_finds_what_she_may_see(room: Room) -> None:
    deck = slides.deck(room.live, pages=2)
    room.do("teacher", "slides.show", document=deck.id, page=2, step=0, at=clock.now_ms())
    room.say("learner", "量子比特是什么")
    whisper = room.say("learner", "悄悄问量子的事", to_desk=True)
    room.say("teacher", "量子的事课后说", to_desk=True, reply=whisper)
    room.do("teacher", "questions.rules", moderated=True)
    room.do("learner", "questions.ask", text="量子纠缠怎么测", anonymous=True, nonce="nonce-of-question")
    live_services.end(room.live, by=room.live.owner)
    public = ["聊天 · 张三 量子 比特是什么"]
    whispers = ["聊天 · 张三 悄悄问 量子 的事", "聊天 · 李明远 量子 的事课后说"]
    assert found(room, "other", "量子") == public
    assert found(room, "guest", "量子") == public
    for who in ("learner", "teacher", "assistant", "manager"):
        hits = found(room, who, "量子")
        assert hits[:3] == [*public, *whispers], who
        assert len(hits) == 4, who
        assert "纠缠怎么测" in hits[3], who
    assert found(room, "other", "第 页 标题") == ["讲义 2 第 2 页的标题 正文"], "page 1 was never shown"
    assert found(room, "other", "备注") == [], "notes are the speaker's"
    assert len(found(room, "teacher", "备注")) == 1
    publishing.publish(room.live, None, guests=True, by=room.live.owner, shown=publishing.Shown(notes=True))
    assert found(room, "other", "备注") == found(room, "teacher", "备注"), "which she may give to everybody"
    assert found(room, "other", "%") == found(room, "other", "_") == [], "no pattern, but words"
    assert found(room, "other", "  ") == []


def test_the_words_are_found_on_a_page_without_scripts(room: Room) -> None:
    room.say("learner", "量子比特")
    address = f"/live/{room.live_id}/replay/search?q=量子"
    assert room.browser("other").get(address).status_code == 404, "the lesson still runs"
    live_services.end(room.live, by=room.live.owner)
    page = room.browser("other").get(address, follow_redirects=True)
    assert "<mark>量子</mark>比特" in page.text
    assert 'value="量子"' in page.text


class TestEverywhere:
    """Words of slides from the search of the live column."""

    @staticmethod
    def shown(room: Room, *pages: int) -> None:
        deck = slides.deck(room.live, pages=4)
        for page in pages:
            room.do("teacher", "slides.show", document=deck.id, page=page, step=0, at=clock.now_ms())

    @staticmethod
    def ended(room: Room) -> None:
        live_services.end(room.live, by=room.live.owner)
        with unit_of_work():
            room.live.stream.kept_ms, room.live.stream.finished = 60_000, True

    @staticmethod
    def found(room: Room, who: str, q: str) -> list[str]:
        """Return the subjects that a person finds."""
        page = room.browser(who).get("/replays/slides", query_string={"q": q}, headers=HTMX)
        assert page.status_code == 200, page.text
        return re.findall(r'<a href="/live/[^"]*">([^<]*)</a>', page.text)

    def test_a_page_that_was_shown_leads_to_its_moment(self, room: Room) -> None:
        self.shown(room, 2)
        assert self.found(room, "other", "第 2 页") == [], "it is still on air"
        self.ended(room)
        assert self.found(room, "other", "第 2 页 标题") == [room.live.subject]
        assert self.found(room, "other", "第 3 页") == [], "it was never shown"
        assert self.found(room, "other", "备注") == [], "notes are the speaker's"
        assert [self.found(room, "other", q) for q in ("%", "_", " ", "x" * 10_000)] == [[]] * 4
        column = room.browser("other").get("/live?q=标题").text
        (address,) = re.findall(r'id="in-slides"[^>]*hx-get="([^"]*)"', column, re.DOTALL)
        whole = room.browser("other").get(address.replace("&amp;", "&")).text
        assert re.search(rf'href="/live/{room.live_id}/replay\?q=[^"#]*#at=\d{{13}}"', whole)
        assert "<mark>标题</mark>" in whole
        assert 'id="in-slides"' not in room.browser("other").get("/live").text

    def test_only_those_find_it_who_may_watch_it(self, room: Room) -> None:
        self.shown(room, 2)
        self.ended(room)
        assert self.found(room, "other", "标题") == [room.live.subject]
        assert self.found(room, "barred", "标题") == [], "she was put out"
        publishing.unpublish(room.live, by=room.live.owner)
        seen = {who: bool(self.found(room, who, "标题")) for who in ("guest", "other", "learner", "teacher", "manager")}
        assert seen == {"guest": False, "other": False, "learner": False, "teacher": True, "manager": True}

    def test_what_is_cut_out_is_not_found(self, room: Room) -> None:
        self.shown(room, 2)
        self.ended(room)
        begins, now = room.live.started_at_ms or 0, clock.now_ms()
        with unit_of_work():
            db.session.add(
                Cut(live_id=room.live_id, from_ms=begins - 1000, to_ms=now + 1000, place_ms=0, length_ms=60_000)
            )
        assert self.found(room, "other", "标题") == []

    def test_nobody_searches_without_end(self, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limiter, "enabled", True)
        limiter.reset()
        with time_machine.travel(1_800_000_000, tick=False):
            hers, his = room.browser("other"), room.browser("learner")
            assert {hers.get("/replays/slides?q=x").status_code for _ in range(30)} == {200}
            assert hers.get("/replays/slides?q=x").status_code == 429
            assert his.get("/replays/slides?q=x").status_code == 200, "she shares her address with a whole institute"
        limiter.reset()


def test_an_excerpt_stands_around_the_first_word() -> None:
    text = "一" * 40 + " Qubit\n" + "二" * 90 + " gate"
    excerpt = excerpt_of(text, ["GATE", "qubit"])
    assert excerpt is not None
    assert (excerpt.match, excerpt.before[0], excerpt.after[-1]) == ("Qubit", "…", "…")
    assert excerpt_of(text, ["qubit", "三"]) is None
    assert excerpt_of(text, []) is None
