"""Other services that are told of learning hours. The settings name them, and nobody else can."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from flask import current_app

from app.kernel.networks import address_of


class Key(StrEnum):
    """Kinds of receivers. Values are stored."""

    LRS = "lrs"
    """A learning record store, which takes xAPI statements."""
    HOOK = "hook"
    """A webhook, which takes entries of the ledger."""


@dataclass(frozen=True)
class Receiver:
    """A service that gets deliveries."""

    key: Key
    url: str
    user: str = ""
    secret: str = ""
    """The password at a learning record store; of a webhook, what signs."""

    @property
    def host(self) -> str:
        """The name of the machine."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_readable_on_its_way(self) -> bool:
        """Whether deliveries leave this network unencrypted."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        address = address_of(host)
        is_near = address.is_private if address else "." not in host or host.endswith((".local", ".internal"))
        return parts.scheme == "http" and not is_near


def lrs() -> Receiver | None:
    """Return the learning record store; `None` when there is none."""
    config = current_app.config
    url = config["LRS_URL"]
    return Receiver(Key.LRS, url, config["LRS_USER"], config["LRS_PASSWORD"]) if url else None


def hook() -> Receiver | None:
    """Return the webhook; `None` when there is none, or no secret to sign with."""
    url, secret = current_app.config["CREDITS_WEBHOOK_URL"], current_app.config["CREDITS_WEBHOOK_SECRET"]
    return Receiver(Key.HOOK, url, secret=secret) if url and secret else None


def receivers() -> list[Receiver]:
    """Return those that are set."""
    return [one for one in (lrs(), hook()) if one is not None]
