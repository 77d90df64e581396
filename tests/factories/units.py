"""Units for tests."""

from __future__ import annotations

import itertools

from app.units import queries, services
from app.units.models import Unit, UnitKind

_numbers = itertools.count(1)


def academy() -> Unit:
    """Return the academy."""
    return queries.academy()


def institute(name: str = "", *, code: str = "") -> Unit:
    """Return a new institute of the academy."""
    return services.create(
        academy(), name=name or f"研究所{next(_numbers)}", kind=UnitKind.INSTITUTE, code=code, by_id=None
    )


def branch(name: str = "") -> Unit:
    """Return a new branch of the academy."""
    return services.create(academy(), name=name or f"分院{next(_numbers)}", kind=UnitKind.BRANCH, code="", by_id=None)


def department(parent: Unit, name: str = "") -> Unit:
    """Return a new department of an institute, or of another department."""
    return services.create(parent, name=name or f"部门{next(_numbers)}", kind=UnitKind.DEPARTMENT, by_id=None)
