"""The host names of this service. Links in mails and pages are built from the name that the request used."""

from __future__ import annotations

import socket
from functools import cache
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_babel import gettext as _

from app.kernel.access import Who
from app.kernel.errors import AppError
from app.kernel.networks import LONGEST, address_of


class OtherSite(AppError):
    """The request names a host that is not ours. Links built from it would lead to a stranger's site."""

    status = 421
    code = "other_site"


def register(app: Flask) -> None:
    """Refuse requests for hosts that are not ours, before anything builds a link from them."""
    app.before_request(_refuse_other_sites)


def _refuse_other_sites() -> None:
    """Raise `OtherSite` unless the host of this request is ours.

    Requests of media_worker and of monitoring lead to no links, and may use any name.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "allowed", None) is Who.WORKER or (request.endpoint or "").startswith("operations."):
        return
    host = (urlsplit(f"//{request.host}").hostname or "").rstrip(".") if _is_host(request.host) else ""
    if not (host and (host in _our_names() or _is_the_address_reached(host))):
        raise OtherSite(
            _("This service does not answer to the name “%(host)s”.", host=request.host[:LONGEST]),
            _("Check the address. Whoever runs the service names further hosts in ALLOWED_HOSTS, or sets PUBLIC_URL."),
        )


def _is_host(said: str) -> bool:
    try:
        return urlsplit(f"//{said}").hostname is not None
    except ValueError:
        return False


def _our_names() -> frozenset[str]:
    config = current_app.config
    return _names(config["PUBLIC_URL"], config["PUBLIC_HOST"], config["ALLOWED_HOSTS"])


@cache
def _names(public_url: str, public_host: str, allowed: str) -> frozenset[str]:
    """Return the names of this machine and those in the settings, in lower case."""
    own = socket.gethostname().lower()
    named = (urlsplit(public_url).hostname or "", public_host.lower(), *allowed.lower().replace(",", " ").split())
    return frozenset({"localhost", "127.0.0.1", "::1", own, f"{own}.local", socket.getfqdn().lower(), *named} - {""})


def _is_the_address_reached(host: str) -> bool:
    """Return whether a host is the very address at which this connection arrived, such as the machine's in a LAN.

    A stranger cannot lie about it: she can only name an address that her connection has reached.
    """
    connection = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    wanted = address_of(host)
    if connection is None or wanted is None:
        return False
    try:
        return address_of(connection.getsockname()[0]) == wanted
    except (OSError, IndexError, TypeError):  # it was closed meanwhile, or is no network socket
        return False
