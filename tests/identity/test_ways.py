"""The way through a real identity provider: where it leads, and where it ends instead."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.config import BadSetting
from app.extensions import db
from app.identity import provider as provider_room
from tests.factories import accounts
from tests.identity.academy import Academy, Opener, at_the_provider, free_port, provider, signed_in_as, through


def code_of(reply: TestResponse) -> str:
    """Return the sign by which an error page is known: its status and where its button leads."""
    way_out = re.search(r'<a class="button button--primary"[^>]*href="([^"]*)"', reply.text)
    return f"{reply.status_code} {way_out[1] if way_out else ''}"


@pytest.fixture
def port() -> Iterator[int]:
    """A port on which nothing answers yet."""
    with free_port() as found:
        pass
    return found


def test_one_comes_back_to_where_one_was_going(academy: Academy) -> None:
    browser = academy.browser()
    wanted = "/live/mine?tab=1&q=王"
    assert browser.get(through(browser, "wang", wanted=wanted)).headers["Location"].startswith("/live/mine?tab=1&q=")


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "", "/" + "x" * 4000])
def test_one_comes_back_to_pages_of_this_site_only(academy: Academy, wanted: str) -> None:
    browser = academy.browser()
    assert browser.get(through(browser, "wang", wanted=wanted)).headers["Location"] == "/"


def test_whoever_is_signed_in_needs_no_provider(academy: Academy) -> None:
    browser = academy.browser()
    browser.get(through(browser, "wang"))
    assert browser.get("/sign-in/provider?next=/live/mine").headers["Location"] == "/live/mine"


def test_the_provider_is_asked_as_the_standard_has_it(academy: Academy) -> None:
    address = academy.browser().get("/sign-in/provider").headers["Location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["ui_locales"] == "zh-CN"
    assert len(asked["state"]) >= 20
    assert len(asked["nonce"]) >= 20


def test_whoever_turns_back_is_told_how_to_begin_again(academy: Academy) -> None:
    browser = academy.browser()
    reply = browser.get(through(browser, "wang", agree=False))
    assert code_of(reply) == "400 /sign-in"
    assert signed_in_as(browser) == ""


def test_a_way_that_was_tampered_with_leads_nowhere(academy: Academy) -> None:
    browser = academy.browser()
    back = through(browser, "wang")
    assert code_of(browser.get(re.sub(r"state=\w+", "state=another", back))) == "400 /sign-in"
    assert code_of(browser.get(re.sub(r"code=\w+", "code=another", back))) == "400 /sign-in"
    assert code_of(browser.get("/sign-in/provider/callback")) == "400 /sign-in"
    assert signed_in_as(browser) == ""


def test_a_way_belongs_to_the_browser_that_began_it(academy: Academy) -> None:
    back = through(academy.browser(), "wang")
    other = academy.browser()
    assert code_of(other.get(back)) == "400 /sign-in"
    assert signed_in_as(other) == ""


def test_a_way_is_walked_once(academy: Academy) -> None:
    browser = academy.browser()
    back = through(browser, "wang")
    assert browser.get(back).status_code == 302
    assert browser.get(back).headers["Location"] == "/", "the page was loaded again: she is in already"
    browser.post("/sign-out")
    assert code_of(browser.get(back)) == "400 /sign-in"
    assert signed_in_as(browser) == ""


@pytest.mark.parametrize(
    "person",
    [
        "for another client",
        "for another client, by us",
        "from another time",
        "from another issuer",
        "forged",
        "unsigned",
        "of two minds",
        "an hour ahead",
        "an hour behind",
    ],
)
def test_what_is_not_to_be_believed_signs_nobody_in(
    academy: Academy, person: str, caplog: pytest.LogCaptureFixture
) -> None:
    browser = academy.browser()
    back = through(browser, person)
    with caplog.at_level(logging.INFO):
        assert code_of(browser.get(back)) == "502 /sign-in"
    assert signed_in_as(browser) == ""
    assert db.session.scalars(select(User)).all() == []
    assert "not accepted" in caplog.text, "the administrator can find out why"
    assert parse_qs(urlsplit(back).query)["code"][0] not in caplog.text
    assert "eyJ" not in caplog.text, "no token is in the log"


def test_clocks_may_differ_a_little(academy: Academy) -> None:
    browser = academy.browser()
    browser.get(through(browser, "a minute ahead"))
    assert signed_in_as(browser) != ""


@pytest.mark.parametrize(("error", "status"), [("temporarily_unavailable", 502), ("invalid_scope", 502), ("<b>", 502)])
def test_a_provider_that_refuses_is_calmly_reported(academy: Academy, error: str, status: int) -> None:
    reply = academy.browser().get("/sign-in/provider/callback", query_string={"error": error, "state": "x"})
    assert code_of(reply) == f"{status} /sign-in"
    assert "<b>" not in reply.text


def test_a_secret_that_the_provider_does_not_know_is_calmly_reported(open_academy: Opener) -> None:
    browser = open_academy(OIDC_CLIENT_SECRET="another").browser()
    assert code_of(browser.get(through(browser, "wang"))) == "502 /sign-in"


def test_a_provider_by_another_name_is_not_believed(open_academy: Opener, issuer: str) -> None:
    browser = open_academy(issuer=issuer.replace("127.0.0.1", "localhost")).browser()
    assert code_of(browser.get("/sign-in/provider")) == "502 /sign-in"


def test_an_issuer_may_be_written_with_a_slash(open_academy: Opener, issuer: str) -> None:
    browser = open_academy(issuer=f"{issuer}/").browser()
    browser.get(through(browser, "wang"))
    assert signed_in_as(browser) == "王新"


def test_a_provider_that_is_down_leaves_the_other_way_open(open_academy: Opener, port: int) -> None:
    person = accounts.user("person", "张三")
    browser = open_academy(issuer=f"http://127.0.0.1:{port}").browser()
    assert browser.get("/sign-in").status_code == 200
    assert code_of(browser.get("/sign-in/provider")) == "502 /sign-in"
    browser.post("/sign-in", data={"username": "person", "password": accounts.PASSWORD})
    assert signed_in_as(browser) == person.real_name


def test_a_provider_that_hangs_is_not_waited_for(open_academy: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_room, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        browser = open_academy(issuer=f"http://127.0.0.1:{deaf.getsockname()[1]}").browser()
        assert code_of(browser.get("/sign-in/provider")) == "502 /sign-in"


def test_a_provider_that_goes_down_meanwhile_is_calmly_reported(open_academy: Opener, port: int) -> None:
    browser = open_academy(issuer=f"http://127.0.0.1:{port}").browser()
    with provider(port):
        back = through(browser, "wang")
    assert code_of(browser.get(back)) == "502 /sign-in"


def test_a_provider_that_comes_up_later_or_changes_its_keys_is_believed(open_academy: Opener, port: int) -> None:
    academy = open_academy(issuer=f"http://127.0.0.1:{port}")
    assert academy.browser().get("/sign-in/provider").status_code == 502
    for _ in range(2):
        with provider(port):
            browser = academy.browser()
            browser.get(through(browser, "wang"))
            assert signed_in_as(browser) == "王新"


def test_ways_that_nobody_comes_back_from_do_not_outgrow_the_cookie(academy: Academy) -> None:
    browser = academy.browser()
    for _ in range(30):
        leaving = browser.get("/sign-in/provider", query_string={"next": "/live/mine?q=" + "课" * 50})
        assert len(leaving.headers["Set-Cookie"]) < 4000
    browser.get(at_the_provider(leaving.headers["Location"], "wang"))
    assert signed_in_as(browser) == "王新"


@pytest.mark.parametrize(
    "settings", [{"OIDC_CLIENT_ID": ""}, {"issuer": "login.example.cn"}, {"OIDC_SCOPES": "profile"}]
)
def test_half_a_provider_is_refused_at_the_start(app: Flask, open_academy: Opener, settings: dict[str, object]) -> None:
    with pytest.raises(BadSetting):
        open_academy(**settings)
