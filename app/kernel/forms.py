"""Fields that several rooms need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import Field
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from app.kernel import web
from app.kernel.errors import AppError


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Make the choices of a select field out of values and their words."""
    return [SelectChoice(value, label) for value, label in pairs]


def told(error: AppError) -> str:
    """Return an error's sentences in a row, as the reader's language writes them."""
    between = "" if web.language() == "zh_CN" else " "
    return between.join(filter(None, (str(error.message), str(error.mend))))


def refuse(field: Field, error: AppError) -> None:
    """Say beside a field what a service had against it."""
    field.errors = [told(error)]


def chosen(field: Any, default: Any = None) -> Any:
    """Give what was chosen in a field, or the default where that is nothing that can be chosen."""
    return field.data if field.data and field.validate(field) else default
