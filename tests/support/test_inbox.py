"""Answers by mail to mails about tickets, through a real mail server and a real inbox."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, TCPServer
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.mail import delivery
from app.mail.models import Mail
from app.support.tickets import answers, inbox, services, threads
from app.support.tickets.models import EntryKind, Ticket, TicketEntry
from app.support.tickets.states import TicketState
from tests import imap_server
from tests.factories import accounts, roles, tickets
from tests.imap_server import Inbox
from tests.jobs import run_queued
from tests.postman import Postman

ADDRESS = "support@live.example.cn"


@pytest.fixture(scope="module")
def server() -> Iterator[Inbox]:
    with imap_server.serving() as found:
        yield found


@pytest.fixture(autouse=True)
def settings(app: Flask, server: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    own = {
        "IMAP_HOST": "127.0.0.1",
        "IMAP_PORT": server.port,
        "IMAP_SECURITY": "none",
        "IMAP_USER": imap_server.USER,
        "IMAP_PASSWORD": imap_server.PASSWORD,
        "IMAP_ADDRESS": ADDRESS,
    }
    for name, value in own.items():
        monkeypatch.setitem(app.config, name, value)


@pytest.fixture
def helper(app: Flask) -> User:
    return roles.holding(accounts.user("helper", "周培训"), Permission.TICKET_ANSWER)


@pytest.fixture
def ticket(app: Flask, helper: User) -> Ticket:
    return tickets.ticket(accounts.user("asker", "张三", email="asker@iom.example"))


def an_answer(ticket: Ticket, words: str, *, sender: str = "", **headers: str) -> EmailMessage:
    """Return what a mail program makes of words above the quoted mail, from the asker unless somebody else is named."""
    mail = EmailMessage(policy.SMTP.clone(max_line_length=998))
    mail["From"] = sender or f"张三 <{ticket.email}>"
    mail["To"] = ADDRESS
    mail["Subject"] = "回复"
    mail["Message-ID"] = headers.pop("Message_ID", f"<{clock.now_ms()}.{len(words)}@iom.example>")
    references = headers.pop("References", threads.headers_for(ticket)["message_id"])
    if references:
        mail["References"] = f"<first@elsewhere.example> {references}"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(words)
    return mail


def look() -> None:
    inbox.look.now()
    db.session.expire_all()


def said(ticket: Ticket) -> list[str]:
    """Return what the asker has written after her question."""
    wanted = select(TicketEntry.words).where(TicketEntry.ticket_id == ticket.id, TicketEntry.kind == EntryKind.ASKED)
    return list(db.session.scalars(wanted.order_by(TicketEntry.id)))[1:]


def test_a_ticket_is_answered_by_replying_to_its_mail(
    server: Inbox, postman: Postman, ticket: Ticket, helper: User
) -> None:
    services.answer(ticket, "请打开声音。", solves=True, by=helper)
    delivery.send_due()
    run_queued()
    (sent,) = [one for one in postman.taken if one["To"] == ticket.email]
    assert sent["Reply-To"] == ADDRESS
    quoted = "\n".join(f"> {line}" for line in sent.get_content().splitlines())
    words = "还是没有声音。\n换了耳机也一样。"
    reply = an_answer(ticket, f"{words}\n\n在 2026年12月1日，讲堂写道：\n{quoted}", References=sent["Message-ID"])
    server.put(reply)
    look()
    assert said(ticket) == [words]
    assert ticket.state is not TicketState.TO_CONFIRM, "it is open again"
    assert server.unseen() == 0
    server.put(reply)
    look()
    assert len(said(ticket)) == 1, "a mail is taken once, however often it is seen"


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_inbox_is_read_on_a_line_that_nobody_else_reads(
    app: Flask, server: Inbox, ticket: Ticket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    security: str,
) -> None:  # fmt: skip
    monkeypatch.setitem(app.config, "IMAP_SECURITY", security)
    monkeypatch.setitem(app.config, "IMAP_PORT", server.tls_port if security == "tls" else server.port)
    server.put(an_answer(ticket, "声音好了。"))
    look()
    assert "certificate verify failed" in caplog.text
    assert said(ticket) == [], "a server that nobody vouches for is told no password"
    monkeypatch.setitem(app.config, "IMAP_CA_FILE", str(server.certificate))
    monkeypatch.setitem(app.config, "IMAP_HOST", "localhost")
    look()
    assert said(ticket) == [], "the certificate is for another name"
    monkeypatch.setitem(app.config, "IMAP_HOST", "127.0.0.1")
    look()
    assert said(ticket) == ["声音好了。"]


def test_a_server_without_starttls_is_told_no_password(
    app: Flask, ticket: Ticket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[bytes] = []

    class Bare(StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
            for line in self.rfile:
                heard.append(line)
                tag, verb, *_rest = line.split()
                facts = b"* CAPABILITY IMAP4rev1\r\n" if verb == b"CAPABILITY" else b""
                self.wfile.write(facts + tag + b" OK done\r\n")

    with TCPServer(("127.0.0.1", 0), Bare) as bare:
        thread = Thread(target=bare.handle_request)
        thread.start()
        monkeypatch.setitem(app.config, "IMAP_SECURITY", "starttls")
        monkeypatch.setitem(app.config, "IMAP_PORT", bare.server_address[1])
        look()
        thread.join(10)
    assert "the inbox cannot be read" in caplog.text
    assert heard
    assert not any(b"LOGIN" in line for line in heard)


def test_others_and_programs_change_nothing(server: Inbox, ticket: Ticket) -> None:
    forged = threads.headers_for(ticket)["message_id"].replace(f"ticket.{ticket.id}.", f"ticket.{ticket.id}.x")
    others = tickets.ticket(accounts.user("other", "李四", email="other@iom.example"))
    server.put(
        an_answer(ticket, "别人", sender="stranger@elsewhere.example"),
        an_answer(ticket, "别人的工单", References=threads.headers_for(others)["message_id"]),
        an_answer(ticket, "没有引用", References=""),
        an_answer(ticket, "伪造的引用", References=forged),
        an_answer(ticket, "我在休假", Auto_Submitted="auto-replied"),
        an_answer(ticket, "群发", Precedence="bulk"),
        an_answer(ticket, "列表", List_Id="<all.iom.example>"),
        an_answer(ticket, "退信", Return_Path="<>"),
        b"\xff\xfe\x00 no mail at all",
    )
    look()
    assert said(ticket) == said(others) == []
    assert server.unseen() == 0
    assert db.session.query(Mail).filter(Mail.recipient.in_([ticket.email, "stranger@elsewhere.example"])).count() == 0


def test_files_are_not_taken_over_however_large_and_the_words_are(server: Inbox, ticket: Ticket) -> None:
    large, bare = an_answer(ticket, "见附件。"), an_answer(ticket, "", Message_ID="<bare@iom.example>")
    large.add_attachment(b"\x00" * 50_000_000, maintype="application", subtype="zip", filename="bomb.zip")
    bare.add_attachment(b"\x00" * 1000, maintype="image", subtype="png", filename="x.png")
    server.put(large, bare)
    look()
    (words,) = said(ticket)
    server.put(an_answer(ticket, "长" * 10_000))
    look()
    assert said(ticket)[1].endswith("因为邮件太长。）"), "what is left out is said"
    assert words.startswith("见附件。\n")
    assert "附件没有转入" in words
    (told,) = db.session.scalars(select(Mail).where(Mail.recipient == ticket.email))
    assert "没有可以读取的文字" in told.text, "the one without words is told so"
    assert all(not entry.files for entry in db.session.scalars(select(TicketEntry)))


def test_a_loop_comes_to_its_end(server: Inbox, ticket: Ticket) -> None:
    server.put(*(an_answer(ticket, f"第{number}封", Message_ID=f"<{number}@loop.example>") for number in range(20)))
    look()
    assert len(said(ticket)) == inbox.MOST_IN_AN_HOUR


def test_who_is_gone_and_who_has_not_confirmed_her_address_answer_nothing(server: Inbox, ticket: Ticket) -> None:
    gone = an_answer(ticket, "我走了")
    unconfirmed = services.ask(
        services.Question(subject="打不开", words="页面打不开。", name="访客", email="visitor@example.com"), by=None
    )
    confirmed = tickets.strangers("known@example.com")
    with unit_of_work():
        assert ticket.user is not None
        ticket.user.closed_ms = 1
    server.put(gone, an_answer(unconfirmed, "还没有确认"), an_answer(confirmed, "已经确认"))
    look()
    assert (said(ticket), said(unconfirmed), said(confirmed)) == ([], [], ["已经确认"])


def test_without_an_inbox_mails_lead_to_the_page(
    app: Flask, monkeypatch: pytest.MonkeyPatch, ticket: Ticket, helper: User
) -> None:
    monkeypatch.setitem(app.config, "IMAP_HOST", "")
    services.answer(ticket, "请打开声音。", solves=True, by=helper)
    (told,) = db.session.scalars(select(Mail).where(Mail.recipient == ticket.email))
    assert (told.message_id, told.reply_to) == ("", "")
    assert answers.MARK not in told.text
    inbox.look_when_due()
    run_queued()


def test_an_inbox_that_does_not_answer_harms_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(app.config, "IMAP_PASSWORD", "wrong")
    inbox.look_when_due()
    inbox.look_when_due()
    run_queued()
    assert len(re.findall("the inbox cannot be read", caplog.text)) == 1, "one look in a minute"


QUOTED = "------------------ 原始邮件 ------------------\n发件人: 讲堂\n主题: 工单\n\n═══ 请在此行上方回复 ═══\n其余"


@pytest.mark.parametrize(
    ("text", "fresh"),
    [
        ("好的\r\n\r\n> 引用", "好的"),
        ("Thanks.\n\nOn Tue, 1 Dec 2026, Jiangtang wrote:\n> x", "Thanks."),
        (f"行\n\n{QUOTED}", "行"),
        ("a > b\n\n最后一行：\n是这样", "a > b\n\n最后一行：\n是这样"),
        ("> 只有引用", ""),
    ],
)
def test_what_is_quoted_is_left_out(text: str, fresh: str) -> None:
    mail = EmailMessage()
    mail.set_content(text)
    assert answers.words_in(mail.as_bytes()).text == fresh


def test_words_of_html_and_of_wrong_encodings_are_read() -> None:
    rich = EmailMessage()
    rich.set_content("<style>x{}</style><p>一</p><p>二&lt;script&gt;</p><div>═══ 行 ═══</div><p>旧</p>", subtype="html")
    assert answers.words_in(rich.as_bytes()).text.split() == ["一", "二<script>"]
    gbk = b"Content-Type: text/plain; charset=gb18030\r\n\r\n" + "声音".encode("gb18030")
    assert answers.words_in(gbk).text == "声音"
    assert answers.words_in(b"Content-Type: text/plain; charset=nonsense\r\n\r\nx").text == "x"
