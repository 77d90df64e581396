"""Addresses of STUN and TURN servers for one speaker, with credentials that end by themselves."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from flask import current_app

from app.kernel import clock

VALID_S = 3600
"""A relay that was allocated before goes on afterwards; only new ones need new credentials."""


def ice_servers(key: str) -> list[dict[str, Any]]:
    """Return the `iceServers` of an RTCPeerConnection for the person `key`.

    Name and password as coturn's `use-auth-secret` wants them ("A REST API For Access To TURN Services",
    draft-uberti-behave-turn-rest): the name begins with the end of its validity, the password is its HMAC-SHA1.
    """
    config = current_app.config
    servers: list[dict[str, Any]] = []
    if config["STUN_URLS"]:
        servers.append({"urls": list(config["STUN_URLS"])})
    if config["TURN_URLS"]:
        name = f"{clock.now_ms() // 1000 + VALID_S}:{key}"
        digest = hmac.new(config["TURN_SECRET"].encode(), name.encode(), hashlib.sha1).digest()
        password = base64.b64encode(digest).decode()
        servers.append({"urls": list(config["TURN_URLS"]), "username": name, "credential": password})
    return servers
