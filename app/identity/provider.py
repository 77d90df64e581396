"""The identity provider: the way there, the way back, and the claims that we believe.

OpenID Connect Core 1.0 by the authorization code flow (3.1), with PKCE (RFC 7636), state and nonce. Authlib does most
of it and checks signatures. The provider's metadata is read at the first sign-in through it, so a provider that is
down delays neither the start of the service nor people with a password.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, cast

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client import MismatchingStateError
from authlib.integrations.flask_client import OAuth
from authlib.integrations.flask_client.apps import FlaskOAuth2App
from flask import Flask, current_app, request, session
from flask_babel import gettext as _
from joserfc.errors import ClaimError, JoseError, MissingClaimError
from requests import RequestException
from werkzeug.wrappers import Response

from app.identity.errors import Cancelled, ClocksDiffer, Misunderstanding, NotConfirmed, ProviderSilent
from app.kernel import web
from app.kernel.errors import AppError

NAME = "academy"
TIMEOUT_S = 5
LEEWAY_S = 120
"""Maximum difference between the provider's clock and ours."""

WAYS_KEPT = 2
"""Maximum number of unfinished ways that are kept. Each takes half a kilobyte of the cookie's four."""

TURNED_BACK = {
    "access_denied", "login_required", "consent_required", "interaction_required", "account_selection_required",
}  # fmt: skip
TIMES = {"exp", "nbf", "iat"}
BUSY = {"server_error", "temporarily_unavailable"}

BROKEN = (AuthlibBaseError, JoseError, KeyError, TypeError, ValueError, RuntimeError)
"""Exceptions that Authlib raises for a bad answer."""

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Make the client of the provider from the settings."""
    config = app.config
    oauth = OAuth(app)
    oauth.register(
        NAME,
        server_metadata_url=f"{_issuer(config)}/.well-known/openid-configuration",
        client_id=config["OIDC_CLIENT_ID"],
        client_secret=config["OIDC_CLIENT_SECRET"],
        client_kwargs={
            "scope": config["OIDC_SCOPES"],
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_S,
        },
    )
    app.extensions["identity_provider"] = oauth.create_client(NAME)


def label() -> str:
    """Return the name of the way through the provider, as the settings have it."""
    return str(current_app.config["OIDC_NAME"] or _("Sign in through the academy"))


def send_away(come_back: str) -> Response:
    """Send the browser to the provider. `come_back` is the address of our callback.

    Raises:
        ProviderSilent: the provider does not answer.
        Misunderstanding: its answer makes no sense.
    """
    _forget_old_ways()
    try:
        return cast(Response, _client().authorize_redirect(come_back, ui_locales=web.language().replace("_", "-")))
    except RequestException as error:
        raise _silent(error) from None
    except BROKEN as error:
        raise _misunderstood(error) from None


def come_back() -> Mapping[str, Any]:
    """Take the browser's code from the provider, exchange it there, and return the claims about the person.

    Raises:
        Cancelled: the person has turned back.
        NotConfirmed: the way is stale, was used before, or was tampered with.
        ProviderSilent: the provider does not answer.
        Misunderstanding: its answer makes no sense, or cannot be believed.
    """
    if "error" in request.args:
        raise _refused(request.args["error"])
    try:
        client = _client()
        token = client.authorize_access_token(claims_options=_expected(client), leeway=LEEWAY_S)
        return _said(client, token)
    except MismatchingStateError:
        log.info("a browser came back from the identity provider on a way that it did not begin")
        raise NotConfirmed from None
    except RequestException as error:
        raise _silent(error) from None
    except BROKEN as error:
        raise _misunderstood(error) from None


def _expected(client: FlaskOAuth2App) -> dict[str, dict[str, object]]:
    return {
        "iss": {"essential": True, "value": client.server_metadata["issuer"]},
        "aud": {"essential": True, "value": client.client_id},
        "sub": {"essential": True},
    }


def _said(client: FlaskOAuth2App, token: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims of ID token and userinfo endpoint, which must be about the same person (Core, 5.3.2)."""
    if "userinfo" not in token:
        raise ValueError("there is no ID token: nothing is signed")
    said = dict(token["userinfo"])
    if "userinfo_endpoint" in client.server_metadata:
        more = client.userinfo(token=token)
        if more.get("sub") != said["sub"]:
            raise ValueError("the userinfo endpoint speaks of somebody else")
        said |= more
    return said


def _client() -> FlaskOAuth2App:
    """Return the client with the provider's metadata loaded.

    Raises:
        Misunderstanding: the provider has another name than in the settings (Discovery 1.0, 4.3).
    """
    client = cast(FlaskOAuth2App, current_app.extensions["identity_provider"])
    published = client.load_server_metadata()
    if str(published.get("issuer")).rstrip("/") != _issuer(current_app.config):
        published.pop("_loaded_at", None)  # the next call loads it again
        log.error("the provider at OIDC_ISSUER calls itself %r: set OIDC_ISSUER to that", published.get("issuer"))
        raise Misunderstanding
    return client


def _issuer(config: Mapping[str, Any]) -> str:
    return str(config["OIDC_ISSUER"]).rstrip("/")


def _forget_old_ways() -> None:
    """Keep the cookie small: browsers drop a cookie of more than 4 kB, with all that is in it."""
    begun = [key for key in session if key.startswith(f"_state_{NAME}_")]
    begun.sort(key=lambda key: float(session[key]["exp"]))
    for key in begun[:-WAYS_KEPT]:
        del session[key]


def _refused(error: str) -> AppError:
    current_app.extensions["identity_provider"].framework.clear_state_data(session, request.args.get("state"))
    if error in TURNED_BACK:
        return Cancelled()
    log.warning("the identity provider refuses a sign-in: %.100r", error)
    return ProviderSilent() if error in BUSY else Misunderstanding()


def _silent(error: Exception) -> AppError:
    log.warning("the identity provider does not answer: %r", error)
    return ProviderSilent()


def _misunderstood(error: Exception) -> AppError:
    """Return the error that the person, the clocks or the administrator must mend. Tokens never reach the log."""
    code = getattr(error, "error", None)
    if code == "invalid_grant":
        log.info("the identity provider says that a code was used before, or is too old")
        return NotConfirmed()
    why = getattr(error, "description", None) or error
    log.error("an answer of the identity provider is not accepted: %s: %.200s", type(error).__name__, why)
    if isinstance(error, ClaimError) and error.claim in TIMES and not isinstance(error, MissingClaimError):
        return ClocksDiffer()
    return Misunderstanding()
