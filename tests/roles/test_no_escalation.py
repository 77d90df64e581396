"""No sequence of role edits, assignments and moves ever lets a person hold what whoever did it did not hold there.

A state machine tries them all: it makes trees, roles and grants as anybody, keeps none of the rules itself, and after
every step compares what everybody holds with what the one who took the step held before.
"""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.accounts.models import User
from app.extensions import db
from app.kernel.errors import AppError
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.roles import policies, queries, services
from app.roles.models import BuiltIn, Grant, Role, RolePermission
from app.units.models import Unit
from tests.factories import accounts, roles, units

PASSED_ON = (
    Permission.LIVE_MANAGE,
    Permission.ROLE_MANAGE,
    Permission.ROLE_ASSIGN,
    Permission.CREDIT_RULES,
    Permission.SYSTEM_ADMIN,
)
HOURS = st.none() | st.integers(1, 48)
HOUR_MS = 3_600_000

Held = set[tuple[int, Permission, int]]
"""Person, permission, unit."""


class Academy(RuleBasedStateMachine):
    """Two institutes with a department each, an administrator, two managers and people who may do nothing yet."""

    def __init__(self) -> None:
        super().__init__()
        self.units: list[Unit] = []
        self.people: list[User] = []
        self.roles: list[Role] = []
        self.grants: list[Grant] = []
        for _ in range(2):
            institute = units.institute()
            self.units += [institute, units.department(institute)]
        for where in (0, 2):
            self.people.append(roles.manager(accounts.user(unit=self.units[where])))
        self.people += [accounts.user(unit=self.units[where]) for where in (1, 1, 3)]
        self.people.append(roles.admin(accounts.user()))
        self.roles += [db.session.query(Role).filter_by(built_in=which).one() for which in BuiltIn]
        self.restore_managers_role()
        self.before = self.held()

    def restore_managers_role(self) -> None:
        """Every run begins with the same: the role outlives the runs that change it, units and people do not matter."""
        role = queries.built_in(BuiltIn.TRAINING_MANAGER)
        with unit_of_work():
            role.rows = []
            db.session.flush()
            role.rows = [RolePermission(permission=one) for one in sorted(services.MANAGERS_START)]

    def held(self) -> Held:
        """Return all holdings of all people."""
        found: Held = set()
        for person in self.people:
            held = policies.holdings_now(person)
            found |= {(person.id, one, unit.id) for unit in self.units for one in held.at(unit.path)}
        return found

    def step(self, by: User, deed: object) -> None:
        """Let somebody do something, which may be refused; whatever anybody holds now and did not, `by` held there."""
        assert callable(deed)
        try:
            deed()
        except AppError:
            db.session.rollback()
        after = self.held()
        theirs = {(permission, unit) for person, permission, unit in self.before if person == by.id}
        gained = {(permission, unit) for _, permission, unit in after - self.before}
        assert gained <= theirs, f"{by.id} passed on {gained - theirs}"
        self.before = after

    def who(self, data: st.DataObject) -> User:
        """Choose who does it: mostly somebody who holds something, so that steps come about."""
        holders = [one for one in self.people if any(person == one.id for person, _, _ in self.before)]
        return data.draw(st.sampled_from([*holders * 3, *self.people]))

    def pick(self, data: st.DataObject, by: User, things: list) -> Any:
        """Choose a thing to do it to: mostly one near the person."""

        def is_near(thing: Any) -> bool:
            unit = thing if isinstance(thing, Unit) else thing.unit
            return unit.path.startswith(by.unit.path)

        near = [thing for thing in things if is_near(thing)]
        return data.draw(st.sampled_from([*near * 5, *things]))

    @rule(data=st.data(), permissions=st.sets(st.sampled_from(PASSED_ON), min_size=1))
    def create_role(self, data: st.DataObject, permissions: set[Permission]) -> None:
        by = self.who(data)
        unit = self.pick(data, by, self.units)
        name = f"role {len(self.roles)}"
        self.step(by, lambda: self.roles.append(services.create_role(unit, name=name, permissions=permissions, by=by)))

    @rule(data=st.data(), permissions=st.sets(st.sampled_from(PASSED_ON), min_size=1))
    def change_role(self, data: st.DataObject, permissions: set[Permission]) -> None:
        by = self.who(data)
        role = self.pick(data, by, self.roles)
        wanted = role.permissions | permissions if data.draw(st.booleans()) else permissions
        self.step(by, lambda: services.change_role(role, name=role.name, permissions=wanted, by=by))

    @rule(data=st.data(), hours=HOURS)
    def give(self, data: st.DataObject, hours: int | None) -> None:
        by = self.who(data)
        person, role, unit = (self.pick(data, by, things) for things in (self.people, self.roles, self.units))
        until_ms = None if hours is None else services.clock.now_ms() + hours * HOUR_MS
        self.step(by, lambda: self.grants.append(services.give(role, person, unit, until_ms=until_ms, by=by)))

    @precondition(lambda self: self.grants)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        by = self.who(data)
        grant = self.pick(data, by, self.grants)
        self.step(by, lambda: services.end(grant, by=by))

    @rule(data=st.data())
    def delete_role(self, data: st.DataObject) -> None:
        by = self.who(data)
        role = self.pick(data, by, self.roles)
        self.step(by, lambda: services.delete_role(role, by=by))

    @invariant()
    def somebody_administers(self) -> None:
        assert services.queries.administrators() >= 1


def test_nobody_ever_holds_what_nobody_could_pass_on(app: Flask) -> None:
    run_state_machine_as_test(
        Academy,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_machine_notices_who_passes_on_too_much(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies.Holdings, "covers_all", lambda *_: True)
    monkeypatch.setattr(policies.Holdings, "until", lambda *_: policies.FOREVER)
    with pytest.raises(AssertionError, match="passed on"):
        run_state_machine_as_test(
            Academy,
            settings=settings(
                max_examples=60,
                stateful_step_count=20,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
            ),
        )
