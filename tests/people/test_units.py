"""机构 as a manager uses it."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.extensions import db
from app.kernel.permissions import Permission
from app.units import queries
from app.units.models import Unit
from tests.conftest import SignIn
from tests.counting import count_queries
from tests.factories import accounts, roles, units
from tests.factories import live as lives


@pytest.fixture
def browser(manager: User, sign_in: SignIn) -> FlaskClient:
    return sign_in(manager)


def new(name: str, kind: str = "department", code: str = "") -> dict[str, str]:
    return {"new-name": name, "new-kind": kind, "new-code": code}


def test_a_unit_is_added_renamed_and_moved(browser: FlaskClient, institute: Unit) -> None:
    for name in ("低温物理实验室", "超导组"):
        assert browser.post(f"/system/units/{institute.id}/units", data=new(name)).status_code == 302
    laboratory, group = (one for one in queries.beneath(institute.path) if one.id != institute.id)
    browser.post(f"/system/units/{group.id}/place", data={"place-unit_id": laboratory.id})
    own = {"own-name": "超导研究组", "own-kind": "department", "own-code": "SC"}
    browser.post(f"/system/units/{group.id}", data=own)
    page = browser.get(f"/system/units/{group.id}").text
    assert "物质研究所 / 低温物理实验室 / 超导组" in page
    assert "超导组 → 超导研究组" in page
    assert "周培训" in page
    log = browser.get("/system/audit").text
    assert "移动了机构" in log
    assert "超导研究组" in log


def test_what_cannot_be_is_said_beside_its_field(browser: FlaskClient, institute: Unit) -> None:
    department = units.department(institute, "培训处")
    units.institute("别处", code="ELSE")
    address = f"/system/units/{institute.id}/units"
    twin = browser.post(address, data=new("培训处"))
    assert twin.status_code == 409
    assert 'id="new-name-errors"' in twin.text
    taken = browser.post(address, data=new("新的", code="ELSE"))
    assert 'id="new-code-errors"' in taken.text
    assert 'value="新的"' in taken.text
    assert browser.post(address, data=new(" ")).status_code == 422
    beneath, _elsewhere = units.department(department), units.department(institute)
    into_itself = browser.post(f"/system/units/{department.id}/place", data={"place-unit_id": beneath.id})
    assert into_itself.status_code == 422
    assert 'id="place-unit_id-errors"' in into_itself.text


def test_a_manager_moves_nothing_out_of_or_into_her_units(browser: FlaskClient, institute: Unit) -> None:
    elsewhere = units.institute("天文研究所")
    foreign = units.department(elsewhere)
    department = units.department(institute)
    assert browser.post(f"/system/units/{department.id}/place", data={"place-unit_id": elsewhere.id}).status_code == 422
    assert browser.post(f"/system/units/{foreign.id}/place", data={"place-unit_id": institute.id}).status_code == 404
    assert browser.post(f"/system/units/{institute.id}/place", data={"place-unit_id": department.id}).status_code == 403
    assert browser.post(f"/system/units/{elsewhere.id}/units", data=new("x")).status_code == 404


def test_an_administrator_renames_the_academy(sign_in: SignIn, app: Flask) -> None:
    admin = sign_in(roles.admin(accounts.user("admin")))
    academy = units.academy()
    reply = admin.post(f"/system/units/{academy.id}", data={"own-name": "科学研究院", "own-code": ""})
    assert reply.status_code == 302
    page = admin.get(f"/system/units/{academy.id}").text
    assert "科学研究院" in page
    assert "/place" not in page


def test_five_hundred_units_take_as_many_queries_as_five(browser: FlaskClient, institute: Unit) -> None:
    def ask() -> int:
        with count_queries() as statements:
            assert browser.get("/system/units").status_code == 200
        return len(statements)

    few = ask()
    for _ in range(40):
        units.department(units.department(institute))
    assert ask() == few


def test_the_tree_says_how_many_people_are_beneath(browser: FlaskClient, institute: Unit) -> None:
    accounts.user(unit=units.department(institute, "培训处"))
    accounts.user(unit=units.department(institute, "科研处"))
    page = browser.get("/system/units?q=物质").text
    people = f'<a href="/system/people?unit={institute.id}">3 人</a>'
    assert people in page, "the manager, and one in each department"
    assert "培训处" not in page
    assert people in browser.get(f"/system/units/{institute.id}").text


def test_a_search_says_where_each_unit_is(sign_in: SignIn, institute: Unit) -> None:
    admin = sign_in(roles.admin(accounts.user("admin")))
    for one in (institute, units.institute("天文研究所")):
        units.department(one, "培训处")
    both = admin.get("/system/units?q=培训").text
    assert "物质研究所 / " in both
    assert "天文研究所 / " in both
    one = admin.get("/system/units?q=天文 培训").text
    assert "天文研究所 / " in one
    assert "物质研究所" not in one
    assert "没有找到机构" in admin.get("/system/units?q=海洋").text


def test_a_large_tree_is_folded_and_in_order(sign_in: SignIn, institute: Unit) -> None:
    admin = sign_in(roles.admin(accounts.user("admin")))
    units.department(institute)
    assert admin.get("/system/units").text.count('<details class="tree__beneath" open>') == 2
    for number in range(1, 50):
        units.department(institute, f"第{number}室")
    page = admin.get("/system/units").text
    assert page.count('<details class="tree__beneath" open>') == 1, "the academy's"
    assert page.index("第2室") < page.index("第10室")


def test_the_log_says_what_has_changed(browser: FlaskClient, institute: Unit) -> None:
    department = units.department(institute, "培训处")
    own = {"own-name": "培训处", "own-kind": "department", "own-code": ""}

    def noted() -> list[dict[str, str]]:
        changed = select(AuditEntry.details).where(AuditEntry.action == Action.UNIT_CHANGED).order_by(AuditEntry.id)
        return list(db.session.scalars(changed))

    browser.post(f"/system/units/{department.id}", data=own)
    assert noted() == []
    browser.post(f"/system/units/{department.id}", data={**own, "own-kind": "branch", "own-code": "TR"})
    assert noted() == [{"before": "部门, –", "after": "分院, TR"}]


def test_a_unit_is_offered_only_places_where_it_could_hang(browser: FlaskClient, institute: Unit) -> None:
    laboratory = units.department(institute, "实验室")
    group = units.department(laboratory, "小组")
    assert "/place" in browser.get(f"/system/units/{group.id}").text
    page = browser.get(f"/system/units/{laboratory.id}").text
    assert "没有其他可移入的机构" in page
    assert "/place" not in page
    empty = browser.post(f"/system/units/{group.id}/place", data={"place-unit_id": ""})
    assert empty.status_code == 422
    assert "请选择机构。" in empty.text


def test_posters_have_the_colour_of_the_nearest_unit_that_has_one(
    browser: FlaskClient, sign_in: SignIn, institute: Unit
) -> None:
    department = units.department(institute)
    planner = roles.holding(accounts.user("planner", unit=department), Permission.LIVE_MANAGE)
    live = lives.lesson(planner)

    def paint(unit: Unit, colour: str) -> TestResponse:
        own = {"own-name": unit.name, "own-kind": str(unit.kind), "own-code": "", "own-colour": colour}
        return browser.post(f"/system/units/{unit.id}", data=own)

    def poster() -> set[str]:
        return set(re.findall(r'fill="([^"]*)"', sign_in(planner).get(f"/live/{live.id}/poster").text))

    assert poster() == set()
    for colour, unit in (("#8c1d18", institute), ("#0b5d3b", department), ("", department)):
        assert paint(unit, colour).status_code == 302
    assert poster() == {"#8c1d18"}
    paint(department, "#0b5d3b")
    assert poster() == {"#0b5d3b"}
    picture = sign_in(planner).get(f"/live/{live.id}/qr.png?coloured=1").data
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    assert (0x0B, 0x5D, 0x3B) in {colour for _count, colour in image.getcolors() or []}
    (code,) = zxingcpp.read_barcodes(image)
    assert f"/live/{live.id}" in code.text or "/g/" in code.text
    for wrong, said in (("#ffe08a", "太浅"), ("red", "#1f6feb"), ("#12345", "#1f6feb"), ('#000000"/>', "#1f6feb")):
        refused = paint(department, wrong)
        assert refused.status_code == 422
        assert said in refused.text.partition('id="own-colour-errors"')[2][:200]
    assert poster() == {"#0b5d3b"}
