"""Passing on what one may do: never more, nowhere else, not for longer."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import User
from app.audit.models import AuditEntry
from app.extensions import db
from app.kernel import clock
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.kernel.web import written_in
from app.roles import errors, policies, queries, services
from app.roles.models import BuiltIn, Grant, Role
from app.units import services as unit_services
from app.units.models import Unit
from tests.conftest import SignIn
from tests.factories import accounts, roles, units

DAY_MS = 24 * 3_600_000


@pytest.fixture
def laboratory(institute: Unit) -> Unit:
    return units.department(institute, "低温物理实验室")


@pytest.fixture
def person(laboratory: Unit) -> User:
    return accounts.user("person", "李四", unit=laboratory)


def holds(user: User, permission: Permission, unit: Unit) -> bool:
    return policies.holdings_of(user).covers(permission, unit.path)


def teachers_role(manager: User, *permissions: Permission) -> Role:
    return services.create_role(
        manager.unit, name="直播管理", permissions=permissions or [Permission.LIVE_MANAGE], by=manager
    )


def test_the_two_steps_of_the_guide(manager: User, person: User, laboratory: Unit, institute: Unit) -> None:
    grant = services.give(teachers_role(manager), person, laboratory, by=manager)
    assert holds(person, Permission.LIVE_MANAGE, laboratory)
    assert not holds(person, Permission.LIVE_MANAGE, institute), "it counts in the unit and beneath, not above"
    services.end(grant, by=manager)
    assert not holds(person, Permission.LIVE_MANAGE, laboratory)


def test_nobody_passes_on_what_she_does_not_hold(manager: User, person: User, laboratory: Unit) -> None:
    with pytest.raises(errors.NotYours):
        teachers_role(manager, Permission.LIVE_MANAGE, Permission.SYSTEM_ADMIN)
    role = teachers_role(manager)
    with pytest.raises(errors.NotYours):
        services.change_role(role, name=role.name, permissions=[Permission.CREDIT_RULES], by=manager)
    administrator = queries.built_in(BuiltIn.ADMINISTRATOR)
    with pytest.raises(errors.NotYours):
        services.give(administrator, person, laboratory, by=manager)
    assert policies.holdings_of(person).paths == {}


def test_nobody_reaches_out_of_her_subtree(manager: User, person: User, laboratory: Unit) -> None:
    elsewhere = units.institute("天文研究所")
    stranger = accounts.user("stranger", unit=elsewhere)
    role = teachers_role(manager)
    with pytest.raises(errors.PersonOutOfReach):
        services.give(role, stranger, laboratory, by=manager)
    with pytest.raises(errors.OutOfReach):
        services.give(role, person, elsewhere, by=manager)
    with pytest.raises(errors.OutOfReach):
        services.create_role(elsewhere, name="x", permissions=[Permission.LIVE_MANAGE], by=manager)
    admin = roles.admin(accounts.user("admin"))
    with pytest.raises(errors.RoleElsewhere):
        services.give(role, stranger, elsewhere, by=admin)


def test_nobody_passes_on_for_longer_than_she_holds(institute: Unit, person: User, laboratory: Unit) -> None:
    admin = roles.admin(accounts.user("admin"))
    deputy = accounts.user("deputy", unit=institute)
    soon = clock.now_ms() + DAY_MS
    services.give(queries.built_in(BuiltIn.TRAINING_MANAGER), deputy, institute, until_ms=soon, by=admin)
    role = teachers_role(deputy)
    for until_ms in (None, soon + 1):
        with pytest.raises(errors.OutlastsYours):
            services.give(role, person, laboratory, until_ms=until_ms, by=deputy)
    services.give(role, person, laboratory, until_ms=soon, by=deputy)


def test_a_grant_ends_by_itself(manager: User, person: User, laboratory: Unit) -> None:
    grant = services.give(teachers_role(manager), person, laboratory, until_ms=clock.now_ms() + DAY_MS, by=manager)
    assert holds(person, Permission.LIVE_MANAGE, laboratory)
    with unit_of_work():
        grant.until_ms = clock.now_ms()
    assert not holds(person, Permission.LIVE_MANAGE, laboratory)


def test_taking_a_permission_from_the_manager_leaves_her_grants_within_reach(
    manager: User, person: User, laboratory: Unit
) -> None:
    admin = roles.admin(accounts.user("admin"))
    role = teachers_role(manager, Permission.RECORDING_EXPORT)
    grant = services.give(role, person, laboratory, by=manager)
    managers = queries.built_in(BuiltIn.TRAINING_MANAGER)
    services.change_role(
        managers, name=managers.name, permissions=managers.permissions - {Permission.RECORDING_EXPORT}, by=admin
    )
    assert grant.by == manager
    assert holds(person, Permission.RECORDING_EXPORT, laboratory)
    services.end(grant, by=manager)
    assert not holds(person, Permission.RECORDING_EXPORT, laboratory)


def test_nobody_disarms_those_above_her(manager: User, institute: Unit) -> None:
    director = accounts.user("director", unit=institute)
    grant = services.appoint(director, BuiltIn.ADMINISTRATOR, institute)
    with pytest.raises(errors.NotYours):
        services.end(grant, by=manager)
    (own,) = queries.grants_of([manager.id])[manager.id]
    with pytest.raises(errors.NotOneself):
        services.end(own, by=manager)


def test_an_administrator_always_remains(app: Flask) -> None:
    first, second = roles.admin(accounts.user("first")), roles.admin(accounts.user("second"))
    (grant,) = queries.grants_of([second.id])[second.id]
    services.end(grant, by=first)
    (last,) = queries.grants_of([first.id])[first.id]
    with pytest.raises(errors.LastAdministrator), unit_of_work():
        last.ended_ms = clock.now_ms()
        services.must_keep_an_administrator()
    assert queries.administrators() == 1


def test_the_training_manager_always_holds_the_live_permission(app: Flask) -> None:
    admin = roles.admin(accounts.user("admin"))
    role = queries.built_in(BuiltIn.TRAINING_MANAGER)
    with pytest.raises(errors.LockedPermission):
        services.change_role(role, name=role.name, permissions=[Permission.ROLE_MANAGE], by=admin)
    with pytest.raises(errors.BuiltInStays):
        services.delete_role(role, by=admin)
    with pytest.raises(errors.BuiltInStays):
        services.change_role(role, name="别的", permissions=role.permissions, by=admin)


def test_roles_have_names_of_their_own_and_stay_while_they_are_held(
    manager: User, person: User, laboratory: Unit
) -> None:
    role = teachers_role(manager)
    with pytest.raises(errors.RoleNameTaken):
        teachers_role(manager)
    grant = services.give(role, person, laboratory, by=manager)
    with pytest.raises(errors.RoleInUse):
        services.delete_role(role, by=manager)
    services.end(grant, by=manager)
    services.delete_role(role, by=manager)
    assert teachers_role(manager).id != role.id, "the name is free again"
    with pytest.raises(errors.RoleElsewhere):
        services.give(role, person, laboratory, by=manager)


def test_several_people_at_once_or_none(manager: User, person: User, laboratory: Unit) -> None:
    role, other = teachers_role(manager), accounts.user("other", unit=laboratory)
    stranger = accounts.user("stranger", unit=units.institute())
    services.give(role, person, laboratory, by=manager)
    tally = services.give_to_many(role, [person, other], laboratory, by=manager)
    assert (tally.given, tally.changed, tally.unchanged) == ([other], [], [person])
    third = accounts.user("third", unit=laboratory)
    with pytest.raises(errors.SomeRefused):
        services.give_to_many(role, [third, stranger], laboratory, by=manager)
    assert policies.holdings_of(third).paths == {}


def test_who_could_not_be_given_the_role_is_named_and_who_is_nobodys_business_is_counted(
    app: Flask, manager: User, laboratory: Unit
) -> None:
    closed = [accounts.user(real_name=f"已关闭{number}", unit=laboratory) for number in range(1, 6)]
    with unit_of_work():
        for person in closed:
            person.closed_ms = clock.now_ms()
    people = [accounts.user(unit=laboratory), accounts.user(real_name="外人", unit=units.institute()), *closed]
    role = teachers_role(manager)
    with app.test_request_context(), written_in("en"):
        with pytest.raises(errors.SomeRefused) as caught:
            services.give_to_many(role, people, laboratory, by=manager)
        said = str(caught.value.message)
        assert "已关闭1, 已关闭2, 已关闭3 and 2 more: This account is closed." in said
        assert "1 person: That person belongs" in said
        assert "外人" not in said
        assert "the others" in str(caught.value.mend)
        with pytest.raises(errors.SomeRefused) as caught:
            services.give_to_many(role, closed[:1], laboratory, by=manager)
        assert str(caught.value.message).startswith("已关闭1: ")
        assert not caught.value.mend, "there is nobody else"
    assert queries.holders([role.id]) == {}


def test_a_unit_that_moves_leaves_the_roles_of_its_old_place_behind(
    manager: User, person: User, laboratory: Unit
) -> None:
    role = teachers_role(manager)
    grant = services.give(role, person, laboratory, by=manager)
    unit_services.move(laboratory, units.institute("天文研究所"), by_id=None)
    assert not holds(person, Permission.LIVE_MANAGE, laboratory)
    assert db.session.get_one(Grant, grant.id).ended_ms is not None
    unit_services.move(laboratory, role.unit, by_id=None)
    assert not holds(person, Permission.LIVE_MANAGE, laboratory), "coming back gives nothing back"


def test_a_closed_account_holds_nothing_and_gets_nothing(manager: User, person: User, laboratory: Unit) -> None:
    role = teachers_role(manager)
    services.give(role, person, laboratory, by=manager)
    with unit_of_work():
        person.closed_ms = clock.now_ms()
    assert policies.holdings_of(person).paths == {}
    with pytest.raises(errors.AccountClosed):
        services.give(teachers_role_of_other_name(manager), person, laboratory, by=manager)


def teachers_role_of_other_name(manager: User) -> Role:
    return services.create_role(manager.unit, name="另一个", permissions=[Permission.LIVE_MANAGE], by=manager)


def test_every_step_is_in_the_log_and_a_refused_one_is_not(manager: User, person: User, laboratory: Unit) -> None:
    before = db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    services.end(services.give(teachers_role(manager), person, laboratory, by=manager), by=manager)
    with pytest.raises(errors.NotYours):
        services.create_role(manager.unit, name="x", permissions=[Permission.SYSTEM_ADMIN], by=manager)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id).offset(before)).all()
    assert [(entry.action, entry.by_id) for entry in entries] == [
        ("role.created", manager.id),
        ("grant.given", manager.id),
        ("grant.ended", manager.id),
    ]


def test_what_ends_tomorrow_is_not_made_permanent_by_way_of_a_role(institute: Unit) -> None:
    admin = roles.admin(accounts.user("admin"))
    deputy = roles.holding(accounts.user("deputy", unit=institute), Permission.ROLE_MANAGE, Permission.ROLE_ASSIGN)
    (own,) = queries.grants_of([deputy.id])[deputy.id]
    short = services.create_role(institute, name="短期", permissions=[Permission.PEOPLE_MANAGE], by=admin)
    services.give(short, deputy, institute, until_ms=clock.now_ms() + DAY_MS, by=admin)
    with pytest.raises(errors.OutlastsYours):
        services.change_role(
            own.role, name=own.role.name, permissions=own.role.permissions | {Permission.PEOPLE_MANAGE}, by=deputy
        )


def test_nobody_disarms_those_above_her_by_changing_their_role(manager: User, institute: Unit) -> None:
    admin = roles.admin(accounts.user("admin"))
    high = services.create_role(
        institute, name="所长", permissions=[Permission.LIVE_MANAGE, Permission.CREDIT_RULES], by=admin
    )
    with pytest.raises(errors.NotYours):
        services.change_role(high, name=high.name, permissions=[Permission.LIVE_MANAGE], by=manager)


def test_an_administrator_of_an_institute_does_not_administer_the_service(institute: Unit, sign_in: SignIn) -> None:
    local = accounts.user("local", unit=institute)
    services.appoint(local, BuiltIn.ADMINISTRATOR, institute)
    assert not policies.holdings_of(local).anywhere(Permission.SYSTEM_ADMIN)
    assert policies.holdings_of(local).covers(Permission.PEOPLE_MANAGE, institute.path)
    assert sign_in(local).get("/system/outbox").status_code == 403


def test_giving_again_with_another_end_changes_the_end(manager: User, person: User, laboratory: Unit) -> None:
    role, soon = teachers_role(manager), clock.now_ms() + DAY_MS
    grant = services.give(role, person, laboratory, until_ms=soon, by=manager)
    for until_ms in (soon + DAY_MS, None, soon):
        tally = services.give_to_many(role, [person], laboratory, until_ms=until_ms, by=manager)
        assert (tally.given, tally.changed, tally.unchanged) == ([], [person], [])
        assert queries.grants_of([person.id])[person.id] == [grant]
        assert grant.until_ms == until_ms
    with pytest.raises(errors.AlreadyHeld):
        services.give(role, person, laboratory, until_ms=soon, by=manager)
    with pytest.raises(errors.DateOver):
        services.give(role, person, laboratory, until_ms=1, by=manager)
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "grant.changed").order_by(AuditEntry.id)
    ).all()
    assert [entry.details["until_ms"] for entry in entries] == [soon + DAY_MS, None, soon]
    assert (entries[1].details["after"], entries[2].details["before"]) == ("–", "–")


def test_nobody_sets_an_end_that_she_could_not_give(institute: Unit, person: User, laboratory: Unit) -> None:
    admin = roles.admin(accounts.user("admin"))
    deputy = accounts.user("deputy", unit=institute)
    soon = clock.now_ms() + DAY_MS
    managers = queries.built_in(BuiltIn.TRAINING_MANAGER)
    own = services.give(managers, deputy, institute, until_ms=soon, by=admin)
    role = teachers_role(deputy)
    grant = services.give(role, person, laboratory, until_ms=soon, by=deputy)
    with pytest.raises(errors.OutlastsYours):
        services.give(role, person, laboratory, until_ms=soon + 1, by=deputy)
    for until_ms in (soon + 1, None):
        with pytest.raises(errors.OutlastsYours):
            services.give(managers, deputy, institute, until_ms=until_ms, by=deputy)
    assert (grant.until_ms, own.until_ms) == (soon, soon)


def test_nobody_shortens_what_she_could_not_take_back(manager: User, institute: Unit) -> None:
    managers, soon = queries.built_in(BuiltIn.TRAINING_MANAGER), clock.now_ms() + DAY_MS
    with pytest.raises(errors.NotOneself):
        services.give(managers, manager, institute, until_ms=soon, by=manager)
    director = accounts.user("director", unit=institute)
    services.appoint(director, BuiltIn.ADMINISTRATOR, institute)
    with pytest.raises(errors.NotYours):
        services.give(queries.built_in(BuiltIn.ADMINISTRATOR), director, institute, until_ms=soon, by=manager)


def test_the_last_administrator_without_an_end_gets_none(app: Flask) -> None:
    first, second = roles.admin(accounts.user("first")), roles.admin(accounts.user("second"))
    role, academy, soon = queries.built_in(BuiltIn.ADMINISTRATOR), units.academy(), clock.now_ms() + DAY_MS
    services.give(role, second, academy, until_ms=soon, by=first)
    with pytest.raises(errors.LastAdministrator):
        services.give(role, first, academy, until_ms=soon, by=second)
    assert queries.administrators() == 1
