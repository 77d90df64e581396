"""The first administrator."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.roles import first_admin
from app.roles.errors import LinkSpent
from tests.factories import accounts

PASSWORD = "four stones make a bridge"


def test_the_first_administrator_comes_by_a_link_that_works_once(app: Flask, client: FlaskClient) -> None:
    link = f"/first-admin/{first_admin.token()}"
    form = {"username": "root", "real_name": "管理员", "password": PASSWORD, "repeat": PASSWORD}
    assert client.get(link).status_code == 200
    assert client.post(link, data={**form, "repeat": "another"}).status_code == 422
    assert client.post(link, data=form).status_code == 302
    assert "管理员" in client.get("/").text
    assert client.get(link).status_code == 404
    with pytest.raises(LinkSpent):
        first_admin.appoint("forged", username="x", real_name="x", password=PASSWORD)


def test_a_name_that_is_taken_is_said_beside_it_and_nothing_else_has_to_be_typed_again(
    app: Flask, client: FlaskClient
) -> None:
    accounts.user("root")
    form = {"username": "root", "real_name": "管理员", "password": PASSWORD, "repeat": PASSWORD}
    reply = client.post(f"/first-admin/{first_admin.token()}", data=form)
    assert reply.status_code == 409
    assert 'id="username-errors"' in reply.text
    assert 'value="root"' in reply.text
    assert 'value="管理员"' in reply.text
    assert PASSWORD not in reply.text


@pytest.mark.parametrize("name", [" ", "\u3000\u3000", "\t\x01"])
def test_blanks_are_no_name(app: Flask, client: FlaskClient, name: str) -> None:
    form = {"username": "root", "real_name": name, "password": PASSWORD, "repeat": PASSWORD}
    reply = client.post(f"/first-admin/{first_admin.token()}", data=form)
    assert reply.status_code == 422
    assert 'id="real_name-errors"' in reply.text
