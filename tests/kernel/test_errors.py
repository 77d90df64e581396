"""One error, many faces."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.web import as_bytes, as_clock


def test_a_page_says_what_to_do(client: FlaskClient) -> None:
    reply = client.get("/no/such/page")
    assert reply.status_code == 404
    assert 'href="/"' in reply.text


def test_a_script_gets_json(client: FlaskClient) -> None:
    reply = client.get("/no/such/page", headers={"Accept": "application/json"})
    assert (reply.status_code, reply.json["error"]) == (404, "not_found")


def test_htmx_gets_a_toast(client: FlaskClient) -> None:
    reply = client.get("/no/such/page", headers={"HX-Request": "true"})
    assert reply.headers["HX-Retarget"] == "#toasts"


def test_a_crash_is_calm_and_has_a_number(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash() -> str:
        raise ZeroDivisionError

    monkeypatch.setitem(app.view_functions, "home.index", crash)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    reply = client.get("/", headers={"Accept": "application/json"})
    assert reply.status_code == 500
    assert len(reply.json["number"]) == 8
    assert "ZeroDivision" not in reply.text


def test_a_form_without_its_token_is_refused(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    reply = client.post("/sign-in", headers={"Accept": "application/json"})
    assert (reply.status_code, reply.json["error"]) == (400, "csrf")
    reply = client.post("/live/any/pause", headers={"Accept": "application/json"})
    assert (reply.status_code, reply.json["error"]) == (401, "sign_in_first"), "who is signed out is told so"


@pytest.mark.parametrize("address", ["/live/a%00b", "/?next=%00", "/live/%00/socket"])
def test_no_zero_byte_reaches_the_database(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404
    assert client.post("/sign-in", data={"username": "a\0b", "password": "x"}).status_code == 400


@pytest.mark.parametrize(("ms", "text"), [(0, "0:00:00"), (59_999, "0:00:59"), (3_723_000, "1:02:03")])
def test_durations(ms: int, text: str) -> None:
    assert as_clock(ms) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (12_345_678, "12 MB")])
def test_sizes(count: int, text: str) -> None:
    assert as_bytes(count) == text
