"""Mail goes out through a real SMTP server, or waits where it can be read."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

import pytest
import time_machine
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from flask import Flask, current_app
from sqlalchemy import select, update

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work
from app.mail import delivery
from app.mail import services as mail
from app.mail.models import Mail, MailState
from tests import certificates
from tests.conftest import SignIn
from tests.factories import accounts, roles
from tests.jobs import run_queued
from tests.ports import free_port
from tests.postman import Postman, Use, listening

ABOUT = {"name": "张三", "username": "learner", "days": 7, "link": "https://x.example/password/abc"}


def work() -> Mail:
    """Do what the jobs process does in a second; give the newest mail."""
    delivery.send_due()
    run_queued()
    return db.session.scalars(select(Mail).order_by(Mail.id.desc())).first() or Mail()


def due_again() -> None:
    with unit_of_work():
        for one in db.session.scalars(select(Mail)):
            one.due_ms = 0


def test_a_mail_arrives_as_it_was_written(postman: Postman) -> None:
    assert mail.send("zhang@iom.example", "invitation", **ABOUT).state is MailState.WAITING
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


def test_a_server_that_is_gone_costs_nothing_but_time(use: Use) -> None:
    use(free_port())
    mail.send("zhang@iom.example", "invitation", **ABOUT)
    last = len(delivery.AGAIN_AFTER_MINUTES) + 1
    for tries in range(1, last + 1):
        due_again()
        tried = work()
        assert tried.tries == tries
        assert "refused" in tried.problem
        assert (tried.state is MailState.FAILED) is (tries == last)


def test_while_the_server_is_gone_it_is_asked_once_and_not_for_each_mail(use: Use) -> None:
    use(free_port())
    mail.send_all([mail.compose(f"p{number}@iom.example", "invitation", **ABOUT) for number in range(50)])
    for _ in range(5):
        delivery.send_due()
    for _ in range(3):
        work()
    tries = [one.tries for one in db.session.scalars(select(Mail))]
    assert sum(tries) == 2, "those of one connection; the others were claimed or waited, and cost nothing"
    assert delivery.send_due() is None
    with listening() as (postman, port):
        use(port)
        for _ in range(25):
            due_again()
            work()
    assert len(postman.taken) == 50


def test_a_job_that_comes_late_sends_nothing_twice(postman: Postman) -> None:
    mail.send("zhang@iom.example", "invitation", **ABOUT)
    delivery.send_due()
    with time_machine.travel(clock.now_ms() / 1000 + delivery.CLAIMED_MS / 1000 + 1):
        delivery.send_due()  # the first job was not run for so long that its mail was claimed anew
        run_queued()
    assert len(postman.taken) == 1
    assert work().tries == 1


def test_a_delivery_that_breaks_off_each_time_is_given_up(app: Flask, postman: Postman) -> None:
    mail.send("zhang@iom.example", "invitation", **ABOUT)
    with unit_of_work():
        db.session.scalars(select(Mail)).one().tries = len(delivery.AGAIN_AFTER_MINUTES) + 1
    assert work().state is MailState.FAILED
    assert postman.taken == []


@pytest.mark.parametrize(("rate", "first_seconds"), [(120, [2, 2, 2, 2]), (90, [1, 2, 1, 2]), (30, [0, 1, 0, 1])])
def test_no_more_goes_out_in_a_minute_than_is_allowed(
    postman: Postman, use: Use, rate: int, first_seconds: list[int]
) -> None:
    use(current_app.config["SMTP_PORT"], MAIL_PER_MINUTE=rate)
    mail.send_all([mail.compose(f"p{number}@iom.example", "invitation", **ABOUT) for number in range(8)])
    with unit_of_work():
        db.session.execute(update(Mail).values(due_ms=0))
    went_out = []
    for second in range(4):
        before = len(postman.taken)
        with time_machine.travel(1_800_000_000 + second, tick=False):
            work()
        went_out.append(len(postman.taken) - before)
    assert went_out == first_seconds


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_way_to_the_server_is_protected_and_the_server_checked(use: Use, tmp_path: Path, security: str) -> None:
    certificate = certificates.self_signed(tmp_path, "127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def judge(_server: SMTP, _session: Session, _mail: Envelope, _how: str, who: LoginPassword) -> AuthResult:
        return AuthResult(success=who == LoginPassword(b"jiangtang", b"a word"), handled=False)

    # the test server can ask for a password only where it has seen STARTTLS
    starttls = {"tls_context": context, "require_starttls": True, "authenticator": judge, "auth_required": True}
    with listening(**(starttls if security == "starttls" else {"ssl_context": context})) as (postman, port):
        mail.send("zhang@iom.example", "invitation", **ABOUT)
        signed_in = {"SMTP_USER": "jiangtang", "SMTP_PASSWORD": "a word"} if security == "starttls" else {}
        use(port, SMTP_SECURITY=security, **signed_in)
        assert "certificate" in work().problem
        assert postman.taken == []
        use(port, SMTP_CA_FILE=str(certificate))
        due_again()
        assert work().state is MailState.SENT
        if security == "starttls":
            use(port, SMTP_PASSWORD="another")
            mail.send("zhang@iom.example", "invitation", **ABOUT)
            refused = work()
            assert refused.state is MailState.WAITING
            assert "535" in refused.problem
            assert len(postman.taken) == 1


def test_an_address_that_the_server_cannot_take_fails_alone(use: Use) -> None:
    with listening(enable_SMTPUTF8=False) as (_postman, port):
        use(port)
        mail.send("张三@iom.example", "invitation", **ABOUT)
        mail.send("zhang@iom.example", "invitation", **ABOUT)
        work()
    states = [one.state for one in db.session.scalars(select(Mail).order_by(Mail.id))]
    assert states == [MailState.FAILED, MailState.SENT]


def test_without_a_server_it_waits_where_administrators_read_it(sign_in: SignIn, learner: User) -> None:
    mail.send("zhang@iom.example", "invitation", **ABOUT)
    waiting = work()
    assert waiting.state is MailState.WAITING
    browser = sign_in(roles.admin(accounts.user("admin")))
    assert "SMTP_HOST" in browser.get("/system/outbox").text
    assert ABOUT["link"] in browser.get(f"/system/outbox/{waiting.id}").text
    assert sign_in(learner).get(f"/system/outbox/{waiting.id}").status_code == 403


def test_who_reads_a_mail_that_may_open_an_account_is_in_the_log(sign_in: SignIn) -> None:
    mail.send("zhang@iom.example", "invitation", **ABOUT)
    letter = work()
    admin = roles.admin(accounts.user("admin"))
    sign_in(admin).get(f"/system/outbox/{letter.id}")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == Action.MAIL_READ)).one()
    assert entry.by_id == admin.id
    assert "zhang@iom.example" in entry.object


def test_the_outbox_says_through_which_server_and_finds_mail(postman: Postman, sign_in: SignIn) -> None:
    postman.answers = ["554 not here", "554 not here"]
    mail.send("zhang@iom.example", "invitation", **ABOUT)
    mail.send("li@iom.example", "invitation", **ABOUT)
    work()
    mail.send("wang@iom.example", "invitation", **ABOUT)
    browser = sign_in(roles.admin(accounts.user("admin")))

    def found(**search: str) -> list[str]:
        page = browser.get("/system/outbox", query_string=search).text
        return re.findall(r"(\w+)@iom.example", page)

    assert "127.0.0.1:" in browser.get("/system/outbox").text
    assert found() == ["wang", "li", "zhang"]
    assert found(state="failed") == ["li", "zhang"]
    assert found(state="waiting", q="") == ["wang"]
    assert found(q="Zhang") == ["zhang"]
    assert found(q="nobody") == []
    browser.post("/system/outbox/deliveries")
    assert found(state="failed") == []
    work()
    work()
    assert len(postman.taken) == 3


def test_a_mail_that_was_sent_is_not_sent_again_by_a_forged_press(postman: Postman, sign_in: SignIn) -> None:
    mail.send("zhang@iom.example", "invitation", **ABOUT)
    sent = work()
    sign_in(roles.admin(accounts.user("admin"))).post(f"/system/outbox/{sent.id}/delivery")
    assert work().state is MailState.SENT
    assert len(postman.taken) == 1


def test_what_a_name_holds_cannot_add_headers(postman: Postman) -> None:
    mail.send("zhang@iom.example", "invitation", **{**ABOUT, "name": "x\nBcc: everybody@iom.example"})
    work()
    assert postman.taken[0]["Bcc"] is None
