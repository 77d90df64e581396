"""The organisation tree: any depth, moved and renamed with history."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.kernel.errors import AppError
from app.units import errors, queries, services
from app.units.models import Unit, UnitKind
from tests.factories import units


def test_a_subtree_is_all_beneath_and_nothing_else(app: Flask) -> None:
    here, other = units.institute("物质研究所"), units.institute("天文研究所")
    laboratory = units.department(here)
    group = units.department(laboratory)
    assert [one.id for one in queries.beneath(here.path)] == [here.id, laboratory.id, group.id]
    assert [one.id for one in queries.ancestors(group)] == [units.academy().id, here.id, laboratory.id, group.id]
    assert other not in queries.beneath(here.path)
    assert queries.home_of(group) == here
    assert queries.full_name(laboratory) == f"物质研究所 / {laboratory.name}"


def test_ids_that_begin_alike_are_not_beneath_each_other(app: Flask) -> None:
    made = [units.institute() for _ in range(12)]
    for one in made:
        assert queries.beneath(one.path) == [one]


def test_moving_takes_along_what_is_beneath_and_leaves_a_line(app: Flask) -> None:
    here, there = units.institute("物质研究所"), units.institute("天文研究所")
    laboratory = units.department(here, "低温物理实验室")
    group = units.department(laboratory, "一组")
    services.move(laboratory, there, by_id=None)
    assert group.is_within(there.path)
    assert queries.beneath(here.path) == [here]
    moved, created = queries.history(laboratory.id)
    assert (moved.kind, moved.before, moved.after) == (
        "moved",
        "物质研究所 / 低温物理实验室",
        "天文研究所 / 低温物理实验室",
    )
    assert created.kind == "created"


def test_renaming_keeps_the_old_name_in_the_history(app: Flask) -> None:
    unit = units.institute("物质所")
    services.change(unit, name="物质研究所", kind=UnitKind.BRANCH, code="IOM", by_id=None)
    assert (unit.name, unit.kind, unit.code) == ("物质研究所", UnitKind.BRANCH, "IOM")
    assert next((one.before, one.after) for one in queries.history(unit.id)) == ("物质所", "物质研究所")


def test_what_makes_no_tree_is_refused(app: Flask) -> None:
    here = units.institute("物质研究所", code="IOM")
    laboratory = units.department(here, "低温物理实验室")
    with pytest.raises(errors.IntoItself):
        services.move(here, laboratory, by_id=None)
    with pytest.raises(errors.RootStays):
        services.move(units.academy(), here, by_id=None)
    with pytest.raises(errors.UnitExists):
        units.department(here, "低温物理实验室")
    with pytest.raises(errors.CodeTaken):
        units.institute("另一个", code="IOM")
    with pytest.raises(errors.UnitExists):
        services.move(units.department(units.institute(), "低温物理实验室"), here, by_id=None)


def test_a_tree_is_as_deep_as_a_path_is_long(app: Flask) -> None:
    unit = units.institute()
    with pytest.raises(errors.TooDeep):
        for _ in range(300):
            unit = units.department(unit)
    assert unit.depth > 30


def test_the_tree_is_drawn_with_children_behind_their_parents(app: Flask) -> None:
    b, a = units.institute("B"), units.institute("A")
    a2, a1 = units.department(a, "2"), units.department(a, "1")
    drawn = queries.in_order(queries.beneath(units.academy().path))
    assert drawn == [units.academy(), a, a1, a2, b]


def at_once(app: Flask, *deeds: Callable[[], object]) -> list[str]:
    """Do several things at the same moment; gives how each fared."""
    ready, outcomes = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        with app.app_context():
            ready.wait(10)
            try:
                deed()
                outcomes.append("done")
            except AppError as error:
                outcomes.append(error.code)
            db.session.remove()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(outcomes)


def test_of_two_who_give_the_same_name_at_the_same_moment_one_is_told(app: Flask) -> None:
    institute = units.institute("物质研究所")
    first, second = (units.department(institute, name) for name in ("甲", "乙"))
    ids = [first.id, second.id]

    def rename(unit_id: int) -> Callable[[], object]:
        def deed() -> None:
            unit = db.session.get_one(Unit, unit_id)
            services.change(unit, name="丙", kind=unit.kind, code="", by_id=None)

        return deed

    def recode(unit_id: int) -> Callable[[], object]:
        def deed() -> None:
            unit = db.session.get_one(Unit, unit_id)
            services.change(unit, name=unit.name, kind=unit.kind, code="C", by_id=None)

        return deed

    db.session.commit()
    assert at_once(app, *(rename(one) for one in ids)) == ["done", "unit.exists"]
    assert at_once(app, *(recode(one) for one in ids)) == ["done", "unit.code_taken"]


def test_the_academy_is_founded_once(app: Flask) -> None:
    assert at_once(app, *[lambda: services.found("科学院")] * 2) == ["done", "done"]
    assert db.session.scalar(select(func.count()).where(Unit.parent_id.is_(None))) == 1
    with pytest.raises(IntegrityError):
        db.session.execute(insert(Unit).values(name="另一个", kind=UnitKind.ACADEMY, path="/x/", created_ms=1))
    db.session.rollback()
