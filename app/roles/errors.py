"""Errors of roles and grants."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.accounts.models import User
from app.kernel import web
from app.kernel.errors import AppError, Conflict, Forbidden
from app.kernel.forms import told

MOST_NAMED = 3
"""Maximum people whom a sentence names before it counts the others."""


class NotYours(Forbidden):
    """A person can only pass on permissions that she holds herself."""

    code = "role.not_yours"
    message = _l("You can only pass on permissions that you hold yourself in that unit.")
    mend = _l("Leave the others out, or ask someone who holds them.")


class OutlastsYours(Forbidden):
    """A person can pass on a permission only for as long as she holds it."""

    code = "role.outlasts_yours"
    message = _l("You hold this yourself only until a certain day, and cannot pass it on for longer.")
    mend = _l("Choose an earlier day.")


class OutOfReach(Forbidden):
    """The unit lies outside of the person's own subtree."""

    code = "role.out_of_reach"
    message = _l("That unit is outside of what you manage.")
    mend = _l("Choose a unit of your own.")


class PersonOutOfReach(Forbidden):
    """The person belongs to a unit out of reach."""

    code = "role.person_out_of_reach"
    message = _l("That person belongs to a unit that you do not manage.")
    mend = _l("Ask the manager of that unit.")


class RoleElsewhere(Conflict):
    """The unit is not beneath the role's owner, so the role would not count there."""

    code = "role.elsewhere"
    message = _l("This role belongs to another part of the academy and cannot be given there.")
    mend = _l("Choose a unit beneath the one that owns the role, or create a role there.")


class RoleNameTaken(Conflict):
    """The unit has a role of this name."""

    code = "role.name_taken"
    message = _l("This unit has a role with this name already.")
    mend = _l("Choose another name.")


class RoleInUse(Conflict):
    """People hold the role."""

    code = "role.in_use"
    message = _l("Somebody still holds this role.")
    mend = _l("Take it back from everybody first; role assignment shows who holds it.")


class BuiltInStays(Conflict):
    """The role exists from the start."""

    code = "role.built_in"
    message = _l("This role exists from the start and cannot be deleted or renamed.")


class LockedPermission(Conflict):
    """The role always holds the permission."""

    code = "role.locked"
    message = _l("The training manager always holds the permission to teach live.")


class LastAdministrator(Conflict):
    """Afterwards nobody could administer the service."""

    code = "role.last_administrator"
    message = _l("This is the last administrator.")
    mend = _l("Give the role to somebody else first.")


class NotOneself(Conflict):
    """A person cannot take back her own role: she could not undo it."""

    code = "role.not_oneself"
    message = _l("You cannot take a role back from yourself.")
    mend = _l("Ask somebody else who assigns roles.")


class AlreadyHeld(Conflict):
    """The person holds the role there already."""

    code = "role.already_held"
    message = _l("This person holds the role there already.")


class AccountClosed(Conflict):
    """A closed account gets no roles."""

    code = "role.account_closed"
    message = _l("This account is closed.")
    mend = _l("Reopen it first.")


class SomeRefused(AppError):
    """Some of several people cannot have the role, so nobody gets it."""

    code = "role.some_refused"

    def __init__(self, refused: Sequence[tuple[User, AppError]], *, among: int) -> None:
        self.status = refused[0][1].status
        people: dict[type[AppError], list[User]] = {}
        for person, error in refused:
            people.setdefault(type(error), []).append(person)
        reasons = {type(error): error for _person, error in refused}
        said = [f"{_who(kind, people[kind])}: {told(error)}" for kind, error in reasons.items()]
        mend = _("Nobody has got the role yet: untick them, and give it to the others.") if among > len(refused) else ""
        super().__init__(" ".join(said), mend)


def _who(kind: type[AppError], people: Sequence[User]) -> str:
    """Return names of people, the first few of many. Those of other units are only counted, not named."""
    if kind is PersonOutOfReach:
        return str(ngettext("%(num)d person", "%(num)d people", len(people)))
    names = web.listed(person.real_name for person in people[:MOST_NAMED])
    more = len(people) - MOST_NAMED
    if more <= 0:
        return names
    return str(ngettext("%(names)s and %(num)d more", "%(names)s and %(num)d more", more, names=names))


class DateOver(AppError):
    """The grant would have ended before it began."""

    status = 422
    code = "role.date_over"
    message = _l("That day is over.")
    mend = _l("Choose a later one, or leave it empty.")


class LinkSpent(AppError):
    """The one-time link was used, or is too old."""

    status = 404
    code = "role.link_spent"
    message = _l("This link has been used or is too old.")
    mend = _l("Run “flask first-admin” on the server for a new one.")
