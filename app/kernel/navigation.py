"""The menu: rooms hang their entries into it, the layout draws it and knows no room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app, request, url_for
from flask_babel.speaklater import LazyString
from flask_login import current_user

from app.kernel import access
from app.kernel.permissions import Permission


@dataclass(frozen=True)
class Entry:
    """A place in the menu."""

    label: LazyString
    endpoint: str
    order: int
    signed_in_only: bool = False
    needs: tuple[Permission, ...] = ()
    """Shown to whoever holds one of these somewhere; to everybody when empty."""


@dataclass(frozen=True)
class Item:
    """An entry as one visitor sees it."""

    label: str
    url: str
    active: bool


def add(entry: Entry) -> None:
    """Hang an entry into the menu of the app that is being made."""
    entries = _entries()
    entries.append(entry)
    entries.sort(key=lambda one: one.order)


def items() -> list[Item]:
    """Give the menu for the visitor of this request."""
    return [
        Item(str(entry.label), url_for(entry.endpoint), request.endpoint == entry.endpoint)
        for entry in _entries()
        if _is_for_visitor(entry)
    ]


def _is_for_visitor(entry: Entry) -> bool:
    if not current_user.is_authenticated:
        return not (entry.signed_in_only or entry.needs)
    return not entry.needs or any(access.holds(permission) for permission in entry.needs)


def _entries() -> list[Entry]:
    return cast(list[Entry], current_app.extensions.setdefault("navigation", []))
