"""The home page for each kind of person."""

from __future__ import annotations

import re
from contextvars import Context

import time_machine
from flask import current_app
from flask.testing import FlaskClient

from app.accounts.models import User
from app.credits.ledger import closing
from app.extensions import db
from app.kernel import clock
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.live.joining import services as joining
from app.support.tickets import services as ticket_services
from tests.conftest import SignIn
from tests.counting import count_queries
from tests.factories import accounts, credits, recommendations, roles, tickets, units
from tests.factories import live as lives

HOUR_MS = 3_600_000


def parts(browser: FlaskClient) -> set[str]:
    """Return the names of the reader's own parts."""
    return set(re.findall(r'id="own-(lesson|needs|today|unfinished)"', browser.get("/").text))


def step(browser: FlaskClient) -> str:
    found = re.search(r'id="own-step"\s+href="([^"]*)">.*?<span>(.*?)</span>', browser.get("/").text, re.DOTALL)
    return found[2] if found else ""


def test_a_teacher_begins_from_the_home_page_when_it_is_time(sign_in: SignIn, teacher: User, learner: User) -> None:
    with time_machine.travel("2026-11-24T02:00:00Z", tick=False) as traveller:
        now = clock.now_ms()
        lives.lesson(teacher, "早一点", teachers=(teacher,), starts_at_ms=now + HOUR_MS, ends_at_ms=now + 2 * HOUR_MS)
        lives.lesson(
            teacher, "晚一点", teachers=(teacher,), starts_at_ms=now + 9 * HOUR_MS, ends_at_ms=now + 10 * HOUR_MS
        )
        browser, seen = sign_in(teacher), []
        for seconds in (0, 1801):
            traveller.shift(seconds)
            seen.append(step(browser))
        assert seen == ["进入直播控制台", "开始直播"]
        own = browser.get("/").text.partition('id="own-lesson"')[2].partition("</section>")[0]
        assert "早一点" in own
        assert parts(sign_in(learner)) == set()


def test_who_plans_a_lesson_and_names_nobody_teaches_it(sign_in: SignIn, teacher: User, learner: User) -> None:
    lives.lesson(teacher, "没写老师的课")
    browser = sign_in(teacher)
    assert step(browser) == "开始直播"
    lives.lesson(teacher, "别人讲的课", teachers=(learner,), starts_at_ms=clock.now_ms() - 1000)
    own = browser.get("/").text.partition('id="own-lesson"')[2].partition("</section>")[0]
    assert "没写老师的课" in own
    assert step(sign_in(learner)) == "开始直播"


def test_a_learner_sees_what_is_hers_today(sign_in: SignIn, teacher: User, learner: User) -> None:
    with time_machine.travel("2026-11-24T02:00:00Z", tick=False):
        now = clock.now_ms()
        mine, other = lives.lesson(teacher, "报了名"), lives.lesson(teacher, "没报名")
        later = lives.lesson(teacher, "后天", starts_at_ms=now + 48 * HOUR_MS, ends_at_ms=now + 49 * HOUR_MS)
        for live in (mine, later):
            joining.sign_up(live, learner)
        own = sign_in(learner).get("/").text.partition('id="own-today"')[2].partition("</section>")[0]
    assert {one for one in ("报了名", "没报名", "后天") if one in own} == {"报了名"}
    assert other.subject not in own


def test_a_learner_sees_the_replays_that_people_of_her_institute_finish(sign_in: SignIn, teacher: User) -> None:
    here, there = units.institute("物质研究所"), units.institute("天文台")
    mine = accounts.user("mine", unit=units.department(here))
    near = [accounts.user(f"near{number}", unit=here) for number in range(3)]
    far = [accounts.user(f"far{number}", unit=there) for number in range(3)]
    watchers = {
        "三人看完": dict.fromkeys(near, 90),
        "两人看完": {near[0]: 88, near[1]: 90},
        "一人看完": {near[0]: 90},
        "看了一半": dict.fromkeys(near, 45),
        "别的所看完": dict.fromkeys(far, 90),
        "自己看过": dict.fromkeys(near, 90) | {mine: 1},
        "只给教师": dict.fromkeys(near, 90),
    }
    for subject, minutes in watchers.items():
        live = credits.taught(teacher, subject)
        for person, watched in minutes.items():
            credits.watched(live, person, (0, watched * 60))
        closing.close(live.id, quiet_ms=0)
        with unit_of_work():
            live.stream.kept_ms, live.replay_hidden = 1, subject == "只给教师"
    liked = sign_in(mine).get("/").text.partition('id="own-liked"')[2].partition("</section>")[0]
    assert re.findall(r'class="card__subject"><a[^>]*>(.*?)</a>', liked) == ["三人看完", "两人看完"]
    assert "own-liked" not in sign_in(accounts.user("new", unit=units.institute())).get("/").text


def test_a_manager_sees_what_waits_for_her_and_only_that_of_her_units(sign_in: SignIn) -> None:
    here, elsewhere = units.institute("物质研究所"), units.institute("天文研究所")
    manager = roles.manager(accounts.user("manager", unit=here))
    far = roles.manager(accounts.user("far", unit=elsewhere))
    platform = roles.holding(accounts.user("platform"), Permission.RECOMMEND_ACADEMY)
    with time_machine.travel("2026-11-24T02:00:00Z", tick=False) as traveller:
        live = lives.lesson(manager, "没人开始的课")
        recommendations.asked(live, here, by=manager)
        traveller.shift(400)
        seen = {user.username: parts(sign_in(user)) & {"needs"} for user in (manager, far, platform)}
        assert seen == {"manager": {"needs"}, "far": set(), "platform": {"needs"}}
        assert "1 场直播未按时开始" in sign_in(manager).get("/").text
        assert "1 项全院推荐申请" in sign_in(platform).get("/").text


def test_tickets_wait_for_those_who_answer_them(sign_in: SignIn) -> None:
    here, elsewhere = units.institute("物质研究所"), units.institute("天文研究所")
    manager = roles.manager(accounts.user("manager", unit=here))
    far = roles.manager(accounts.user("far", unit=elsewhere))
    asker = accounts.user("asker", unit=here)
    opened = tickets.ticket(asker)
    words = "1 个工单等待答复"
    assert [words in sign_in(user).get("/").text for user in (manager, far, asker)] == [True, False, False]
    ticket_services.answer(opened, "请打开声音。", solves=True, by=manager)
    assert words not in sign_in(manager).get("/").text


def test_a_lesson_is_found_by_its_unit(client: FlaskClient) -> None:
    owner = roles.admin(accounts.user("owner", unit=units.institute("冰川研究所")))
    lives.lesson(owner, "冻土", audience=lives.Audience.EVERYONE)
    assert "冻土" in client.get("/live?q=冰川").text
    assert "冻土" not in client.get("/live?q=沙漠").text


def test_what_the_open_page_asks_for_again_has_no_banner(sign_in: SignIn, teacher: User, learner: User) -> None:
    live = lives.lesson(teacher)
    recommendations.shown(live)
    browser = sign_in(learner)
    assert 'id="banner"' in browser.get("/").text
    again = browser.get("/", headers={"HX-Request": "true"}).text
    assert 'id="banner"' not in again
    assert 'id="shelves"' in again


def test_more_lessons_take_no_more_queries(sign_in: SignIn, teacher: User) -> None:
    here = units.institute("物质研究所")
    reader, near = accounts.user("reader", unit=here), [accounts.user(f"near{one}", unit=here) for one in range(2)]
    roles.manager(teacher)

    def grow(round_: int) -> None:
        recommendations.shown(lives.on_air(teacher, f"正在讲 {round_}"))
        joining.sign_up(lives.lesson(teacher, f"要讲 {round_}"), reader)
        finished, begun = (credits.taught(teacher, f"{what} {round_}") for what in ("看完", "看了一半"))
        for person in near:
            credits.watched(finished, person, (0, 90 * 60))
        credits.watched(begun, reader, (0, 60))
        closing.close(finished.id, quiet_ms=0)
        with unit_of_work():
            finished.stream.kept_ms = begun.stream.kept_ms = 1

    browser, counts = sign_in(reader), []
    for round_ in range(3):
        with current_app.test_request_context():
            grow(round_)
        db.session.expire_all()
        with count_queries() as statements:
            page = Context().run(browser.get, "/").text
        counts.append(len(statements))
        shown = (page.count(f"{what} {round_}") > 0 for what in ("正在讲", "要讲", "看完", "看了一半"))
        assert all(shown), "each part of the page has grown"
    assert counts[1] == counts[2], counts
