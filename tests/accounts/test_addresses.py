"""One's own page, and a new e-mail address of one's own."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import addresses
from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.extensions import db
from tests.accounts.conftest import link_in, mailed
from tests.conftest import SignIn
from tests.factories import accounts, units


def test_the_profile_says_what_is_known(sign_in: SignIn) -> None:
    laboratory = units.department(units.institute("物质研究所"), "低温实验室")
    page = sign_in(accounts.user("li", "李四", unit=laboratory, email="li@iom.example")).get("/account").text
    for known in ("李四", "li", "li@iom.example", "物质研究所 / 低温实验室"):
        assert known in page


def test_a_new_address_counts_when_its_link_is_opened(sign_in: SignIn, client: FlaskClient, person: User) -> None:
    browser = sign_in(person)
    browser.post("/account/address", data={"email": "New@iom.example"})
    (mail,) = mailed()
    assert mail.recipient == "new@iom.example"
    assert person.email == "zhang@iom.example"
    link = link_in(mail)
    assert "new@iom.example" in client.get(link).text
    client.post(link)
    db.session.refresh(person)
    assert person.email == "new@iom.example"
    assert client.get(link).status_code == client.post(link).status_code == 404


def test_the_old_address_is_told_and_the_log_knows(client: FlaskClient, sign_in: SignIn, person: User) -> None:
    sign_in(person).post("/account/address", data={"email": "new@iom.example"})
    client.post(link_in(mailed()[0]))
    told = mailed()[1]
    assert told.recipient == "zhang@iom.example"
    assert "new@iom.example" in told.text
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == Action.PERSON_CHANGED)).one()
    assert entry.details == {"before": "zhang@iom.example", "after": "new@iom.example"}


def test_what_is_no_address_or_anothers_is_refused_beside_the_field(sign_in: SignIn, person: User) -> None:
    browser = sign_in(person)
    accounts.user("other", email="other@iom.example")
    taken = browser.post("/account/address", data={"email": "OTHER@iom.example"})
    assert taken.status_code == 409
    assert 'value="OTHER@iom.example"' in taken.text, "nothing typed is lost"
    for wrong in ("no address", "a@b", "a b@iom.example", "", "x" * 250 + "@iom.example"):
        assert browser.post("/account/address", data={"email": wrong}).status_code == 422
    assert mailed() == []


def test_an_address_that_somebody_got_meanwhile_is_refused(client: FlaskClient, person: User) -> None:
    with client.application.test_request_context():
        addresses.ask_for(person, "new@iom.example")
    accounts.user("other", email="new@iom.example")
    assert client.post(link_in(mailed()[0])).status_code == 409
    db.session.refresh(person)
    assert person.email == "zhang@iom.example"


def test_a_forged_link_leads_to_ones_own_page(client: FlaskClient) -> None:
    reply = client.get("/account/address/forged")
    assert reply.status_code == 404
    assert 'href="/account"' in reply.text
