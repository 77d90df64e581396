"""口令: three words a session, none like another that is open; each gives whoever enters it a part."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.extensions import db
from app.kernel.permissions import Permission
from app.live import planning, services, tokens
from app.live.errors import TokenMalformed, TokenTaken
from app.live.models import Audience, LiveSession, Part
from app.live.plans import Plan
from tests.conftest import SignIn
from tests.factories import accounts, roles, units
from tests.factories import live as lives
from tests.live.test_plan import plan_of


@pytest.fixture
def closed(app: Flask) -> LiveSession:
    """A lesson for the people of one institute."""
    owner = roles.holding(accounts.user("owner", unit=units.institute("物质研究所")), Permission.LIVE_MANAGE)
    return lives.lesson(owner, audience=Audience.INSTITUTE)


@pytest.fixture
def stranger(app: Flask) -> User:
    """Somebody of another institute."""
    return accounts.user("stranger", "陌生人", unit=units.institute("天文研究所"))


def test_what_is_left_empty_is_made_without_look_alikes(lesson: LiveSession) -> None:
    values = tokens.values_of(lesson)
    assert set(values) == set(Part)
    assert len(set(values.values())) == 3
    assert all(len(value) == 8 and not set(value) & set("0O1IL") for value in values.values())


@pytest.mark.parametrize(
    ("typed", "fine"),
    [
        ("abc12", False), ("abc123", True), ("A" * 15, True), ("A" * 16, False), ("abc 123", False),
        ("abc-123", False), ("口令口令口令", False), ("１２３４５６", True), ("abc\u202e123", False), ("", True),
    ],
)  # fmt: skip
def test_a_token_has_6_to_15_letters_or_digits(teacher: User, typed: str, fine: bool) -> None:
    if fine:
        live = lives.lesson(teacher, tokens={Part.TEACHER: typed})
        assert len(tokens.values_of(live)[Part.TEACHER]) >= 6
    else:
        with pytest.raises(TokenMalformed):
            lives.lesson(teacher, tokens={Part.TEACHER: typed})


def test_no_two_of_a_session_are_the_same_however_they_are_written(teacher: User) -> None:
    with pytest.raises(TokenTaken) as caught:
        lives.lesson(teacher, tokens={Part.TEACHER: "abc123", Part.LEARNER: "ＡＢＣ123"})
    assert caught.value.code == "same token value found"
    assert "学员WEB端口令" in str(caught.value.message)


def test_an_open_session_keeps_its_tokens_to_itself_until_it_is_over(teacher: User) -> None:
    wanted = {Part.ASSISTANT: "abc123"}
    first = lives.on_air(teacher, tokens=wanted)
    with pytest.raises(TokenTaken):
        lives.lesson(teacher, tokens={Part.LEARNER: "ABC123"})
    services.end(first, by=teacher)
    second = lives.lesson(teacher, tokens=wanted)
    planning.cancel(second, reason="", by=teacher)
    third = lives.lesson(teacher, tokens=wanted)
    planning.delete(third, by=third.owner)
    lives.lesson(teacher, tokens=wanted)


def test_two_at_the_same_moment_do_not_get_the_same_token(app: Flask, teacher: User) -> None:
    barrier, outcomes, teacher_id = threading.Barrier(2), [], teacher.id

    def schedule(subject: str) -> None:
        with app.app_context():
            owner = db.session.get_one(User, teacher_id)
            plan = Plan(subject=subject, starts_at_ms=1, ends_at_ms=2, tokens={Part.TEACHER: "abc123"})
            barrier.wait()
            try:
                planning.schedule(plan, owner=owner)
                outcomes.append("made")
            except TokenTaken as error:
                outcomes.append(error.code)

    threads = [threading.Thread(target=schedule, args=[subject]) for subject in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["made", "same token value found"]


def test_the_form_says_which_two_collide_and_offers_a_fresh_one(
    app: Flask, sign_in: SignIn, teacher: User, lesson: LiveSession
) -> None:
    browser = sign_in(teacher)
    form = {**plan_of(app, lesson, subject="另一场", abstract="不能丢"), "teacher_token": "abc123"}
    reply = browser.post("/live/new", data={**form, "assistant_token": "ABC123"})
    assert reply.status_code == 422
    assert "与助教口令相同（same token value found）" in reply.text
    assert "与老师口令相同（same token value found）" in reply.text
    assert "不能丢" in reply.text
    pressed = browser.post("/live/new", data={**form, "assistant_token": "ABC123", "fresh": "assistant"})
    assert pressed.status_code == 422
    assert "same token value found" not in pressed.text
    assert browser.post("/live/new", data=form).status_code == 302
    assert "另一场未结束的直播" in browser.post("/live/new", data={**form, "subject": "第三场"}).text


def test_tokens_are_judged_while_they_are_typed(
    sign_in: SignIn, teacher: User, learner: User, lesson: LiveSession
) -> None:
    taken = tokens.values_of(lesson)[Part.LEARNER]
    reply = sign_in(teacher).post("/live/tokens/judgement", data={"teacher_token": taken.lower()})
    assert reply.status_code == 200
    assert "same token value found" in reply.text
    own = sign_in(teacher).post(f"/live/tokens/judgement?live={lesson.id}", data={"learner_token": taken})
    assert "same token value found" not in own.text
    assert sign_in(learner).post("/live/tokens/judgement", data={"teacher_token": taken}).status_code == 403


@pytest.mark.parametrize(
    ("part", "place", "may_start"),
    [(Part.TEACHER, "studio", True), (Part.ASSISTANT, "studio", False), (Part.LEARNER, "watch", False)],
)
def test_a_token_gives_a_stranger_its_part(
    sign_in: SignIn, stranger: User, closed: LiveSession, part: Part, place: str, may_start: bool
) -> None:
    browser = sign_in(stranger)
    refused = browser.get(f"/live/{closed.id}")
    assert refused.status_code == 404
    assert 'href="/token"' in refused.text
    reply = browser.post("/token", data={"token": f" {tokens.values_of(closed)[part].lower()} "})
    assert reply.headers["Location"] == f"/live/{closed.id}/{place}"
    assert browser.get(reply.headers["Location"]).status_code == 200
    assert browser.post(f"/live/{closed.id}/lecture").status_code == (302 if may_start else 403)
    assert closed.subject in browser.get("/").text


def test_whoever_teaches_does_not_lose_that_by_another_token(
    sign_in: SignIn, stranger: User, closed: LiveSession
) -> None:
    browser, values = sign_in(stranger), tokens.values_of(closed)
    for part in (Part.ASSISTANT, Part.TEACHER, Part.ASSISTANT):
        browser.post("/token", data={"token": values[part]})
    assert closed.part_of(stranger) is Part.TEACHER


def test_the_learner_token_lets_a_visitor_in_as_a_guest_until_it_changes(
    client: FlaskClient, closed: LiveSession
) -> None:
    assert client.get(f"/live/{closed.id}/watch").status_code == 302
    value = tokens.values_of(closed)[Part.LEARNER]
    assert client.post("/token", data={"token": value}).headers["Location"] == f"/live/{closed.id}/watch"
    page = client.get(f"/live/{closed.id}/watch")
    assert page.status_code == 200
    assert "不计学时" in page.text
    closed.tokens[2].value, closed.tokens[2].key = "NEU12345", "neu12345"
    db.session.commit()
    assert client.get(f"/live/{closed.id}/watch").status_code == 410


def test_a_visitor_with_a_teachers_token_signs_in_and_need_not_type_it_again(
    app: Flask, closed: LiveSession, stranger: User
) -> None:
    browser, value = app.test_client(), tokens.values_of(closed)[Part.TEACHER]
    assert browser.post("/token", data={"token": value}).headers["Location"].startswith("/sign-in?next=")
    browser.post("/sign-in", data={"username": stranger.username, "password": accounts.PASSWORD})
    assert f'value="{value}"' in browser.get("/token").text


@pytest.mark.parametrize("typed", ["", "nope12", "' OR 1=1 --", "x" * 5000, "abc\x00def"])
def test_an_unknown_token_gets_a_sentence_and_stays(client: FlaskClient, lesson: LiveSession, typed: str) -> None:
    reply = client.post("/token", data={"token": typed})
    assert reply.status_code in {400, 422}
    assert reply.status_code == 400 or "没有使用这个口令的直播" in reply.text


def test_tokens_of_presenters_are_shown_to_teachers_only(sign_in: SignIn, teacher: User) -> None:
    helper = accounts.user("helper", "助手")
    live = lives.lesson(teacher, assistants=(helper,))
    values = tokens.values_of(live)
    page = sign_in(helper).get(f"/live/{live.id}/sharing").text
    assert values[Part.LEARNER] in page
    assert values[Part.TEACHER] not in page
    assert values[Part.ASSISTANT] not in page
    assert values[Part.TEACHER] in sign_in(teacher).get(f"/live/{live.id}/sharing").text
