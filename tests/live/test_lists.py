"""Lists: the live column, one's own sessions, and those of the units that one manages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import AppError
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.live import queries, services
from app.live.joining import services as joining
from app.live.lists import queries as listings
from app.live.lists.queries import MyTab, Tab
from app.live.models import Audience, LiveMode, LiveSession, Part
from app.live.planning import services as planning
from app.live.policies import May
from app.roles import policies as roles_policies
from app.units.models import Unit
from tests.conftest import SignIn
from tests.counting import count_queries
from tests.factories import accounts, media, roles, units
from tests.factories import live as lives

HOUR_MS = lives.HOUR_MS
DAY_MS = 24 * HOUR_MS


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    """Noon in Shanghai, on a day of its own."""
    with time_machine.travel("2027-03-03T04:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def institute(teacher: User) -> Unit:
    """Where the teacher works."""
    unit = units.institute("物质研究所")
    with unit_of_work():
        teacher.unit = unit
    return unit


def subjects(browser: FlaskClient, path: str) -> list[str]:
    """Read the subjects of a list, in their order."""
    reply = browser.get(path)
    assert reply.status_code == 200, reply.text
    found = reply.text.partition('id="found"')[2]
    return re.findall(r'(?:card__subject"><a[^>]*|scope="row">\s*<a[^>]*)>([^<]*)</a>', found)


def recorded(live: LiveSession) -> LiveSession:
    with unit_of_work():
        live.stream.kept_ms, live.stream.finished = 60_000, True
    return live


def at(hours: float, **planned: object) -> dict[str, object]:
    begins = clock.now_ms() + int(hours * HOUR_MS)
    return {"starts_at_ms": begins, "ends_at_ms": begins + HOUR_MS, **planned}


class TestTheColumn:
    @pytest.fixture
    def all_kinds(self, now: time_machine.Traveller, teacher: User) -> None:
        lives.on_air(teacher, "正在直播")
        lives.lesson(teacher, "今晚", **at(6))
        lives.lesson(teacher, "下周", **at(24 * 7))
        lives.lesson(teacher, "没有开始过", **at(-2))
        recorded(lives.ended(teacher, "可以回放"))
        silent = lives.ended(teacher, "没有录制")
        with unit_of_work():
            silent.stream.record, silent.stream.finished = [], True
        lives.lesson(teacher, "草稿", draft=True, **at(3))
        planning.cancel(lives.lesson(teacher, "取消的", **at(3)), reason="", by=teacher)
        planning.delete(lives.lesson(teacher, "删除的", **at(3)), by=teacher)

    @pytest.mark.parametrize(
        ("tab", "shown"),
        [
            ("all", ["下周", "今晚", "正在直播", "可以回放"]),
            ("on_air", ["正在直播"]),
            ("today", ["正在直播", "可以回放", "今晚"]),
            ("coming", ["今晚", "下周"]),
            ("replays", ["可以回放"]),
            ("nonsense", ["下周", "今晚", "正在直播", "可以回放"]),
        ],
    )
    def test_each_tab_shows_its_own(
        self, sign_in: SignIn, learner: User, all_kinds: None, tab: str, shown: list[str]
    ) -> None:
        assert sorted(subjects(sign_in(learner), f"/live?tab={tab}")) == sorted(shown)

    def test_what_comes_first_stands_first(self, sign_in: SignIn, learner: User, all_kinds: None) -> None:
        assert subjects(sign_in(learner), "/live?tab=coming") == ["今晚", "下周"]
        assert subjects(sign_in(learner), "/live")[:3] == ["正在直播", "今晚", "下周"]

    def test_today_ends_at_midnight_of_the_academy(
        self, sign_in: SignIn, now: object, learner: User, teacher: User
    ) -> None:
        lives.lesson(teacher, "一分前", **at(12 - 1 / 60))
        lives.lesson(teacher, "零点", **at(12))
        assert subjects(sign_in(learner), "/live?tab=today") == ["一分前"]

    def test_words_are_found_in_subject_and_teacher_however_they_are_written(
        self, sign_in: SignIn, learner: User, teacher: User
    ) -> None:
        other = roles.holding(accounts.user("wang", "王雪"), Permission.LIVE_MANAGE)
        lives.lesson(teacher, "ＣＯＭＳＯＬ 入门")
        lives.lesson(teacher, "100%_真实", teachers=(other,))
        browser = sign_in(learner)
        assert subjects(browser, "/live?q=comsol") == ["ＣＯＭＳＯＬ 入门"]
        assert subjects(browser, "/live?q=王雪") == ["100%_真实"]
        assert subjects(browser, "/live?q=%25_") == ["100%_真实"]
        assert subjects(browser, "/live?q=_真") == ["100%_真实"]
        empty = browser.get("/live?q=没有的课").text
        assert "没有找到" in empty
        assert 'value="没有的课"' in empty, "what was typed stays"

    def test_modes_and_institutes_narrow_it(
        self, sign_in: SignIn, learner: User, teacher: User, institute: Unit
    ) -> None:
        elsewhere = roles.holding(accounts.user(unit=units.institute("天文研究所")), Permission.LIVE_MANAGE)
        lives.lesson(teacher, "甲", mode=LiveMode.SMALL_CLASS)
        lives.lesson(teacher, "乙")
        lives.lesson(elsewhere, "丙")
        browser = sign_in(learner)
        assert subjects(browser, "/live?mode=small_class") == ["甲"]
        assert sorted(subjects(browser, f"/live?unit={institute.id}")) == sorted(["甲", "乙"])
        assert subjects(browser, f"/live?unit={elsewhere.unit.id}&mode=lecture_hall") == ["丙"]
        for nonsense in ("mode=x", "unit=x", f"unit={10**30}", "unit=-1", "page=x", "page=0", f"page={10**30}"):
            assert len(subjects(browser, f"/live?{nonsense}")) == 3, nonsense

    def test_a_filter_stays_when_the_tab_changes(self, sign_in: SignIn, learner: User, teacher: User) -> None:
        lives.lesson(teacher, "甲", mode=LiveMode.SMALL_CLASS)
        page = sign_in(learner).get("/live?mode=small_class&q=甲&tab=all").text
        assert re.search(r'href="/live\?mode=small_class&amp;q=%E7%94%B2&amp;tab=replays"', page)
        assert '<input type="hidden" name="tab" value="all">' in page

    def test_long_lists_have_pages(self, sign_in: SignIn, learner: User, teacher: User) -> None:
        for number in range(30):
            lives.lesson(teacher, f"第{number}课", **at(number))
        browser = sign_in(learner)
        first, second = subjects(browser, "/live?tab=coming"), subjects(browser, "/live?tab=coming&page=2")
        assert [*first, *second] == [f"第{number}课" for number in range(30)]
        assert subjects(browser, "/live?tab=coming&page=9") == second, "a page behind the last one is the last"


AUDIENCES = (Audience.DEPARTMENT, Audience.INSTITUTE, Audience.ACADEMY, Audience.EVERYONE)


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("draft", [False, True])
def test_a_list_shows_what_its_reader_may_open_and_nothing_else(
    app: Flask, institute: Unit, teacher: User, audience: Audience, draft: bool
) -> None:
    """What the column says in SQL is what the watch page says in Python, for everybody in every place."""
    with unit_of_work():
        teacher.unit = units.department(institute)
    assistant, admitted = accounts.user("a1", unit=units.institute()), accounts.user("a2", unit=units.institute())
    live = lives.lesson(teacher, "超导", audience=audience, assistants=(assistant,))
    with app.test_request_context():
        joining.enter(next(token.value for token in live.tokens if token.part is Part.LEARNER), admitted)
    with unit_of_work():
        live.draft = draft
    viewers = {
        "visitor": None,
        "teacher": teacher,
        "assistant": assistant,
        "admitted": admitted,
        "department": accounts.user(unit=teacher.unit),
        "below": accounts.user(unit=units.department(teacher.unit)),
        "other department": accounts.user(unit=units.department(institute)),
        "institute": accounts.user(unit=institute),
        "other institute": accounts.user(unit=units.institute()),
        "academy": accounts.user(),
        "manager": roles.manager(accounts.user(unit=institute)),
        "other manager": roles.manager(accounts.user(unit=units.institute())),
    }
    for name, viewer in viewers.items():
        with app.test_request_context():
            try:
                queries.live_for(viewer, live.id, May.WATCH)
                may_open = True
            except AppError:
                may_open = False
            condition = listings.watchable_by(viewer)
            assert (live in db.session.query(LiveSession).where(condition).all()) == may_open, name
            assert (live in listings.shelf(viewer, Tab.COMING)) == (may_open and not draft), name


class TestMine:
    def test_each_state_has_a_tab(self, sign_in: SignIn, teacher: User) -> None:
        lives.on_air(teacher, "正在直播")
        lives.lesson(teacher, "下周", **at(24 * 7))
        lives.lesson(teacher, "草稿", draft=True)
        lives.ended(teacher, "上过的")
        planning.cancel(lives.lesson(teacher, "取消的"), reason="", by=teacher)
        other = roles.holding(accounts.user("wang", "王雪"), Permission.LIVE_MANAGE)
        lives.lesson(other, "我协助的", assistants=(teacher,), **at(1))
        lives.lesson(other, "与我无关")
        browser = sign_in(teacher)
        for tab, shown in {
            "on_air": ["正在直播"],
            "coming": ["我协助的", "下周"],
            "drafts": ["草稿"],
            "ended": ["上过的"],
            "cancelled": ["取消的"],
            "signed_up": [],
        }.items():
            assert subjects(browser, f"/live/mine?tab={tab}") == shown, tab
        assert len(subjects(browser, "/live/mine")) == 6
        assert subjects(browser, "/live/mine?q=协助") == ["我协助的"]
        assert "助教" in browser.get("/live/mine?q=协助").text

    def test_what_i_signed_up_for(self, app: Flask, sign_in: SignIn, learner: User, teacher: User) -> None:
        live = lives.lesson(teacher, "报名的课")
        browser = sign_in(learner)
        assert "还没有报名" in browser.get("/live/mine?tab=signed_up").text
        browser.post(f"/live/{live.id}/place")
        assert subjects(browser, "/live/mine?tab=signed_up") == ["报名的课"]


class TestManaged:
    def test_a_manager_sees_her_units_and_no_others(
        self, app: Flask, sign_in: SignIn, teacher: User, institute: Unit
    ) -> None:
        manager = roles.manager(accounts.user("m", unit=institute))
        with unit_of_work():
            teacher.unit = units.department(institute)
        elsewhere = roles.holding(accounts.user(unit=units.institute("天文研究所")), Permission.LIVE_MANAGE)
        taught = lives.on_air(teacher, "甲")
        services.end(taught, by=teacher)
        coming = lives.lesson(teacher, "乙", capacity=30, **at(24))
        lives.lesson(elsewhere, "丙")
        lives.lesson(teacher, "丁", draft=True)
        with unit_of_work():
            taught.started_at_ms, taught.ended_at_ms = 1_000, 5_401_000
        with app.test_request_context():
            for number in range(3):
                joining.sign_up(coming, accounts.user(f"l{number}"))
        browser = sign_in(manager)
        assert subjects(browser, "/manage/live") == ["乙", "甲"]
        assert subjects(browser, "/manage/live?order=oldest") == ["甲", "乙"]
        page = browser.get("/manage/live").text
        for words in ("2 场直播", "授课时长 1:30:00", "报名 3 人次", "3 / 30", "物质研究所 / "):
            assert words in page, words
        assert subjects(browser, "/manage/live?state=ended") == ["甲"]
        assert subjects(browser, "/manage/live?q=乙") == ["乙"]
        assert "1 场直播" in browser.get("/manage/live?q=乙").text
        foreign = browser.get(f"/manage/live?unit={elsewhere.unit.id}")
        assert "丙" not in foreign.text
        assert "field__errors" in foreign.text

    def test_days_are_whole_days_of_the_academy(
        self, sign_in: SignIn, now: object, teacher: User, institute: Unit
    ) -> None:
        manager = roles.manager(accounts.user("m", unit=institute))
        for subject, hours in (("昨晚", -12.1), ("今早", -11.9), ("今晚", 11.9), ("明早", 12.1)):
            lives.lesson(teacher, subject, **at(hours))
        path = "/manage/live?since=2027-03-03&until=2027-03-03&order=oldest"
        assert subjects(sign_in(manager), path) == ["今早", "今晚"]
        wrong = sign_in(manager).get("/manage/live?since=gestern")
        assert wrong.status_code == 200
        assert "field__errors" in wrong.text

    def test_it_is_for_managers(self, sign_in: SignIn, learner: User, teacher: User) -> None:
        assert sign_in(learner).get("/manage/live").status_code == 403
        assert sign_in(teacher).get("/manage/live").status_code == 403


def test_the_column_asks_as_often_for_many_as_for_few(
    app: Flask, sign_in: SignIn, learner: User, teacher: User
) -> None:
    browsers = {"/live": sign_in(learner), "/live/mine": sign_in(teacher)}
    manager = sign_in(roles.admin(accounts.user("root")))
    counts: dict[str, list[int]] = {}
    for number in range(3):
        for one in range(4):
            live = lives.lesson(teacher, f"第{number}组{one}", teachers=(accounts.user(),))
            media.encoder(live.stream)
        for path, browser in {**browsers, "/manage/live": manager}.items():
            with count_queries() as statements:
                assert browser.get(path).status_code == 200
            counts.setdefault(path, []).append(len(statements))
    assert {path: len(set(found)) for path, found in counts.items()} == dict.fromkeys(counts, 1), counts


def test_holdings_decide_what_a_manager_reads(app: Flask, teacher: User, institute: Unit) -> None:
    live = lives.lesson(teacher)
    nobody = accounts.user(unit=institute)
    assert list(db.session.scalars(listings.managed(roles_policies.holdings_of(nobody)))) == []
    manager = roles.manager(accounts.user(unit=institute))
    assert list(db.session.scalars(listings.managed(roles_policies.holdings_of(manager)))) == [live]
    assert list(db.session.scalars(listings.mine(teacher, tab=MyTab.DRAFTS))) == []


def test_what_is_on_air_stands_first_then_what_comes_then_the_past(sign_in: SignIn, teacher: User) -> None:
    now = clock.now_ms()
    for days in (30, 1, 7):
        lives.lesson(teacher, f"{days}天后", starts_at_ms=now + days * DAY_MS, ends_at_ms=now + days * DAY_MS + HOUR_MS)
    for days in (9, 2):
        over = lives.ended(teacher, f"{days}天前")
        with unit_of_work():
            over.starts_at_ms, over.ends_at_ms = now - days * DAY_MS, now - days * DAY_MS + HOUR_MS
    lives.on_air(teacher, "正在讲")
    order = ["正在讲", "1天后", "7天后", "30天后", "2天前", "9天前"]
    page = sign_in(teacher).get("/live/mine?tab=all").text
    assert sorted(order, key=page.index) == order
