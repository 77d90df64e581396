"""The front page."""

from __future__ import annotations

import re

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.extensions import db
from app.live.models import Audience
from tests.conftest import SignIn
from tests.counting import count_queries
from tests.factories import live as lives

SHELVES = r'id="shelves"\s+data-version="(\w+)"'


def test_an_empty_academy_says_so(app: Flask, client: FlaskClient) -> None:
    assert client.get("/").status_code == 200


def test_everybody_finds_what_they_may_watch(
    sign_in: SignIn, client: FlaskClient, teacher: User, learner: User
) -> None:
    lives.on_air(teacher, "对外公开的课", audience=Audience.EVERYONE)
    lives.on_air(teacher, "院内的课")
    lives.lesson(teacher, "下周的课")
    lives.ended(teacher, "上周的课")
    page = sign_in(learner).get("/").text
    assert all(subject in page for subject in ("对外公开的课", "院内的课", "下周的课", "上周的课"))
    visitor = client.get("/").text
    assert "对外公开的课" in visitor
    assert "院内的课" not in visitor


def test_what_was_never_started_makes_room_for_what_comes(sign_in: SignIn, teacher: User, learner: User) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller:
        lives.lesson(teacher, "忘记开始的课")
        traveller.shift(3700)
        lives.lesson(teacher, "下一堂课")
        page = sign_in(learner).get("/").text
    assert "下一堂课" in page
    assert "忘记开始的课" not in page


def test_what_people_type_is_text_and_nothing_else(client: FlaskClient, teacher: User) -> None:
    lives.on_air(teacher, "<script>alert(1)</script>", audience=Audience.EVERYONE)
    assert "<script>alert" not in client.get("/").text


def test_an_open_front_page_follows_a_new_subject(sign_in: SignIn, teacher: User, learner: User) -> None:
    live, browser = lives.lesson(teacher, "拓扑绝缘体"), sign_in(learner)
    (before,), (same,) = (re.findall(SHELVES, browser.get("/").text) for _ in range(2))
    live.subject = "拓扑超导体"
    db.session.commit()
    (after,) = re.findall(SHELVES, browser.get("/").text)
    assert before == same != after


def test_each_card_says_what_the_lesson_brings_with_one_look_for_all(
    sign_in: SignIn, teacher: User, learner: User
) -> None:
    browser, asked = sign_in(learner), []
    for shown in (1, 5):
        while len(lives.of(teacher)) < shown:
            lives.lesson(teacher)
        browser.get("/")
        with count_queries() as statements:
            page = browser.get("/").text
        assert page.count('class="card__brings') == shown
        asked.append(sum("credits_rule" in one or "credits_terms" in one for one in statements))
    assert asked[0] == asked[1]
