"""The first administrator."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.roles import first_admin
from app.roles.errors import LinkSpent

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
