"""What every answer and every form has, made from the URL map."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import csrf
from app.kernel.access import Who
from tests.conftest import SignIn
from tests.factories import accounts, roles
from tests.house.test_access import Things, ask, open_page, rules

HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.fixture
def guarded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The app with the tokens that the other tests do without."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    return app


@pytest.fixture
def admin_browser(app: Flask, sign_in: SignIn) -> FlaskClient:
    return sign_in(roles.admin(accounts.user("root")))


def changing(app: Flask) -> Iterator[tuple[object, str]]:
    """Yield the routes that change data, except the worker's, which has a secret instead of a session."""
    for rule, method in rules(app):
        if method != "GET" and app.view_functions[rule.endpoint].allowed is not Who.WORKER:  # type: ignore[attr-defined]
            yield rule, method


def test_nothing_is_changed_without_a_token(
    app: Flask, admin_browser: FlaskClient, request: pytest.FixtureRequest
) -> None:
    things = Things()
    request.getfixturevalue("guarded")
    let_through, asked = [], 0
    for rule, method in changing(app):
        status, _ = ask(admin_browser, rule, method, things.ids)  # type: ignore[arg-type]
        asked += 1
        signed = app.view_functions[rule.endpoint].allowed is Who.SIGNATURE  # type: ignore[attr-defined]
        if status not in ({400, 403} if signed else {400}):
            let_through.append(f"{method} {rule}: {status}")
    assert asked > 20
    assert let_through == []


def test_only_doors_that_know_no_session_do_without_tokens(app: Flask) -> None:
    for rule, method in rules(app):
        exempt = app.blueprints.get(rule.endpoint.split(".")[0]) in csrf._exempt_blueprints
        allowed = app.view_functions[rule.endpoint].allowed  # type: ignore[attr-defined]
        assert not exempt or method == "GET" or allowed is Who.WORKER, rule
    assert csrf._exempt_views == {"app.notices.routes.end_mails"}, "mail programs press that, without cookies"


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nothing/here", "/live/mine", "/healthz", "/static/css/base.css"])
def test_every_answer_has_the_headers(client: FlaskClient, path: str) -> None:
    reply = client.get(path)
    reply.close()
    for name, value in HEADERS.items():
        assert reply.headers[name].startswith(value), name


def test_json_and_fragments_of_errors_have_them_too(admin_browser: FlaskClient) -> None:
    for headers in ({"Accept": "application/json"}, {"HX-Request": "true"}):
        reply = admin_browser.get("/nothing/here", headers=headers)
        assert reply.status_code == 404
        assert "Content-Security-Policy" in reply.headers


def test_browsers_keep_to_https_where_the_site_is_served_by_it(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def promised(base_url: str) -> bool:
        return "Strict-Transport-Security" in client.get("/", base_url=base_url).headers

    assert not promised("https://localhost/")
    monkeypatch.setitem(app.config, "SECURE_COOKIES", True)
    assert promised("https://localhost/")
    assert not promised("http://localhost/"), "a promise over HTTP is not believed anyway"


@pytest.mark.parametrize("secure", [True, False])
def test_cookies_are_kept_from_scripts_and_other_sites(
    app: Flask, monkeypatch: pytest.MonkeyPatch, secure: bool
) -> None:
    for name in ("SESSION_COOKIE_SECURE", "REMEMBER_COOKIE_SECURE"):
        monkeypatch.setitem(app.config, name, secure)
    person = accounts.user("person")
    data = {"username": person.username, "password": accounts.PASSWORD, "remember": "y"}
    reply = app.test_client().post("/sign-in", data=data)
    cookies = {line.split("=")[0]: line for line in reply.headers.getlist("Set-Cookie")}
    assert {"session", "remember_token", "device"} <= set(cookies)
    for name in ("session", "remember_token", "device"):
        assert "HttpOnly" in cookies[name]
        assert "SameSite=Lax" in cookies[name]
        assert ("Secure" in cookies[name]) is secure


def test_every_answer_says_whether_it_may_be_kept(app: Flask, admin_browser: FlaskClient) -> None:
    """JSON and fragments hold addresses and names as pages do."""
    things, silent = Things(), set()
    for rule, method in rules(app):
        if method == "GET" and not rule.websocket and rule.endpoint != "classroom.socket":
            reply = open_page(admin_browser, rule, method, things.ids)  # type: ignore[arg-type]
            if "Cache-Control" not in reply.headers:
                silent.add(rule.endpoint)
    source = admin_browser.get(f"/live/{things.ids['live_id']}/source")
    assert (source.status_code, source.headers["Cache-Control"]) == (200, "no-store")
    assert silent == set()


def test_pages_with_names_are_not_kept_by_browsers(admin_browser: FlaskClient) -> None:
    assert admin_browser.get("/account").headers["Cache-Control"] == "no-store"
