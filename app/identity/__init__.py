"""Signing in through the academy's own identity provider (OpenID Connect)."""

from __future__ import annotations

from flask import Flask

from app.accounts import entrances
from app.config import BadSetting
from app.identity import provider, routes


def register(app: Flask) -> None:
    """Open the room, if a provider is configured.

    Raises:
        BadSetting: a provider is half configured.
    """
    if not app.config["OIDC_ISSUER"]:
        return
    if not app.config["OIDC_ISSUER"].startswith(("https://", "http://")):
        raise BadSetting("OIDC_ISSUER is not an address: it begins with https://")
    if not app.config["OIDC_CLIENT_ID"]:
        raise BadSetting("OIDC_ISSUER is set and OIDC_CLIENT_ID is not: ask the provider's people for one")
    if "openid" not in app.config["OIDC_SCOPES"].split():
        raise BadSetting("OIDC_SCOPES lacks openid: without it the provider does not say who somebody is")
    provider.init_app(app)
    app.register_blueprint(routes.bp)
    entrances.add(entrances.Entrance(provider.label, "identity.leave"))
