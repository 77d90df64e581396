"""The menus: rooms hang their entries into them, the layouts draw them and know no room.

Entries with a group stand in the rail of the management pages, 系统管理 and its like; the main menu shows one entry
that leads there.
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
"""系统管理, the group of units, people, roles and what belongs to them."""

TRAINING = _l("Training management")
"""培训管理, the group of what managers of training decide and look up."""

MANAGEMENT = _l("Management")


@dataclass(frozen=True)
class Entry:
    """A place in a menu."""

    label: LazyString
    endpoint: str
    order: int
    signed_in_only: bool = False
    needs: tuple[Permission, ...] = ()
    """Shown to whoever holds one of these somewhere; to everybody when empty."""
    group: LazyString | None = None
    """Heading in the rail; none: the main menu."""


@dataclass(frozen=True)
class Item:
    """An entry as one visitor sees it."""

    label: str
    url: str
    active: bool


@dataclass(frozen=True)
class Group:
    """A heading of the rail with what stands under it."""

    label: str
    items: list[Item]


def add(entry: Entry) -> None:
    """Hang an entry into a menu of the app that is being made."""
    entries = _entries()
    entries.append(entry)
    entries.sort(key=lambda one: one.order)


def warn(look: Callable[[], str]) -> None:
    """Let a room above say something on the management pages of administrators; an empty sentence is not shown."""
    _looks().append(look)


def warnings() -> list[str]:
    """Give what the visitor of this request is to be warned of; only administrators are."""
    if not current_user.is_authenticated or not access.holds(Permission.SYSTEM_ADMIN):
        return []
    return [sentence for look in _looks() if (sentence := look())]


def _looks() -> list[Callable[[], str]]:
    return cast("list[Callable[[], str]]", current_app.extensions.setdefault("warnings", []))


def items() -> list[Item]:
    """Give the main menu for the visitor of this request."""
    shown = [_item(entry, request.endpoint == entry.endpoint) for entry in _visible() if entry.group is None]
    places = [item for group in rail() for item in group.items]
    if places:
        shown.append(Item(str(MANAGEMENT), places[0].url, any(item.active for item in places)))
    return shown


def rail() -> list[Group]:
    """Give the rail of the management pages for the visitor of this request."""
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
