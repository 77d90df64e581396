"""What managers see of learning hours: within their units, and each download in the log."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine
from flask import Flask
from openpyxl import load_workbook

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.credits.counting.stretches import Stretches
from app.credits.ledger import chain, closing, queries
from app.credits.reports import targets
from app.extensions import db
from app.kernel import charts, clock
from app.kernel.unit_of_work import unit_of_work
from app.live import services as lives
from app.live.joining import services as joining
from app.live.models import LiveSession
from app.mail.models import Mail
from app.units.models import Unit
from tests.classroom.cast import Room
from tests.conftest import SignIn
from tests.factories import accounts, credits, roles, slides, units
from tests.reading import Page


class World:
    """Two institutes, a lesson that people of both watched, a manager of each."""

    def __init__(self, teacher: User) -> None:
        self.here, self.there = units.institute("物质研究所"), units.institute("天文研究所")
        self.lab: Unit = units.department(self.here, "低温室")
        self.hers = accounts.user("hers", "甲一", unit=self.lab, email="hers@iom.example")
        self.other = accounts.user("other", "甲二", unit=self.here)
        self.strange = accounts.user("strange", "乙一", unit=self.there)
        self.absent = accounts.user("absent", "甲三", unit=self.lab)
        self.manager = roles.manager(accounts.user("manager", "主管", unit=self.here))
        self.elsewhere = roles.manager(accounts.user("elsewhere", "别处", unit=self.there))
        self.lesson: LiveSession = credits.taught(teacher, "低温超导", minutes=90)
        with unit_of_work():
            self.lesson.stream.kept_ms = 5_400_000
        credits.watched(self.lesson, self.hers, (0, 2700))
        credits.watched(self.lesson, self.other, (1350, 5400))
        credits.watched(self.lesson, self.strange, (0, 5400))
        closing.close(self.lesson.id)


@pytest.fixture
def world(app: Flask, teacher: User) -> World:
    return World(teacher)


def seen(page: str) -> set[str]:
    return {name for name in ("甲一", "甲二", "甲三", "乙一") if name in page}


def exports() -> list[str]:
    return [
        entry.object
        for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)
        if entry.action == Action.CREDITS_EXPORTED
    ]


class TestLesson:
    def test_a_manager_sees_her_own_people(self, sign_in: SignIn, world: World, admin: User) -> None:
        address = f"/live/{world.lesson.id}/viewers"
        page = sign_in(world.manager).get(address).text
        assert seen(page) == {"甲一", "甲二"}
        for word in ("0:45:00", "50.0%", "1.00", "1:07:30", "75.0%", "1.50", "最多同时 2 人"):
            assert word in page
        assert seen(sign_in(world.elsewhere).get(address).text) == {"乙一"}
        assert seen(sign_in(admin).get(address).text) == {"甲一", "甲二", "乙一"}
        nobody = roles.manager(accounts.user(unit=units.institute()))
        assert sign_in(nobody).get(address).status_code == 404

    def test_whoever_signed_up_and_did_not_come_is_absent(
        self, sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with unit_of_work():
            db.session.add(joining.Learner(live_id=world.lesson.id, user=world.absent, signed_up_ms=1))
        page = sign_in(world.manager).get(f"/live/{world.lesson.id}/viewers").text
        assert "甲三" in page.partition("受邀或报名但未观看")[2]

    def test_it_is_taken_home_and_noted(self, sign_in: SignIn, world: World) -> None:
        browser = sign_in(world.manager)
        reply = browser.post(f"/live/{world.lesson.id}/viewers.xlsx")
        rows = list(load_workbook(io.BytesIO(reply.data)).worksheets[0].iter_rows(values_only=True))
        assert [(row[0], row[4], float(row[7])) for row in rows[1:]] == [("甲一", 2700, 1.0), ("甲二", 4050, 1.5)]
        assert "甲一" in browser.post(f"/live/{world.lesson.id}/viewers.csv").text
        assert exports() == ["低温超导", "低温超导"]

    def test_lessons_are_listed_and_led_to(self, sign_in: SignIn, world: World) -> None:
        address = f"/live/{world.lesson.id}/viewers"
        assert address in sign_in(world.manager).get("/manage/credits/lessons").text
        nobody = roles.manager(accounts.user(unit=units.institute()))
        assert address not in sign_in(nobody).get("/manage/credits/lessons").text


class TestPeople:
    def test_people_with_hours_and_what_they_lack(self, sign_in: SignIn, world: World, admin: User) -> None:
        year = chain.year_of(clock.now_ms())
        targets.set_for(world.here, year, {"": Decimal("1.5")}, by=admin)
        browser = sign_in(world.manager)
        page = browser.get("/manage/credits/people").text
        assert seen(page) == {"甲一", "甲二", "甲三"}
        lacking = browser.get("/manage/credits/people?lacking=1").text
        assert seen(lacking) == {"甲一", "甲三"}
        assert "全部类别 0.5" in lacking
        targets.set_for(world.lab, year, {"": Decimal(1)}, by=admin)  # a department may have its own
        assert seen(browser.get("/manage/credits/people?lacking=1").text) == {"甲三"}
        assert browser.get(f"/manage/credits/people?unit={world.there.id}").status_code == 404

    def test_one_press_reminds_those_who_lack_hours(self, sign_in: SignIn, world: World, admin: User) -> None:
        targets.set_for(world.here, chain.year_of(clock.now_ms()), {"": Decimal(90)}, by=admin)
        browser = sign_in(world.manager)
        assert browser.post(f"/manage/credits/{world.here.id}/reminders").status_code == 302
        (letter,) = db.session.query(Mail)
        assert letter.recipient == "hers@iom.example"
        assert "全部类别：还差 89 学时" in letter.text
        assert browser.post(f"/manage/credits/{world.here.id}/reminders").status_code == 409

    def test_the_list_is_taken_home_and_noted(self, sign_in: SignIn, world: World) -> None:
        browser = sign_in(world.manager)
        lines = browser.post("/manage/credits/people/export.csv").text.splitlines()
        assert [line.split(",")[0] for line in lines[1:]] == ["主管", "甲一", "甲三", "甲二"] or len(lines) == 5
        assert browser.post("/manage/credits/people/export.xlsx").status_code == 200
        assert len(exports()) == 2

    def test_departments_are_compared(self, sign_in: SignIn, world: World, admin: User) -> None:
        page = sign_in(admin).get("/manage/credits/people/departments").text
        assert page.index("天文研究所") < page.index("物质研究所", page.index("<tbody>"))
        targets.set_for(world.here, chain.year_of(clock.now_ms()), {"": Decimal(1)}, by=admin)
        own = sign_in(world.manager).get("/manage/credits/people/departments").text
        assert "1 / 2" in own.partition("低温室")[2], "of two people one has reached the target"

    def test_targets_are_set_by_those_who_make_rules(self, sign_in: SignIn, world: World, admin: User) -> None:
        here = f"/manage/credits/{world.here.id}/targets"
        assert sign_in(world.manager).post(here, data={}).status_code == 403
        browser = sign_in(admin)
        year = chain.year_of(clock.now_ms())
        assert browser.post(here, data={"year": year, "hours-0": "90", "hours-2": "60"}).status_code == 302
        assert targets.of_unit(world.lab, year) == {"": 90, "professional": 60}
        assert targets.of_unit(world.lab, year + 1) == {"": 90, "professional": 60}
        assert targets.of_unit(world.there, year) == {}
        for wrong in ("viel", "NaN", "-1"):
            reply = browser.post(here, data={"year": year, "hours-0": "90", "hours-2": wrong})
            assert reply.status_code == 422
            assert 'href="#hours-2"' in reply.text
            assert f'value="{wrong}"' in reply.text
        assert "60" in browser.get(here).text


class TestByHand:
    def test_hours_are_corrected_within_reach(self, sign_in: SignIn, world: World) -> None:
        entry = queries.entries_of(world.hers.id)[0]
        address = f"/manage/credits/entries/{entry.id}"
        browser = sign_in(world.manager)
        assert "0:45:00 / 1:30:00 (50.0%)" in browser.get(address).text
        assert browser.post(address, data={"right": "2", "reason": ""}).status_code == 422
        assert browser.post(address, data={"right": "2", "reason": "网络故障"}).status_code == 302
        assert queries.hours_about(entry) == 2
        assert "网络故障" in browser.get(f"/manage/credits/people/{world.hers.id}").text
        other = sign_in(world.elsewhere)
        assert other.get(address).status_code == 404
        assert other.post(address, data={"right": "9", "reason": "x"}).status_code == 404
        assert other.get(f"/manage/credits/people/{world.hers.id}").status_code == 404

    def test_hours_from_elsewhere_come_with_a_proof(self, sign_in: SignIn, world: World) -> None:
        browser, address = sign_in(world.manager), f"/manage/credits/people/{world.hers.id}"
        said = {"title": "省培训班", "hours": "8", "category": "general", "day": "2026-03-01", "reason": "证书齐全"}
        reply = browser.post(address, data={**said, "proof": (io.BytesIO(b"%PDF-1.7"), "证书.pdf")})
        assert reply.status_code == 302
        entry = queries.entries_of(world.hers.id, 2026)[-1]
        assert (entry.title, entry.hours, entry.kind) == ("省培训班", 8, "brought")
        file = browser.get(f"/manage/credits/entries/{entry.id}/proof")
        assert (file.data, file.mimetype) == (b"%PDF-1.7", "application/pdf")
        assert "attachment" in file.headers["Content-Disposition"]
        assert sign_in(world.elsewhere).get(f"/manage/credits/entries/{entry.id}/proof").status_code == 404
        wrong = browser.post(address, data={**said, "proof": (io.BytesIO(b"MZ"), "x.exe")})
        assert wrong.status_code == 422

    def test_nobody_gives_herself_hours(self, sign_in: SignIn, world: World) -> None:
        said = {"title": "x", "hours": "8", "category": "", "day": "2026-03-01", "reason": "x"}
        reply = sign_in(world.manager).post(f"/manage/credits/people/{world.manager.id}", data=said)
        assert reply.status_code == 403
        assert queries.entries_of(world.manager.id) == []


def test_the_curve_counts_each_person_once_at_a_time(app: Flask) -> None:
    programme: Stretches = [(0, 240_000)]
    with app.test_request_context():
        _picture, most = charts.curve(programme, charts.Crowd([[(0, 500), (600, 240_000)], [(120_000, 180_000)]]))
    assert most == 2


def test_pages_stand_beneath_the_curve_and_lead_into_the_replay(room: Room) -> None:
    began = datetime.fromtimestamp((room.live.started_at_ms or 0) / 1000, UTC)
    with time_machine.travel(began, tick=False) as now:
        deck = slides.deck(room.live, pages=2)
        shown = []
        for page in (1, 2):
            shown.append(clock.now_ms())
            room.do("teacher", "slides.show", document=deck.id, page=page, step=0, at=shown[-1])
            now.shift(600)
        lives.end(room.live, by=room.live.owner)
        with unit_of_work():
            room.live.stream.air = [[shown[0], clock.now_ms()]]
            room.live.stream.kept_ms = 1_200_000
        credits.over(room.live)
        credits.watched(room.live, room.people["learner"], (0, 900))
        credits.watched(room.live, room.people["other"], (300, 1200))
        closing.open_for(room.live_id)
        closing.close(room.live_id)
        page = Page(room.browser("manager").get(f"/live/{room.live_id}/viewers").text)
    moments = {f"/live/{room.live_id}/replay#at={at}" for at in shown}
    pictures = [at["href"] for tag, at in page.elements if tag == "image"]
    assert len(set(pictures)) == 2
    links = [at["href"] for tag, at in page.elements if tag == "a" and at.get("href") in moments]
    assert sorted(links) == sorted([*moments, *moments, *moments]), "over the curve, the picture, and in words"
    assert "0:10:00，第 2 页：2 人" in page.text


def test_pictures_that_would_cover_one_another_are_left_out(app: Flask) -> None:
    marks = [charts.Mark(at, "", "", f"/{at}.webp") for at in (0, 50, 500, 990)]
    with app.test_request_context():
        drawn = str(charts.pictures([(0, 1000)], marks))
        assert [at in drawn for at in ("/0.webp", "/50.webp", "/500.webp", "/990.webp")] == [True, False, True, True]
        assert 'x="900"' in drawn, "the last one stays within"
        assert charts.pictures([], marks) == charts.pictures([(0, 1000)], [charts.Mark(0, "", "")]) == ""
