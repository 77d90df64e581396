"""The words that a person has written in an answer by mail. Pure, apart from the signature that `threads` checks."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parseaddr

from lxml import etree, html

from app.kernel.text import tidied
from app.support.tickets.threads import ticket_named_in

MARK = "═══"
"""Beginning of the line above which one writes. What comes after it is our own mail."""
LONGEST_ID = 250
SENT_BY_PROGRAMS = {"bulk", "list", "junk", "auto_reply"}
INTRODUCES = re.compile(
    r"^(?:>.*|.*(?:wrote|写道|schrieb|écrit)\s*[:：]|-{2,}.*(?:original message|原始邮件|原邮件).*|"
    r"(?:from|sent|to|cc|subject|date|发件人|发送时间|发送日期|收件人|抄送|抄送人|主题|日期)\s*[:：].*|_{5,})?$",
    re.IGNORECASE,
)
"""Lines that mail programs put before what they quote, and empty ones."""


@dataclass(frozen=True)
class Head:
    """Facts from the headers of a mail. A stranger's mail is read no further."""

    message_id: str
    """Its own name, or one made from its content."""
    sender: str
    """The address alone, in small letters. Anybody can write it, so it is not enough."""
    ticket_id: int | None
    """The ticket whose mail is answered. `None` means that no mail of ours is."""
    is_automatic: bool
    """A program has sent it: an absence, a list, a failed delivery."""


@dataclass(frozen=True)
class Words:
    """The words that a person has written."""

    text: str
    """Empty where there is nothing but quotations and files."""
    has_files: bool


def head_of(raw: bytes) -> Head:
    """Read the headers of a mail."""
    mail = BytesHeaderParser(policy=policy.default).parsebytes(raw)
    name = tidied(_header(mail, "Message-ID"))[:LONGEST_ID]
    return Head(
        message_id=name or f"<{hashlib.sha256(raw).hexdigest()}@nameless>",
        sender=parseaddr(_header(mail, "From"))[1].lower(),
        ticket_id=ticket_named_in(f"{_header(mail, 'References')} {_header(mail, 'In-Reply-To')}"),
        is_automatic=_is_automatic(mail),
    )


def words_in(raw: bytes) -> Words:
    """Read what stands above the quoted mail. The mail may be cut off at its end."""
    plain, rich, has_files = "", "", False
    for part in message_from_bytes(raw, policy=policy.default).walk():
        kind = part.get_content_type()
        if part.is_multipart():
            continue
        if part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            has_files = True
        elif kind == "text/plain" and not plain:
            plain = _text(part)
        elif kind == "text/html" and not rich:
            rich = _words_of(_text(part))
    return Words(_fresh(plain or rich), has_files)


def _is_automatic(mail: Message) -> bool:
    """Return whether a program has sent a mail (RFC 3834, 2 and 5; RFC 3464)."""
    submitted = _header(mail, "Auto-Submitted").split(";")[0].strip().lower()
    return (
        submitted not in {"", "no"}
        or _header(mail, "Precedence").strip().lower() in SENT_BY_PROGRAMS
        or any(name in mail for name in ("X-Autoreply", "X-Autorespond", "List-Id"))
        or _header(mail, "Return-Path").strip() == "<>"
        or mail.get_content_type() in {"multipart/report", "message/delivery-status"}
    )


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    try:
        return raw.decode(part.get_content_charset("utf-8"), errors="replace")
    except LookupError:
        return raw.decode("utf-8", errors="replace")


def _words_of(markup: str) -> str:
    """Return the words of HTML, each block on a line of its own."""
    try:
        document = html.document_fromstring(re.sub(r"(?i)<(?:br|/p|/div|/li|/tr|/blockquote)\b", "\n\\g<0>", markup))
    except (etree.ParserError, ValueError):
        return ""
    etree.strip_elements(document, "script", "style", "head", with_tail=False)
    return "".join(str(one) for one in document.itertext())


def _fresh(text: str) -> str:
    """Return what stands above the mail that is quoted."""
    lines = text.replace("\r\n", "\n").split("\n")
    marked = next((number for number, line in enumerate(lines) if MARK in line), None)
    lines = [line for line in lines[:marked] if not line.startswith(">")]
    while lines and INTRODUCES.match(lines[-1].strip()):
        lines.pop()
    return "\n".join(lines).strip()


def _header(mail: Message, name: str) -> str:
    try:
        return str(mail.get(name, ""))
    except (ValueError, IndexError, AttributeError):  # headers that the standard library cannot parse
        return ""
