"""Every route declares who may use it, and keeps to it: a matrix made from the URL map."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.kernel.access import Who
from app.kernel.permissions import OF_THE_ACADEMY, Permission
from app.live.models import Audience
from app.mail import services as mail
from app.roles import policies
from app.roles import queries as role_queries
from app.roles.policies import Holdings
from app.support.help.topics import topic_of
from app.units.models import Unit
from tests.conftest import SignIn
from tests.factories import (
    accounts,
    courseware,
    credits,
    documents,
    imports,
    live,
    polls,
    recommendations,
    replays,
    roles,
    tickets,
    units,
)

PERSONS = (
    "nobody", "guest", "learner", "owner", "teacher", "other_teacher", "assistant", "manager", "manager_elsewhere",
    "local_admin", "admin",
)  # fmt: skip
"""`manager` manages the institute in which everything that addresses name belongs, `manager_elsewhere` another one.
`local_admin` is administrator of that institute, and of nothing else."""

PRESENT = {
    Who.PLANNER: {"owner", "manager", "local_admin", "admin"},
    Who.PRESENTER: {"owner", "teacher", "manager", "local_admin", "admin"},
    Who.ASSISTANT: {"owner", "teacher", "assistant", "manager", "local_admin", "admin"},
}
"""Who is let through to a lesson that `owner` has planned, `teacher` teaches and `assistant` helps with."""

TO_SIGN_IN, VISITORS = {302, 401}, ("nobody", "guest")

SIGN_IN = "/sign-in"

TOMORROW_MS = clock.now_ms() + 86_400_000


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield rule, method


def refusal(view: Any, person: str, held: Holdings, here: str) -> set[int]:
    """Return the refusals that the view's declaration demands. An empty set means that she must reach the view."""
    who, permission = view.allowed, view.permission
    if who is Who.WORKER:
        return {401}
    if who is Who.SIGNATURE:
        return {403}
    if who is Who.ANYONE or (who in {Who.WATCHER, Who.VIEWER} and person == "guest"):
        return set()
    if person in VISITORS:
        return TO_SIGN_IN
    if who in {Who.HOLDER, Who.MANAGER}:
        if not held.anywhere(permission):
            return {403}
        return {404} if who is Who.MANAGER and not held.covers(permission, here) else set()
    return set() if person in PRESENT.get(who, PERSONS) else {403}


def test_every_route_declares_who_may_use_it(app: Flask) -> None:
    undeclared = [rule.endpoint for rule, _ in rules(app) if not hasattr(app.view_functions[rule.endpoint], "allowed")]
    assert undeclared == []


@pytest.fixture
def things(app: Flask) -> Things:
    """One of everything that an address can name, all of it in one institute."""
    return Things()


class Things:
    """The cast, and what addresses name."""

    def __init__(self) -> None:
        here, elsewhere = units.institute("物质研究所"), units.institute("天文研究所")
        self.here_path = here.path
        person = accounts.user
        self.people: dict[str, User | None] = {
            "nobody": None,
            "guest": None,
            "learner": person("learner", unit=here),
            "owner": roles.holding(person("owner", unit=here), Permission.LIVE_MANAGE),
            "teacher": person("teacher", unit=here),
            "other_teacher": roles.holding(person("other", unit=here), Permission.LIVE_MANAGE),
            "assistant": person("assistant", unit=here),
            "manager": roles.manager(person("manager", unit=here)),
            "manager_elsewhere": roles.manager(person("elsewhere", unit=elsewhere)),
            "local_admin": roles.local_admin(person("local", unit=here)),
            "admin": roles.admin(person("admin")),
        }
        owner = self.people["owner"]
        assert owner is not None
        named = {"teachers": (self.people["teacher"],), "assistants": (self.people["assistant"],)}
        self.lesson = live.on_air(owner, **named)  # one that has begun cannot be deleted while the matrix asks for it
        self.open_lesson = live.on_air(owner, "公开课", audience=Audience.EVERYONE, **named)
        self.ids: dict[str, object] = {"live_id": self.lesson.id, **self._managed(here)}

    def _managed(self, here: Unit) -> dict[str, object]:
        """Nothing of the cast's: what the matrix asks for is really done, by those who may."""
        department = units.department(here)
        person = roles.holding(accounts.user("managed", unit=department), Permission.LIVE_MANAGE)
        (grant,) = role_queries.grants_of([person.id])[person.id]
        importer = accounts.user("importer")
        mail.send("somebody@iom.example", "address", name="x", email="x", username="x", link="x")
        letter = db.session.scalars(select(mail.Mail.id)).one()
        return {
            "mail_id": letter,
            "import_id": imports.ready(importer, department).id,
            "document_id": documents.ready(self.lesson).id,
            "note_id": replays.note(self.lesson, importer).id,
            "poll_id": polls.prepared(self.lesson).id,
            "intake_id": courseware.intake(person).id,
            "export_id": courseware.export(self.lesson).id,
            "unit_id": department.id,
            "user_id": person.id,
            "role_id": grant.role_id,
            "grant_id": grant.id,
            "rule_id": credits.rule(department, person, from_ms=TOMORROW_MS).id,
            "category_id": credits.category("党建", person).id,
            "entry_id": credits.entry(person, importer).id,
            "appeal_id": credits.appeal(person).id,
            "ticket_id": tickets.ticket(person).id,
            "file_id": 1,
            "canned_id": tickets.canned_answer(department).id,
            "announcement_id": tickets.announcement(department, person).id,
            "item_id": recommendations.shown(self.lesson, here, by=importer).id,
            "request_id": recommendations.asked(self.lesson, here, by=importer).id,
            "delivery_id": credits.delivery().id,
            "ending": "csv",
            "draft_id": "none",
        }

    def elsewhere(self) -> dict[str, object]:
        """Return the things in addresses that belong to the academy itself, or to another institute."""
        admin, manager = self.people["admin"], self.people["manager_elsewhere"]
        assert admin is not None
        assert manager is not None
        (grant,) = role_queries.grants_of([manager.id])[manager.id]
        return {
            **self.ids,
            "live_id": live.on_air(admin, "全院的课").id,
            "import_id": imports.ready(accounts.user("importer2"), units.academy()).id,
            "unit_id": units.academy().id,
            "user_id": manager.id,
            "role_id": grant.role_id,
            "grant_id": grant.id,
            "rule_id": credits.rule(units.academy(), admin, from_ms=TOMORROW_MS).id,
            "entry_id": credits.entry(manager, admin).id,
            "appeal_id": credits.appeal(manager).id,
            "ticket_id": tickets.ticket(manager).id,
            "canned_id": tickets.canned_answer(units.academy()).id,
            "announcement_id": tickets.announcement(units.academy(), admin).id,
        }

    def values(self, person: str) -> dict[str, object]:
        """Return the things in addresses for a person. A guest has the address of an open lesson."""
        return {**self.ids, "live_id": self.open_lesson.id} if person == "guest" else self.ids


def ask(browser: FlaskClient, rule: Rule, method: str, values: dict[str, object]) -> tuple[int, str]:
    reply = open_page(browser, rule, method, values)
    return reply.status_code, reply.headers.get("Location", "")


def open_page(browser: FlaskClient, rule: Rule, method: str, values: dict[str, object]) -> TestResponse:
    values = {
        "token": "x",
        "began_ms": 1,
        "question_id": 1,
        "cut_id": 1,
        "at_ms": 1,
        "stream_id": "x",
        "expires": "1",
        "signature": "x",
        "door": "1-0",
        "scope": "live",
        **values,
    }
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values.get(found[1], "x")), rule.rule)
    return browser.open(path, method=method)


@pytest.mark.parametrize("person", PERSONS)
def test_nobody_gets_further_than_declared(person: str, app: Flask, sign_in: SignIn, things: Things) -> None:
    browser, held = sign_in(things.people[person]), policies.holdings_of(things.people[person])
    wrong = []
    for rule, method in rules(app):
        if rule.websocket or rule.endpoint in {"engine.socket", "accounts.sign_out"}:
            continue  # a socket is asked in its own tests; signing out would change the cast
        view = app.view_functions[rule.endpoint]
        status, location = ask(browser, rule, method, things.values(person))
        expected = refusal(view, person, held, things.here_path)
        to_sign_in = status == 302 and location.startswith(SIGN_IN)
        if not expected:
            fine = status not in {401, 403} and not to_sign_in
        else:
            fine = status in expected and (status != 302 or to_sign_in)
        if not fine:
            wrong.append(f"{method} {rule.rule} as {person}: {status} {location}, not {expected or 'let through'}")
    assert wrong == []


def test_an_administrator_of_an_institute_gets_nowhere_academy_wide(
    app: Flask, sign_in: SignIn, things: Things
) -> None:
    """Neither to what concerns the whole service, nor to what belongs to the academy or to another institute."""
    browser, outside, let_in = sign_in(things.people["local_admin"]), things.elsewhere(), []
    for rule, method in rules(app):
        if rule.websocket or rule.endpoint == "engine.socket":
            continue
        view: Any = app.view_functions[rule.endpoint]
        expected = 404 if view.allowed is Who.MANAGER else 403
        if view.allowed in {Who.MANAGER, Who.PRESENTER} or view.permission in OF_THE_ACADEMY:
            status, _location = ask(browser, rule, method, outside)
            if status != expected:
                let_in.append(f"{method} {rule.rule}: {status}")
    for path in ("people?unit", "assignments?unit", "audit?unit_id"):
        page = browser.get(f"/system/{path}={outside['unit_id']}")
        assert page.status_code == 404 or "field__errors" in page.text, path
    assert let_in == []


def test_whatever_an_address_of_managers_names_is_among_the_things(app: Flask, things: Things) -> None:
    """Otherwise everybody would get the same 404, and the matrix would hold nothing."""
    unknown = {
        f"{rule.rule}: {name}"
        for rule, _ in rules(app)
        if app.view_functions[rule.endpoint].allowed in {Who.MANAGER, Who.HOLDER}  # type: ignore[attr-defined]
        for name in rule.arguments - set(rule.defaults or ()) - set(things.ids)
    }
    assert unknown == set()


def test_a_stranger_does_not_learn_which_lessons_exist(sign_in: SignIn, things: Things) -> None:
    for person in ("learner", "admin"):
        assert sign_in(things.people[person]).get("/live/doesnotexist/watch").status_code == 404


def test_every_page_leads_to_its_chapter_and_shows_nothing_of_python(
    app: Flask, sign_in: SignIn, things: Things
) -> None:
    """A new page is given its chapter in `topics.py`, else its `?` leads to the index only.

    And an attribute that is not there must not be written as "None": fields would be announced as invalid.
    """
    admin, seen = sign_in(things.people["admin"]), 0
    without_chapter: list[str] = []
    for rule, method in rules(app):
        if method == "GET" and not rule.websocket and rule.endpoint != "engine.socket":
            reply = open_page(admin, rule, method, things.ids)
            assert reply.status_code != 500, rule
            if reply.mimetype == "text/html" and reply.status_code == 200:
                seen += 1
                assert '="None"' not in reply.text, rule
                if 'id="account"' in reply.text and not topic_of(rule.endpoint):
                    without_chapter.append(rule.endpoint)
    assert without_chapter == []
    assert seen > 20
