"""Every route declares who may use it, and keeps to it: a matrix made from the URL map."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.accounts.models import User
from app.kernel.access import Who
from app.live.models import LiveSession
from tests.conftest import SignIn
from tests.factories import accounts

PERSONS = ("nobody", "learner", "teacher", "other_teacher", "admin")

REFUSALS = {
    Who.ANYONE: {},
    Who.SIGNED_IN: {"nobody": {302, 401}},
    Who.WATCHER: {"nobody": {302, 401}},
    Who.PRESENTER: {"nobody": {302, 401}, "learner": {403}, "other_teacher": {403}},
    Who.WORKER: {person: {401} for person in PERSONS},
    Who.SIGNATURE: {person: {403} for person in PERSONS},
}
"""Who is refused, and how; everybody else must get through to the view."""

SIGN_IN = "/sign-in"


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield rule, method


def test_every_route_declares_who_may_use_it(app: Flask) -> None:
    undeclared = [rule.endpoint for rule, _ in rules(app) if not hasattr(app.view_functions[rule.endpoint], "allowed")]
    assert undeclared == []


@pytest.fixture
def browsers(sign_in: SignIn, learner: User, teacher: User, admin: User, lesson: LiveSession) -> dict[str, FlaskClient]:
    other = accounts.user("other", "别人")
    people = {"nobody": None, "learner": learner, "teacher": teacher, "other_teacher": other, "admin": admin}
    return {name: sign_in(person) for name, person in people.items()}


def ask(browser: FlaskClient, rule: Rule, method: str, live_id: str) -> tuple[int, str]:
    values = {"live_id": live_id, "token": "x", "stream_id": "x", "expires": "1", "signature": "x", "scope": "live"}
    path = rule.rule
    for name in rule.arguments:
        for pattern in (f"<{name}>", f"<int:{name}>", f"<path:{name}>"):
            path = path.replace(pattern, values.get(name, "x"))
    reply = browser.open(path, method=method)
    return reply.status_code, reply.headers.get("Location", "")


def test_nobody_gets_further_than_declared(app: Flask, browsers: dict[str, FlaskClient], lesson: LiveSession) -> None:
    live_id, wrong = lesson.id, []
    for rule, method in rules(app):
        if rule.websocket or rule.endpoint in {"classroom.socket", "accounts.sign_out"}:
            continue  # a socket is asked in its own tests; signing out would change the cast
        who: Who = app.view_functions[rule.endpoint].allowed  # type: ignore[attr-defined]
        for person, browser in browsers.items():
            status, location = ask(browser, rule, method, live_id)
            expected = REFUSALS[who].get(person)
            to_sign_in = status == 302 and location.startswith(SIGN_IN)
            if expected is None:
                fine = status not in {401, 403} and not to_sign_in
            else:
                fine = status in expected and (status != 302 or to_sign_in)
            if not fine:
                wrong.append(f"{method} {rule.rule} as {person}: {status} {location}")
    assert wrong == []


def test_a_stranger_does_not_learn_which_lessons_exist(browsers: dict[str, FlaskClient]) -> None:
    for person in ("learner", "admin"):
        assert browsers[person].get("/live/doesnotexist/watch").status_code == 404
