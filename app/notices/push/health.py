"""What the doctor says about push messages."""

from __future__ import annotations

from collections.abc import Iterator

from flask import current_app

from app.kernel.cli import Finding
from app.notices.push import keys


def findings() -> Iterator[Finding]:
    """Return whether messages to devices can be switched on. It is no fault that they cannot while no key is set."""
    if not keys.public_key():
        yield Finding("push messages are off; flask --app wsgi push-key makes their key", True)
        return
    is_plain = current_app.config["PUBLIC_URL"].startswith("http://")
    yield Finding("contact for push services", bool(keys.contact()), "MAIL_FROM needs an address")
    yield Finding("push messages", not is_plain, "serve the site by https: browsers take no messages for other pages")
