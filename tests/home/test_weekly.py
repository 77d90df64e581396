"""The weekly mail: who gets it, what it tells each person, and how it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.credits.counting.models import Watched
from app.extensions import db
from app.home import weekly
from app.kernel import clock
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.live.models import Audience, LiveSession
from app.mail.models import Mail
from app.notices import weekly as rules
from app.notices import wishes
from app.roles import policies
from app.units.models import Unit
from tests.conftest import SignIn
from tests.factories import accounts, roles, units
from tests.factories import live as lives

MONDAY = datetime(2027, 3, 1, 0, 0, tzinfo=UTC)
"""8 in the morning in Shanghai."""


@pytest.fixture
def now(app: Flask) -> Iterator[time_machine.Traveller]:
    """The Sunday before, and a hand on the clock."""
    with time_machine.travel(MONDAY - timedelta(days=1), tick=False) as traveller:
        yield traveller


@pytest.fixture
def planner(institute: Unit) -> User:
    return roles.holding(accounts.user("planner", "李明远", unit=institute), Permission.LIVE_MANAGE)


def colleague(name: str, unit: Unit | None = None) -> User:
    return accounts.user(name, name, unit=unit, email=f"{name}@iom.example")


def planned(by: User, subject: str, days: float, **about: object) -> LiveSession:
    starts = int((MONDAY + timedelta(days=days)).timestamp() * 1000)
    return lives.lesson(by, subject, starts_at_ms=starts, ends_at_ms=starts + lives.HOUR_MS, **about)  # type: ignore[arg-type]


def recorded(by: User, subject: str) -> LiveSession:
    live = lives.ended(by, subject)
    with unit_of_work():
        live.stream.kept_ms, live.stream.finished = 60_000, True
    return live


def written() -> dict[str, Mail]:
    """Write as many letters as there are seconds in some minutes; give them by recipient."""
    for _second in range(30):
        weekly.write_due()
    mails = db.session.scalars(select(Mail).order_by(Mail.id)).all()
    assert len({one.recipient for one in mails}) == len(mails), "nobody gets two"
    return {one.recipient.partition("@")[0]: one for one in mails}


def test_each_hears_what_comes_and_what_she_missed_of_what_she_may_watch(
    now: time_machine.Traveller, institute: Unit, planner: User
) -> None:
    here, elsewhere = colleague("here", institute), colleague("elsewhere", units.institute("天文研究所"))
    planned(planner, "周三的课", 2)
    planned(planner, "所内的课", 3, audience=Audience.INSTITUTE)
    planned(planner, "草稿", 3, draft=True)
    planned(planner, "下下周的课", 9)
    seen, _missed = recorded(planner, "看过的课"), recorded(planner, "错过的课")
    with unit_of_work():
        db.session.add(
            Watched(live_id=seen.id, user_id=here.id, on_air_ms=60_000, seen_ms=clock.now_ms(), came_ms=clock.now_ms())
        )
    for user in (here, elsewhere):
        wishes.set_wish(user, wishes.WEEKLY, True)
    now.move_to(MONDAY - timedelta(seconds=1))
    assert written() == {}
    now.move_to(MONDAY)
    letters = written()
    titles = ("周三的课", "所内的课", "草稿", "下下周的课", "看过的课", "错过的课")
    told = {name: [one for one in titles if one in mail.text] for name, mail in letters.items()}
    assert told == {"here": ["周三的课", "所内的课", "错过的课"], "elsewhere": ["周三的课", "看过的课", "错过的课"]}
    assert letters["here"].subject == "本周为您准备了 2 场直播"
    assert letters["here"].bulk
    assert re.search(r"http://\S+/live/\w+", letters["here"].text)
    assert "\n\n\n" not in letters["here"].text
    now.move_to(MONDAY + timedelta(hours=20))
    assert len(written()) == 2


def test_only_those_get_it_who_want_it_or_whose_unit_has_it(
    sign_in: SignIn, now: time_machine.Traveller, institute: Unit, planner: User
) -> None:
    department = units.department(institute)
    planned(planner, "周三的课", 2)
    for name, unit in (("here", institute), ("below", department), ("elsewhere", None), ("quiet", institute)):
        colleague(name, unit)
    quiet = db.session.scalars(select(User).where(User.username == "quiet")).one()
    wishes.set_wish(quiet, wishes.WEEKLY, False)
    accounts.user("mute", unit=institute)
    manager = roles.manager(accounts.user("manager", unit=institute))
    far = roles.manager(accounts.user("far", unit=units.institute("天文研究所")))
    assert sign_in(far).post("/manage/weekly", data={"unit": institute.id}).status_code == 404
    for wrong in ("", "x", "0", str(2**70)):
        assert sign_in(manager).post("/manage/weekly", data={"unit": wrong}).status_code == 404
    sign_in(manager).post("/manage/weekly", data={"unit": institute.id})
    page = sign_in(manager).get("/manage/weekly").text
    assert re.search(r'data-label="收到的人数">2<', page)
    assert institute.name not in sign_in(far).get("/manage/weekly").text
    now.move_to(MONDAY)
    assert set(written()) == {"here", "below"}
    sign_in(manager).delete(f"/manage/weekly/{institute.id}")
    assert rules.in_reach(policies.holdings_of(manager)) == []
    actions = set(db.session.scalars(select(AuditEntry.action)))
    assert {Action.WEEKLY_ON, Action.WEEKLY_OFF} <= actions
    now.move_to(MONDAY + timedelta(days=7))
    planned(planner, "再下周的课", 9)
    assert len(db.session.scalars(select(Mail)).all()) == 2
    weekly.write_due()
    assert len(db.session.scalars(select(Mail)).all()) == 2


def test_one_press_ends_it_also_where_the_unit_has_it(
    sign_in: SignIn, now: time_machine.Traveller, institute: Unit, planner: User
) -> None:
    here = colleague("here", institute)
    planned(planner, "周三的课", 2)
    rules.switch_on(institute, by=planner)
    assert wishes.wants(here, wishes.WEEKLY)
    now.move_to(MONDAY)
    (letter,) = written().values()
    assert sign_in(None).post(letter.unsubscribe.partition("8000")[2] or letter.unsubscribe).status_code == 200
    assert not wishes.wants(here, wishes.WEEKLY)
    assert rules.next_recipients(0, 10) == []
    assert wishes.wants(here, wishes.REMINDERS), "nothing else ends with it"


def test_who_has_nothing_to_hear_gets_no_mail_and_a_late_issue_is_left_out(
    now: time_machine.Traveller, institute: Unit, planner: User
) -> None:
    here = colleague("here", institute)
    wishes.set_wish(here, wishes.WEEKLY, True)
    now.move_to(MONDAY)
    assert written() == {}
    now.move_to(MONDAY + timedelta(days=8))
    planned(planner, "周三的课", 9)
    assert written() == {}, "it is Tuesday"


def test_it_comes_in_the_language_in_which_she_asked_for_it(
    sign_in: SignIn, now: time_machine.Traveller, institute: Unit, planner: User
) -> None:
    browser = sign_in(colleague("smith", institute))
    browser.post("/language", data={"language": "en"})
    assert not re.search(r'name="weekly" value="1" checked', browser.get("/account/mail").text)
    browser.post("/account/mail", data={"weekly": "1"})
    planned(planner, "周三的课", 2)
    now.move_to(MONDAY)
    assert written()["smith"].subject == "This week: 1 live lesson for you"


def test_many_are_written_to_over_some_seconds_and_each_once(
    now: time_machine.Traveller, institute: Unit, planner: User
) -> None:
    for number in range(2 * weekly.AT_ONCE + 1):
        colleague(f"person{number}", institute)
    rules.switch_on(institute, by=planner)
    planned(planner, "周三的课", 2)
    now.move_to(MONDAY)
    weekly.write_due()
    assert len(db.session.scalars(select(Mail)).all()) == weekly.AT_ONCE
    assert len(written()) == 2 * weekly.AT_ONCE + 1
