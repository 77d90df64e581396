"""Mail goes out through a real SMTP server, or waits where it can be read."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.extensions import db
from app.kernel import mail
from app.kernel.mail import Mail, MailState
from app.kernel.unit_of_work import unit_of_work
from tests.conftest import SignIn
from tests.factories import accounts, roles

ABOUT = {"name": "张三", "username": "learner", "days": 7, "link": "https://x.example/password/abc"}


class Postman:
    """Takes mail, or answers what it is told to answer."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answers: list[str] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        return "250 taken"


@pytest.fixture
def postman(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postman]:
    """A mail server that the app uses."""
    handler = Postman()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    monkeypatch.setitem(app.config, "SMTP_HOST", "127.0.0.1")
    monkeypatch.setitem(app.config, "SMTP_PORT", controller.port)
    yield handler
    controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def work() -> Mail:
    """Do what the jobs process does in a second; give the newest mail."""
    mail.send_due()
    queue = db_app().extensions["queue"]
    while task := queue.dequeue():
        queue.execute(task)
    db.session.commit()
    db.session.expire_all()
    return db.session.scalars(select(Mail).order_by(Mail.id.desc())).first() or Mail()


def db_app() -> Flask:
    from flask import current_app

    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]


def due_again() -> None:
    with unit_of_work():
        for one in db.session.scalars(select(Mail)):
            one.due_ms = 0


def test_a_mail_arrives_as_it_was_written(postman: Postman) -> None:
    mail.send("zhang@iom.example", "invitation", **ABOUT)
    sent = work()
    (message,) = postman.taken
    assert (sent.state, sent.text) == (MailState.SENT, ""), "a link that opens an account is not kept"
    assert message["To"] == "zhang@iom.example"
    assert "讲堂" in message["Subject"]
    assert ABOUT["link"] in message.get_content()
    assert message["Message-ID"]
    assert message["Date"]


def test_the_language_is_the_one_that_was_chosen(postman: Postman) -> None:
    mail.send("zhang@iom.example", "invitation", locale="en", **ABOUT)
    work()
    assert postman.taken[0]["Subject"].startswith("Your account for Jiangtang")


def test_it_goes_out_once_and_only_after_the_commit(postman: Postman) -> None:
    with pytest.raises(RuntimeError), unit_of_work():
        mail.send("zhang@iom.example", "invitation", **ABOUT)
        raise RuntimeError
    assert work().id is None
    mail.send("zhang@iom.example", "invitation", **ABOUT)
    work()
    work()
    assert len(postman.taken) == 1


def test_a_server_that_is_busy_is_asked_again_later(postman: Postman) -> None:
    postman.answers = ["451 too busy"]
    mail.send("zhang@iom.example", "invitation", **ABOUT)
    waiting = work()
    assert (waiting.state, waiting.tries) == (MailState.WAITING, 1)
    assert "busy" in waiting.problem
    assert work().tries == 1, "not before its time"
    due_again()
    assert work().state is MailState.SENT


def test_a_server_that_does_not_want_it_is_not_asked_again(postman: Postman, sign_in: SignIn) -> None:
    postman.answers = ["554 not here"]
    mail.send("zhang@iom.example", "invitation", **ABOUT)
    failed = work()
    assert failed.state is MailState.FAILED
    browser = sign_in(roles.admin(accounts.user("admin")))
    assert "not here" in browser.get("/system/outbox").text
    browser.post(f"/system/outbox/{failed.id}/delivery")
    assert work().state is MailState.SENT


def test_a_server_that_is_gone_costs_nothing_but_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SMTP_HOST", "127.0.0.1")
    monkeypatch.setitem(app.config, "SMTP_PORT", free_port())
    mail.send("zhang@iom.example", "invitation", **ABOUT)
    for tries in range(1, 7):
        due_again()
        assert work().tries == tries
    assert work().state is MailState.FAILED


def test_no_more_goes_out_in_a_second_than_is_allowed(
    postman: Postman, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MAIL_PER_MINUTE", 120)
    mail.send_all([mail.compose(f"p{number}@iom.example", "invitation", **ABOUT) for number in range(5)])
    work()
    assert len(postman.taken) == 2


def test_without_a_server_it_waits_where_administrators_read_it(sign_in: SignIn, learner: User) -> None:
    mail.send("zhang@iom.example", "invitation", **ABOUT)
    waiting = work()
    assert waiting.state is MailState.WAITING
    page = sign_in(roles.admin(accounts.user("admin"))).get(f"/system/outbox/{waiting.id}").text
    assert ABOUT["link"] in page
    assert sign_in(learner).get(f"/system/outbox/{waiting.id}").status_code == 403


def test_what_a_name_holds_cannot_add_headers(postman: Postman) -> None:
    mail.send("zhang@iom.example", "invitation", **{**ABOUT, "name": "x\nBcc: everybody@iom.example"})
    work()
    assert postman.taken[0]["Bcc"] is None
