"""访客: the QR code lets whoever scans it watch at once; it can be reissued and switched off."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.accounts.models import User
from app.extensions import db
from app.live import guests, services
from app.live.models import Audience, LiveSession
from app.live.planning import services as planning
from tests.conftest import SignIn
from tests.factories import live as lives


@pytest.fixture
def closed(teacher: User) -> LiveSession:
    """A lesson for the teacher's institute alone."""
    return lives.lesson(teacher, audience=Audience.INSTITUTE)


def scanned(browser: FlaskClient, live: LiveSession) -> str:
    """Decode the printed QR code as a phone does; gives the path of its address."""
    picture = browser.get(f"/live/{live.id}/qr.png")
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.data)).convert("RGB"))
    return code.text.removeprefix("http://localhost")


def test_whoever_scans_the_code_watches_at_once(sign_in: SignIn, client: FlaskClient, closed: LiveSession) -> None:
    path = scanned(sign_in(closed.owner), closed)
    assert client.get(f"/live/{closed.id}/watch").status_code == 302
    assert client.get(path).headers["Location"] == f"/live/{closed.id}/watch"
    page = client.get(f"/live/{closed.id}/watch").text
    assert "访客" in page
    assert "不计学时" in page
    assert "登录并开始计学时" in page
    assert client.get(f"/live/{closed.id}").status_code == 200
    assert client.get(f"/live/{closed.id}/source").status_code == 200
    assert client.get(f"/live/{closed.id}/studio").status_code == 302, "watching is all that a guest may do"


def test_the_code_for_who_may_not_hand_it_out_leads_to_the_page(client: FlaskClient, lesson: LiveSession) -> None:
    assert scanned(client, lesson) == f"/live/{lesson.id}"


def test_a_guest_chooses_her_name(client: FlaskClient, closed: LiveSession, app) -> None:
    with app.test_request_context():
        link = guests.link_of(closed).removeprefix("http://localhost")
    client.get(link)
    client.post(f"/live/{closed.id}/guest", data={"name": " <b>赵六</b>\u200b" + "x" * 99})
    page = client.get(f"/live/{closed.id}/watch").text
    assert "&lt;b&gt;赵六&lt;/b&gt;" in page
    assert "x" * 30 not in page
    client.post(f"/live/{closed.id}/guest", data={"name": ""})
    assert "访客 " in client.get(f"/live/{closed.id}/watch").text


def test_who_watches_an_open_lesson_without_an_account_chooses_her_name_too(client: FlaskClient, teacher: User) -> None:
    everyones = lives.lesson(teacher, audience=Audience.EVERYONE)
    assert 'id="guest-bar"' in client.get(f"/live/{everyones.id}/watch").text
    client.post(f"/live/{everyones.id}/guest", data={"name": "钱先生"})
    assert "钱先生" in client.get(f"/live/{everyones.id}/watch").text


def test_who_has_a_name_before_she_is_let_in_is_somebody_of_her_own(app: Flask, teacher: User) -> None:
    everyones, closed = lives.lesson(teacher, audience=Audience.EVERYONE), lives.lesson(teacher)
    with app.test_request_context():
        link = guests.link_of(closed).removeprefix("http://localhost")
    ids = set()
    for name in ("甲", "乙"):
        visitor = app.test_client()
        visitor.post(f"/live/{everyones.id}/guest", data={"name": name})
        visitor.get(link)
        assert name in visitor.get(f"/live/{closed.id}/watch").text
        visitor.post(f"/live/{closed.id}/guest", data={"name": ""})
        assert re.search(r"访客 \d{4}", visitor.get(f"/live/{closed.id}/watch").text)
        with visitor.session_transaction() as cookie:
            ids.add(cookie["guest"]["id"])
    assert len(ids) == 2
    assert "" not in ids


def test_a_colleague_who_scans_it_is_no_guest(sign_in: SignIn, learner: User, lesson: LiveSession) -> None:
    browser = sign_in(learner)
    browser.get(scanned(browser, lesson))
    page = browser.get(f"/live/{lesson.id}/watch").text
    assert "扫码观看" not in page
    assert "正在计学时" in page


def test_a_new_link_makes_the_old_one_dead_and_lets_its_guests_out(
    sign_in: SignIn, client: FlaskClient, closed: LiveSession
) -> None:
    teacher = sign_in(closed.owner)
    old = scanned(teacher, closed)
    client.get(old)
    assert teacher.post(f"/live/{closed.id}/guest-link").status_code == 302
    assert client.get(f"/live/{closed.id}/watch").status_code == 410
    gone = client.get(old)
    assert gone.status_code == 410
    assert "这个访客链接已失效" in gone.text
    assert "/sign-in" in gone.text
    assert client.get(scanned(teacher, closed)).status_code == 302
    assert client.get(f"/live/{closed.id}/watch").status_code == 200


def test_guests_are_switched_off_and_on(sign_in: SignIn, client: FlaskClient, closed: LiveSession) -> None:
    teacher = sign_in(closed.owner)
    path = scanned(teacher, closed)
    client.get(path)
    teacher.post(f"/live/{closed.id}/guests?_method=DELETE")
    assert client.get(f"/live/{closed.id}/watch").status_code == 410
    assert client.get(path).status_code == 410
    assert scanned(teacher, closed) == f"/live/{closed.id}"
    teacher.post(f"/live/{closed.id}/guests")
    assert client.get(f"/live/{closed.id}/watch").status_code == 200, "the same link works again"


def test_a_link_that_was_tampered_with_gets_the_kind_sentence(
    sign_in: SignIn, client: FlaskClient, closed: LiveSession
) -> None:
    path = scanned(sign_in(closed.owner), closed)
    at = path.rindex(".") + 1  # not the last character: the bits at its end mean nothing
    swapped = path[:at] + ("b" if path[at] == "a" else "a") + path[at + 1 :]
    for forged in (swapped, "/g/x", "/g/" + "x" * 4000, "/g/WzEsMl0.x"):
        reply = client.get(forged)
        assert reply.status_code == 410, forged
        assert "这个访客链接已失效" in reply.text


@pytest.mark.parametrize("deed", ["cancel", "delete", "draft"])
def test_the_link_of_what_is_not_shown_any_more_is_dead(
    sign_in: SignIn, client: FlaskClient, closed: LiveSession, deed: str
) -> None:
    client.get(scanned(sign_in(closed.owner), closed))
    if deed == "cancel":
        planning.cancel(closed, reason="", by=closed.owner)
    elif deed == "delete":
        planning.delete(closed, by=closed.owner)
    else:
        closed.draft = True
        db.session.commit()
    assert client.get(f"/live/{closed.id}/watch").status_code in {302, 404, 409, 410}


def test_after_the_lesson_the_code_opens_the_replay(sign_in: SignIn, client: FlaskClient, teacher: User) -> None:
    live = lives.on_air(teacher)
    path = scanned(sign_in(teacher), live)
    services.end(live, by=teacher)
    assert client.get(path).headers["Location"] == f"/live/{live.id}/replay"
    assert client.get(f"/live/{live.id}/replay").status_code == 200
