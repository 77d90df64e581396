"""Messages on their way to push services. The jobs process sends them.

A message is tried once: the push service keeps it for a browser that is switched off, and the mail comes anyway.
"""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import TypedDict
from urllib.parse import urlsplit

import requests
from flask import current_app
from sqlalchemy import delete, update

from app.extensions import db
from app.kernel import clock
from app.kernel.queue import Job
from app.kernel.unit_of_work import unit_of_work
from app.notices.push import keys
from app.notices.push.models import PushDevice
from app.notices.push.services import is_known

log = logging.getLogger(__name__)

TIMEOUT_S = 5
"""Maximum silence of a push service while it is connected to, or while it answers."""
GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
"""Answers for a subscription that has ended (RFC 8030, 7.3)."""
SILENT = "silent"
"""What `PushDevice.problem` says of a push service that was not reached, or did not answer in time."""


class Message(TypedDict):
    """What a browser is to show."""

    device: int
    title: str
    body: str
    url: str
    """Opened by a press on it."""
    until_ms: int
    """Pointless from then on (epoch ms)."""


def _deliver(messages: list[Message]) -> None:
    """Send messages. A push service that does not answer is left alone for the rest of them."""
    if not keys.public_key() or not keys.contact():
        return
    silent: set[str] = set()
    with requests.Session() as http:
        http.max_redirects = 0  # an answer that leads elsewhere is a refusal
        for message in messages:
            device = db.session.get(PushDevice, message["device"])
            left_s = (message["until_ms"] - clock.now_ms()) // 1000
            if device is None or left_s <= 0 or not is_known(device.endpoint):
                continue
            service = urlsplit(device.endpoint).netloc
            problem = SILENT if service in silent else _send(http, device, message, left_s)
            if problem == SILENT:
                silent.add(service)
            with unit_of_work():
                db.session.execute(update(PushDevice).where(PushDevice.id == message["device"]).values(problem=problem))


deliver = Job(_deliver)


def _send(http: requests.Session, device: PushDevice, message: Message, left_s: int) -> str:
    """Hand a message to its push service. Return what is wrong: SILENT, a status, or nothing when it was taken."""
    from pywebpush import WebPushException, webpush  # with aiohttp, which reads all certificates: 0.2 s of each start

    shown = {name: message[name] for name in ("title", "body", "url")}
    device_id = device.id
    try:
        webpush(
            {"endpoint": device.endpoint, "keys": {"p256dh": device.p256dh, "auth": device.auth}},
            json.dumps(shown, ensure_ascii=False),
            vapid_private_key=keys.signer(current_app.config["VAPID_PRIVATE_KEY"]),
            vapid_claims={"sub": keys.contact()},
            ttl=left_s,
            timeout=TIMEOUT_S,
            headers={"Urgency": "high"},
            requests_session=http,
        )
    except WebPushException as error:
        if error.status_code in GONE:
            with unit_of_work():
                db.session.execute(delete(PushDevice).where(PushDevice.id == device_id))
            return ""
        log.warning("a message to push device %d is refused: %s", device_id, error.status_code)
        return str(error.status_code or SILENT)
    except requests.RequestException as error:
        log.warning("a message to push device %d is not delivered: %s", device_id, type(error).__name__)
        return SILENT
    return ""
