"""我的学习 and 我的档案, and an appeal on its way there and back."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from app.accounts.models import User
from app.credits.ledger import chain, closing, queries
from app.credits.reports import appeals, targets
from app.credits.reports.models import Appeal
from app.extensions import db
from app.kernel import clock
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.live.joining import services as joining
from app.live.models import LiveSession
from app.mail.models import Mail
from tests.conftest import SignIn
from tests.factories import accounts, credits, live, roles, units


@pytest.fixture
def half_watched(app: Flask, teacher: User, learner: User) -> LiveSession:
    """Zhang San has left after half of the lesson, which is recorded and closed."""
    lesson = credits.taught(teacher, "低温超导", minutes=90)
    with unit_of_work():
        lesson.stream.kept_ms = 5_400_000
    credits.watched(lesson, learner, (0, 2700))
    closing.close(lesson.id)
    return lesson


def test_what_is_unfinished_stands_in_my_learning(sign_in: SignIn, learner: User, half_watched: LiveSession) -> None:
    page = sign_in(learner).get("/learning").text
    assert "已观看 0:45:00 / 1:30:00，还差 0:45:00" in page
    assert "已得 1 / 2 学时" in page
    assert f"/live/{half_watched.id}/replay" in page
    credits.watched(half_watched, learner, replayed=((2700, 5400),))
    assert "还差 0:45:00" not in sign_in(learner).get("/learning").text


def test_what_comes_is_what_i_signed_up_for(sign_in: SignIn, teacher: User, learner: User) -> None:
    lesson = live.lesson(teacher, "明天的课")
    browser = sign_in(learner)
    assert "明天的课" not in browser.get("/learning").text
    joining.sign_up(lesson, learner)
    assert "明天的课" in browser.get("/learning").text


def test_my_archive_shows_hours_sum_and_target(
    sign_in: SignIn, admin: User, learner: User, half_watched: LiveSession
) -> None:
    year = chain.year_of(clock.now_ms())
    targets.set_for(units.academy(), year, {"": Decimal(90), "professional": Decimal(60)}, by=admin)
    page = sign_in(learner).get("/archive").text
    for word in ("低温超导", "0:45:00", "1.00", "1 / 90", "还差 89", "0 / 60"):
        assert word in page
    assert "还没有记录" in sign_in(admin).get("/archive").text


def test_my_own_entries_and_stretches_are_mine_to_take(
    sign_in: SignIn, learner: User, half_watched: LiveSession
) -> None:
    browser = sign_in(learner)
    sheet = load_workbook(io.BytesIO(browser.get("/archive/entries.xlsx").data)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][1] == "记入时间（北京时间）"
    assert rows[1][6] == "低温超导"
    assert rows[1][11] == 1
    assert rows[1][14] == queries.entries_of(learner.id)[0].hash
    csv = browser.get("/archive/stretches.csv").text
    assert "2700" in csv
    assert "（北京时间）" in csv.splitlines()[0]
    assert browser.get("/archive/entries.pdf").status_code == 404


class TestAppeals:
    @pytest.fixture
    def manager(self, learner: User) -> User:
        return roles.manager(accounts.user("manager", "主管", email="manager@iom.example"), learner.unit)

    def test_it_leads_to_the_manager_and_is_answered_by_a_correction(
        self, sign_in: SignIn, learner: User, manager: User, half_watched: LiveSession
    ) -> None:
        with unit_of_work():
            learner.email = "zhang@iom.example"
        entry = queries.entries_of(learner.id)[0]
        browser = sign_in(learner)
        assert "0:45:00" in browser.get(f"/archive/appeal?entry={entry.id}").text
        reply = browser.post("/archive/appeal", data={"entry": entry.id, "words": "后半场网络中断"})
        assert reply.status_code == 302
        (appeal,) = appeals.of(learner)
        boss = sign_in(manager)
        assert "低温超导" in boss.get("/manage/credits/appeals").text
        page = boss.get(f"/manage/credits/appeals/{appeal.id}").text
        assert "后半场网络中断" in page
        assert "0:45:00 / 1:30:00 (50.0%)" in page
        here = f"/manage/credits/appeals/{appeal.id}"
        assert boss.post(here, data={"verdict": "correct", "words": "已核实"}).status_code == 422
        answered = boss.post(here, data={"verdict": "correct", "right": "2", "words": "已核实"})
        assert answered.status_code == 302
        assert queries.hours_about(entry) == 2
        assert boss.post(here, data={"verdict": "refuse", "words": "再答"}).status_code == 409
        told = {mail.recipient: mail.text for mail in db.session.scalars(select(Mail))}
        assert "后半场网络中断" in told["manager@iom.example"]
        assert "已核实" in told["zhang@iom.example"]
        assert "已核实" in browser.get("/archive").text

    def test_a_reasoned_no_changes_nothing(
        self, sign_in: SignIn, learner: User, manager: User, half_watched: LiveSession
    ) -> None:
        appeal = appeals.make(learner, None, "少了一场")
        said = {"verdict": "refuse", "words": "未登录观看不计学时"}
        assert sign_in(manager).post(f"/manage/credits/appeals/{appeal.id}", data=said).status_code == 302
        assert len(queries.entries_of(learner.id)) == 1
        assert "未登录观看不计学时" in sign_in(learner).get("/archive").text

    def test_nobody_appeals_for_others_or_answers_herself(
        self, sign_in: SignIn, learner: User, teacher: User, half_watched: LiveSession
    ) -> None:
        entry = queries.entries_of(learner.id)[0]
        stranger = sign_in(teacher)
        assert stranger.post("/archive/appeal", data={"entry": entry.id, "words": "x"}).status_code == 404
        holder = roles.holding(learner, Permission.CREDIT_CORRECT)
        appeal = appeals.make(holder, entry, "给我加")
        said = {"verdict": "correct", "right": "9", "words": "好"}
        assert sign_in(holder).post(f"/manage/credits/appeals/{appeal.id}", data=said).status_code == 403
        assert queries.hours_about(entry) == 1

    def test_the_nearest_managers_are_told(self, learner: User) -> None:
        institute = units.institute()
        department = units.department(institute)
        near, far = roles.manager(accounts.user(unit=department)), roles.manager(accounts.user(unit=institute))
        roles.manager(accounts.user(unit=units.institute()))
        assert appeals.correctors(accounts.user(unit=department)) == [near, far]
        assert db.session.query(Appeal).count() == 0
