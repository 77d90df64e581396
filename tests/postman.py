"""A real mail server for tests, which keeps the mails that it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.ports import free_port

Use = Callable[..., None]
"""Function that sets the app's mail server: its port, and settings by name."""


class Postman:
    """Takes mail, or gives the answer that a test has set."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.wire: list[tuple[list[str], bytes]] = []
        """Recipients and bytes of each mail, as they came."""
        self.answers: list[str] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.wire.append((envelope.rcpt_tos, envelope.content))
        return "250 taken"


@contextmanager
def listening(**how: Any) -> Iterator[tuple[Postman, int]]:
    """Run a mail server. Yield its postman and its port."""
    handler = Postman()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), **how)
    controller.start()
    try:
        yield handler, controller.port
    finally:
        controller.stop()
