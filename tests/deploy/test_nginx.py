"""The nginx example, run by a real nginx: it serves what the app signs, and nothing else."""

from __future__ import annotations

import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.kernel import scripts
from app.media.addresses import sign
from tests.conftest import ROOT
from tests.ports import free_port

STREAM = "abc123"
DOOR = "7-0"
PICTURE = "f7jQKWby7cR_dWN5-5E6iA"
HOUR_S = 3600
Ask = Callable[..., tuple[int, dict[str, str], bytes]]


def _for_this_test(text: str, folder: Path, port: int, secret: str) -> str:
    """Turn the example into one that runs here: no TLS, other folders."""
    secret_file = folder / "secret.conf"
    secret_file.write_text(f'set $media_secret "{secret}";\n')
    text = re.sub(r"server \{\s+listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
    text = re.sub(r"^\s+ssl_.*\n", "", text, flags=re.MULTILINE)
    text = text.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    text = text.replace("/etc/nginx/jiangtang-secret.conf", str(secret_file))
    for kind in ("media", "documents"):
        text = text.replace(f"/srv/jiangtang/var/{kind}", str(folder / kind))
    text = text.replace("/srv/jiangtang;", f"{ROOT};")
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; master_process off; pid {folder}/pid; error_log stderr;\n"
        f"events {{}}\nhttp {{ access_log off; {temporary}\n{text}\n}}\n"
    )


@pytest.fixture
def ask(app: Flask, tmp_path: Path) -> Iterator[Ask]:
    """Yield a function that asks nginx for a path, or posts a body there, and returns status, headers and body."""
    media = tmp_path / "media" / STREAM
    for name, content in (("live/index.m3u8", "#EXTM3U\n"), ("segments/s-1a2b.m4s", "moof"), ("rules.json", "{}")):
        (media / name).parent.mkdir(parents=True, exist_ok=True)
        (media / name).write_text(content)
    documents = tmp_path / "documents" / "doc123"
    documents.mkdir(parents=True)
    (documents / f"{PICTURE}-large.webp").write_text("RIFF")
    (documents / "source").write_text("what was uploaded")
    port = free_port()
    config = tmp_path / "nginx.conf"
    example = (ROOT / "deploy" / "nginx.conf").read_text()
    config.write_text(_for_this_test(example, tmp_path, port, app.config["MEDIA_SECRET"]))
    with subprocess.Popen(
        ["nginx", "-p", str(tmp_path), "-c", str(config)], stderr=subprocess.PIPE, text=True
    ) as nginx:
        try:
            _wait_for(port, nginx)
            yield lambda path, body=None, **options: _ask(f"http://127.0.0.1:{port}{path}", body, **options)
        finally:
            nginx.terminate()


def _wait_for(port: int, nginx: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert nginx.poll() is None, nginx.communicate()[1]
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("nginx does not listen")


def _ask(url: str, body: bytes | None, takes: str = "identity") -> tuple[int, dict[str, str], bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, {"Accept-Encoding": takes}), timeout=5) as reply:
            return reply.status, dict(reply.headers), reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def _address(
    scope: str, file: str, *, expires: int | None = None, signed_for: str | None = None, door: str = DOOR
) -> str:
    expires = expires or int(time.time()) + HOUR_S
    return f"/media/{expires}/{sign(expires, STREAM, DOOR, signed_for or scope)}/{STREAM}/{door}/{scope}/{file}"


@pytest.mark.usefixtures("app")
def test_signed_addresses_are_served_as_the_app_would(ask: Ask) -> None:
    status, headers, body = ask(_address("live", "index.m3u8"))
    assert (status, headers["Content-Type"], body) == (200, "application/vnd.apple.mpegurl", b"#EXTM3U\n")
    assert headers["Cache-Control"] == "no-cache"
    status, headers, body = ask(_address("live", "audio.m3u8"))
    assert (status, body, headers["Cache-Control"]) == (204, b"", "no-cache"), "it is still to come"
    status, headers, body = ask(_address("live", "s-1a2b.m4s"))
    assert (status, headers["Content-Type"], body) == (200, "video/mp4", b"moof")
    assert "immutable" in headers["Cache-Control"]


@pytest.mark.usefixtures("app")
def test_other_addresses_are_refused(ask: Ask) -> None:
    good = _address("live", "index.m3u8")
    refused = {
        "expired": _address("live", "index.m3u8", expires=int(time.time()) - 5),
        "another scope": _address("full", "index.m3u8", signed_for="live"),
        "forged": re.sub(r"/media/(\d+)/..", r"/media/\1/xx", good),
        "another door": _address("live", "index.m3u8", door="8-0"),
        "longer life": re.sub(r"/media/\d+/", f"/media/{int(time.time()) + 99 * HOUR_S}/", good),
    }
    assert {what: ask(path)[0] for what, path in refused.items()} == dict.fromkeys(refused, 403)


@pytest.mark.usefixtures("app")
def test_a_closed_door_is_closed_here_too(ask: Ask, tmp_path: Path) -> None:
    playlist, piece = _address("live", "index.m3u8"), _address("live", "s-1a2b.m4s")
    assert (ask(playlist)[0], ask(piece)[0]) == (200, 200)
    closed = tmp_path / "media" / STREAM / "closed"
    closed.mkdir()
    (closed / "7-1").touch()
    assert (ask(playlist)[0], ask(piece)[0]) == (200, 200), "that is another door"
    (closed / DOOR).touch()
    assert (ask(playlist)[0], ask(piece)[0]) == (403, 403)


@pytest.mark.usefixtures("app")
def test_nothing_else_of_a_stream_can_be_had(ask: Ask) -> None:
    good = _address("live", "index.m3u8").removesuffix("index.m3u8")
    asked = ("../rules.json", "..%2frules.json", "rules.json", "../segments/s-1a2b.m4s", "missing.m4s")
    assert {ask(good + file)[0] for file in asked} <= {404, 502}
    assert ask("/internal/media/hello")[0] == 404
    assert ask("/metrics")[0] == 404


@pytest.mark.usefixtures("app")
def test_pictures_of_pages_are_served_and_nothing_else_of_a_document(ask: Ask) -> None:
    status, headers, body = ask(f"/slides/doc123/{PICTURE}-large.webp")
    assert (status, headers["Content-Type"], body) == (200, "image/webp", b"RIFF")
    assert "immutable" in headers["Cache-Control"]
    for file in ("source", "../doc123/source", "..%2fdoc123%2fsource", f"{PICTURE}-huge.webp", f"{PICTURE}-thumb.webp"):
        assert ask(f"/slides/doc123/{file}")[0] in {404, 502}, file


@pytest.mark.usefixtures("app")
def test_static_files_have_the_type_that_modules_need(ask: Ask) -> None:
    status, headers, _body = ask("/static/js/site.js?v=1")
    assert (status, headers["Content-Type"]) == (200, "text/javascript")
    scripts.build()
    (site,) = (ROOT / "static/built" / scripts._name()).glob("js/site-*.js")
    status, headers, body = ask(f"/{site.relative_to(ROOT)}", takes="gzip")
    assert (status, headers["Content-Type"]) == (200, "text/javascript")
    assert body == site.with_name(f"{site.name}.gz").read_bytes(), "it was compressed once, and not for this answer"


@pytest.mark.usefixtures("app")
def test_lists_of_people_and_pictures_may_be_large_and_nothing_else(ask: Ask) -> None:
    body = b"x" * 3_000_000
    of_a_lesson = [f"/live/a1b2c3/{name}" for name in ("plan", "copy", "chat/pictures")]
    for path in ("/system/people/import", "/live/new", *of_a_lesson):
        assert ask(path, body)[0] == 502, "there is no app behind it, but the form was let through"
    assert ask("/live/a1b2c3/documents/uploads/d4e5f6", body)[0] == 502
    for path in (
        "/live/a1b2c3/documents/uploads",
        "/live/a1b2c3/documents",
        "/system/people/new",
        "/live/a1b2c3/cancellation",
        "/live/a1b2c3/plan/x",
    ):
        assert ask(path, body)[0] == 413, path
