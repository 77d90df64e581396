"""角色管理 and 角色分配 as a manager uses them."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.kernel import clock
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.kernel.web import end_of_day_ms
from app.roles import policies, queries, services
from app.roles.models import BuiltIn, Role
from app.units.models import Unit
from tests.conftest import SignIn
from tests.counting import count_queries
from tests.factories import accounts, roles, units


@pytest.fixture
def browser(manager: User, sign_in: SignIn) -> FlaskClient:
    return sign_in(manager)


@pytest.fixture
def person(institute: Unit) -> User:
    return accounts.user("person", "李四", unit=units.department(institute, "低温物理实验室"))


@pytest.fixture
def role(manager: User) -> Role:
    return services.create_role(manager.unit, name="直播管理", permissions=[Permission.LIVE_MANAGE], by=manager)


def test_the_two_step_grant_through_the_forms(
    browser: FlaskClient, sign_in: SignIn, institute: Unit, person: User
) -> None:
    form = {"name": "直播管理", "unit_id": institute.id, "permissions": ["live.manage"]}
    reply = browser.post("/system/roles/new", data=form)
    assert reply.status_code == 302
    (role,) = [one for one in queries_roles(browser) if one == "直播管理"]
    page = browser.get(reply.headers["Location"]).text
    chosen = re.search(r'<option selected value="(\d+)">直播管理', page)
    assert chosen, "the new role is chosen already"
    given = {"user_ids": [person.id], "role_id": chosen[1], "unit_id": institute.id}
    assert browser.post("/system/assignments", data=given).status_code == 302
    assert sign_in(person).get("/live/new").status_code == 200
    assert role in browser.get("/system/assignments?q=李").text


def queries_roles(browser: FlaskClient) -> list[str]:
    return re.findall(r'<a href="/system/roles/\d+">([^<]+)</a>', browser.get("/system/roles").text)


def test_a_role_that_cannot_be_keeps_what_was_typed(browser: FlaskClient, institute: Unit, role: Role) -> None:
    form = {"name": "直播管理", "unit_id": institute.id, "note": "给老师", "permissions": ["recording.export"]}
    reply = browser.post("/system/roles/new", data=form)
    assert reply.status_code == 409
    assert 'value="给老师"' in reply.text
    assert re.search(r'value="recording.export"\s+checked', reply.text)
    assert browser.post("/system/roles/new", data={**form, "name": " "}).status_code == 422
    more = browser.post("/system/roles/new", data={**form, "name": "更多", "permissions": ["system.admin"]})
    assert more.status_code == 403
    assert 'value="更多"' in more.text


def test_changing_and_deleting_a_role(browser: FlaskClient, institute: Unit, role: Role, person: User) -> None:
    address = f"/system/roles/{role.id}"
    grant = services.give(role, person, institute, by=accounts_manager(institute))
    form = {"name": "录播管理", "unit_id": institute.id, "permissions": ["live.manage", "recording.export"]}
    assert browser.post(address, data=form).status_code == 302
    assert policies.holdings_of(person).anywhere(Permission.RECORDING_EXPORT)
    assert browser.delete(address).status_code == 409
    browser.delete(f"/system/assignments/{grant.id}")
    assert browser.delete(address).status_code == 302
    assert browser.get(address).status_code == 404


def accounts_manager(institute: Unit) -> User:
    return roles.manager(accounts.user("second", unit=institute))


def test_taking_back_offers_an_undo_that_works(browser: FlaskClient, institute: Unit, role: Role, person: User) -> None:
    data = {"user_ids": [person.id], "role_id": role.id, "unit_id": institute.id, "until": "2030-05-01"}
    browser.post("/system/assignments", data=data)
    (grant,) = queries.grants_of([person.id])[person.id]
    button = re.search(r'hx-post="([^"]+)"', browser.get("/system/assignments?q=李四").text)
    assert button
    reply = browser.post(button[1], headers={"HX-Request": "true"})
    assert not policies.holdings_of(person).anywhere(Permission.LIVE_MANAGE)
    undo = dict(re.findall(r'name="(user_ids|role_id|unit_id|until)"\s+value="([^"]+)"', reply.text))
    assert undo == {key: str(value[0] if isinstance(value, list) else value) for key, value in data.items()}
    browser.post("/system/assignments", data=undo)
    (again,) = queries.grants_of([person.id])[person.id]
    assert again.until_ms == grant.until_ms


def test_an_undo_that_would_be_refused_is_not_offered(
    browser: FlaskClient, institute: Unit, person: User, manager: User
) -> None:
    admin = roles.admin(accounts.user("admin"))
    role = services.create_role(institute, name="导出", permissions=[Permission.RECORDING_EXPORT], by=manager)
    grant = services.give(role, person, institute, by=manager)
    managers = queries.built_in(BuiltIn.TRAINING_MANAGER)
    without = managers.permissions - {Permission.RECORDING_EXPORT}
    services.change_role(managers, name=managers.name, permissions=without, by=admin)
    reply = browser.delete(f"/system/assignments/{grant.id}", headers={"HX-Request": "true"})
    assert "grant--ended" in reply.text
    assert 'name="user_ids"' not in reply.text


def test_people_who_cannot_have_the_role_are_named_and_everybody_stays_ticked(
    browser: FlaskClient, institute: Unit, role: Role, person: User
) -> None:
    closed = accounts.user(real_name="孙离职", unit=institute)
    with unit_of_work():
        closed.closed_ms = clock.now_ms()
    data = {"user_ids": [person.id, closed.id], "role_id": role.id, "unit_id": institute.id}
    reply = browser.post("/system/assignments", data=data)
    assert reply.status_code == 409
    errors = re.search(r'id="user_ids-errors".*?</ul>', reply.text, re.DOTALL)
    assert errors
    assert "孙离职" in errors[0]
    assert person.real_name not in errors[0]
    for one in (person, closed):
        assert re.search(rf'value="{one.id}"\s[^>]*checked', reply.text)
    assert browser.post("/system/assignments", data={**data, "user_ids": [10**9]}).status_code == 404


def test_giving_again_changes_the_end_and_says_for_how_many(
    browser: FlaskClient, institute: Unit, role: Role, person: User, manager: User
) -> None:
    browser.post("/language", data={"language": "en"})
    other, same = accounts.user(unit=institute), accounts.user(unit=institute)
    services.give(role, same, institute, until_ms=end_of_day_ms(date(2040, 5, 1)), by=manager)
    services.give(role, person, institute, by=manager)
    data = {"user_ids": [person.id, other.id, same.id], "role_id": role.id, "unit_id": institute.id}
    page = browser.post("/system/assignments", data={**data, "until": "2040-05-01"}, follow_redirects=True).text
    for text in ("1 person holds the role", "1 person held the role", "Nothing is changed for 1 person"):
        assert text in page
    assert page.count("2040") == 3, "all three hold it until then"
    assert "2040-05-01" in browser.get("/system/audit?action=grant.changed").text


def test_assigning_without_ticking_or_choosing_says_so(browser: FlaskClient, institute: Unit, role: Role) -> None:
    reply = browser.post("/system/assignments", data={"unit_id": institute.id})
    assert reply.status_code == 422
    assert reply.text.count("field__errors") == 2


def test_a_day_that_is_over_is_said_beside_the_day(
    browser: FlaskClient, institute: Unit, role: Role, person: User
) -> None:
    data = {"user_ids": [person.id], "role_id": role.id, "unit_id": institute.id, "until": "2001-01-01"}
    reply = browser.post("/system/assignments", data=data)
    assert reply.status_code == 422
    assert 'id="until-errors"' in reply.text
    assert re.search(rf'value="{person.id}"\s[^>]*checked', reply.text), "who was ticked stays ticked"


def test_who_is_ticked_and_not_in_the_list_stays_ticked_unless_she_belongs_elsewhere(
    browser: FlaskClient, institute: Unit, role: Role, person: User
) -> None:
    stranger = accounts.user("stranger", "外人", unit=units.institute())
    data = {"user_ids": [person.id, stranger.id], "role_id": "", "unit_id": institute.id}
    page = browser.post("/system/assignments?q=周培训", data=data).text
    assert re.search(rf'value="{person.id}" data-name="李四 \(person\)" checked', page)
    assert "外人" not in page, "an id alone tells nobody a name"


def offered(page: str, field: str) -> list[str]:
    """Return the words of the choices of a field."""
    options = re.search(rf'<select[^>]*name="{field}".*?</select>', page, re.DOTALL)
    return re.findall(r'<option[^>]*value="\d+"[^>]*>([^<]+)', options[0]) if options else []


def test_a_role_is_offered_that_can_be_given_in_one_department_only(
    institute: Unit, sign_in: SignIn, person: User
) -> None:
    admin = roles.admin(accounts.user("admin"))
    assigner = roles.holding(accounts.user("assigner", unit=institute), Permission.ROLE_ASSIGN)
    roles.holding(assigner, Permission.LIVE_MANAGE, unit=person.unit)
    for name, permissions in (("讲课", [Permission.LIVE_MANAGE]), ("导出", [Permission.RECORDING_EXPORT])):
        services.create_role(institute, name=name, permissions=permissions, by=admin)
    browser = sign_in(assigner)
    page = browser.get("/system/assignments").text
    assert "讲课 · 物质研究所" in offered(page, "role_id")
    assert "导出 · 物质研究所" not in offered(page, "role_id")
    choice = re.search(r'value="(\d+)">讲课 · ', page)
    assert choice
    data = {"user_ids": [person.id], "role_id": choice[1]}
    assert browser.post("/system/assignments", data={**data, "unit_id": institute.id}).status_code == 403
    assert browser.post("/system/assignments", data={**data, "unit_id": person.unit_id}).status_code == 302


def test_roles_of_the_academy_can_be_looked_for_where_people_hold_them(
    browser: FlaskClient, institute: Unit, role: Role, person: User
) -> None:
    roles.manager(accounts.user(unit=units.institute()))
    page = browser.get("/system/assignments").text
    assert offered(page, "held") == ["培训主管", "直播管理"]
    managers = queries.built_in(BuiltIn.TRAINING_MANAGER)
    found = browser.get(f"/system/assignments?held={managers.id}").text
    assert "周培训" in found
    assert person.real_name not in found


def test_search_finds_by_name_user_name_number_and_unit(browser: FlaskClient, institute: Unit, person: User) -> None:
    person.staff_number = "M77"
    other = accounts.user("zhao", "赵六", unit=institute)
    stranger = accounts.user("person2", "李外人", unit=units.institute())
    for query in ("q=李", "q=perso", "q=m77", f"unit={person.unit_id}"):
        page = browser.get(f"/system/assignments?{query}").text
        assert person.real_name in page
        assert other.real_name not in page
        assert stranger.real_name not in page
    assert "%" not in re.findall(r"<strong>[^<]*", browser.get("/system/assignments?q=%25").text)
    assert browser.get(f"/system/assignments?unit={stranger.unit_id}").status_code == 404


def test_the_list_takes_the_same_number_of_queries_however_long_it_is(
    browser: FlaskClient, institute: Unit, role: Role, manager: User
) -> None:
    def fill(count: int) -> None:
        for _ in range(count):
            services.give(role, accounts.user(unit=units.department(institute)), institute, by=manager)

    fill(3)
    with count_queries() as few:
        browser.get("/system/assignments")
    fill(30)
    with count_queries() as many:
        browser.get("/system/assignments")
    assert len(many) == len(few)
    assert len(few) <= 19


def test_the_log_shows_a_manager_her_own_units_only(
    browser: FlaskClient, institute: Unit, role: Role, person: User, manager: User
) -> None:
    services.give(role, person, institute, by=manager)
    elsewhere = roles.manager(accounts.user("elsewhere", unit=units.institute()))
    services.create_role(elsewhere.unit, name="别处的角色", permissions=[Permission.LIVE_MANAGE], by=elsewhere)
    page = browser.get("/system/audit").text
    assert "field__errors" not in page
    assert "直播管理" in page
    assert "李四 (person)" in page
    assert "别处的角色" not in page
    assert "李四 (person)" not in browser.get("/system/audit?action=role.created").text
    assert "李四 (person)" in browser.get("/system/audit?q=李四").text
    assert "李四 (person)" not in browser.get("/system/audit?since=2099-01-01").text
    assert browser.get("/system/audit?since=gestern&action=nothing&unit_id=x").status_code == 200


def test_the_log_can_be_taken_along_and_says_so(browser: FlaskClient, role: Role) -> None:
    reply = browser.post("/system/audit/export?action=role.created")
    assert reply.headers["Content-Disposition"] == "attachment; filename=audit.csv"
    assert reply.text.startswith("\ufeff")
    assert "直播管理" in reply.text
    assert "action=role.created" in browser.get("/system/audit").text
