"""What the identity provider says about a person, in our words (OpenID Connect Core 1.0, 5.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.kernel.text import tidied

LONGEST_IDENTITY, LONGEST_EMAIL, LONGEST_STAFF_NUMBER = 255, 254, 40


@dataclass(frozen=True)
class Claims:
    """What the provider says about somebody; empty where it says nothing, or nothing that could be stored."""

    identity: str
    """Names the person for ever: the issuer and its name for her."""
    real_name: str
    username: str
    """Wished for; it may be somebody's already."""
    email: str
    email_verified: bool
    staff_number: str
    """Only where a claim for it is configured; then it is trusted."""
    unit: str


def read(said: Mapping[str, Any], config: Mapping[str, Any]) -> Claims:
    """Read the claims that the settings name out of those that were checked; `sub` is among them."""
    subject = str(said["sub"])
    email = _up_to(LONGEST_EMAIL, _text(said, "email").lower())
    return Claims(
        identity=_identity(config["OIDC_ISSUER"], subject),
        real_name=_text(said, config["OIDC_NAME_CLAIM"]),
        username=(_text(said, "preferred_username") or email or subject).partition("@")[0],
        email=email,
        email_verified=said.get("email_verified") in (True, "true"),
        staff_number=_up_to(LONGEST_STAFF_NUMBER, _text(said, config["OIDC_STAFF_CLAIM"])),
        unit=_text(said, config["OIDC_UNIT_CLAIM"]),
    )


def _identity(issuer: str, subject: str) -> str:
    identity = f"{issuer.rstrip('/')} {subject}"
    if len(identity) <= LONGEST_IDENTITY and identity.isprintable():
        return identity
    return hashlib.sha256(identity.encode(errors="surrogatepass")).hexdigest()


def _text(said: Mapping[str, Any], name: str) -> str:
    """Return a claim as text; dots lead into nested ones, of several values the first counts."""
    if not name:
        return ""
    value: Any = said.get(name)  # names may be addresses, and those have dots
    if value is None:
        value = said
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, list):
        value = value[0] if value else None
    return tidied(str(value)) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _up_to(longest: int, text: str) -> str:
    """Half an address is another address: what is too long is left out."""
    return text if len(text) <= longest else ""
