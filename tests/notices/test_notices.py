"""Who is written what about a lesson, through a real mail server."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from app.accounts.models import User
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.live.joining import services as joining
from app.live.models import Audience, LiveSession, Part
from app.live.planning import services as planning
from app.live.planning.plans import plan_of
from app.mail import delivery
from app.mail import services as mail
from app.mail.models import Mail
from app.notices import reminders, services, wishes
from app.notices.models import Notice
from app.units.models import Unit
from tests.conftest import SignIn
from tests.factories import accounts, roles, units
from tests.factories import live as lives
from tests.factories.live import BEGINS, HOUR_MS
from tests.jobs import run_queued
from tests.postman import Postman


def colleague(name: str, unit: Unit | None = None, email: str = "") -> User:
    return accounts.user(name, name, unit=unit, email=email or f"{name}@iom.example")


def signed_up(app: Flask, live: LiveSession, *people: User) -> None:
    with app.test_request_context():
        for user in people:
            joining.sign_up(live, user)


def work() -> None:
    """What the jobs process does in a second."""
    services.write_due()
    reminders.remind_due()
    run_queued()


def letters() -> dict[str, Mail]:
    """What waits in the outbox, by recipient."""
    return {one.recipient: one for one in db.session.scalars(select(Mail).order_by(Mail.id))}


def later(live: LiveSession, **different: object) -> None:
    with_defaults = replace(plan_of(live), **different)  # type: ignore[arg-type]
    planning.plan_anew(live, with_defaults, by=live.owner)


class TestChanges:
    def test_those_who_signed_up_hear_what_was_and_what_is(
        self, app: Flask, now: time_machine.Traveller, planned: LiveSession
    ) -> None:
        signed_up(app, planned, colleague("zhao"), colleague("qian"))
        colleague("bystander")
        before = planned.starts_at_ms
        later(
            planned,
            starts_at_ms=before + HOUR_MS,
            ends_at_ms=before + 2 * HOUR_MS,
            subject="超导入门（新）",
        )
        work()
        assert letters() == {}, "a slip can still be mended"
        now.shift(services.SECOND_THOUGHTS)
        work()
        assert set(letters()) == {"zhao@iom.example", "qian@iom.example"}
        letter = letters()["zhao@iom.example"]
        assert "超导入门（新）" in letter.subject
        for words in (
            "现在的名称是“超导入门（新）”",
            "新的时间",
            "18:00",
            "原来的时间",
            "17:00",
            f"/live/{planned.id}",
        ):
            assert words in letter.text
        (event,) = Calendar.from_ical(letter.calendar).walk("VEVENT")
        assert event["dtstart"].dt == BEGINS + timedelta(hours=1)
        assert event["sequence"] == 1
        work()
        assert db.session.query(Mail).count() == 2, "nobody is told twice"

    def test_two_changes_at_once_are_one_letter_and_one_taken_back_is_none(
        self, app: Flask, now: time_machine.Traveller, planned: LiveSession
    ) -> None:
        signed_up(app, planned, colleague("zhao"))
        later(planned, subject="甲")
        later(planned, subject="乙")
        now.shift(services.SECOND_THOUGHTS)
        work()
        assert "“乙”" in letters()["zhao@iom.example"].text
        assert "“超导入门”" in letters()["zhao@iom.example"].text
        later(planned, subject="丙")
        later(planned, subject="乙")
        now.shift(services.SECOND_THOUGHTS)
        work()
        assert db.session.query(Mail).count() == 1

    def test_what_does_not_concern_them_is_not_told(
        self, app: Flask, now: time_machine.Traveller, planned: LiveSession
    ) -> None:
        signed_up(app, planned, colleague("zhao"))
        later(planned, abstract="新的介绍", capacity=100)
        now.shift(services.SECOND_THOUGHTS)
        work()
        assert letters() == {}

    def test_the_language_is_the_one_in_which_she_signed_up(
        self, app: Flask, sign_in: SignIn, now: time_machine.Traveller, planned: LiveSession
    ) -> None:
        browser = sign_in(colleague("smith"))
        browser.post("/language", data={"language": "en"})
        browser.post(f"/live/{planned.id}/place")
        later(planned, subject="新")
        now.shift(services.SECOND_THOUGHTS)
        work()
        assert letters()["smith@iom.example"].subject == "Changed: 新"


class TestCancellations:
    def test_those_who_signed_up_and_teach_hear_it_and_why(
        self, app: Flask, sign_in: SignIn, planned: LiveSession
    ) -> None:
        assistant = colleague("sun")
        later(planned, assistants=(assistant,))
        signed_up(app, planned, colleague("zhao"))
        planning.cancel(planned, reason="讲者出差", by=planned.owner)
        work()
        assert set(letters()) == {"zhao@iom.example", "sun@iom.example"}
        letter = letters()["zhao@iom.example"]
        assert "讲者出差" in letter.text
        calendar = Calendar.from_ical(letter.calendar)
        assert calendar["method"] == "CANCEL"
        (event,) = calendar.walk("VEVENT")
        assert event["status"] == "CANCELLED"
        assert event["uid"] == f"{planned.id}@jiangtang"

    def test_one_that_is_deleted_does_not_take_place_either(self, app: Flask, planned: LiveSession) -> None:
        signed_up(app, planned, colleague("zhao"))
        planning.delete(planned, by=planned.owner)
        work()
        assert "不再举行" in letters()["zhao@iom.example"].text

    def test_nobody_hears_of_a_draft(self, app: Flask, planned: LiveSession) -> None:
        signed_up(app, planned, colleague("zhao"))
        later(planned, draft=True)
        planning.delete(planned, by=planned.owner)
        work()
        assert letters() == {}


class TestReminders:
    def test_it_comes_half_an_hour_before_and_once(
        self, app: Flask, now: time_machine.Traveller, planned: LiveSession
    ) -> None:
        signed_up(app, planned, colleague("zhao"))
        now.move_to(BEGINS - timedelta(minutes=30, seconds=1))
        work()
        assert letters() == {}
        now.shift(timedelta(seconds=1))
        work()
        work()
        (letter,) = letters().values()
        assert letter.subject == "17:00（北京时间）开始：超导入门"
        assert f"/live/{planned.id}" in letter.text

    def test_one_that_is_late_still_comes_until_it_begins(
        self, app: Flask, now: time_machine.Traveller, planned: LiveSession
    ) -> None:
        signed_up(app, planned, colleague("zhao"))
        now.move_to(BEGINS - timedelta(seconds=1))
        work()
        assert set(letters()) == {"zhao@iom.example"}

    @pytest.mark.parametrize("when", [timedelta(0), timedelta(minutes=1)])
    def test_none_comes_after(
        self, app: Flask, now: time_machine.Traveller, planned: LiveSession, when: timedelta
    ) -> None:
        signed_up(app, planned, colleague("zhao"))
        now.move_to(BEGINS + when)
        work()
        assert letters() == {}

    def test_who_signed_up_late_or_wants_none_or_has_gone_is_left_in_peace(
        self, app: Flask, now: time_machine.Traveller, planned: LiveSession
    ) -> None:
        quiet, gone, nowhere = colleague("quiet"), colleague("gone"), accounts.user("nowhere")
        signed_up(app, planned, quiet, gone, nowhere)
        wishes.set_wish(quiet, wishes.REMINDERS, False)
        joining.sign_off(planned, gone)
        now.move_to(BEGINS - timedelta(minutes=20))
        signed_up(app, planned, colleague("late"))
        work()
        assert letters() == {}

    def test_a_lesson_that_is_put_off_reminds_again(
        self, app: Flask, now: time_machine.Traveller, planned: LiveSession
    ) -> None:
        signed_up(app, planned, colleague("zhao"))
        now.move_to(BEGINS - timedelta(minutes=25))
        work()
        later(planned, starts_at_ms=planned.starts_at_ms + HOUR_MS, ends_at_ms=planned.ends_at_ms + HOUR_MS)
        now.move_to(BEGINS + timedelta(minutes=30))
        reminders.remind_due()
        assert [one.subject[:5] for one in db.session.scalars(select(Mail).order_by(Mail.id))] == ["17:00", "18:00"]


STILL_THERE = {"inside@iom.example", "let_in@iom.example", "teaches@iom.example", "manages@iom.example"}


class TestLeftTheAudience:
    """Who signed up, and may not watch any more, hears nothing of the lesson."""

    @pytest.fixture
    def narrowed(self, app: Flask, now: time_machine.Traveller, teacher: User, institute: Unit) -> LiveSession:
        """A lesson for the academy becomes one for its institute after people have signed up."""
        with unit_of_work():
            teacher.unit = institute
        begins = int(BEGINS.timestamp() * 1000)
        live = lives.lesson(teacher, "超导入门", starts_at_ms=begins, ends_at_ms=begins + HOUR_MS)
        inside, outside = colleague("inside", institute), colleague("outside", units.institute("天文台"))
        let_in, teaches = colleague("let_in", outside.unit), colleague("teaches", outside.unit)
        manages = roles.manager(colleague("manages"))
        signed_up(app, live, inside, outside, let_in, teaches, manages)
        later(live, teachers=(teacher, teaches), tokens={Part.LEARNER: "kf7wq2hz"}, audience=Audience.INSTITUTE)
        with app.test_request_context():
            joining.enter("kf7wq2hz", let_in)
        return live

    def test_no_reminder(self, now: time_machine.Traveller, narrowed: LiveSession) -> None:
        now.move_to(BEGINS - timedelta(minutes=25))
        work()
        assert set(letters()) == STILL_THERE

    def test_no_change_and_no_cancellation(self, now: time_machine.Traveller, narrowed: LiveSession) -> None:
        later(narrowed, subject="只给所内")
        now.shift(services.SECOND_THOUGHTS)
        work()
        assert set(letters()) == STILL_THERE
        planning.cancel(narrowed, reason="", by=narrowed.owner)
        work()
        assert db.session.query(Mail).count() == 2 * len(STILL_THERE)


class TestInvitations:
    def test_the_audience_is_invited_and_nobody_else(
        self, app: Flask, sign_in: SignIn, now: time_machine.Traveller, teacher: User, institute: Unit
    ) -> None:
        with unit_of_work():
            teacher.unit = units.department(institute)
        begins = int(BEGINS.timestamp() * 1000)
        live = lives.lesson(
            teacher, "所内报告", audience=Audience.INSTITUTE, starts_at_ms=begins, ends_at_ms=begins + HOUR_MS
        )
        colleague("here", institute)
        colleague("below", units.department(institute))
        colleague("elsewhere", units.institute())
        known, quiet, closed = (colleague(name, institute) for name in ("known", "quiet", "closed"))
        accounts.user("mute", unit=institute)
        signed_up(app, live, known)
        wishes.set_wish(quiet, wishes.INVITATIONS, False)
        with unit_of_work():
            closed.closed_ms = 1
        browser = sign_in(teacher)
        assert "2 封邮件" in browser.get(f"/live/{live.id}/invitations").text
        reply = browser.post(f"/live/{live.id}/invitations", data={"whom": "all", "words": "欢迎\n大家 <b>来</b>"})
        assert reply.status_code == 302
        assert "已写好 0 / 2 封邮件" in browser.get(reply.location).text
        work()
        assert "已写好 2 封邮件" in browser.get(reply.location).text
        assert set(letters()) == {"here@iom.example", "below@iom.example"}
        letter = letters()["here@iom.example"]
        assert "欢迎\n大家 <b>来</b>" in letter.text
        assert letter.bulk
        again = browser.post(f"/live/{live.id}/invitations", data={"whom": "all", "words": "还有座位"})
        assert again.status_code == 409
        assert "没有可邀请的人了" in again.text
        assert "还有座位" in again.text, "what was typed is not lost"

    def test_only_chosen_units_are(self, sign_in: SignIn, planned: LiveSession, institute: Unit, teacher: User) -> None:
        inside, other = units.department(institute, "低温室"), units.department(institute, "高温室")
        colleague("cold", inside)
        colleague("hot", other)
        browser = sign_in(teacher)
        assert "物质研究所 / 低温室" in browser.get(f"/live/{planned.id}/invitations/units?q=低温").text
        assert browser.post(f"/live/{planned.id}/invitations", data={"whom": "units"}).status_code == 422
        browser.post(f"/live/{planned.id}/invitations", data={"whom": "units", "units": [inside.id, "9" * 30, "x"]})
        work()
        assert set(letters()) == {"cold@iom.example"}
        browser.post(f"/live/{planned.id}/invitations", data={"whom": "all"})
        work()
        assert set(letters()) == {"cold@iom.example", "hot@iom.example"}

    def test_units_outside_the_audience_cannot_be_named(
        self, sign_in: SignIn, now: time_machine.Traveller, teacher: User, institute: Unit
    ) -> None:
        with unit_of_work():
            teacher.unit = institute
        live, foreign = lives.lesson(teacher, audience=Audience.INSTITUTE), units.institute("天文台")
        colleague("far", foreign)
        browser = sign_in(teacher)
        assert "天文台" not in browser.get(f"/live/{live.id}/invitations/units?q=天文").text.replace("“天文”", "")
        reply = browser.post(f"/live/{live.id}/invitations", data={"whom": "units", "units": foreign.id})
        assert reply.status_code == 422

    def test_drafts_and_what_is_over_invite_nobody(
        self, app: Flask, sign_in: SignIn, planned: LiveSession, teacher: User
    ) -> None:
        colleague("zhao")
        later(planned, draft=True)
        assert sign_in(teacher).post(f"/live/{planned.id}/invitations", data={"whom": "all"}).status_code == 409
        later(planned, draft=False)
        with app.test_request_context():
            services.invite(planned, [], words="", by=teacher)
        planning.cancel(planned, reason="", by=teacher)
        work()
        work()
        assert letters() == {}, "what was ordered before is not written either"

    def test_a_large_one_goes_on_where_it_was(
        self, app: Flask, planned: LiveSession, teacher: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(services, "AT_ONCE", 2)
        for number in range(5):
            colleague(f"p{number}")
        with app.test_request_context():
            notice = services.invite(planned, [], words="", by=teacher)
        seen = []
        while notice.done_ms is None:
            work()
            db.session.refresh(notice)
            seen.append(notice.written)
        assert seen == [2, 4, 5]
        assert len(letters()) == 5

    def test_one_that_was_ordered_by_mistake_is_stopped(
        self, app: Flask, sign_in: SignIn, planned: LiveSession, teacher: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(services, "AT_ONCE", 2)
        for number in range(5):
            colleague(f"p{number}")
        with app.test_request_context():
            notice = services.invite(planned, [], words="", by=teacher)
        work()
        reply = sign_in(teacher).delete(f"/live/{planned.id}/invitations/{notice.id}", follow_redirects=True)
        assert "已停止，写好了 2 封邮件" in reply.text
        work()
        assert len(letters()) == 2
        assert sign_in(teacher).delete(f"/live/{planned.id}/invitations/other").status_code == 404

    def test_a_letter_that_many_get_waits_for_those_that_somebody_waits_for(
        self, app: Flask, postman: Postman, planned: LiveSession, teacher: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        colleague("zhao")
        with app.test_request_context():
            services.invite(planned, [], words="", by=teacher)
        services.write_due()
        about = {"name": "x", "email": "x", "username": "x", "link": "x"}
        mail.send("urgent@iom.example", "address", **about)
        monkeypatch.setitem(app.config, "MAIL_PER_MINUTE", 60)
        delivery.send_due()
        run_queued()
        assert [one["To"] for one in postman.taken] == ["urgent@iom.example"]


class TestUnsubscribing:
    def test_one_press_in_the_mail_program_is_enough(
        self, app: Flask, client: FlaskClient, postman: Postman, planned: LiveSession, teacher: User
    ) -> None:
        app.config["WTF_CSRF_ENABLED"] = True
        try:
            zhao = colleague("zhao")
            with app.test_request_context():
                services.invite(planned, [], words="", by=teacher)
            services.write_due()
            delivery.send_due()
            run_queued()
            (message,) = postman.taken
            assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            address = message["List-Unsubscribe"].strip().strip("<>").removeprefix("http://localhost")
            assert client.get(address).status_code == 200
            assert wishes.wants(zhao, wishes.INVITATIONS), "programs that look into mails follow links"
            assert client.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
            db.session.expire_all()
            assert not wishes.wants(zhao, wishes.INVITATIONS)
            assert wishes.wants(zhao, wishes.REMINDERS)
        finally:
            app.config["WTF_CSRF_ENABLED"] = False

    def test_it_can_be_taken_back(self, app: Flask, client: FlaskClient) -> None:
        zhao = colleague("zhao")
        path = wishes.unsubscribe_url(zhao, wishes.REMINDERS, site="http://localhost").removeprefix("http://localhost")
        assert "不会再收到直播提醒" in client.post(path).text
        assert "不再接收直播提醒？" in client.delete(path).text
        assert wishes.wants(zhao, wishes.REMINDERS)

    @pytest.mark.parametrize("token", ["x", "WzEsImludml0YXRpb25zIl0.forged", "%00"])
    def test_forged_links_say_so(self, client: FlaskClient, token: str) -> None:
        for ask in (client.get, client.post, client.delete):
            assert ask(f"/mail/{token}").status_code in {403, 404}

    def test_she_finds_the_same_on_her_page(self, sign_in: SignIn, learner: User) -> None:
        browser = sign_in(learner)
        assert browser.get("/account/mail").text.count("checked") == 3
        browser.post("/account/mail", data={"reminders": "1"})
        assert re.findall(r'name="(\w+)" value="1" checked', browser.get("/account/mail").text) == ["reminders"]


def test_the_letter_brings_a_calendar_entry(app: Flask, postman: Postman, planned: LiveSession, teacher: User) -> None:
    colleague("zhao")
    with app.test_request_context():
        services.invite(planned, [], words="", by=teacher)
    services.write_due()
    delivery.send_due()
    run_queued()
    (message,) = postman.taken
    (attached,) = message.iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    assert attached.get_param("method") == "PUBLISH"
    (event,) = Calendar.from_ical(attached.get_content()).walk("VEVENT")
    assert event["summary"] == "超导入门"
    letter = db.session.scalars(select(Mail)).one()
    assert (letter.text, letter.calendar) == ("", "")


def test_a_notice_is_for_the_jobs_process_to_write(app: Flask, planned: LiveSession) -> None:
    """The teacher's press does not wait for a thousand letters."""
    signed_up(app, planned, *[colleague(f"p{number}") for number in range(3)])
    planning.cancel(planned, reason="", by=planned.owner)
    assert letters() == {}
    assert db.session.scalars(select(Notice)).one().total == 3
