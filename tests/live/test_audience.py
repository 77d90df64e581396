"""Who may watch: each audience, seen from each place in the academy."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts.models import User
from app.kernel.permissions import Permission
from app.live.lists import queries as listings
from app.live.lists.queries import Tab
from app.live.models import Audience, LiveSession
from app.live.policies import May, permissions_of
from app.units import services as unit_services
from app.units.models import UnitKind
from tests.conftest import SignIn
from tests.factories import accounts, roles, units
from tests.factories import live as lives

VIEWERS = (
    "same_department", "beneath", "other_department", "institute", "other_institute", "branch", "beneath_branch",
    "academy", "manager", "manager_elsewhere", "admin", "visitor",
)  # fmt: skip

MAY_WATCH = {
    Audience.DEPARTMENT: {"same_department", "beneath", "manager", "admin"},
    Audience.INSTITUTE: {"same_department", "beneath", "other_department", "institute", "manager", "admin"},
    Audience.ACADEMY: set(VIEWERS) - {"visitor"},
    Audience.EVERYONE: set(VIEWERS),
}


class Place:
    """A teacher in a department of an institute, and people all around."""

    def __init__(self) -> None:
        institute, other = units.institute("物质研究所"), units.institute("天文研究所")
        self.department, self.sibling = units.department(institute, "低温"), units.department(institute, "培训处")
        self.other, self.branch = other, units.branch("南方分院")
        self.teacher = accounts.user("teacher", unit=self.department)

        def person(name: str, unit: object) -> User:
            return accounts.user(name, unit=unit)  # type: ignore[arg-type]

        self.viewers: dict[str, User | None] = {
            "same_department": person("v1", self.department),
            "beneath": person("v2", units.department(self.department)),
            "other_department": person("v3", self.sibling),
            "institute": person("v4", institute),
            "other_institute": person("v5", other),
            "branch": person("v10", self.branch),
            "beneath_branch": person("v11", units.department(self.branch)),
            "academy": person("v6", units.academy()),
            "manager": roles.manager(person("v7", institute)),
            "manager_elsewhere": roles.manager(person("v8", other)),
            "admin": roles.admin(person("v9", units.academy())),
            "visitor": None,
        }


@pytest.fixture
def place(app: Flask) -> Place:
    return Place()


@pytest.mark.parametrize("audience", list(Audience))
def test_each_audience_from_each_place(place: Place, audience: Audience) -> None:
    live = lives.lesson(place.teacher, audience=audience)
    allowed = {name for name, viewer in place.viewers.items() if May.WATCH in permissions_of(viewer, live)}
    assert allowed == MAY_WATCH[audience]


@pytest.mark.parametrize("audience", list(Audience))
def test_lists_show_exactly_what_may_be_watched(place: Place, audience: Audience) -> None:
    live = lives.lesson(place.teacher, audience=audience)
    listed = {name for name, viewer in place.viewers.items() if live in listings.shelf(viewer, Tab.COMING)}
    assert listed == MAY_WATCH[audience]


def test_pages_open_to_exactly_those(place: Place, sign_in: SignIn) -> None:
    lessons = {audience: lives.lesson(place.teacher, audience=audience) for audience in Audience}
    for name, viewer in place.viewers.items():
        browser = sign_in(viewer)
        for audience, live in lessons.items():
            status = browser.get(f"/live/{live.id}/watch").status_code
            refusal = 302 if viewer is None else 404
            assert status == (200 if name in MAY_WATCH[audience] else refusal), (name, audience)


@pytest.mark.parametrize(
    ("audience", "allowed"),
    [
        (Audience.DEPARTMENT, {"branch", "beneath_branch", "admin"}),
        (Audience.INSTITUTE, {"branch", "beneath_branch", "admin"}),
        (Audience.ACADEMY, set(VIEWERS) - {"visitor"}),
        (Audience.EVERYONE, set(VIEWERS)),
    ],
)
def test_a_branch_is_to_its_people_what_an_institute_is(place: Place, audience: Audience, allowed: set[str]) -> None:
    live = lives.lesson(accounts.user("branch_teacher", unit=place.branch), audience=audience)
    assert {name for name, one in place.viewers.items() if May.WATCH in permissions_of(one, live)} == allowed
    assert {name for name, one in place.viewers.items() if live in listings.shelf(one, Tab.COMING)} == allowed


@pytest.mark.parametrize("audience", [Audience.INSTITUTE, Audience.ACADEMY])
def test_what_is_taught_in_the_academys_own_name_is_for_all_its_people(place: Place, audience: Audience) -> None:
    live = lives.lesson(accounts.user("academy_teacher"), audience=audience)
    allowed = {name for name, one in place.viewers.items() if May.WATCH in permissions_of(one, live)}
    assert allowed == set(VIEWERS) - {"visitor"}


def test_outsiders_do_not_learn_that_it_exists(place: Place, sign_in: SignIn) -> None:
    live = lives.lesson(place.teacher, "内部的课", audience=Audience.DEPARTMENT)
    outsider, insider = sign_in(place.viewers["other_institute"]), sign_in(place.viewers["beneath"])
    for end in ("", "/watch", "/qr.svg", "/source", "/replay"):
        assert outsider.get(f"/live/{live.id}{end}").status_code == 404, end
    assert insider.get(f"/live/{live.id}/watch").status_code == 200
    assert "内部的课" not in outsider.get("/").text
    visitor = sign_in(None)
    for end in ("", "/watch"):
        assert visitor.get(f"/live/{live.id}{end}").headers["Location"].startswith("/sign-in")


def test_the_audience_moves_with_its_unit_and_with_its_people(place: Place) -> None:
    live = lives.lesson(place.teacher, audience=Audience.DEPARTMENT)
    outsider = place.viewers["other_institute"]
    assert outsider is not None
    unit_services.move(place.other, place.department, by_id=None)
    assert May.WATCH in permissions_of(outsider, live)


def test_a_lesson_for_the_institute_goes_with_its_unit_to_another_one(place: Place) -> None:
    over, planned = lives.ended(place.teacher), lives.lesson(place.teacher, audience=Audience.INSTITUTE)
    running = lives.on_air(place.teacher, audience=Audience.INSTITUTE)
    over.audience, over.audience_unit = planned.audience, planned.audience_unit
    inside, outside = place.viewers["institute"], place.viewers["other_institute"]
    unit_services.move(place.department, place.other, by_id=None)
    for live in (planned, running):
        assert May.WATCH in permissions_of(outside, live)
        assert May.WATCH not in permissions_of(inside, live)
    assert May.WATCH in permissions_of(inside, over), "who could watch it then may watch it again"


def test_a_department_that_becomes_a_branch_keeps_what_is_for_its_people_to_itself(place: Place) -> None:
    live = lives.lesson(place.teacher, audience=Audience.INSTITUTE)
    unit_services.change(place.department, name="低温分院", kind=UnitKind.BRANCH, code="", by_id=None)
    assert May.WATCH in permissions_of(place.viewers["beneath"], live)
    assert May.WATCH not in permissions_of(place.viewers["other_department"], live)
    unit_services.change(place.department, name="低温", kind=UnitKind.DEPARTMENT, code="", by_id=None)
    assert May.WATCH in permissions_of(place.viewers["other_department"], live)


def test_who_teaches_sees_her_own_from_wherever_she_is(place: Place) -> None:
    roles.holding(place.teacher, Permission.LIVE_MANAGE)
    live = lives.lesson(place.teacher, audience=Audience.DEPARTMENT)
    place.teacher.unit = place.other
    assert May.DIRECT in permissions_of(place.teacher, live)
    assert live in listings.shelf(place.teacher, Tab.COMING)


def test_who_may_not_teach_any_more_directs_only_what_is_running(place: Place) -> None:
    planned = lives.lesson(place.teacher, audience=Audience.DEPARTMENT)
    running = lives.on_air(place.teacher)
    assert May.DIRECT not in permissions_of(place.teacher, planned)
    assert May.DIRECT in permissions_of(place.teacher, running)


def test_the_form_says_who_that_is(place: Place, sign_in: SignIn) -> None:
    roles.manager(place.teacher)
    page = sign_in(place.teacher).get("/live/new").text
    for words in ("低温", "物质研究所", "科学院"):
        assert words in page
    head = sign_in(place.viewers["manager"]).get("/live/new").text
    assert 'value="department"' not in head, "an institute is no department of its own"
    assert 'value="department"' in page


def test_the_page_names_the_audience(place: Place, sign_in: SignIn) -> None:
    live: LiveSession = lives.lesson(place.teacher, audience=Audience.INSTITUTE)
    assert "物质研究所" in sign_in(place.viewers["institute"]).get(f"/live/{live.id}").text
