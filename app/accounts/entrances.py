"""Other ways to sign in. Rooms above add theirs, and the sign-in page shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app, url_for


@dataclass(frozen=True)
class Entrance:
    """A way to sign in without our password."""

    label: Callable[[], str]
    endpoint: str
    """Endpoint that takes `next`, the address to come back to."""


def add(entrance: Entrance) -> None:
    """Add an entrance to the app under construction."""
    _entrances().append(entrance)


def shown(next_address: str) -> list[tuple[str, str]]:
    """Return label and address of each entrance."""
    return [(one.label(), url_for(one.endpoint, next=next_address)) for one in _entrances()]


def _entrances() -> list[Entrance]:
    return cast(list[Entrance], current_app.extensions.setdefault("entrances", []))
