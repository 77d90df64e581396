"""Switching messages to a browser on and off."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from flask import current_app
from sqlalchemy import delete, or_

from app.accounts.models import User
from app.extensions import db
from app.kernel import web
from app.kernel.unit_of_work import lock, unit_of_work
from app.notices.push import keys
from app.notices.push.errors import NoSubscription, PushIsOff, UnknownPushService
from app.notices.push.models import PushDevice

LONGEST_ENDPOINT = 1000


def switch_on(user: User, endpoint: str, p256dh: str, auth: str) -> PushDevice:
    """Send a person's reminders to the browser of this request, in the language and at the address of its page.

    Args:
        user: who is signed in there.
        endpoint: its address at the push service.
        p256dh: its public key, a point of P-256, base64url (RFC 8291, 3.1).
        auth: the secret that it shares with us, 16 bytes, base64url.

    Raises:
        PushIsOff: no keys are set.
        UnknownPushService: the endpoint is none of a push service that the settings name.
        NoSubscription: something is missing or malformed.
    """
    if not keys.public_key():
        raise PushIsOff
    _check(p256dh, auth)
    if not is_known(endpoint):
        raise UnknownPushService
    device = PushDevice(
        sign_in_key=user.sign_in_key,
        endpoint=endpoint,
        p256dh=p256dh.rstrip("="),
        auth=auth.rstrip("="),
        language=web.language(),
        site=web.root()[:200],
    )
    with unit_of_work():
        lock(user)
        # a browser shows messages for one person: whoever was signed in there before gets none there any more
        here = or_(PushDevice.sign_in_key == user.sign_in_key, PushDevice.endpoint == endpoint)
        db.session.execute(delete(PushDevice).where(here))
        db.session.add(device)
    return device


def switch_off(user: User) -> None:
    """Send nothing more to the browser of this request."""
    with unit_of_work():
        db.session.execute(delete(PushDevice).where(PushDevice.sign_in_key == user.sign_in_key))


def is_known(endpoint: str) -> bool:
    """Return whether an address belongs to a push service that the settings name, over https.

    Browsers say the address, so anybody can say any. Without this a person could make the service call machines of its
    own network. Addresses behind a name need no check: the names belong to push services.
    """
    try:
        parts = urlsplit(endpoint)
        place = parts.hostname or ""
        place += f":{parts.port}" if parts.port not in {None, 443} else ""
    except ValueError:
        return False
    is_plain = endpoint.isascii() and endpoint.isprintable() and "\\" not in endpoint and " " not in endpoint
    if not is_plain or len(endpoint) > LONGEST_ENDPOINT or parts.scheme != "https" or "@" in parts.netloc:
        return False
    return any(
        place == named or (named.startswith("*.") and place.endswith(named[1:]))
        for named in current_app.config["PUSH_SERVICES"]
    )


def _check(p256dh: str, auth: str) -> None:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(p256dh))
        is_whole = len(_bytes(p256dh)) == 65 and len(_bytes(auth)) == 16
    except (ValueError, binascii.Error):
        is_whole = False
    if not is_whole:
        raise NoSubscription


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
