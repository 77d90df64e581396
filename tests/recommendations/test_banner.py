"""The large pictures of the home page: who sees which, in which order, and how they follow their lessons."""

from __future__ import annotations

import re
import threading

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.classroom.engine import door
from app.extensions import db
from app.kernel import clock
from app.kernel.permissions import Permission
from app.live import services
from app.live.models import Audience, LiveSession
from app.live.planning import services as planning
from app.recommendations import queries
from app.recommendations.errors import AudienceElsewhere, NothingToRecommend, TooManyPictures
from app.replays.publishing import services as publishing
from app.units.models import Unit
from tests.conftest import SignIn
from tests.counting import count_queries
from tests.factories import accounts, recommendations, roles, units
from tests.factories import live as lives

HOUR_MS = 3_600_000


@pytest.fixture
def department(institute: Unit) -> Unit:
    return units.department(institute, "超导部")


@pytest.fixture
def lecturer(department: Unit) -> User:
    return roles.holding(accounts.user("lecturer", unit=department), Permission.LIVE_MANAGE)


def slides(browser: FlaskClient) -> list[str]:
    """Return the subjects of the pictures, in their order."""
    return re.findall(r'class="banner-slide__subject">([^<]*)<', browser.get("/banner").text)


def test_a_picture_is_seen_by_the_audience_and_by_nobody_else_at_any_exit(
    sign_in: SignIn, institute: Unit, department: Unit, lecturer: User
) -> None:
    elsewhere = units.institute("天文研究所")
    viewers: dict[str, User | None] = {
        "visitor": None,
        "department": accounts.user("near", unit=department),
        "institute": accounts.user("inside", unit=institute),
        "elsewhere": accounts.user("outside", unit=elsewhere),
        "academy": accounts.user("central"),
    }
    may_see = {
        Audience.DEPARTMENT: {"department"},
        Audience.INSTITUTE: {"department", "institute"},
        Audience.ACADEMY: {"department", "institute", "elsewhere", "academy"},
        Audience.EVERYONE: set(viewers),
    }
    browsers = {name: sign_in(user) for name, user in viewers.items()}
    for audience, expected in may_see.items():
        live = lives.on_air(lecturer, f"给{audience}的课", audience=audience)
        own = recommendations.shown(live, institute)
        at = {"department", "institute"}
        rows = {"own": (own.id, expected & at)}
        if audience in {Audience.ACADEMY, Audience.EVERYONE}:
            rows["academy"] = (recommendations.shown(live).id, expected)
        seen = {
            "banner": {name for name, one in browsers.items() if live.subject in one.get("/banner").text},
            "home": {name for name, one in browsers.items() if f"slide-{own.id}" in one.get("/").text},
        }
        everywhere = set().union(*(who for _item, who in rows.values()))
        assert seen["banner"] == everywhere, audience
        for item, who in rows.values():
            opened = {name for name, one in browsers.items() if one.get(f"/banner/{item}/open").status_code == 302}
            assert opened <= who, audience
            for one in browsers.values():
                one.post("/banner/shown", data={"item": item})
        db.session.expire_all()
        counted = sum(row.shown for row in queries.of_desk(institute)) if audience is Audience.DEPARTMENT else None
        assert counted in {None, 1}


def test_the_academys_and_the_institutes_take_turns_and_a_lesson_stands_once(
    sign_in: SignIn, institute: Unit, lecturer: User
) -> None:
    for number in (2, 1):
        recommendations.shown(lives.lesson(lecturer, f"所{number}"), institute)
        recommendations.shown(lives.lesson(lecturer, f"院{number}"))
    both = lives.lesson(lecturer, "两处")
    recommendations.shown(both, institute)
    recommendations.shown(both)
    inside, outside = sign_in(accounts.user("a", unit=institute)), sign_in(accounts.user("b"))
    assert slides(inside) == ["两处", "院1", "所1", "院2", "所2"]
    assert slides(outside) == ["两处", "院1", "院2"]


def test_at_most_eight_stand_there(sign_in: SignIn, institute: Unit, lecturer: User, learner: User) -> None:
    for number in range(8):
        recommendations.shown(lives.lesson(lecturer, f"课{number}"))
    ninth = lives.lesson(lecturer, "第九")
    with pytest.raises(TooManyPictures):
        recommendations.shown(ninth)
    recommendations.shown(ninth, institute)
    assert len(slides(sign_in(accounts.user("a", unit=institute)))) == 8


def test_a_picture_follows_its_lesson(sign_in: SignIn, lecturer: User, learner: User) -> None:
    live = lives.lesson(lecturer, "超导")
    item = recommendations.shown(live, words="从零开始").id
    browser = sign_in(learner)
    assert {"预告", "从零开始"} <= set(re.findall(r">([^<>\n]+)<", browser.get("/banner").text))
    assert browser.get(f"/banner/{item}/open").location == f"/live/{live.id}"
    lives.media.encoder(live.stream)
    services.start(live, by=lecturer)
    assert "直播中" in browser.get("/banner").text
    assert browser.get(f"/banner/{item}/open").location == f"/live/{live.id}/watch"
    assert sign_in(lecturer).get(f"/banner/{item}/open").location == f"/live/{live.id}/studio"
    services.pause(live, by=lecturer)
    assert "已暂停" in browser.get("/banner").text
    services.resume(live, by=lecturer)
    services.end(live, by=lecturer)
    assert "回放" in browser.get("/banner").text
    assert browser.get(f"/banner/{item}/open").location == f"/live/{live.id}/replay"
    db.session.expire_all()
    assert queries.seen_one(learner, item).opened == 4


def test_each_kind_of_picture_stands_on_the_page(sign_in: SignIn, lecturer: User, learner: User) -> None:
    for number, cover in enumerate(("", "c" * 32)):
        recommendations.shown(lives.lesson(lecturer, f"课{number}", cover=cover))
    recommendations.shown(lives.lesson(lecturer, "大图课"), picture="d" * 32)
    home = sign_in(learner).get("/")
    assert home.status_code == 200
    assert home.text.count('fetchpriority="high"') == 1, "the first one is loaded at once"
    for name in ("d" * 32 + "-1200.webp", "d" * 32 + "-720.webp", "c" * 32 + "-640.webp", "slide__sign"):
        assert name in home.text, name


def test_a_cancelled_lesson_is_gone_and_a_missed_one_as_well(sign_in: SignIn, lecturer: User, learner: User) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller:
        browser = sign_in(learner)
        cancelled, missed = lives.lesson(lecturer, "取消的"), lives.lesson(lecturer, "忘了的")
        for live in (cancelled, missed):
            recommendations.shown(live)
        planning.cancel(cancelled, reason="", by=lecturer)
        assert slides(browser) == ["忘了的"]
        traveller.shift(3700)
        assert slides(browser) == []
        with pytest.raises(NothingToRecommend):
            recommendations.shown(missed)


def test_it_stands_there_from_when_to_when(sign_in: SignIn, lecturer: User, learner: User) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller:
        browser = sign_in(learner)
        now = clock.now_ms()
        live = lives.lesson(lecturer, "限时", starts_at_ms=now + 90 * HOUR_MS, ends_at_ms=now + 91 * HOUR_MS)
        recommendations.shown(live, from_ms=now + HOUR_MS, until_ms=now + 2 * HOUR_MS)
        seen = []
        for _hour in range(3):
            seen.append(slides(browser))
            traveller.shift(3601)
    assert seen == [[], ["限时"], []]


def test_nobody_recommends_to_people_who_may_not_watch(institute: Unit, lecturer: User, lesson: LiveSession) -> None:
    inside = lives.lesson(lecturer, audience=Audience.INSTITUTE)
    for unit in (units.academy(), units.institute("天文研究所")):
        with pytest.raises(AudienceElsewhere):
            recommendations.shown(inside, unit)
    recommendations.shown(lesson, institute)


def test_an_open_page_hears_of_a_change_at_once(app: Flask, sign_in: SignIn, lecturer: User, learner: User) -> None:
    browser, live = sign_in(learner), lives.lesson(lecturer)
    recommendations.shown(live)
    seen = browser.get("/banner/news").json["version"]
    answers: list[str] = []

    def ask() -> None:
        answers.append(browser.get(f"/banner/news?seen={seen}").json["version"])

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join(0.5)
    assert answers == [], "nothing has changed yet"
    lives.media.encoder(live.stream)
    services.start(live, by=lecturer)
    asking.join(2)
    assert answers, "the page hears within two seconds"
    assert answers != [seen]


def test_the_first_picture_of_an_empty_page_is_news(sign_in: SignIn, lecturer: User, learner: User) -> None:
    browser = sign_in(learner)
    assert browser.get("/banner/news").json["version"] == ""
    recommendations.shown(lives.lesson(lecturer))
    assert browser.get("/banner/news?seen=").json["version"] != ""


def test_a_recording_is_seen_by_the_people_to_whom_it_is_published(
    sign_in: SignIn, institute: Unit, lecturer: User
) -> None:
    live = lives.on_air(lecturer, "内部课", audience=Audience.INSTITUTE)
    item = recommendations.shown(live, institute).id
    services.end(live, by=lecturer)
    browsers = {
        "visitor": sign_in(None),
        "inside": sign_in(accounts.user("inside", unit=institute)),
        "outside": sign_in(accounts.user("outside")),
    }

    def see() -> set[str]:
        return {name for name, one in browsers.items() if live.subject in one.get("/banner").text}

    assert see() == {"inside"}
    publishing.publish(live, Audience.EVERYONE, guests=False, by=lecturer)
    recommendations.shown(live)
    assert see() == set(browsers)
    publishing.unpublish(live, by=lecturer)
    assert see() == set()
    assert {one.get(f"/banner/{item}/open").status_code for one in browsers.values()} == {404}
    with pytest.raises(NothingToRecommend):
        recommendations.shown(live, institute)


def test_who_was_put_out_sees_no_picture_of_that_lesson(
    app: Flask, sign_in: SignIn, institute: Unit, lecturer: User
) -> None:
    out, stays = accounts.user("out", unit=institute), accounts.user("stays", unit=institute)
    lessons = [lives.on_air(lecturer, subject, audience=Audience.INSTITUTE) for subject in ("被移出的课", "别的课")]
    for live in lessons:
        recommendations.shown(live, institute)
    with app.test_request_context():
        door.put_out(lessons[0], door.person_of(out, lessons[0]), for_good=True, by=lecturer)
    assert sorted(slides(sign_in(stays))) == ["别的课", "被移出的课"]
    assert slides(sign_in(out)) == ["别的课"]
    with count_queries() as statements:
        slides(sign_in(stays))
    assert sum("classroom_bar" in one for one in statements) == 1, "one look for all pictures"
