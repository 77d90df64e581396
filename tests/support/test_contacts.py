"""Whom to ask: kept by managers for their units, and shown to their people."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.extensions import db
from app.support.contact import services
from app.units.models import Unit
from tests.conftest import SignIn
from tests.factories import accounts, units

WAYS = {
    "qq_number": "12345678",
    "qq_link": "https://qm.example/q/1",
    "telephone": "010-1",
    "email": "a@b.example",
    "hours": "9–17",
}


def test_a_manager_enters_the_contact_and_pages_show_it(
    client: FlaskClient, sign_in: SignIn, manager: User, institute: Unit
) -> None:
    browser = sign_in(manager)
    assert browser.post(f"/manage/contacts/{institute.id}", data=WAYS).status_code == 302
    assert "12345678" in browser.get("/live").text
    help_page = browser.get("/help").text
    assert "010-1" in help_page
    assert "<svg" in help_page
    assert 'class="qr"' in help_page
    assert "12345678" not in client.get("/live").text
    entry = db.session.query(AuditEntry).filter_by(action=Action.CONTACT_CHANGED).one()
    assert entry.unit_id == institute.id


def test_people_see_the_nearest_first_and_visitors_the_academys(
    client: FlaskClient, sign_in: SignIn, manager: User, institute: Unit
) -> None:
    services.change(units.academy(), by=manager, **{**WAYS, "telephone": "academy-line"})
    services.change(institute, by=manager, **{**WAYS, "telephone": "institute-line"})
    person = accounts.user("p", unit=units.department(institute))
    foot = sign_in(person).get("/live").text
    assert "institute-line" in foot
    assert "academy-line" not in foot
    page = sign_in(person).get("/help").text
    assert page.index("institute-line") < page.index("academy-line")
    elsewhere = accounts.user("e", unit=units.institute("天文研究所"))
    assert "academy-line" in sign_in(elsewhere).get("/live").text
    visitors = client.get("/help").text
    assert "academy-line" in visitors
    assert "institute-line" not in visitors


@pytest.mark.parametrize(
    ("field", "value"),
    [("qq_number", "group 5"), ("qq_link", "javascript:alert(1)"), ("email", "nobody"), ("telephone", "1" * 81)],
)
def test_a_value_that_makes_no_sense_comes_back_with_a_sentence(
    sign_in: SignIn, manager: User, institute: Unit, field: str, value: str
) -> None:
    reply = sign_in(manager).post(f"/manage/contacts/{institute.id}", data={**WAYS, field: value})
    assert reply.status_code == 422
    assert f'id="{field}-errors"' in reply.text
