"""Categories of lessons: those that every academy has, and the academy's own list."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.credits.rules.models import Category
from app.extensions import db

GENERAL, PROFESSIONAL = "general", "professional"
BUILT_IN = {GENERAL: _l("General subject"), PROFESSIONAL: _l("Professional subject")}
"""公需科目 and 专业科目, as the rules for continuing education of professionals name them."""


def name_of(category: str) -> str:
    """Return the word for a category as it is stored; empty for none."""
    return str(BUILT_IN.get(category, category))


def to_choose() -> list[tuple[str, str]]:
    """Return the categories that a lesson can be given, as stored and in words."""
    own = db.session.scalars(select(Category.name).where(Category.retired_ms.is_(None)).order_by(Category.id))
    return [*((key, str(name)) for key, name in BUILT_IN.items()), *((name, name) for name in own)]
