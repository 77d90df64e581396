"""Addresses of media_worker's doors for browsers, as the page of the present request reaches them."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import current_app, request


def for_senders() -> str:
    """Return where browsers send: `INGEST_URL`, or `INGEST_PORT` of the host that this page uses."""
    if current_app.config["INGEST_URL"]:
        return str(current_app.config["INGEST_URL"])
    host = urlsplit(f"//{request.host}").hostname or "localhost"
    scheme = "wss" if request.is_secure else "ws"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{current_app.config['INGEST_PORT']}/send"


def beside(path: str, **fields: str | int) -> str:
    """Return the address of another door of the same worker, with the fields as its query."""
    place = urlsplit(for_senders())
    return f"{place.scheme}://{place.netloc}{path}?{urlencode(fields)}"
