"""Makes, changes and moves units. Every change leaves a line in the unit's history."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.kernel.unit_of_work import lock, unit_of_work
from app.units import events, queries
from app.units.errors import CodeTaken, IntoItself, RootStays, TooDeep, UnitExists
from app.units.models import ChangeKind, Unit, UnitChange, UnitKind, within

LONGEST_PATH = 400


def found(name: str) -> Unit:
    """Return the academy, made if it does not exist."""
    with unit_of_work():
        existing = queries.root()
        if existing is not None:
            return existing
        try:
            return _add(Unit(name=name, kind=UnitKind.ACADEMY), parent=None, by_id=None)
        except IntegrityError:  # another process founds it at the same moment
            db.session.rollback()
            return queries.academy()


def create(parent: Unit, *, name: str, kind: UnitKind, code: str = "", by_id: int | None) -> Unit:
    """Return a new unit beneath another.

    Raises:
        UnitExists: the parent has a child of this name.
        CodeTaken: another unit has the code.
        TooDeep: the path would be too long.
    """
    with unit_of_work():
        _lock_tree()  # a move above would leave the new unit behind
        lock(parent)
        _refuse_twin(parent.id, name)
        _refuse_code(code)
        return _add(Unit(name=name, kind=kind, code=code or None), parent=parent, by_id=by_id)


def change(unit: Unit, *, name: str, kind: UnitKind, code: str, by_id: int | None) -> None:
    """Rename a unit, or correct its kind or code.

    Raises:
        UnitExists: a sibling has the name.
        CodeTaken: another unit has the code.
    """
    with unit_of_work():
        _lock_tree()  # changes of names and codes wait for one another
        lock(unit)
        _refuse_twin(unit.parent_id, name, but=unit.id)
        _refuse_code(code, but=unit.id)
        if name != unit.name:
            _note(unit, ChangeKind.RENAMED, unit.name, name, by_id)
        unit.name, unit.code = name, code or None
        if unit.parent_id is not None and kind is not unit.kind:
            unit.kind = kind
            db.session.flush()
            events.kind_changed.send(unit.id)


def paint(unit: Unit, colour: str) -> None:
    """Set the colour of a unit, as #rrggbb. An empty colour removes it."""
    with unit_of_work():
        lock(unit)
        unit.colour = colour


def move(unit: Unit, target: Unit, *, by_id: int | None) -> None:
    """Move a unit, with all beneath it, under another one.

    Raises:
        RootStays: the unit is the academy.
        IntoItself: the new place is the unit itself or beneath it.
        UnitExists: the new parent has a child of this name.
        TooDeep: a path would be too long.
    """
    with unit_of_work():
        _lock_tree()
        lock(unit)
        lock(target)
        if unit.parent_id is None:
            raise RootStays
        if target.is_within(unit.path):
            raise IntoItself
        if target.id == unit.parent_id:
            return
        _refuse_twin(target.id, unit.name)
        old, new = unit.path, f"{target.path}{unit.id}/"
        _refuse_depth(old, new)
        before = queries.full_name(unit)
        moved = update(Unit).where(within(old)).values(path=new + func.substr(Unit.path, len(old) + 1))
        unit.parent_id = target.id
        db.session.flush()
        db.session.execute(moved, execution_options={"synchronize_session": False})
        db.session.expire_all()
        _note(unit, ChangeKind.MOVED, before, queries.full_name(unit), by_id)
        events.moved.send(unit.id)


def _add(unit: Unit, *, parent: Unit | None, by_id: int | None) -> Unit:
    unit.parent_id = parent.id if parent else None
    unit.path = f"new {unit.name}"[:LONGEST_PATH]  # the path will end in the unit's own id
    db.session.add(unit)
    db.session.flush()
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    if len(unit.path) > LONGEST_PATH:
        raise TooDeep
    db.session.flush()
    _note(unit, ChangeKind.CREATED, "", unit.name, by_id)
    return unit


def _note(unit: Unit, kind: ChangeKind, before: str, after: str, by_id: int | None) -> None:
    db.session.add(UnitChange(unit_id=unit.id, kind=kind, before=before[-400:], after=after[-400:], by_id=by_id))


def _lock_tree() -> None:
    """Lock the academy. Two moves at the same time could tie a knot, so they wait for each other there."""
    lock(queries.academy())


def _refuse_twin(parent_id: int | None, name: str, *, but: int | None = None) -> None:
    twin = db.session.scalar(select(Unit.id).where(Unit.parent_id == parent_id, Unit.name == name))
    if twin is not None and twin != but:
        raise UnitExists


def _refuse_code(code: str, *, but: int | None = None) -> None:
    other = db.session.scalar(select(Unit.id).where(Unit.code == code)) if code else None
    if other is not None and other != but:
        raise CodeTaken


def _refuse_depth(old: str, new: str) -> None:
    longest = db.session.scalar(select(func.max(func.length(Unit.path))).where(within(old))) or 0
    if longest - len(old) + len(new) > LONGEST_PATH:
        raise TooDeep
