"""收藏 and 提醒我: marks of a person on a lesson."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.live import services
from app.live.joining import services as joining
from app.live.models import Audience, LiveSession
from app.live.planning import services as planning
from app.mail.models import Mail
from app.notices import reminders, wishes
from app.notices import services as notices
from tests.conftest import SignIn
from tests.counting import count_queries
from tests.factories import accounts, units
from tests.factories import live as lives
from tests.factories.live import BEGINS, HOUR_MS


@pytest.fixture
def reader(app: Flask) -> User:
    return accounts.user("reader", "读者", email="reader@iom.example")


def shown(browser: FlaskClient, path: str) -> list[str]:
    """Return the subjects of the cards of a page."""
    return re.findall(r'card__subject"><a[^>]*>([^<]*)</a>', browser.get(path).text)


def buttons(browser: FlaskClient, path: str) -> list[str]:
    """Return what the marks of a page offer to do."""
    return re.findall(r'class="marks__words">([^<]*)<', browser.get(path).text)


def letters() -> list[str]:
    reminders.remind_due()
    return [one.recipient for one in db.session.scalars(select(Mail).order_by(Mail.id))]


class TestKept:
    def test_one_press_on_a_card_keeps_a_lesson_and_the_next_one_takes_it_back(
        self, sign_in: SignIn, planned: LiveSession, reader: User
    ) -> None:
        browser = sign_in(reader)
        assert buttons(browser, "/live") == ["提醒我", "收藏"]
        pressed = browser.post(f"/live/{planned.id}/kept", headers={"HX-Request": "true"})
        assert "取消收藏" in pressed.text
        assert "<html" not in pressed.text
        seen = [shown(browser, path) for path in ("/live/kept", "/learning")]
        assert seen == [["超导入门"], ["超导入门"]]
        assert browser.post(f"/live/{planned.id}/kept?_method=DELETE").headers["Location"] == f"/live/{planned.id}"
        assert buttons(browser, f"/live/{planned.id}") == ["提醒我", "收藏"]
        assert shown(browser, "/live/kept") == []
        assert "还没有收藏" in browser.get("/live/kept").text

    def test_the_last_kept_stands_first_and_a_second_press_changes_nothing(
        self, sign_in: SignIn, now: time_machine.Traveller, planned: LiveSession, teacher: User, reader: User
    ) -> None:
        browser, other = sign_in(reader), lives.ended(teacher, "上周的课")
        for live in (planned, other, planned):
            now.shift(1)
            browser.post(f"/live/{live.id}/kept")
        assert shown(browser, "/live/kept") == ["上周的课", "超导入门"]

    def test_what_is_not_for_her_any_more_is_gone_and_others_know_nothing(
        self, sign_in: SignIn, teacher: User, reader: User, learner: User
    ) -> None:
        live = lives.on_air(teacher, "先公开后内部")
        sign_in(reader).post(f"/live/{live.id}/kept")
        assert shown(sign_in(reader), "/live/kept") == ["先公开后内部"]
        assert shown(sign_in(learner), "/live/kept") == []
        with unit_of_work():
            live.audience, live.audience_unit = Audience.INSTITUTE, units.institute("别的所")
        assert shown(sign_in(reader), "/live/kept") == []
        assert sign_in(reader).post(f"/live/{live.id}/kept").status_code == 404

    def test_visitors_and_drafts_have_no_marks(
        self, client: FlaskClient, sign_in: SignIn, teacher: User, now: time_machine.Traveller
    ) -> None:
        lives.on_air(teacher, "对外公开的课", audience=Audience.EVERYONE)
        assert shown(client, "/live") == ["对外公开的课"]
        assert buttons(client, "/live") == []
        draft = lives.lesson(teacher, "草稿", draft=True)
        assert buttons(sign_in(teacher), f"/live/{draft.id}") == []

    def test_the_marks_of_a_whole_list_are_one_query(self, sign_in: SignIn, teacher: User, learner: User) -> None:
        browser, counts = sign_in(learner), []
        for number in range(2):
            for more in range(3):
                lives.on_air(teacher, f"第{number}-{more}讲")
            with count_queries() as statements:
                browser.get("/live")
            counts.append(sum("live_learner.kept_ms" in one for one in statements))
        assert counts == [1, 1]


class TestReminders:
    def test_one_press_leads_to_a_mail_before_the_lesson_begins_and_to_no_second_one(
        self, sign_in: SignIn, now: time_machine.Traveller, planned: LiveSession, reader: User
    ) -> None:
        browser = sign_in(reader)
        assert "取消提醒" in browser.post(f"/live/{planned.id}/reminder", headers={"HX-Request": "true"}).text
        now.move_to(BEGINS - timedelta(minutes=31))
        assert letters() == []
        now.move_to(BEGINS - timedelta(minutes=30))
        assert letters() == ["reader@iom.example"]
        assert letters() == ["reader@iom.example"]
        (mail,) = db.session.scalars(select(Mail))
        assert "您要求提醒" in mail.text
        assert f"/live/{planned.id}" in mail.text
        assert joining.signed_up(planned) == 0, "a reminder takes no place"

    def test_it_can_be_taken_back(
        self, sign_in: SignIn, now: time_machine.Traveller, planned: LiveSession, reader: User
    ) -> None:
        browser = sign_in(reader)
        browser.post(f"/live/{planned.id}/reminder")
        browser.delete(f"/live/{planned.id}/reminder")
        now.move_to(BEGINS - timedelta(minutes=10))
        assert letters() == []

    def test_one_that_is_asked_for_late_comes_late(
        self, sign_in: SignIn, now: time_machine.Traveller, planned: LiveSession, reader: User
    ) -> None:
        now.move_to(BEGINS - timedelta(minutes=20))
        browser = sign_in(reader)
        browser.post(f"/live/{planned.id}/reminder")
        assert letters() == []
        now.move_to(BEGINS - timedelta(minutes=5))
        assert letters() == ["reader@iom.example"]
        assert buttons(browser, f"/live/{planned.id}") == ["收藏"]
        assert browser.post(f"/live/{planned.id}/reminder").status_code == 409

    def test_this_one_counts_although_she_wants_none_in_general_until_she_ends_them(
        self, sign_in: SignIn, now: time_machine.Traveller, planned: LiveSession, reader: User
    ) -> None:
        wishes.set_wish(reader, wishes.REMINDERS, False)
        browser = sign_in(reader)
        browser.post(f"/live/{planned.id}/reminder")
        now.move_to(BEGINS - timedelta(minutes=30))
        assert letters() == ["reader@iom.example"]
        later = lives.lesson(
            planned.owner, "下一讲", starts_at_ms=planned.ends_at_ms, ends_at_ms=planned.ends_at_ms + HOUR_MS
        )
        browser.post(f"/live/{later.id}/reminder")
        (mail,) = db.session.scalars(select(Mail))
        browser.post(mail.unsubscribe.partition("localhost")[2])
        assert buttons(browser, f"/live/{later.id}") == ["提醒我", "收藏"]

    def test_who_has_no_address_hears_how_to_get_one(
        self, sign_in: SignIn, planned: LiveSession, learner: User
    ) -> None:
        with unit_of_work():
            learner.email = None
        refused = sign_in(learner).post(f"/live/{planned.id}/reminder", headers={"HX-Request": "true"})
        assert refused.status_code == 409
        assert "没有邮箱" in refused.text

    def test_who_signed_up_is_reminded_anyway(self, sign_in: SignIn, planned: LiveSession, reader: User) -> None:
        browser = sign_in(reader)
        browser.post(f"/live/{planned.id}/place")
        assert buttons(browser, f"/live/{planned.id}") == ["收藏"]

    def test_she_hears_when_the_lesson_is_cancelled(
        self, sign_in: SignIn, planned: LiveSession, reader: User, teacher: User
    ) -> None:
        sign_in(reader).post(f"/live/{planned.id}/reminder")
        planning.cancel(planned, reason="老师生病", by=teacher)
        notices.write_due()
        assert letters() == ["reader@iom.example"]

    def test_a_lesson_that_has_begun_reminds_nobody(self, sign_in: SignIn, teacher: User, reader: User) -> None:
        live = lives.on_air(teacher)
        assert sign_in(reader).post(f"/live/{live.id}/reminder").status_code == 409
        services.end(live, by=teacher)
        assert sign_in(reader).post(f"/live/{live.id}/reminder").status_code in {409, 410}
