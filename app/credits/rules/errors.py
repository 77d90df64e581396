"""Errors of rules."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.kernel.errors import Conflict


class ValidAlready(Conflict):
    """A version that is valid, or was, is not withdrawn: lessons have begun under it."""

    code = "credits.valid_already"
    message = _l("This rule is valid already, and lessons have begun under it.")
    mend = _l("Make a new rule that is valid from tomorrow.")


class InThePast(Conflict):
    """A rule would be valid for lessons that have begun."""

    code = "credits.in_the_past"
    message = _l("A rule cannot be valid from a day in the past: it would change what people were promised.")
    mend = _l("Choose today or a later day.")


class TermsTooLate(Conflict):
    """The lesson is over."""

    code = "credits.terms_too_late"
    message = _l("This lesson is over: its category and its hours stay as they were.")
    mend = _l("Correct the hours of those whom it concerns.")


class CategoryExists(Conflict):
    """Two categories would have the same name."""

    code = "credits.category_exists"
    message = _l("There is a category with this name already.")
    mend = _l("Choose another name.")
