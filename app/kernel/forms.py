"""Fields for several rooms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import Field
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from app.kernel import web
from app.kernel.errors import AppError


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Return the choices of a select field for values and their words."""
    return [SelectChoice(value, label) for value, label in pairs]


def told(error: AppError) -> str:
    """Return an error's sentences as one text, joined as the reader's language wants it."""
    between = "" if web.language() == "zh_CN" else " "
    return between.join(filter(None, (str(error.message), str(error.mend))))


def refuse(field: Field, error: AppError) -> None:
    """Show a service's error beside a field."""
    field.errors = [told(error)]


def chosen(field: Any, default: Any = None) -> Any:
    """Return the chosen value of a field, or the default if the value is not among the choices."""
    return field.data if field.data and field.validate(field) else default
