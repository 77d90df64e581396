"""Units for tests."""

from __future__ import annotations

import itertools

from app.units import queries, services
from app.units.models import Unit, UnitKind

_numbers = itertools.count(1)


def academy() -> Unit:
    """Give the academy."""
    return queries.academy()


def institute(name: str = "", *, code: str = "") -> Unit:
    """Make an institute of the academy."""
    return services.create(
        academy(), name=name or f"研究所{next(_numbers)}", kind=UnitKind.INSTITUTE, code=code, by_id=None
    )


def branch(name: str = "") -> Unit:
    """Make a branch of the academy."""
    return services.create(academy(), name=name or f"分院{next(_numbers)}", kind=UnitKind.BRANCH, code="", by_id=None)


def department(parent: Unit, name: str = "") -> Unit:
    """Make a department of an institute, or of another department."""
    return services.create(parent, name=name or f"部门{next(_numbers)}", kind=UnitKind.DEPARTMENT, by_id=None)
