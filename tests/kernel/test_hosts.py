"""By which names the service is opened, and where `next` leads."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import limiter
from app.kernel import networks
from tests.factories import accounts


class Connection:
    """A connection that arrived at an address of this machine."""

    def __init__(self, address: str) -> None:
        self._address = address

    def getsockname(self) -> tuple[str, int]:
        return self._address, 8000


@pytest.mark.parametrize(
    ("host", "arrived_at", "served"),
    [
        ("localhost:8000", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("[::1]:8000", "::1", True),
        ("192.168.1.7:8000", "192.168.1.7", True),
        ("192.168.1.7:8000", "::ffff:192.168.1.7", True),
        ("[fd00::7]:8000", "fd00::7", True),
        ("live.example.cn", "10.0.0.1", True),
        ("LIVE.example.cn.", "10.0.0.1", True),
        ("second.example.cn", "10.0.0.1", True),
        ("evil.example", "127.0.0.1", False),
        ("203.0.113.9", "192.168.1.7", False),
        ("live.example.cn.evil.example", "127.0.0.1", False),
        ("localhost@evil.example", "127.0.0.1", False),
        ("[::1", "127.0.0.1", False),
        ("", "127.0.0.1", False),
    ],
)
def test_pages_are_served_under_our_names_only(
    app: Flask, monkeypatch: pytest.MonkeyPatch, host: str, arrived_at: str, served: bool
) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://live.example.cn")
    monkeypatch.setitem(app.config, "ALLOWED_HOSTS", "second.example.cn, third.example.cn")
    reply = app.test_client().get(
        "/sign-in", headers={"Host": host}, environ_overrides={"gunicorn.socket": Connection(arrived_at)}
    )
    assert reply.status_code == (200 if served else 421)
    assert served or "ALLOWED_HOSTS" in reply.text


def test_whoever_watches_over_the_service_may_call_it_as_she_likes(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"Host": "10.9.8.7"}).status_code in {200, 503}
    assert client.post("/internal/media/hello", headers={"Host": "app-1.internal"}).status_code != 421


@pytest.mark.parametrize(
    "wanted", ["/live\r\nSet-Cookie: a=b", "/live\nx", "/\tx", "//evil.example", "/\\evil.example"]
)
def test_next_leads_astray_nobody_and_breaks_nothing(app: Flask, wanted: str) -> None:
    person = accounts.user("zhang")
    form = {"username": "zhang", "password": accounts.PASSWORD, "next": wanted}
    browser = app.test_client()
    assert browser.get("/sign-in", query_string={"next": wanted}).status_code == 200
    reply = browser.post("/sign-in", data=form)
    assert (reply.status_code, reply.headers["Location"]) == (302, "/")
    assert browser.get("/sign-in", query_string={"next": wanted}).headers["Location"] == "/"
    assert browser.post("/language", data={"language": "en", "next": wanted}).headers["Location"] == "/"
    assert person.username == "zhang"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("unix:", "unix:", True),
    ],
)
def test_addresses_of_one_block_are_counted_together(one: str, other: str, same: bool) -> None:
    assert (networks.block_of(one) == networks.block_of(other)) is same


def test_a_limit_counts_a_block_and_not_each_of_its_addresses(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    limiter.reset()
    monkeypatch.setattr(limiter, "enabled", True)
    browser = app.test_client()

    def asked_from(address: str) -> int:
        return browser.get("/password/forgotten", environ_base={"REMOTE_ADDR": address}).status_code

    def posted_from(address: str) -> int:
        return browser.post(
            "/password/forgotten", data={"who": "zhang"}, environ_base={"REMOTE_ADDR": address}
        ).status_code

    assert [posted_from(f"2001:db8:9:9::{number}") for number in range(6)] == [200] * 5 + [429]
    assert posted_from("2001:db8:9:a::1") == 200
    assert asked_from("2001:db8:9:9::1") == 200
    limiter.reset()
