"""Reminders come to devices, through a real push service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import SignIn as SignedIn
from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.kernel.cli import examine
from app.kernel.unit_of_work import unit_of_work
from app.live.joining import services as joining
from app.live.models import Learner, LiveSession
from app.mail.models import Mail
from app.notices import reminders
from app.notices.push import keys
from app.notices.push.models import PushDevice
from tests.conftest import SignIn
from tests.factories import accounts
from tests.factories import live as lives
from tests.jobs import run_queued
from tests.notices.push_service import PushService, serving

MINUTE_MS = 60_000


@pytest.fixture
def private_key(app: Flask, monkeypatch: pytest.MonkeyPatch) -> str:
    """The key of this service is set."""
    private = keys.new_private_key()
    monkeypatch.setitem(app.config, "VAPID_PRIVATE_KEY", private)
    return private


@pytest.fixture
def service(app: Flask, private_key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    """A push service that the settings name."""
    with serving(tmp_path) as (service, certificate):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        monkeypatch.setitem(app.config, "PUSH_SERVICES", (service.place,))
        yield service


@pytest.fixture
def zhao(app: Flask) -> User:
    return accounts.user("zhao", "赵敏", email="zhao@iom.example")


@pytest.fixture
def soon(app: Flask, teacher: User, zhao: User) -> LiveSession:
    """A lesson in 20 minutes, for which Zhao signed up an hour ago."""
    now = clock.now_ms()
    live = lives.lesson(teacher, "超导入门", starts_at_ms=now + 20 * MINUTE_MS, ends_at_ms=now + 80 * MINUTE_MS)
    with app.test_request_context():
        joining.sign_up(live, zhao)
    with unit_of_work():
        db.session.execute(update(Learner).values(signed_up_ms=now - 60 * MINUTE_MS))
    return live


def remind() -> None:
    reminders.remind_due()
    run_queued()


def devices() -> list[str]:
    return [one.endpoint.rsplit("/", 1)[1] for one in db.session.scalars(select(PushDevice).order_by(PushDevice.id))]


def test_a_reminder_comes_to_each_device_encrypted_and_signed(
    sign_in: SignIn, service: PushService, zhao: User, soon: LiveSession, private_key: str
) -> None:
    phone, desk = service.subscription("phone"), service.subscription("desk")
    for subscription in (phone, desk):
        assert sign_in(zhao).post("/account/push", data=subscription.form).status_code == 204
    remind()
    assert [one.path for one in service.came] == ["/phone", "/desk"]
    for subscription, one in zip((phone, desk), service.came, strict=True):
        shown = subscription.read(one.body)
        assert shown["title"] == "超导入门"
        assert shown["url"] == f"http://localhost/live/{soon.id}"
        assert "开始" in shown["body"]
        assert "超导".encode() not in one.body
        assert 0 < int(one.headers["TTL"]) <= 20 * 60
        claims, key = one.claims()
        assert key == keys.public_of(private_key)
        assert claims["aud"] == f"https://{service.place}"
        assert claims["sub"] == "mailto:jiangtang@localhost"
        assert 0 < claims["exp"] - datetime.now(UTC).timestamp() <= 86_400
    remind()
    assert len(service.came) == 2


def test_who_has_no_address_is_reminded_on_her_device(
    sign_in: SignIn, service: PushService, zhao: User, soon: LiveSession
) -> None:
    with unit_of_work():
        zhao.email = None
    remind()
    assert db.session.scalars(select(Learner.reminded_ms)).all() == [None], "nothing reaches her yet"
    sign_in(zhao).post("/account/push", data=service.subscription("phone").form)
    remind()
    assert [one.path for one in service.came] == ["/phone"]
    assert db.session.scalars(select(Mail.id)).all() == []


def test_who_has_only_a_device_may_ask_for_a_reminder(
    sign_in: SignIn, service: PushService, zhao: User, teacher: User, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work():
        zhao.email = None
    starts_ms = clock.now_ms() + 20 * MINUTE_MS
    live = lives.lesson(teacher, "超导入门", starts_at_ms=starts_ms, ends_at_ms=starts_ms + 60 * MINUTE_MS)
    browser = sign_in(zhao)
    refused = browser.post(f"/live/{live.id}/reminder", headers={"HX-Request": "true"})
    assert refused.status_code == 409
    assert "浏览器" in refused.text
    browser.post("/account/push", data=service.subscription("phone").form)
    with monkeypatch.context() as keyless:
        keyless.setitem(app.config, "VAPID_PRIVATE_KEY", "")
        assert browser.post(f"/live/{live.id}/reminder").status_code == 409, "nothing could be sent to her device"
    assert browser.post(f"/live/{live.id}/reminder").status_code in {200, 302, 303}
    with unit_of_work():
        db.session.execute(update(Learner).values(remind_ms=starts_ms - 40 * MINUTE_MS))
    remind()
    assert [one.path for one in service.came] == ["/phone"]


def test_a_device_hears_nothing_after_she_signed_out_there(
    sign_in: SignIn, service: PushService, zhao: User, soon: LiveSession
) -> None:
    phone, desk, lost = sign_in(zhao), sign_in(zhao), sign_in(zhao)
    for browser, name in ((phone, "phone"), (desk, "desk"), (lost, "lost")):
        browser.post("/account/push", data=service.subscription(name).form)
    phone.post("/sign-out")
    began_ms = db.session.scalars(
        select(SignedIn.began_ms).join(PushDevice).where(PushDevice.endpoint.endswith("/lost"))
    ).one()
    desk.delete(f"/account/sign-ins/{began_ms}")
    assert devices() == ["desk"]
    remind()
    assert [one.path for one in service.came] == ["/desk"]


def test_whoever_switches_off_hears_nothing(
    sign_in: SignIn, service: PushService, zhao: User, soon: LiveSession
) -> None:
    browser = sign_in(zhao)
    browser.post("/account/push", data=service.subscription("phone").form)
    assert 'data-endpoint="' in browser.get("/account/mail").text
    assert browser.delete("/account/push").status_code == 204
    assert 'data-endpoint="' not in browser.get("/account/mail").text
    remind()
    assert service.came == []


def test_a_browser_shows_reminders_of_one_person(
    sign_in: SignIn, service: PushService, zhao: User, learner: User
) -> None:
    shared = service.subscription("shared")
    sign_in(zhao).post("/account/push", data=shared.form)
    sign_in(learner).post("/account/push", data=shared.form)
    (device,) = db.session.scalars(select(PushDevice))
    assert device.sign_in.user_id == learner.id


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_has_ended_is_forgotten(
    sign_in: SignIn, service: PushService, zhao: User, soon: LiveSession, status: int
) -> None:
    for name in ("old", "new"):
        sign_in(zhao).post("/account/push", data=service.subscription(name).form)
    service.answers["/old"] = status
    remind()
    assert devices() == ["new"]


@pytest.mark.parametrize(("status", "words"), [(503, "拒绝了它（503）"), (0, "无法连接"), (307, "无法连接")])
def test_the_page_says_when_a_message_did_not_go_out(
    sign_in: SignIn, service: PushService, zhao: User, soon: LiveSession, status: int, words: str
) -> None:
    browser = sign_in(zhao)
    browser.post("/account/push", data=service.subscription("phone").form)
    service.answers["/phone"] = status
    remind()
    assert "/elsewhere" not in [one.path for one in service.came]
    assert words in browser.get("/account/mail").text


def test_a_push_service_that_does_not_answer_is_asked_once(
    sign_in: SignIn, service: PushService, zhao: User, soon: LiveSession
) -> None:
    for name in ("first", "second"):
        sign_in(zhao).post("/account/push", data=service.subscription(name).form)
    service.answers |= {"/first": 0, "/second": 0}
    remind()
    assert {one.path for one in service.came} == {"/first"}


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://127.0.0.1/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://localhost/x",
        "https://169.254.169.254/latest",
        "https://fcm.googleapis.com.evil.example/x",
        "https://fcm.googleapis.com@127.0.0.1/x",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com:22/x",
        "https://notify.windows.com/x",
        "https://evil.example\\.notify.windows.com/x",
        "https://fcm.googleapis.com:port/x",
        "https://fcm.googleapis.com/" + "x" * 1000,
        "javascript:alert(1)",
        "",
    ],
)
def test_nobody_makes_us_call_another_address(
    sign_in: SignIn, private_key: str, learner: User, service: PushService, app: Flask, endpoint: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setitem(app.config, "PUSH_SERVICES", ("fcm.googleapis.com", "*.notify.windows.com"))
    form = service.subscription("x").form | {"endpoint": endpoint}
    reply = sign_in(learner).post("/account/push", data=form, headers={"Accept": "application/json"})
    assert (reply.status_code, reply.get_json()["error"]) == (422, "push.unknown_service")
    assert devices() == []


@pytest.mark.parametrize("endpoint", ["https://fcm.googleapis.com/x", "https://wns2-hk2p.notify.windows.com/w/?t=x"])
def test_the_services_of_browsers_are_known(
    sign_in: SignIn, learner: User, service: PushService, app: Flask, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PUSH_SERVICES", ("fcm.googleapis.com", "*.notify.windows.com"))
    form = service.subscription("x").form | {"endpoint": endpoint}
    assert sign_in(learner).post("/account/push", data=form).status_code == 204


@pytest.mark.parametrize("wrong", [{"p256dh": ""}, {"p256dh": "B" * 87}, {"auth": "short"}, {"auth": "锁"}])
def test_what_is_no_subscription_is_refused(
    sign_in: SignIn, learner: User, service: PushService, wrong: dict[str, str]
) -> None:
    form = service.subscription("x").form | wrong
    assert sign_in(learner).post("/account/push", data=form).status_code == 422


def test_without_a_key_the_page_and_the_doctor_say_so(sign_in: SignIn, learner: User) -> None:
    browser = sign_in(learner)
    page = browser.get("/account/mail").text
    assert "没有设置密钥" in page
    assert "<push-switch" not in page
    assert browser.post("/account/push", data={}).status_code == 409
    assert any("push messages are off" in one.what and one.fine for one in examine())


def test_the_doctor_misses_the_address_that_push_services_are_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "VAPID_PRIVATE_KEY", keys.new_private_key())
    for sender, fine in (("讲堂", False), ("讲堂 <help@academy.example>", True)):
        monkeypatch.setitem(app.config, "MAIL_FROM", sender)
        assert [one.fine for one in examine() if one.what == "contact for push services"] == [fine]


def test_the_command_makes_a_key_once(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(app.config, "DATA_DIR", tmp_path)
    said = app.test_cli_runner().invoke(args=["push-key"]).output
    file = tmp_path / "secrets" / "vapid_private_key"
    made = file.read_text()
    assert keys.public_of(made) in said
    assert file.stat().st_mode & 0o777 == 0o600
    assert "already" in app.test_cli_runner().invoke(args=["push-key"]).output
    assert file.read_text() == made
    monkeypatch.setitem(app.config, "VAPID_PRIVATE_KEY", made)
    monkeypatch.setitem(app.config, "PUBLIC_URL", "http://live.example.cn")
    assert any(one.what == "push messages" and not one.fine for one in examine())
