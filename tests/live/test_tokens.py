"""口令: three words a session, none like another that is open; each gives whoever enters it a part."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.errors import TooManyTokens
from app.accounts.models import FailedSignIn, User
from app.audit.models import Action, AuditEntry
from app.extensions import db
from app.kernel.permissions import Permission
from app.live import guests, services, tokens
from app.live.errors import TokenMalformed, TokenTaken
from app.live.models import Audience, LiveSession, Part
from app.live.planning import services as planning
from app.live.planning.plans import Plan
from app.mail.models import Mail
from app.roles.models import Grant
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
        ("xq7f2", False), ("hk42zq8w", True), ("A7Q2W9E4R6T8Y1U", True), ("A" * 16, False), ("xq7 f2k9", False),
        ("xq7-f2k9", False), ("口令口令口令", False), ("７Ｋ３ＭＰＱ２Ｘ", True), ("xq7\u202ef2k9", False), ("", True),
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
        lives.lesson(teacher, tokens={Part.TEACHER: "hk42zq8w", Part.LEARNER: "ＨＫ42zq8w"})
    assert caught.value.code == "same token value found"
    assert "学员WEB端口令" in str(caught.value.message)


def test_an_open_session_keeps_its_tokens_to_itself_until_it_is_over(teacher: User) -> None:
    wanted = {Part.ASSISTANT: "hk42zq8w"}
    first = lives.on_air(teacher, tokens=wanted)
    with pytest.raises(TokenTaken):
        lives.lesson(teacher, tokens={Part.LEARNER: "HK42ZQ8W"})
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
            plan = Plan(subject=subject, starts_at_ms=1, ends_at_ms=2, tokens={Part.TEACHER: "hk42zq8w"})
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
    form = {**plan_of(app, lesson, subject="另一场", abstract="不能丢"), "teacher_token": "hk42zq8w"}
    reply = browser.post("/live/new", data={**form, "assistant_token": "HK42ZQ8W"})
    assert reply.status_code == 422
    assert "与助教口令相同（same token value found）" in reply.text
    assert "与老师口令相同（same token value found）" in reply.text
    assert "不能丢" in reply.text
    pressed = browser.post("/live/new", data={**form, "assistant_token": "HK42ZQ8W", "fresh": "assistant"})
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
    reply = browser.post("/token", data={"token": f" {tokens.values_of(closed)[part].lower()} ", "sure": "1"})
    assert reply.headers["Location"] == f"/live/{closed.id}/{place}"
    assert browser.get(reply.headers["Location"]).status_code == 200
    assert browser.post(f"/live/{closed.id}/lecture").status_code == (302 if may_start else 403)
    assert closed.subject in browser.get("/").text


def test_whoever_teaches_does_not_lose_that_by_another_token(
    sign_in: SignIn, stranger: User, closed: LiveSession
) -> None:
    browser, values = sign_in(stranger), tokens.values_of(closed)
    for part in (Part.ASSISTANT, Part.TEACHER, Part.ASSISTANT):
        browser.post("/token", data={"token": values[part], "sure": "1"})
    assert closed.chosen_as(stranger) is Part.TEACHER


@pytest.mark.parametrize("part", list(Part))
@pytest.mark.parametrize("guests_on", [True, False])
def test_a_token_is_for_people_with_an_account(
    client: FlaskClient, closed: LiveSession, part: Part, guests_on: bool
) -> None:
    """A visitor learns not even whether the token exists; who may come without an account comes by the guest link."""
    guests.switch(closed, guests_on)
    for typed in (tokens.values_of(closed)[part], "K7W2P9XQ"):
        reply = client.post("/token", data={"token": typed})
        assert reply.headers["Location"].startswith("/sign-in?next=")
    assert client.get(f"/live/{closed.id}/watch").status_code == 302


def test_a_visitor_with_a_teachers_token_signs_in_and_need_not_type_it_again(
    app: Flask, closed: LiveSession, stranger: User
) -> None:
    browser, value = app.test_client(), tokens.values_of(closed)[Part.TEACHER]
    assert browser.post("/token", data={"token": value}).headers["Location"].startswith("/sign-in?next=")
    browser.post("/sign-in", data={"username": stranger.username, "password": accounts.PASSWORD})
    assert f'value="{value}"' in browser.get("/token").text


@pytest.mark.parametrize("typed", ["", "nope12", "' OR 1=1 --", "x" * 5000, "abc\x00def"])
def test_an_unknown_token_gets_a_sentence_and_stays(
    sign_in: SignIn, learner: User, lesson: LiveSession, typed: str
) -> None:
    reply = sign_in(learner).post("/token", data={"token": typed})
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


# What is easy to guess


@pytest.mark.parametrize(
    ("part", "typed", "fine"),
    [
        (Part.TEACHER, "12345678", False),
        (Part.TEACHER, "teacher1", False),
        (Part.ASSISTANT, "abcd1234", False),
        (Part.ASSISTANT, "password", False),
        (Part.TEACHER, "AAAAAAAAAAAAAAA", False),
        (Part.TEACHER, "hk42zq8w", True),
        (Part.LEARNER, "123456", False),
        (Part.LEARNER, "aaaaaa", False),
        (Part.LEARNER, "kj2026", True),
        (Part.LEARNER, "wuli03", True),
    ],
)
def test_what_others_would_guess_is_no_token(
    app: Flask, sign_in: SignIn, teacher: User, lesson: LiveSession, part: Part, typed: str, fine: bool
) -> None:
    form = {**plan_of(app, lesson, subject="另一场"), f"{part}_token": typed}
    reply = sign_in(teacher).post("/live/new", data=form)
    assert reply.status_code == (302 if fine else 422)
    assert fine or "太容易被猜到" in reply.text


def test_a_weak_token_is_kept_where_it_stands_and_moves_to_no_other_part(
    app: Flask, sign_in: SignIn, teacher: User, lesson: LiveSession
) -> None:
    """Sessions that were planned before tokens were judged can still be changed."""
    (held,) = [token for token in lesson.tokens if token.part is Part.TEACHER]
    held.value, held.key = "teach123", "teach123"
    db.session.commit()
    browser, values = sign_in(teacher), tokens.values_of(lesson)
    form = {**plan_of(app, lesson), **{f"{part}_token": value for part, value in values.items()}}
    assert browser.post(f"/live/{lesson.id}/plan", data=form).status_code == 302
    swapped = {"teacher_token": values[Part.ASSISTANT], "assistant_token": "teach123"}
    assert browser.post(f"/live/{lesson.id}/plan", data={**form, **swapped}).status_code == 422


# Trying many


@pytest.fixture
def limited(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The app with its limits on."""
    monkeypatch.setitem(app.config, "RATE_LIMITS", True)
    return app


def guess(number: int) -> str:
    return f"zq7w{number:04}kx"


def test_all_ways_to_try_a_token_share_one_patience(
    limited: Flask, sign_in: SignIn, teacher: User, lesson: LiveSession
) -> None:
    """The plan form, the judgement while one types, the field for tokens: 30 different ones in a quarter of an hour."""
    browser, other = sign_in(teacher), lives.lesson(roles.holding(accounts.user("other"), Permission.LIVE_MANAGE))
    form = plan_of(limited, lesson, subject="另一场", ends_at="")
    for number in range(10):
        browser.post("/live/new", data={**form, "teacher_token": guess(number)})
        browser.post(f"/live/{lesson.id}/plan", data={**form, "teacher_token": guess(number)})
        browser.post("/live/tokens/judgement", data={"assistant_token": guess(100 + number)})
        assert "没有使用这个口令的直播" in browser.post("/token", data={"token": guess(200 + number)}).text
    wanted = tokens.values_of(other)[Part.TEACHER]
    for reply in (
        browser.post("/live/new", data={**form, "teacher_token": wanted}),
        browser.post(f"/live/{lesson.id}/copy", data={**form, "teacher_token": wanted}),
        browser.post(f"/live/{lesson.id}/plan", data={**form, "teacher_token": wanted}),
        browser.post("/live/tokens/judgement", data={"learner_token": wanted}),
        browser.post("/token", data={"token": wanted, "sure": "1"}),
    ):
        assert "same token value found" not in reply.text
        assert "尝试的口令太多" in reply.text
    assert "same token value found" not in browser.post("/live/new", data={**form, "learner_token": guess(3)}).text
    assert sign_in(accounts.user("colleague")).post("/token", data={"token": wanted, "sure": "1"}).status_code == 302


def test_who_types_the_three_tokens_of_a_plan_does_not_wait(
    limited: Flask, sign_in: SignIn, teacher: User, lesson: LiveSession
) -> None:
    """The page asks about all three whenever one of them changes."""
    browser, typed = sign_in(teacher), {}
    for field in ("teacher_token", "assistant_token", "learner_token"):
        for length in range(1, 9):
            typed[field] = f"{field[0]}w4kz7xq"[:length]
            reply = browser.post("/live/tokens/judgement", data=typed)
            assert "尝试的口令太多" not in reply.text
    form = {**plan_of(limited, lesson, subject="另一场"), **typed}
    assert browser.post("/live/new", data=form).status_code == 302


def test_a_hall_full_of_people_enters_its_token_from_one_address(limited: Flask, lesson: LiveSession) -> None:
    """What is right is not counted, however many enter it; here one of them does so more often than she may guess."""
    value, listener = tokens.values_of(lesson)[Part.LEARNER], accounts.user("listener")
    with limited.test_request_context(environ_base={"REMOTE_ADDR": "203.0.113.7"}):
        assert all(tokens.try_token(value, listener) for _ in range(40))
        assert db.session.scalars(select(FailedSignIn)).all() == []


def test_a_block_of_addresses_has_one_patience_for_all_its_accounts(limited: Flask, lesson: LiveSession) -> None:
    people = [accounts.user(f"guesser{number}") for number in range(12)]

    def tried(number: int, address: str) -> bool:
        with limited.test_request_context(environ_base={"REMOTE_ADDR": address}):
            try:
                tokens.try_token(guess(number), people[number // 29])
            except TooManyTokens:
                return False
            return True

    assert all(tried(number, f"2001:db8:7:7::{number + 1:x}") for number in range(300))
    assert not tried(300, "2001:db8:7:7:ffff::1")
    assert tried(301, "2001:db8:7:8::1")


# A presenter's token of another unit


@pytest.mark.parametrize(("part", "said"), [(Part.TEACHER, "老师"), (Part.ASSISTANT, "助教")])
def test_a_presenters_token_of_another_unit_is_confirmed_noted_and_told_to_the_owner(
    sign_in: SignIn, stranger: User, closed: LiveSession, part: Part, said: str
) -> None:
    closed.owner.email = "owner@iom.example"
    db.session.commit()
    browser, value = sign_in(stranger), tokens.values_of(closed)[part]
    asked = browser.post("/token", data={"token": value})
    assert asked.status_code == 200
    assert closed.subject in asked.text
    assert "物质研究所" in asked.text
    assert closed.chosen_as(stranger) is None
    assert browser.get(f"/live/{closed.id}/studio").status_code == 404
    for _ in range(2):  # a second press tells nobody anything new
        assert browser.post("/token", data={"token": value, "sure": "1"}).headers["Location"].endswith("/studio")
    (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == Action.PART_TAKEN)).all()
    assert (entry.by_id, entry.unit_id, entry.details["part"]) == (stranger.id, closed.unit_id, part)
    (letter,) = db.session.scalars(select(Mail).where(Mail.recipient == "owner@iom.example")).all()
    assert "陌生人" in letter.subject
    assert said in letter.text
    assert f"/live/{closed.id}/plan" in letter.text
    assert "陌生人" in sign_in(closed.owner).get(f"/live/{closed.id}/sharing").text


def test_a_colleague_of_the_unit_is_not_asked_and_the_owner_hears_of_her_too(
    sign_in: SignIn, closed: LiveSession
) -> None:
    closed.owner.email = "owner@iom.example"
    db.session.commit()
    colleague = accounts.user("colleague", "同事", unit=closed.unit)
    reply = sign_in(colleague).post("/token", data={"token": tokens.values_of(closed)[Part.ASSISTANT]})
    assert reply.headers["Location"] == f"/live/{closed.id}/studio"
    assert len(db.session.scalars(select(Mail).where(Mail.recipient == "owner@iom.example")).all()) == 1


# A role that was taken back


def test_who_made_a_session_teaches_it_only_while_she_has_the_role(sign_in: SignIn, learner: User) -> None:
    """Presenters whom a manager names need no role; who makes sessions does, also where she named herself."""
    home = units.institute("物质研究所")
    maker = roles.holding(accounts.user("maker", "自己建", unit=home), Permission.LIVE_MANAGE)
    named = accounts.user("named", "被指定", unit=home)
    live = lives.lesson(maker, teachers=(maker, named))
    values = tokens.values_of(live)
    for row in db.session.scalars(select(Grant).where(Grant.user_id == maker.id)):
        db.session.delete(row)
    db.session.commit()
    browser = sign_in(maker)
    assert browser.post(f"/live/{live.id}/lecture").status_code == 403
    assert browser.get(f"/live/{live.id}/studio").status_code == 403
    assert browser.get(f"/live/{live.id}/watch").status_code == 200, "as everybody else"
    assert browser.post("/token", data={"token": values[Part.TEACHER]}).status_code == 302
    assert browser.post(f"/live/{live.id}/lecture").status_code == 403
    assert sign_in(named).post(f"/live/{live.id}/lecture").status_code == 302


def test_the_form_says_who_needs_a_role(sign_in: SignIn, teacher: User) -> None:
    page = sign_in(teacher).get("/live/new").text
    assert "不需要为此分配角色" in page
    assert "您自己" in page
    assert "登录" in page


# Drafts


def test_the_subject_of_anothers_draft_is_free_until_it_is_published(
    app: Flask, sign_in: SignIn, teacher: User, lesson: LiveSession
) -> None:
    elsewhere = roles.holding(accounts.user("elsewhere", unit=units.institute()), Permission.LIVE_MANAGE)
    draft = lives.lesson(elsewhere, "未公布的题目", draft=True)
    browser = sign_in(teacher)
    form = plan_of(app, lesson, subject="未公布的题目")
    assert browser.post("/live/new", data=form).status_code == 302
    late = sign_in(elsewhere).post(f"/live/{draft.id}/plan", data=plan_of(app, draft))
    assert late.status_code == 409
    assert "subject exists" in late.text
    own = lives.lesson(teacher, "自己的草稿", draft=True)
    assert browser.post("/live/new", data={**form, "subject": own.subject}).status_code == 409
