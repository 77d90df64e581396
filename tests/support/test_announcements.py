"""系统公告: for the people of a unit, while they are of use, until they are put away."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.extensions import db
from app.kernel import clock
from app.live.models import LiveSession
from app.support.announcements import services
from app.support.announcements.models import Announcement, Kind
from app.units.models import Unit
from tests.conftest import SignIn
from tests.factories import accounts, units

HOUR_MS = 3_600_000
SENT = {
    "title": "今晚维护",
    "words": "22 点至 23 点",
    "kind": "maintenance",
    "from_at": "2026-01-01T08:00",
    "until_at": "2126-01-01T08:00",
}


def announced(unit: Unit, by: User, title: str = "今晚维护", **said: Any) -> Announcement:
    now_ms = clock.now_ms()
    whole = {"kind": Kind.NEWS, "words": "", "from_ms": now_ms - HOUR_MS, "until_ms": now_ms + HOUR_MS, **said}
    return services.publish(unit, by=by, title=title, **whole)


def test_a_manager_publishes_changes_and_withdraws(sign_in: SignIn, manager: User, institute: Unit) -> None:
    browser = sign_in(manager)
    assert browser.post("/manage/announcements/new", data={**SENT, "unit": institute.id}).status_code == 302
    (made,) = db.session.scalars(select(Announcement))
    assert "今晚维护" in browser.get("/live").text
    address = f"/manage/announcements/{made.id}"
    assert 'value="今晚维护"' in browser.get(address).text
    browser.post(address, data={**SENT, "unit": institute.id, "title": "改到明晚"})
    assert "改到明晚" in browser.get("/live").text
    browser.delete(address)
    assert "改到明晚" not in browser.get("/manage/announcements").text
    done = [one.action for one in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert done[-3:] == [Action.ANNOUNCED, Action.ANNOUNCEMENT_CHANGED, Action.ANNOUNCEMENT_WITHDRAWN]


def test_it_reaches_the_people_of_its_unit_and_visitors_only_from_the_academy(
    client: FlaskClient, sign_in: SignIn, manager: User, institute: Unit, admin: User
) -> None:
    announced(institute, manager, "OF-THE-INSTITUTE")
    announced(units.academy(), admin, "OF-THE-ACADEMY")
    here = accounts.user("here", unit=units.department(institute))
    elsewhere = accounts.user("elsewhere", unit=units.institute("天文研究所"))

    def seen(browser: FlaskClient) -> set[str]:
        page = browser.get("/live").text
        return {title for title in ("OF-THE-INSTITUTE", "OF-THE-ACADEMY") if title in page}

    assert seen(sign_in(here)) == {"OF-THE-INSTITUTE", "OF-THE-ACADEMY"}
    assert seen(sign_in(elsewhere)) == seen(client) == {"OF-THE-ACADEMY"}


def test_it_is_shown_from_its_beginning_to_its_end(sign_in: SignIn, manager: User, institute: Unit) -> None:
    now_ms = clock.now_ms()
    announced(institute, manager, "PAST", from_ms=now_ms - 2 * HOUR_MS, until_ms=now_ms - HOUR_MS)
    announced(institute, manager, "COMING", from_ms=now_ms + HOUR_MS, until_ms=now_ms + 2 * HOUR_MS)
    page = sign_in(manager).get("/live").text
    assert "PAST" not in page
    assert "COMING" not in page


def test_in_a_lesson_only_what_concerns_the_running_service_is_shown(
    sign_in: SignIn, learner: User, admin: User, lesson: LiveSession
) -> None:
    announced(units.academy(), admin, "NEWS-OF-TODAY")
    announced(units.academy(), admin, "RESTART-AT-TEN", kind=Kind.MAINTENANCE)
    browser = sign_in(learner)
    watch, column = browser.get(f"/live/{lesson.id}/watch").text, browser.get("/live").text
    assert "RESTART-AT-TEN" in watch
    assert "NEWS-OF-TODAY" not in watch
    assert "NEWS-OF-TODAY" in column


def test_whoever_puts_it_away_is_left_alone_until_it_says_something_else(
    client: FlaskClient, sign_in: SignIn, learner: User, admin: User
) -> None:
    made = announced(units.academy(), admin)
    browser = sign_in(learner)
    address = f"/announcements/{made.id}/dismissal"
    for one in (browser, client):
        assert one.post(address, data={"next": "/live"}).location == "/live"
        assert one.post(address, data={"next": "https://evil.example"}).location == "/"
        assert "今晚维护" not in one.get("/live").text
    assert "今晚维护" not in sign_in(learner).get("/live").text
    now_ms = clock.now_ms()
    services.change(
        made, units.academy(), by=admin, title="今晚维护取消", from_ms=now_ms - 1, until_ms=now_ms + HOUR_MS
    )
    assert "今晚维护取消" in browser.get("/live").text
    assert client.post("/announcements/999999/dismissal").status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [("until_at", "2025-12-31T08:00"), ("title", ""), ("words", "长" * 2001), ("from_at", "tomorrow"), ("unit", "1")],
)
def test_what_makes_no_sense_comes_back_with_a_sentence(
    sign_in: SignIn, manager: User, institute: Unit, field: str, value: str
) -> None:
    sent = {**SENT, "unit": institute.id, field: units.academy().id if field == "unit" else value}
    reply = sign_in(manager).post("/manage/announcements/new", data=sent)
    assert reply.status_code == 422
    assert f'id="{field}-errors"' in reply.text
    assert db.session.scalars(select(Announcement)).all() == []
