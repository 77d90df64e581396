"""Whose rule holds for which lesson, and that nobody changes it afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.credits.rules import queries, services, words
from app.credits.rules.errors import InThePast, TermsTooLate, ValidAlready
from app.credits.rules.rule import ReplayCounts, Rounding, Rule, Step
from app.extensions import db
from app.kernel import clock
from app.kernel.permissions import Permission
from app.live.models import LiveSession
from app.live.planning import services as planning
from app.live.planning.plans import plan_of
from tests.conftest import SignIn
from tests.factories import accounts, credits, live, roles, units

DAY_MS = 86_400_000


def minutes(live_session: LiveSession) -> int:
    return queries.rule_for(live_session).minutes_per_hour


def test_the_nearest_unit_above_decides(admin: User) -> None:
    institute, other = units.institute(), units.institute()
    department = units.department(institute)
    here = live.lesson(accounts.user(unit=department))
    there = live.lesson(accounts.user(unit=other))
    assert (minutes(here), minutes(there)) == (45, 45)
    credits.rule(units.academy(), admin, minutes_per_hour=50)
    credits.rule(institute, admin, minutes_per_hour=40)
    for lesson in (here, there):
        lesson.starts_at_ms = clock.now_ms() + 1
    db.session.commit()
    assert (minutes(here), minutes(there)) == (40, 50)
    services.make(institute, None, valid_from_ms=clock.now_ms(), note="", by=admin)
    here.starts_at_ms = clock.now_ms() + 1
    db.session.commit()
    assert minutes(here) == 50
    assert queries.rules_for([here, there])[here.id] == queries.rule_for(here)


def test_a_lesson_keeps_the_rule_under_which_it_began(admin: User, teacher: User) -> None:
    begun = live.on_air(teacher)
    later = live.lesson(teacher, starts_at_ms=clock.now_ms() + 3 * DAY_MS, ends_at_ms=clock.now_ms() + 4 * DAY_MS)
    credits.rule(units.academy(), admin, from_ms=clock.now_ms() + DAY_MS, minutes_per_hour=50)
    assert (minutes(begun), minutes(later)) == (45, 50)
    with pytest.raises(InThePast):
        credits.rule(units.academy(), admin, from_ms=clock.now_ms() - DAY_MS)


def test_only_a_rule_that_is_not_valid_yet_is_withdrawn(admin: User, teacher: User) -> None:
    valid = credits.rule(units.academy(), admin, minutes_per_hour=50)
    coming = credits.rule(units.academy(), admin, from_ms=clock.now_ms() + DAY_MS, minutes_per_hour=60)
    later = live.lesson(teacher, starts_at_ms=clock.now_ms() + 3 * DAY_MS, ends_at_ms=clock.now_ms() + 4 * DAY_MS)
    assert minutes(later) == 60
    services.withdraw(coming, by=admin)
    assert minutes(later) == 50
    with pytest.raises(ValidAlready):
        services.withdraw(valid, by=admin)
    noted = [
        entry.action
        for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)
        if entry.action.startswith("credit.")
    ]
    assert noted == [Action.CREDIT_RULE_MADE, Action.CREDIT_RULE_MADE, Action.CREDIT_RULE_WITHDRAWN]


@pytest.mark.parametrize("statement", ["UPDATE credits_rule SET body = ''", "DELETE FROM credits_rule"])
def test_the_database_refuses_to_change_a_rule(admin: User, statement: str) -> None:
    credits.rule(units.academy(), admin)
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(text(statement))
    db.session.rollback()


def test_a_rule_survives_being_written_down(admin: User) -> None:
    said = Rule(
        minutes_per_hour=50, rounding=Rounding.HALVES, steps=(Step(60, Decimal("0.25")),), most_per_day=Decimal(8),
        least_share=75, replay=ReplayCounts.FOR_DAYS, replay_days=7, most_speed=1.5, rollcalls_needed=80,
        checks_per_hour=2, teachers_too=True, once=False,
    )  # fmt: skip
    version = services.make(units.academy(), said, valid_from_ms=clock.now_ms(), note="", by=admin)
    db.session.expire_all()
    assert version.rule == said
    assert version.digest == version.digested()
    assert Rule.from_json('{"minutes_per_hour":50}') == Rule(minutes_per_hour=50)  # of a version with fewer fields


def test_a_copy_knows_the_first_of_its_kind(sign_in: SignIn, teacher: User) -> None:
    first = live.lesson(teacher, "超导")
    second = planning.schedule(plan_of(first).shifted(DAY_MS, "超导二"), owner=teacher, copied=first)
    third = planning.schedule(plan_of(second).shifted(DAY_MS, "超导三"), owner=teacher, copied=second)
    assert set(queries.copies_of(second)) == {first.id, second.id, third.id}
    begins = datetime.now(UTC) + timedelta(days=2)
    filled = {"subject": "超导四", "mode": "lecture_hall", "audience": "academy", "recording_policy": "from_start",
              "starts_at": f"{begins:%Y-%m-%dT10:00}", "ends_at": f"{begins:%Y-%m-%dT11:00}", "weeks": "1"}  # fmt: skip
    assert sign_in(teacher).post(f"/live/{third.id}/copy", data=filled).status_code == 302
    fourth = db.session.query(LiveSession).filter_by(subject="超导四").one()
    assert fourth.original_id == first.id


def test_a_manager_fixes_the_hours_of_a_lesson_until_it_is_over(admin: User, teacher: User) -> None:
    lesson = live.on_air(teacher)
    services.decide(lesson, category="general", fixed=Decimal("1.5"), reason="", by=admin)
    services.decide(lesson, category="professional", fixed=Decimal(2), reason="", by=admin)
    terms = queries.terms_for(lesson.id)
    assert terms is not None
    assert (terms.category, terms.fixed) == ("professional", 2)
    assert queries.terms_of([lesson.id]) == {lesson.id: terms}
    live.services.end(lesson, by=teacher)
    with pytest.raises(TermsTooLate):
        services.decide(lesson, category="", fixed=None, reason="", by=admin)


def test_fixed_hours_need_most_of_the_lesson() -> None:
    assert Rule().hours(74 * 60, 100 * 60, Decimal(2)) == 0
    assert Rule().hours(75 * 60, 100 * 60, Decimal(2)) == 2
    assert Rule(least_share=50).hours(50 * 60, 100 * 60, Decimal(2)) == 2


def test_the_sentence_says_everything_that_differs(app: object) -> None:
    said = Rule(least_share=75, most_per_day=Decimal(8), replay=ReplayCounts.FOR_DAYS, replay_days=7)
    with app.test_request_context():  # type: ignore[attr-defined]
        sentence = words.sentence(said)
    for word in ("45", "75%", "8", "7"):
        assert word in sentence


class TestPages:
    def test_introduction_page_and_card_say_what_a_lesson_brings(
        self, sign_in: SignIn, teacher: User, learner: User, admin: User
    ) -> None:
        credits.rule(units.academy(), admin, minutes_per_hour=30, least_share=75)
        lesson = live.lesson(teacher)
        services.decide(lesson, category="professional", fixed=None, reason="", by=admin)
        page = sign_in(learner).get(f"/live/{lesson.id}")
        assert "每观看 30 分钟计 1 学时" in page.text
        assert "至少观看 75%" in page.text
        assert "专业科目" in page.text
        assert f"/live/{lesson.id}/hours" not in page.text
        assert "最多 2 学时" in sign_in(learner).get("/live").text
        assert f"/live/{lesson.id}/hours" in sign_in(admin).get(f"/live/{lesson.id}").text

    def test_a_manager_makes_a_rule_by_its_form(self, sign_in: SignIn) -> None:
        institute = units.institute()
        browser = sign_in(roles.holding(accounts.user(unit=institute), Permission.CREDIT_RULES))
        page = browser.get(f"/manage/credits/rules/{institute.id}")
        assert "没有自己的规则" in page.text
        day = datetime.now(UTC) + timedelta(days=3)
        filled = {"minutes_per_hour": "50", "rounding": "none", "steps": "30 1\n15 0.5\n0 0.25", "least_share": "60",
                  "replay": "no", "most_speed": "1.5", "rollcalls_needed": "0", "checks_per_hour": "0",
                  "valid_from": f"{day:%Y-%m-%d}", "note": "新办法", "once": "y"}  # fmt: skip
        here = f"/manage/credits/rules/{institute.id}"
        preview = browser.post(f"{here}/preview", data=filled, headers={"HX-Request": "true"})
        assert "90 分钟的课，观看 60 分钟" in preview.text
        assert "计 1 学时" in preview.text
        assert browser.post(here, data=filled).status_code == 302
        shown = browser.get(here).text
        assert "30 分钟起" in shown
        assert "新办法" in shown
        assert browser.post(here, data={**filled, "steps": "half an hour"}).status_code == 422
        past = browser.post(here, data={**filled, "valid_from": "2020-01-01"})
        assert past.status_code == 409
        assert "过去" in past.text
        (version,) = queries.history(institute)
        assert version.rule is not None
        assert [one.hours for one in version.rule.steps] == [Decimal("0.25"), Decimal("0.5"), Decimal(1)]
        assert browser.delete(f"{here.rsplit('/', 1)[0]}/versions/{version.id}").status_code == 302
        assert "已撤回" in browser.get(here).text

    def test_the_academys_categories_are_kept_by_those_who_manage_it(self, sign_in: SignIn, admin: User) -> None:
        local = sign_in(roles.holding(accounts.user(unit=units.institute()), Permission.CREDIT_RULES))
        assert local.post("/manage/credits/rules/categories", data={"name": "党建"}).status_code == 404
        browser = sign_in(admin)
        assert browser.post("/manage/credits/rules/categories", data={"name": "党建"}).status_code == 302
        assert browser.post("/manage/credits/rules/categories", data={"name": "党建"}).status_code == 409
        assert "党建" in browser.get("/manage/credits/rules").text
        (category,) = queries.own_categories()
        assert browser.delete(f"/manage/credits/rules/categories/{category.id}").status_code == 302
        assert queries.own_categories() == []
