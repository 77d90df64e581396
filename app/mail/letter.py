"""A mail as bytes for a mail server (RFC 5322).

Python's own classes are not used for headers: some versions of them decode encoded words in a text, and so turn typed
characters into line breaks. Here typed text is text and nothing else. It stands as it is, or encoded (RFC 2047) as a
whole. It has no way to end its header.
"""

from __future__ import annotations

import base64
import re
import secrets
import unicodedata
from dataclasses import dataclass
from email.utils import formatdate, make_msgid, parseaddr

LINE = 76
"""Maximum length of a line with encoded words (RFC 2047, 2)."""
LONGEST_LINE = 998
"""Maximum length of any line, without its end (RFC 5322, 2.1.1)."""
OPEN, CLOSE = "=?utf-8?b?", "?="
ADDRESS = re.compile(r"[^\s@<>()\[\],:;\\\"\x00-\x1f\x7f]+@[^\s@<>()\[\],:;\\\"\x00-\x1f\x7f]+")
PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ]*[A-Za-z0-9])?")
"""Names that need neither quotes nor encoding."""
LINE_END = re.compile(r"\r\n|\r|\n")
BREAKS = {"Cc", "Cs", "Zl", "Zp"}
"""Categories of control characters, surrogates, and ends of lines and paragraphs."""


class Unwritable(ValueError):
    """A header cannot hold its text, so the mail is not sent."""


@dataclass(frozen=True)
class Letter:
    """The parts of a mail."""

    sender: str
    """As in MAIL_FROM: a name and an address in angle brackets, or the address alone."""
    recipient: str
    subject: str
    text: str
    calendar: str = ""
    """An iCalendar object to attach. Empty means none."""
    unsubscribe: str = ""
    """Address at which one press ends mails of this kind. Empty means that they cannot be ended."""
    message_id: str = ""
    """Its name, with angle brackets. Empty means that any will do."""
    reply_to: str = ""
    """The address alone. Empty means that answers go to the sender."""

    @property
    def sender_address(self) -> str:
        """Return the address alone.

        Raises:
            Unwritable: there is no address.
        """
        _refuse_breaks("From", self.sender)
        return _address(parseaddr(self.sender)[1])

    @property
    def is_international(self) -> bool:
        """Return whether an address needs a server with SMTPUTF8 (RFC 6531)."""
        return not (self.sender_address + self.recipient).isascii()

    def to_bytes(self) -> bytes:
        """Return the mail as bytes.

        Raises:
            Unwritable: a header cannot hold its text.
        """
        head = [
            _sender(parseaddr(self.sender)[0], self.sender_address),
            f"To: {_address(self.recipient)}",
            typed("Subject", self.subject),
            f"Date: {formatdate()}",
            structured("Message-ID", self.message_id or make_msgid(domain=_domain(self.sender_address))),
            *([f"Reply-To: {_address(self.reply_to)}"] if self.reply_to else []),
            "Auto-Submitted: auto-generated",  # RFC 3834: no holiday notices as answer
            "MIME-Version: 1.0",
        ]
        if self.unsubscribe:  # RFC 8058: the mail program shows a button that needs no page
            head += [
                structured("List-Unsubscribe", f"<{self.unsubscribe}>"),
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            ]
        return "\r\n".join([*head, *self._body()]).encode()

    def _body(self) -> list[str]:
        words = _part("text/plain; charset=utf-8", self.text)
        if not self.calendar:
            return words
        method = "CANCEL" if "METHOD:CANCEL" in self.calendar else "PUBLISH"
        entry = _part(
            f"text/calendar; charset=utf-8; method={method}",
            self.calendar,
            'Content-Disposition: attachment; filename="jiangtang.ics"',
        )
        border = f"=_{secrets.token_hex(16)}"  # never within base64
        mixed = f'Content-Type: multipart/mixed; boundary="{border}"'
        return [mixed, "", f"--{border}", *words, f"--{border}", *entry, f"--{border}--", ""]


def typed(name: str, text: str) -> str:
    """Return a header with typed text of any length.

    Plain text that fits on one line stays as it is. Any other is encoded from its first to its last character, so that
    no blank lies between two encoded words, where it would not count (RFC 2047, 6.2).

    Raises:
        Unwritable: a character would end a line.
    """
    _refuse_breaks(name, text)
    line = f"{name}: {text}"
    if text.isascii() and "=?" not in text and text == text.strip() and len(line) <= LINE:
        return line
    return f"{name}: {_encoded(text, len(name) + 2)}"


def structured(name: str, value: str) -> str:
    """Return a header that programs read. It may be folded after its name, and is never encoded (RFC 2047, 5).

    Raises:
        Unwritable: the value holds a blank or a character beyond ASCII, or is longer than a line may be.
    """
    if not value.isascii() or not value.isprintable() or " " in value or len(value) >= LONGEST_LINE:
        raise Unwritable(f"{name} cannot be {value!r}")
    line = f"{name}: {value}"
    return line if len(line) <= LINE else f"{name}:\r\n {value}"


def _sender(name: str, address: str) -> str:
    if not name:
        return f"From: {address}"
    written = name if PLAIN.fullmatch(name) else _encoded(name, len("From: "))
    return f"From: {written}\r\n <{address}>"


def _encoded(text: str, taken: int) -> str:
    """Return text as encoded words of whole characters, one a line.

    Args:
        text: the text.
        taken: number of characters before it on its first line.
    """
    most_bytes = (LINE - taken - len(OPEN) - len(CLOSE)) // 4 * 3
    words, word = [], b""
    for character in text:
        letter = character.encode()
        if len(word) + len(letter) > most_bytes:
            words.append(word)
            word = b""
        word += letter
    return "\r\n ".join(f"{OPEN}{base64.b64encode(one).decode()}{CLOSE}" for one in (*words, word))


def _address(text: str) -> str:
    if not ADDRESS.fullmatch(text):
        raise Unwritable(f"{text!r} is no address")
    _refuse_breaks("an address", text)
    return text


def _domain(address: str) -> str:
    domain = address.rpartition("@")[2]
    return domain if domain.isascii() else "localhost"


def _refuse_breaks(name: str, text: str) -> None:
    found = next((one for one in text if unicodedata.category(one) in BREAKS), None)
    if found is not None:
        raise Unwritable(f"{name} cannot hold the character U+{ord(found):04X}")


def _part(kind: str, text: str, *more: str) -> list[str]:
    """Return headers and body of a part. Before the encoding its lines get the ends that RFC 2045, 6.8 wants."""
    content = base64.b64encode(LINE_END.sub("\r\n", text).encode()).decode()
    lines = [content[at : at + LINE] for at in range(0, len(content), LINE)]
    return [f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", *more, "", *lines]
