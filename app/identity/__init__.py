"""Signing in through the academy's own identity provider (OpenID Connect)."""

from __future__ import annotations

from flask import Flask

from app.accounts import entrances
from app.identity import provider, routes


def register(app: Flask) -> None:
    """Open the room, when a provider is configured."""
    if not app.config["OIDC_ISSUER"]:
        return
    provider.init_app(app)
    app.register_blueprint(routes.bp)
    entrances.add(entrances.Entrance(provider.label, "identity.leave"))
