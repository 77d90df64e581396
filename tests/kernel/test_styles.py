"""One style sheet for every page."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from flask.testing import FlaskClient

CSS = Path(__file__).parents[2] / "static" / "css"


def address(client: FlaskClient) -> str:
    return re.findall(r'<link rel="stylesheet" href="([^"]+)"', client.get("/sign-in").text)[0]


def test_a_page_asks_for_one_sheet_that_holds_all_of_them_and_is_kept_for_a_year(client: FlaskClient) -> None:
    page = client.get("/sign-in").text
    assert page.count('rel="stylesheet"') == 1
    reply = client.get(address(client))
    assert (reply.status_code, reply.mimetype) == (200, "text/css")
    assert "immutable" in reply.headers["Cache-Control"]
    of_pages = [
        file for file in CSS.rglob("*.css") if file.parent != CSS / "courseware"
    ]  # exported players have their own
    assert all(file.read_text(encoding="utf-8") in reply.text for file in of_pages)
    assert reply.text.startswith("@layer reset, tokens"), "the order of the layers is named first"


def test_the_sheet_is_compressed_for_browsers_that_take_gzip(client: FlaskClient) -> None:
    plain = client.get(address(client))
    packed = client.get(address(client), headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) * 4 < len(plain.data)


def test_an_old_address_gives_the_sheet_of_today_and_is_not_kept(client: FlaskClient) -> None:
    reply = client.get("/styles.css?v=older")
    assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "no-cache")
