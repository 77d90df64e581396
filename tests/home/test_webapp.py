"""The installable web app: manifest, service worker, the page without a network, shared addresses."""

from __future__ import annotations

import io
import json
import re

import pytest
from flask.testing import FlaskClient
from PIL import Image

from app.accounts.models import User
from tests.conftest import SignIn
from tests.factories import live as lives


def test_the_manifest_says_what_a_browser_needs_to_install_it(client: FlaskClient) -> None:
    assert 'rel="manifest" href="/manifest.webmanifest"' in client.get("/").text
    about = json.loads(client.get("/manifest.webmanifest").data)
    assert {one["purpose"] for one in about["icons"]} == {"any", "maskable"}
    for icon in about["icons"]:
        with client.get(icon["src"]) as reply, Image.open(io.BytesIO(reply.data)) as picture:
            assert f"{picture.width}x{picture.height}" == icon["sizes"]
    for address in (about["start_url"], *(one["url"] for one in about["shortcuts"])):
        assert client.get(address).status_code in {200, 302}
    assert [one["name"] for one in about["shortcuts"]] == ["直播课程", "我的学习"]


def test_the_worker_keeps_files_that_are_there_and_nothing_of_anybody(sign_in: SignIn, learner: User) -> None:
    browser = sign_in(learner)
    reply = browser.get("/service-worker.js")
    assert reply.mimetype == "text/javascript"
    found = re.match(r"self\.SHELL = (\{.*\});\n", reply.text)
    assert found
    shell = json.loads(found[1])
    for address in (shell["page"], *shell["files"]):
        with sign_in(None).get(address) as kept:
            assert kept.status_code == 200, address
    assert "没有网络" in sign_in(None).get(shell["page"]).text
    assert "/offline?language=en" in browser.get("/service-worker.js?language=en").text
    assert learner.real_name not in browser.get(shell["page"]).text


def test_the_kept_page_has_a_language_of_its_own(client: FlaskClient) -> None:
    assert "There is no network" in client.get("/offline?language=en").text
    assert "当前没有网络" in client.get("/offline?language=xx").text


@pytest.mark.parametrize(
    ("shared", "path"),
    [
        ({"url": "http://localhost/live/abc"}, "/live/abc"),
        ({"text": "周五的课 http://localhost/g/xyz?a=1 一起看"}, "/g/xyz?a=1"),
        ({"text": "超导"}, "/live?q=%E8%B6%85%E5%AF%BC"),
        ({"url": "https://elsewhere.example/live/abc"}, "/"),
        ({"text": "看 https://elsewhere.example/x"}, "/live?q=%E7%9C%8B"),
        ({"url": "http://localhost//elsewhere.example"}, "/"),
        ({}, "/"),
    ],
)
def test_a_shared_address_of_ours_opens_and_others_lead_nowhere_else(
    client: FlaskClient, shared: dict[str, str], path: str
) -> None:
    assert client.get("/shared", query_string=shared).location == path


def test_cards_carry_what_the_page_without_a_network_shows(client: FlaskClient, teacher: User) -> None:
    live = lives.lesson(teacher, audience=lives.Audience.EVERYONE)
    assert f'data-known="/live/{live.id}"' in client.get("/").text
