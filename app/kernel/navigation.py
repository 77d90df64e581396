"""The menus. Rooms add their entries, and the layouts draw them without knowing a room.

Entries with a group appear in the rail of the management pages, such as 系统管理. The main menu shows one entry that
leads there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_login import current_user

from app.kernel import access
from app.kernel.permissions import Permission

SYSTEM = _l("System management")
"""系统管理, the group of units, people, roles and the like."""

TRAINING = _l("Training management")
"""培训管理, the group of what managers of training decide and look up."""

MANAGEMENT = _l("Management")


@dataclass(frozen=True)
class Entry:
    """An entry of a menu."""

    label: LazyString
    endpoint: str
    order: int
    signed_in_only: bool = False
    needs: tuple[Permission, ...] = ()
    """Shown to people who hold one of these somewhere. Empty means everybody."""
    group: LazyString | None = None
    """Heading in the rail. `None` means the main menu."""


@dataclass(frozen=True)
class Item:
    """An entry as one visitor sees it."""

    label: str
    url: str
    active: bool


@dataclass(frozen=True)
class Group:
    """A heading of the rail with its items."""

    label: str
    items: list[Item]


def add(entry: Entry) -> None:
    """Add an entry to a menu of the app under construction."""
    entries = _entries()
    entries.append(entry)
    entries.sort(key=lambda one: one.order)


def warn(look: Callable[[], str]) -> None:
    """Register a warning of a room above for the management pages of administrators. An empty sentence is not shown."""
    _looks().append(look)


def warnings() -> list[str]:
    """Return the warnings for the visitor of this request. Only administrators get any."""
    if not current_user.is_authenticated or not access.holds(Permission.SYSTEM_ADMIN):
        return []
    return [sentence for look in _looks() if (sentence := look())]


def _looks() -> list[Callable[[], str]]:
    return cast("list[Callable[[], str]]", current_app.extensions.setdefault("warnings", []))


def items() -> list[Item]:
    """Return the main menu for the visitor of this request."""
    shown = [_item(entry, request.endpoint == entry.endpoint) for entry in _visible() if entry.group is None]
    places = [item for group in rail() for item in group.items]
    if places:
        shown.append(Item(str(MANAGEMENT), places[0].url, any(item.active for item in places)))
    return shown


def rail() -> list[Group]:
    """Return the rail of the management pages for the visitor of this request."""
    groups: dict[str, list[Item]] = {}
    for entry in _visible():
        if entry.group is not None:
            item = _item(entry, f"{request.path}/".startswith(f"{url_for(entry.endpoint)}/"))
            groups.setdefault(str(entry.group), []).append(item)
    return [Group(label, found) for label, found in groups.items()]


def _item(entry: Entry, active: bool) -> Item:
    return Item(str(entry.label), url_for(entry.endpoint), active)


def _visible() -> list[Entry]:
    return [entry for entry in _entries() if _is_for_visitor(entry)]


def _is_for_visitor(entry: Entry) -> bool:
    if not current_user.is_authenticated:
        return not (entry.signed_in_only or entry.needs)
    return not entry.needs or any(access.holds(permission) for permission in entry.needs)


def _entries() -> list[Entry]:
    return cast(list[Entry], current_app.extensions.setdefault("navigation", []))
