"""Signed addresses: what they open, and what they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.media.addresses import DOORS, Scope, addresses_of, close_door, sign

STREAM = "abc234"


@pytest.fixture
def media(app: Flask) -> Path:
    folder: Path = app.config["MEDIA_ROOT"] / STREAM
    for name in (*Scope, "segments", "work"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for scope in Scope:
        (folder / scope / "index.m3u8").write_text(f"#EXTM3U\n# {scope}\n")
    (folder / "segments" / "piece.m4s").write_bytes(bytes(range(100)))
    (folder / "index.jsonl").write_text("secret\n")
    return folder


def address(app: Flask, scope: Scope = Scope.LIVE, key: str = "u1") -> str:
    with app.test_request_context():
        return addresses_of(STREAM, scope, key).source


def test_a_signed_address_opens_its_scope(app: Flask, client: FlaskClient, media: Path) -> None:
    reply = client.get(address(app), buffered=True)
    assert reply.text == "#EXTM3U\n# live\n"
    assert reply.headers["Cache-Control"] == "no-cache"
    segment = address(app).replace("index.m3u8", "piece.m4s")
    reply = client.get(segment, buffered=True, headers={"Range": "bytes=10-19"})
    assert (reply.status_code, reply.data) == (206, bytes(range(10, 20)))
    assert "immutable" in reply.headers["Cache-Control"]


def test_a_scope_opens_no_other(app: Flask, client: FlaskClient, media: Path) -> None:
    assert client.get(address(app).replace("/live/", "/preview/")).status_code == 403


@pytest.mark.parametrize("file", ["../index.jsonl", "..%2Findex.jsonl", "%2e%2e/index.jsonl", "nothing.m4s", "live"])
def test_nothing_else_can_be_reached(app: Flask, client: FlaskClient, media: Path, file: str) -> None:
    assert client.get(address(app).replace("index.m3u8", file)).status_code == 404


def test_a_playlist_that_is_still_to_come_is_no_error(app: Flask, client: FlaskClient, media: Path) -> None:
    reply = client.get(address(app).replace("index.m3u8", "audio.m3u8"))
    assert (reply.status_code, reply.data, reply.headers["Cache-Control"]) == (204, b"", "no-cache")


def test_a_tampered_address_opens_nothing(app: Flask, client: FlaskClient, media: Path) -> None:
    parts = address(app).split("/")
    parts[2] = str(int(parts[2]) + 3600)
    assert client.get("/".join(parts)).status_code == 403
    parts[3] = "AAAA"
    assert client.get("/".join(parts)).status_code == 403


def test_addresses_are_the_same_within_a_bucket_and_expire(app: Flask, client: FlaskClient, media: Path) -> None:
    with time_machine.travel("2026-11-24T10:00:01Z", tick=False) as traveller:
        first = address(app)
        traveller.shift(3500)
        assert address(app) == first
        assert client.get(first, buffered=True).status_code == 200
        traveller.shift(13 * 3600)
        assert client.get(first, buffered=True).status_code == 403


def test_the_signature_is_the_one_that_nginx_computes(app: Flask) -> None:
    # echo -n '1795500000/abc234/7-0/live a-media-secret' | openssl md5 -binary | openssl base64 | tr +/ -_ | tr -d =
    assert sign(1795500000, STREAM, "7-0", "live") == "_1xhj2T-iZXFMf_heRAgcA"


def test_a_closed_door_ends_the_addresses_of_a_person_and_of_few_others(
    app: Flask, client: FlaskClient, media: Path
) -> None:
    before = {f"u{number}": address(app, key=f"u{number}") for number in range(500)}
    assert len(set(before.values())) <= DOORS
    with app.test_request_context():
        close_door(STREAM, "u7")
    dead = {key for key, old in before.items() if client.get(old, buffered=True).status_code == 403}
    assert "u7" in dead
    assert len(dead) < 500 * 3 / DOORS
    assert all(address(app, key=key) != before[key] for key in dead)
    assert all(address(app, key=key) == before[key] for key in before.keys() - dead)
    fresh = address(app, key="u7")
    assert client.get(fresh, buffered=True).status_code == 200
    segment = before["u7"].replace("index.m3u8", "piece.m4s")
    assert client.get(segment, buffered=True).status_code == 403
    old, new = before["u7"].split("/")[5], fresh.split("/")[5]
    assert client.get(fresh.replace(f"/{new}/", f"/{old}/")).status_code == 403, "the signature holds the door"
    with app.test_request_context():
        close_door(STREAM, "u7")
    assert client.get(fresh, buffered=True).status_code == 403
