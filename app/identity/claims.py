"""The identity provider's claims about a person, in our words (OpenID Connect Core 1.0, 5.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.kernel.text import tidied

LONGEST_IDENTITY, LONGEST_EMAIL, LONGEST_STAFF_NUMBER = 255, 254, 40


@dataclass(frozen=True)
class Claims:
    """The provider's claims about a person. Empty means that a claim is missing, or cannot be stored."""

    identity: str
    """Permanent name of the person: the issuer and its name for her."""
    real_name: str
    username: str
    """The wanted user name, which another person may have already."""
    email: str
    email_verified: bool
    staff_number: str
    """Trusted, but only present if a claim for it is configured."""
    unit: str


def read(said: Mapping[str, Any], config: Mapping[str, Any]) -> Claims:
    """Return the claims that the settings name from the checked ones, which include `sub`."""
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
    """Return a claim as text. Dots lead into nested claims. Of several values the first counts."""
    if not name:
        return ""
    value: Any = said.get(name)  # a name may be an address, which has dots
    if value is None:
        value = said
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, list):
        value = value[0] if value else None
    return tidied(str(value)) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _up_to(longest: int, text: str) -> str:
    """Return a text, or nothing if it is too long: half an address is another address."""
    return text if len(text) <= longest else ""
