"""Fields that several rooms need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import Field
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from app.kernel.errors import AppError


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Make the choices of a select field out of values and their words."""
    return [SelectChoice(value, label) for value, label in pairs]


def refuse(field: Field, error: AppError) -> None:
    """Say beside a field what a service had against it."""
    field.errors = [f"{error.message} {error.mend}".strip()]


def chosen(field: Any, default: Any = None) -> Any:
    """Give what was chosen in a field, or the default where that is nothing that can be chosen."""
    return field.data if field.data and field.validate(field) else default
