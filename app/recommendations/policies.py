"""Desks at which a person may recommend, and lessons that can be recommended."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, or_, select

from app.kernel.errors import NotFound
from app.kernel.permissions import Permission
from app.live.lifecycle import LiveState
from app.live.models import Audience, LiveSession
from app.roles import policies as roles
from app.units import queries as units
from app.units.models import Unit, within


def desk_for(unit_id: int) -> Unit:
    """Return a unit for whose people the signed-in person recommends. The academy has a desk of its own.

    Raises:
        SignInFirst, Forbidden, NotFound: she does not recommend there.
    """
    unit = roles.unit_for(Permission.RECOMMEND_UNIT, unit_id)
    if unit.parent_id is None:
        raise NotFound
    return unit


def first_desk(held: roles.Holdings) -> Unit | None:
    """Return the unit at whose desk a person begins: her own institute, else another unit, else the academy."""
    top = roles.first_unit(held, Permission.RECOMMEND_UNIT)
    if top is not None and top.parent_id is not None:
        return top
    if held.anywhere(Permission.RECOMMEND_ACADEMY):
        return units.academy()
    beneath = [unit for unit in units.beneath(top.path) if unit.parent_id is not None] if top is not None else []
    return beneath[0] if beneath else None


def reaches(live: LiveSession, unit: Unit) -> bool:
    """Return whether at least a part of the unit's people may watch a lesson, or its recording once it is over."""
    audience, of = live.audience, live.audience_unit
    if live.state is LiveState.ENDED and live.replay_audience is not None and live.replay_audience_unit is not None:
        audience, of = live.replay_audience, live.replay_audience_unit
    if audience is Audience.EVERYONE:
        return True
    return unit.is_within(of.path) or (unit.parent_id is not None and of.is_within(unit.path))


def reaching(unit: Unit) -> ColumnElement[bool]:
    """Return the same as a condition."""
    another = and_(LiveSession.state == LiveState.ENDED, LiveSession.replay_audience.is_not(None))
    usual = _reached(unit, LiveSession.audience, LiveSession.audience_unit_id)
    recorded = _reached(unit, LiveSession.replay_audience, LiveSession.replay_audience_unit_id)
    return or_(and_(another, recorded), and_(~another, usual))


def _reached(unit: Unit, audience: SQLColumnExpression[Any], of: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    above = [int(part) for part in unit.path.strip("/").split("/")]
    ways = [audience == Audience.EVERYONE, of.in_(above)]
    if unit.parent_id is not None:
        ways.append(of.in_(select(Unit.id).where(within(unit.path))))
    return or_(*ways)
