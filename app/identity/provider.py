"""The identity provider: where it is, what it is asked for, and what it says about a person.

OpenID Connect Core 1.0 by the authorization code flow (3.1), with PKCE (RFC 7636), state and nonce; Authlib does all of
it and checks every signature. What the provider publishes about itself is read when somebody first signs in through it,
so a provider that is down delays neither the start of the service nor those who have a password.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from authlib.integrations.flask_client.apps import FlaskOAuth2App
from flask import Flask, current_app
from flask_babel import gettext as _
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from app.identity.errors import NotConfirmed, ProviderSilent

NAME = "academy"
TIMEOUT_S = 5
LONGEST_IDENTITY = 255

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claims:
    """What the provider says about somebody; empty where it says nothing."""

    identity: str
    """Names the person for ever: the issuer and its name for her."""
    real_name: str
    username: str
    email: str
    email_verified: bool
    staff_number: str
    """Only where a claim for it is configured; then it is trusted."""
    unit: str


def init_app(app: Flask) -> None:
    """Make the provider's client from the settings."""
    config = app.config
    oauth = OAuth(app)
    oauth.register(
        NAME,
        server_metadata_url=f"{config['OIDC_ISSUER'].rstrip('/')}/.well-known/openid-configuration",
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
    """Name the way through the provider as the settings do."""
    return str(current_app.config["OIDC_NAME"] or _("Sign in through the academy"))


def send_away(come_back: str) -> Response:
    """Send the browser to the provider; `come_back` is the address of our callback.

    Raises:
        ProviderSilent: it does not answer.
    """
    try:
        return cast(Response, _client().authorize_redirect(come_back))
    except (RequestException, AuthlibBaseError, KeyError, RuntimeError, ValueError) as error:
        log.warning("the identity provider does not answer: %r", error)
        raise ProviderSilent from None


def come_back() -> Claims:
    """Take what the browser brings from the provider, and ask the provider about it.

    Raises:
        NotConfirmed: it was cancelled, is stale, was used before or tampered with.
        ProviderSilent: the provider does not answer.
    """
    try:
        token = _client().authorize_access_token(leeway=120)
        said = {**token.get("userinfo", {}), **_client().userinfo(token=token)}
    except RequestException as error:
        log.warning("the identity provider does not answer: %r", error)
        raise ProviderSilent from None
    except (AuthlibBaseError, JoseError, KeyError, ValueError) as error:
        log.warning("a sign-in was not confirmed: %s", type(error).__name__)
        raise NotConfirmed from None
    return read(said, current_app.config)


def read(said: Mapping[str, Any], config: Mapping[str, Any]) -> Claims:
    """Read the claims that the settings name.

    Raises:
        NotConfirmed: the provider does not say who it is.
    """
    subject = str(said.get("sub") or "")
    if not subject:
        raise NotConfirmed
    identity = f"{config['OIDC_ISSUER'].rstrip('/')} {subject}"
    if len(identity) > LONGEST_IDENTITY:
        identity = hashlib.sha256(identity.encode()).hexdigest()
    email = _text(said, "email")
    return Claims(
        identity=identity,
        real_name=_text(said, config["OIDC_NAME_CLAIM"]),
        username=_text(said, "preferred_username") or email.partition("@")[0] or subject,
        email=email.lower(),
        email_verified=said.get("email_verified") in (True, "true"),
        staff_number=_text(said, config["OIDC_STAFF_CLAIM"]),
        unit=_text(said, config["OIDC_UNIT_CLAIM"]),
    )


def _text(said: Mapping[str, Any], name: str) -> str:
    """Give a claim as text; dots lead into nested ones, of several values the first counts."""
    value: Any = said
    for part in name.split(".") if name else ():
        value = value.get(part) if isinstance(value, Mapping) else None
    if name == "" or value is None:
        return ""
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value).strip() if isinstance(value, (str, int)) else ""


def _client() -> FlaskOAuth2App:
    return cast(FlaskOAuth2App, current_app.extensions["identity_provider"])
