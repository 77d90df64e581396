"""One delivery on its way: HTTP, signatures, and how answers are read.

The addresses stand in the settings of the service, not in a form, and answers that lead elsewhere are not followed. So
nobody who uses the pages can make the service call an address, and private addresses are allowed: record stores and
personnel systems of an academy usually have one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus

import requests
from requests.auth import HTTPBasicAuth

from app.credits.outbox.models import Delivery
from app.credits.outbox.receivers import Receiver
from app.kernel import clock

TIMEOUT_S = 10
"""Maximum silence of a receiver while it is connected to, or while it answers."""

LONGEST_PROBLEM = 300
XAPI_VERSION = "1.0.3"


class Outcome(Enum):
    """Outcome of a delivery."""

    DELIVERED = auto()
    REFUSED = auto()
    """The receiver finds the message faulty, and another try would not change that."""
    NOT_NOW = auto()
    """The receiver may take it another time."""
    APART = auto()
    """Something in a batch is not accepted: its deliveries are to be sent one by one."""


@dataclass(frozen=True)
class Answer:
    """An outcome with its reason; empty when all is well."""

    outcome: Outcome
    problem: str = ""


class Away(Exception):
    """The receiver takes nothing now: it was not reached, did not answer in time, or does not know us.

    Whether it has taken something is not known.
    """


def signature(secret: str, uuid: str, timestamp_s: int, body: str) -> str:
    """Return the signature of a webhook, as https://www.standardwebhooks.com has it: HMAC-SHA256, base64."""
    signed = f"{uuid}.{timestamp_s}.{body}".encode()
    return "v1," + base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()


def to_hook(http: requests.Session, receiver: Receiver, one: Delivery) -> Answer:
    """Send an entry of the ledger.

    Raises:
        Away: it takes nothing now.
    """
    now_s = clock.now_ms() // 1000
    headers = {
        "Content-Type": "application/json",
        "webhook-id": one.uuid,
        "webhook-timestamp": str(now_s),
        "webhook-signature": signature(receiver.secret, one.uuid, now_s, one.body),
    }
    status, problem = _ask(http, "POST", receiver.url, one.body, headers)
    return Answer(Outcome.DELIVERED) if 200 <= status < 300 else Answer(Outcome.NOT_NOW, problem)


def to_lrs(http: requests.Session, receiver: Receiver, some: Sequence[Delivery]) -> Answer:
    """Send statements: several at once, or a single one by its name. One that is known already counts as delivered.

    Raises:
        Away: it takes nothing now.
    """
    address = f"{receiver.url}/statements"
    headers = {"Content-Type": "application/json", "X-Experience-API-Version": XAPI_VERSION}
    if len(some) > 1:
        body = f"[{','.join(one.body for one in some)}]"
        status, problem = _ask(http, "POST", address, body, headers, receiver)
        _stop_where_nothing_is_taken(status, problem)
        if status >= 400:
            return Answer(Outcome.APART, problem)
    else:
        status, problem = _ask(http, "PUT", f"{address}?statementId={some[0].uuid}", some[0].body, headers, receiver)
        _stop_where_nothing_is_taken(status, problem)
        if status == HTTPStatus.CONFLICT:  # it has a statement of this name, which only we give
            return Answer(Outcome.DELIVERED)
        if 400 <= status < 500 and status != HTTPStatus.REQUEST_TIMEOUT:
            return Answer(Outcome.REFUSED, problem)
    return Answer(Outcome.DELIVERED) if 200 <= status < 300 else Answer(Outcome.NOT_NOW, problem)


NOTHING_TAKEN = frozenset({401, 403, 404, 405, 429})
"""Answers that concern no statement but the settings, or the pace."""


def _stop_where_nothing_is_taken(status: int, problem: str) -> None:
    if status in NOTHING_TAKEN or 300 <= status < 400:
        raise Away(problem)


def _ask(
    http: requests.Session, method: str, url: str, body: str, headers: dict[str, str], receiver: Receiver | None = None
) -> tuple[int, str]:
    """Return status and what is said, shortened."""
    auth = HTTPBasicAuth(receiver.user.encode(), receiver.secret.encode()) if receiver and receiver.user else None
    try:
        with http.request(
            method,
            url,
            data=body.encode(),
            headers=headers,
            auth=auth,
            timeout=TIMEOUT_S,
            allow_redirects=False,
            stream=True,
        ) as reply:
            said = b"" if reply.ok else reply.raw.read(LONGEST_PROBLEM, decode_content=True)
            words = " ".join(said.decode("utf-8", "replace").split())
            return reply.status_code, f"{reply.status_code} {reply.reason} {words}".strip()[:LONGEST_PROBLEM]
    except (requests.RequestException, OSError) as error:
        raise Away(_in_short(error)) from error


def _in_short(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT_S} s"
    cause: BaseException = error
    while cause.__context__ is not None:
        cause = cause.__context__
    return f"{type(cause).__name__}: {cause}"[:LONGEST_PROBLEM]
