"""Errors of units."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import AppError, Conflict


class UnitExists(Conflict):
    """Another unit beneath the same one has this name."""

    code = "unit.exists"
    message = _l("There is a unit with this name here already.")
    mend = _l("Choose another name, or use the existing unit.")


class CodeTaken(Conflict):
    """Another unit has this code."""

    code = "unit.code_taken"
    message = _l("Another unit has this code.")
    mend = _l("Choose another code, or leave it empty.")


class IntoItself(Conflict):
    """A unit cannot be beneath itself."""

    code = "unit.into_itself"
    message = _l("A unit cannot be moved into itself or into a unit beneath it.")


class RootStays(Conflict):
    """The academy cannot move, because nothing is above it."""

    code = "unit.root_stays"
    message = _l("The academy itself cannot be moved.")


class TooDeep(AppError):
    """The tree would be deeper than a path can express."""

    status = 422
    code = "unit.too_deep"
    message = _l("Units are nested too deeply here.")
