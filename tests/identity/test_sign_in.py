"""Signing in through a real identity provider."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from urllib.parse import urljoin

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import create_app
from app.accounts import queries as accounts_read
from app.accounts.models import User
from app.audit.models import AuditEntry
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from tests.conftest import ROOT, Browser
from tests.factories import accounts, units

CALLBACK = "http://localhost/sign-in/provider/callback"

PEOPLE = {
    "wang": {
        "name": "王新",
        "preferred_username": "Wang.Xin",
        "email": "Wang@iom.example",
        "email_verified": True,
        "organization": "IOM",
        "staff": "M9",
        "place": {"unit": ["物质研究所/培训处"]},
    },
    "li": {"name": "李生", "email": "li@iom.example", "email_verified": False, "organization": "没有的研究所"},
    "bare": {},
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider that runs while the tests of this file do."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = ["node", "tests/identity/provider.mjs", str(port), CALLBACK, json.dumps(PEOPLE)]
    with subprocess.Popen(
        argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert any(line.strip() == "ready" for line in process.stdout)
        yield f"http://127.0.0.1:{port}"
        process.kill()


class Academy:
    """The app beside a provider."""

    def __init__(self, app: Flask, issuer: str, **settings: object) -> None:
        names = ("DATA_DIR", "MEDIA_ROOT", "DATABASE_URL", "SECRET_KEY", "WORKER_SECRET", "MEDIA_SECRET")
        own = {name: app.config[name] for name in names}
        oidc = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": "jiangtang", "OIDC_CLIENT_SECRET": "a-client-secret"}
        self.app = create_app({**own, **oidc, "TESTING": True, "WTF_CSRF_ENABLED": False, **settings})
        self.app.test_client_class = Browser

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


Opener = Callable[..., Academy]


@pytest.fixture
def open_academy(app: Flask, issuer: str) -> Iterator[Opener]:
    """Makes academies beside the provider, or beside another one: open_academy(OIDC_NAME="…")."""
    opened: list[Academy] = []

    def opener(**settings: object) -> Academy:
        opened.append(Academy(app, str(settings.pop("issuer", issuer)), **settings))
        return opened[-1]

    yield opener
    for one in opened:
        one.close()


@pytest.fixture
def academy(open_academy: Opener) -> Academy:
    return open_academy()


def through(browser: FlaskClient, person: str, *, wanted: str = "/live/mine", agree: bool = True) -> str:
    """Walk to the provider, sign in there and agree; gives the address with which it sends the browser back."""
    leaving = browser.get(f"/sign-in/provider?next={wanted}")
    assert leaving.status_code == 302, leaving.text
    with requests.Session() as session:
        reply = session.get(leaving.headers["Location"], allow_redirects=False, timeout=5)
        while True:
            while reply.is_redirect:
                target = urljoin(reply.url, reply.headers["Location"])
                if target.startswith(CALLBACK):
                    return target
                reply = session.get(target, allow_redirects=False, timeout=5)
            if not agree:
                target = re.findall(r'href="([^"]*/abort)"', reply.text)[0]
                reply = session.get(urljoin(reply.url, target), allow_redirects=False, timeout=5)
                continue
            form = re.findall(r'<form[^>]*action="([^"]+)"', reply.text)[0]
            prompt = re.findall(r'name="prompt" value="(\w+)"', reply.text)[0]
            data = {"prompt": prompt, "login": person, "password": "any"}
            reply = session.post(urljoin(reply.url, form), data=data, allow_redirects=False, timeout=5)


def signed_in_as(browser: FlaskClient) -> str:
    found = re.search(r'<span class="account__name">([^<]*)', browser.get("/").text)
    return found[1] if found else ""


def test_somebody_new_gets_an_account_in_her_unit(academy: Academy) -> None:
    institute = units.institute("物质研究所", code="IOM")
    browser = academy.browser()
    reply = browser.get(through(browser, "wang"))
    assert reply.headers["Location"] == "/live/mine"
    assert signed_in_as(browser) == "王新"
    user = accounts_read.user_by_name("wang.xin")
    assert user is not None
    assert (user.email, user.unit_id, user.password_hash) == ("wang@iom.example", institute.id, None)
    log = db.session.scalars(select(AuditEntry.action)).all()
    assert "person.created" in log


def test_the_second_time_it_is_the_same_person_with_her_new_name_and_unit(academy: Academy) -> None:
    first = academy.browser()
    first.get(through(first, "wang"))
    user = accounts_read.user_by_name("wang.xin")
    assert user is not None
    assert user.unit_id == units.academy().id, "no such unit: the academy itself"
    with unit_of_work():
        user.real_name = "王旧"
    institute = units.institute("物质研究所", code="IOM")
    again = academy.browser()
    again.get(through(again, "wang"))
    db.session.refresh(user)
    assert (user.real_name, user.unit_id) == ("王新", institute.id)
    assert len(db.session.scalars(select(User)).all()) == 1
    assert "person.moved" in db.session.scalars(select(AuditEntry.action)).all()


def test_an_account_is_hers_when_the_provider_vouches_for_its_address(academy: Academy) -> None:
    known = accounts.user("wangxin", "王新", email="wang@iom.example")
    browser = academy.browser()
    browser.get(through(browser, "wang"))
    db.session.refresh(known)
    assert known.identity is not None
    assert known.password_hash is None, "whoever prepared the account has no way in any more"
    assert len(db.session.scalars(select(User)).all()) == 1


def test_a_code_that_is_another_units_name_decides_nothing(academy: Academy) -> None:
    units.institute("IOM")
    units.department(units.institute("别处"), "陷阱").code = "IOM"
    db.session.commit()
    browser = academy.browser()
    browser.get(through(browser, "wang"))
    user = accounts_read.user_by_name("wang.xin")
    assert user is not None
    assert user.unit_id == units.academy().id


def test_an_address_that_is_not_verified_opens_nobodys_account(academy: Academy) -> None:
    known = accounts.user("lisheng", "李生", email="li@iom.example")
    browser = academy.browser()
    browser.get(through(browser, "li"))
    db.session.refresh(known)
    assert known.identity is None
    other = db.session.scalars(select(User).where(User.id != known.id)).one()
    assert (other.username, other.email) == ("li", None)


def test_an_account_that_belongs_to_another_identity_is_not_taken_over(academy: Academy) -> None:
    known = accounts.user("wangxin", "王新", email="wang@iom.example")
    with unit_of_work():
        known.identity = "somebody else"
    browser = academy.browser()
    browser.get(through(browser, "wang"))
    db.session.refresh(known)
    assert known.identity == "somebody else"
    assert signed_in_as(browser) == "王新"


def test_staff_numbers_count_where_the_settings_trust_them(open_academy: Opener) -> None:
    known = accounts.user("m9")
    with unit_of_work():
        known.staff_number = "M9"
    browser = open_academy(OIDC_STAFF_CLAIM="staff").browser()
    browser.get(through(browser, "wang"))
    db.session.refresh(known)
    assert known.identity is not None


def test_a_unit_is_found_by_its_path_in_a_nested_claim(open_academy: Opener) -> None:
    units.department(units.institute("天文研究所"), "培训处")
    wanted = units.department(units.institute("物质研究所"), "培训处")
    browser = open_academy(OIDC_UNIT_CLAIM="place.unit").browser()
    browser.get(through(browser, "wang"))
    user = accounts_read.user_by_name("wang.xin")
    assert user is not None
    assert user.unit_id == wanted.id


def test_whoever_is_nobody_but_a_number_is_let_in_all_the_same(academy: Academy) -> None:
    browser = academy.browser()
    browser.get(through(browser, "bare"))
    assert signed_in_as(browser) == "bare"


def test_accounts_are_made_only_where_that_is_wanted(open_academy: Opener) -> None:
    browser = open_academy(OIDC_CREATE_ACCOUNTS=False).browser()
    reply = browser.get(through(browser, "wang"))
    assert reply.status_code == 403
    assert "培训主管" in reply.text
    assert db.session.scalars(select(User)).all() == []


def test_a_closed_account_stays_closed(academy: Academy) -> None:
    known = accounts.user("wangxin", email="wang@iom.example")
    with unit_of_work():
        known.closed_ms = 1
    browser = academy.browser()
    assert browser.get(through(browser, "wang")).status_code == 403
    assert signed_in_as(browser) == ""


def test_what_is_cancelled_used_twice_or_tampered_with_signs_nobody_in(academy: Academy) -> None:
    browser = academy.browser()
    assert browser.get(through(browser, "wang", agree=False)).status_code == 400
    back = through(browser, "wang")
    tampered = back.replace("state=", "state=x", 1)
    assert browser.get(tampered).status_code == 400
    assert academy.browser().get(back).status_code == 400, "another browser did not begin this"
    assert signed_in_as(browser) == ""
    assert browser.get(back).status_code == 302
    browser.post("/sign-out")
    assert browser.get(back).status_code == 400
    assert signed_in_as(browser) == ""


def test_one_comes_back_to_pages_of_this_site_only(academy: Academy) -> None:
    browser = academy.browser()
    assert browser.get(through(browser, "wang", wanted="https://evil.example/")).headers["Location"] == "/"


def test_the_page_offers_both_ways_and_one_works_without_the_other(open_academy: Opener) -> None:
    person = accounts.user("person", "张三")
    browser = open_academy(issuer="http://127.0.0.1:9", OIDC_NAME="科技云通行证").browser()
    assert "科技云通行证" in browser.get("/sign-in").text
    reply = browser.get("/sign-in/provider")
    assert reply.status_code == 502
    assert "用户名和密码" in reply.text
    browser.post("/sign-in", data={"username": "person", "password": accounts.PASSWORD})
    assert signed_in_as(browser) == person.real_name


def test_without_a_provider_there_is_no_such_way(client: FlaskClient) -> None:
    assert "/sign-in/provider" not in client.get("/sign-in").text
    assert client.get("/sign-in/provider").status_code == 404
