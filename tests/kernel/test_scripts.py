"""Scripts are bundled for pages, and pages load the modules where nothing is bundled."""

from __future__ import annotations

import gzip
import os
import posixpath
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel import scripts
from tests.conftest import ROOT

MOST_IN_A_PAGE = 5
"""What each page has, in one shared file, and what is its own."""
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def bundled(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A visitor of a service that has bundled its scripts at the start."""
    scripts.build()
    monkeypatch.setitem(app.extensions, "scripts", {})
    scripts.register(app)
    return app.test_client()


def loaded(page: str) -> list[str]:
    """Return the addresses of scripts that a page asks for, with what they import."""
    return re.findall(r'<(?:link rel="modulepreload" href|script type="module" src)="([^"]+)"', page)


@pytest.mark.parametrize("page", ["/", "/sign-in", "/live"])
def test_a_page_asks_at_once_for_everything_that_it_needs_and_keeps_it(bundled: FlaskClient, page: str) -> None:
    addresses = loaded(bundled.get(page).text)
    assert 1 <= len(addresses) <= MOST_IN_A_PAGE
    assert len(addresses) == len(set(addresses))
    assert all(address.startswith("/static/built/") for address in addresses)
    for address in addresses:
        plain, packed = bundled.get(address, buffered=True), bundled.get(address, headers=GZIP, buffered=True)
        assert (plain.status_code, plain.mimetype, packed.mimetype) == (200, *["text/javascript"] * 2)
        assert "immutable" in packed.headers["Cache-Control"]
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        imported = re.findall(r"""(?:from|import) ?["'](\.[^"']+)["']""", plain.text)
        assert {posixpath.normpath(posixpath.join(address, "..", one)) for one in imported} <= set(addresses)


def test_a_script_outside_of_a_page_is_one_file(app: Flask, bundled: FlaskClient) -> None:
    with app.test_request_context():
        addresses = [scripts.static(path) for path in scripts._marked(scripts.ALONE)]
    assert any("engine-worker" in address for address in addresses)
    for address in addresses:
        text = bundled.get(address, buffered=True).text
        assert text.startswith(('"use strict";(()=>{', "(()=>{")), address
        assert not re.search(r"\bimport\b ?[{\"'*(]", text), address


def test_changed_sources_are_loaded_as_they_are(
    app: Flask, bundled: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts, "_name", lambda: "of-other-sources")
    scripts.register(app)
    (address,) = loaded(bundled.get("/sign-in").text)
    assert address.startswith("/static/js/site.js?v=")
    assert bundled.get(address, buffered=True).data == (ROOT / "static/js/site.js").read_bytes()


def test_a_compressed_file_that_is_older_than_its_source_is_not_sent(
    app: Flask, client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "static_folder", str(tmp_path))
    (tmp_path / "a.js.gz").write_bytes(gzip.compress(b"old"))
    (tmp_path / "a.js").write_bytes(b"new")
    os.utime(tmp_path / "a.js.gz", (1, 1))
    assert client.get("/static/a.js", headers=GZIP, buffered=True).data == b"new"
    os.utime(tmp_path / "a.js", (1, 1))
    assert gzip.decompress(client.get("/static/a.js", headers=GZIP, buffered=True).data) == b"old"


def test_the_home_page_is_made_of_few_files(app: Flask, bundled: FlaskClient) -> None:
    """With the page, its sheet, htmx, two files of icons and a picture that makes fifteen, and the wait for news."""
    with app.test_request_context():
        page = scripts.module("js/site.js") + scripts.module("js/recommendations/banner-show.js")
    assert len(set(loaded(page))) <= 9
