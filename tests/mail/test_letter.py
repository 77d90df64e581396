"""What goes to a mail server, read by a parser that is not Python's: nobody adds to it, and nothing is lost."""

from __future__ import annotations

import base64
import json
import random
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.mail import delivery
from app.mail.letter import Letter, Unwritable
from app.mail.models import Mail, MailState
from app.notices import services as notices
from tests.factories import accounts, units
from tests.factories import live as lives
from tests.jobs import run_queued
from tests.postman import Postman, Use

READER = Path(__file__).with_name("mails.mjs")
SENDER = "讲堂 <jiangtang@live.example.cn>"

INJECTED = [
    "=?utf-8?q?a=0ABcc:_x@y.cn?=",
    "=?utf-8?q?a=0D=0ABcc:_x@y.cn=0D=0A=0D=0Ahttps://evil.cn?=",
    "=?utf-8?b?YQpCY2M6IHhAeS5jbg==?=",
    "课程=?utf-8?q?=0ABcc:_x@y.cn?=通知",
    "=?utf-8?q?a?= =?utf-8?q?=0ABcc:_x@y.cn?=",
    "=?us-ascii*en?q?a=0ABcc:_x@y.cn?=",
    "=?utf-7?q?a+AAo-Bcc:_x@y.cn?=",
    "=?utf-8?q?" + "x" * 60 + "=0ABcc:_x@y.cn?=",
    "=?",
    "?=",
    "a =?x?= b",
]


def parsed(mails: Sequence[bytes]) -> list[dict[str, Any]]:
    """Read mails as a program in JavaScript does."""
    lines = b"\n".join(base64.b64encode(one) for one in mails) + b"\n"
    done = subprocess.run(["node", str(READER)], input=lines, capture_output=True, check=True, timeout=50)
    return [json.loads(line) for line in done.stdout.splitlines()]


def letter(subject: str = "直播", **how: str) -> bytes:
    values = {"sender": SENDER, "recipient": "li@iom.example", "text": "您好\n", **how}
    return Letter(subject=subject, **values).to_bytes()


def refuse_odd_lines(raw: bytes) -> None:
    """Find every line as the standards want it (RFC 5322, 2.1.1 and 2.2; RFC 2047, 2)."""
    head, _blank, _body = raw.partition(b"\r\n\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    for line in head.split(b"\r\n"):
        assert len(line) <= (76 if b"=?" in line else 998), line
        assert line.isascii(), line
        assert re.match(rb"[A-Za-z-]+:|[ ]\S", line), line


def made_up(chance: random.Random) -> str:
    """Return a subject as people type them, and worse."""
    alphabets = [
        "大气污染防治与碳中和研究所关于举办科学院第一期培训班的通知",
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        " ", "  ", "=?", "?=", "=?utf-8?q?", "=0A", "_", "（）“”：、—…·", "🩷👩\u200d🔬🇨🇳", "éüß", "𮯰𠮷", "\u3000",
        '<>@,;:"\\()[]',
    ]  # fmt: skip
    weights = [12, 5, 4, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1]
    text = ""
    for _ in range(chance.randrange(1, 60)):
        (alphabet,) = chance.choices(alphabets, weights)
        text += alphabet if "=" in alphabet or "?" in alphabet else chance.choice(alphabet)
    return text[:200]


def test_thousands_of_subjects_arrive_letter_by_letter() -> None:
    chance = random.Random(18)
    subjects = [made_up(chance) for _ in range(5000)]
    raws = [letter(subject) for subject in subjects]
    for raw in raws:
        refuse_odd_lines(raw)
    read = parsed(raws)
    wrong = [
        (subject, one["subject"]) for subject, one in zip(subjects, read, strict=True) if one["subject"] != subject
    ]
    assert wrong == []


@pytest.mark.parametrize("subject", INJECTED)
def test_an_encoded_word_that_is_typed_is_text(subject: str) -> None:
    (read,) = parsed([letter(subject)])
    assert read["subject"] == subject
    assert read["text"] == "您好\n"
    assert [key for key, _value in read["headers"]] == [
        "from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type",
        "content-transfer-encoding",
    ]  # fmt: skip


@pytest.mark.parametrize("character", ["\n", "\r", "\0", "\x0b", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"])
def test_what_ends_a_line_is_never_written(character: str) -> None:
    for how in (
        {"subject": f"a{character}Bcc: x@y.cn"},
        {"recipient": f"li@iom.example{character}Bcc: x@y.cn"},
        {"sender": f"讲堂{character}Bcc: x@y.cn <jiangtang@live.example.cn>"},
        {"unsubscribe": f"https://live.example.cn/{character}x"},
    ):
        with pytest.raises(Unwritable):
            letter(**how)


@pytest.mark.parametrize("address", ["", "li", "li@", "@x", "a@b, c@d", "a@b>\u2028", "a b@c", "<a@b>", "a@b@c"])
def test_what_is_no_address_is_none(address: str) -> None:
    with pytest.raises(Unwritable):
        letter(recipient=address)


@pytest.mark.parametrize("length", [20, 77, 150, 300, 900])
def test_an_address_to_unsubscribe_is_never_encoded(length: int) -> None:
    address = "https://live.example.cn/notices/".ljust(length, "x")
    raw = letter(unsubscribe=address)
    assert f"<{address}>\r\n".encode() in raw
    (read,) = parsed([raw])
    assert dict(read["headers"])["list-unsubscribe"] == f"<{address}>"
    assert dict(read["headers"])["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("address", ["https://直播.cn/x", "https://x.cn/a b", "https://x.cn/" + "x" * 1000])
def test_an_address_that_cannot_stand_there_is_refused(address: str) -> None:
    with pytest.raises(Unwritable):
        letter(unsubscribe=address)


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        (SENDER, "讲堂"),
        ("jiangtang@live.example.cn", ""),
        ("Live Academy <jiangtang@live.example.cn>", "Live Academy"),
        ('"Live, =?utf-8?q?=0ABcc:?=" <jiangtang@live.example.cn>', "Live, =?utf-8?q?=0ABcc:?="),
        (
            "科学院大气物理研究所继续教育与培训中心直播服务 <jiangtang@live.example.cn>",
            "科学院大气物理研究所继续教育与培训中心直播服务",
        ),
    ],
)
def test_the_sender_has_a_name_and_one_address(sender: str, name: str) -> None:
    (read,) = parsed([letter(sender=sender)])
    assert read["from"] == {"address": "jiangtang@live.example.cn", "name": name}


def test_a_text_of_several_lines_and_a_calendar_arrive_whole() -> None:
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nSUMMARY:直播\r\nEND:VCALENDAR\r\n"
    text = "第一行\n.\n..\nFrom 张三\n--\n" + "很长的一行" * 300 + "\n"
    (read,) = parsed([letter(text=text, calendar=calendar)])
    assert read["text"].rstrip("\n") == text.rstrip("\n")
    (entry,) = read["attachments"]
    assert (entry["filename"], entry["mimeType"], entry["method"]) == ("jiangtang.ics", "text/calendar", "CANCEL")
    assert entry["text"] == calendar.replace("\r\n", "\n"), "the parser makes its line ends so"


@pytest.mark.parametrize("subject", INJECTED)
def test_a_session_with_such_a_subject_brings_nobody_else_a_mail(
    subject: str, app: Flask, postman: Postman, teacher: User, use: Use
) -> None:
    """Through a real server, from a plan to what it takes: subject, names and unit are what somebody typed."""
    institute = units.institute("=?utf-8?q?b=0ABcc:_x@y.cn?=")
    accounts.user("li", "=?utf-8?q?c=0ABcc:_x@y.cn?=", unit=institute, email="li@iom.example")
    live = lives.lesson(teacher, subject=subject)
    with app.test_request_context():
        notices.invite(live, [], words=f"Bcc: x@y.cn\n{subject}", by=teacher)
    for _ in range(3):
        notices.write_due()
        with time_machine.travel(clock.now_ms() / 1000 + 5):
            delivery.send_due()
            run_queued()
    assert [one.state for one in db.session.scalars(select(Mail))] == [MailState.SENT]
    ((recipients, raw),) = postman.wire
    assert recipients == ["li@iom.example"]
    refuse_odd_lines(raw)
    (read,) = parsed([raw])
    assert subject in read["subject"]
    assert subject in read["text"]
    assert (read["to"], read.get("cc"), read.get("bcc")) == ([{"address": "li@iom.example", "name": ""}], None, None)
    assert "list-unsubscribe" in dict(read["headers"])
