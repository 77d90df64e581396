"""Signing in and out."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.accounts import services
from app.accounts.errors import UsernameTaken
from app.accounts.models import User
from tests.accounts.conftest import PASSING
from tests.conftest import SignIn
from tests.factories import accounts


def test_the_page_knows_who_is_signed_in(sign_in: SignIn, learner: User) -> None:
    assert learner.real_name in sign_in(learner).get("/").text


@pytest.mark.parametrize(
    ("username", "password"), [("learner", "wrong"), ("nobody", accounts.PASSWORD), ("", ""), ("learner", "")]
)
def test_what_does_not_match_is_said_and_what_was_typed_stays(
    client: FlaskClient, learner: User, username: str, password: str
) -> None:
    reply = client.post("/sign-in", data={"username": username, "password": password})
    assert reply.status_code == 422
    assert f'value="{username}"' in reply.text
    assert client.get("/live/mine").status_code == 302


def test_unknown_people_and_wrong_passwords_get_the_same_answer(client: FlaskClient, learner: User) -> None:
    def answer(username: str) -> str:
        page = client.post("/sign-in", data={"username": username, "password": "wrong"}).text
        return PASSING.sub("", page.replace(username, "NAME"))

    assert answer("learner") == answer("nobodys")


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        ("/live/mine", "/live/mine"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_back_within_this_site(client: FlaskClient, learner: User, wanted: str, target: str) -> None:
    reply = client.post("/sign-in", data={"username": "learner", "password": accounts.PASSWORD, "next": wanted})
    assert reply.headers["Location"] == target


def test_the_session_is_a_new_one_after_signing_in(client: FlaskClient, learner: User) -> None:
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
        session["language"] = "en"
    client.post("/sign-in", data={"username": "learner", "password": accounts.PASSWORD})
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session["language"] == "en"


def test_signing_out_ends_it(sign_in: SignIn, learner: User) -> None:
    browser = sign_in(learner)
    browser.post("/sign-out")
    assert browser.get("/live/mine").status_code == 302


def test_user_names_are_unique(learner: User) -> None:
    with pytest.raises(UsernameTaken):
        services.create_user(username="learner", real_name="李四", unit=learner.unit)


@pytest.mark.parametrize(
    ("asks_for", "reads"),
    [
        ("en-US,en;q=0.9", "en"),
        ("en;q=0.5,zh-CN", "zh-CN"),
        ("de,en;q=0.4", "en"),
        ("zh-TW", "zh-CN"),
        ("fr", "zh-CN"),
        ("", "zh-CN"),
    ],
)
def test_who_has_not_chosen_reads_what_the_browser_asks_for(client: FlaskClient, asks_for: str, reads: str) -> None:
    asked = {"Accept-Language": asks_for}
    assert f'<html lang="{reads}"' in client.get("/sign-in", headers=asked).text
    client.post("/language", data={"language": "zh_CN"}, headers=asked)
    assert '<html lang="zh-CN"' in client.get("/sign-in", headers=asked).text


def test_the_language_is_a_choice(client: FlaskClient) -> None:
    assert 'lang="zh-CN"' in client.get("/").text
    assert 'data-zone-words="{time}（北京时间）"' in client.get("/").text
    client.post("/language", data={"language": "en"})
    assert 'lang="en"' in client.get("/").text
    assert 'data-zone-words="{time} (Beijing time)"' in client.get("/").text, "the first reader read Chinese"
    client.post("/language", data={"language": "tlh"})
    assert 'lang="en"' in client.get("/").text
