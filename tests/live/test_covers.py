"""Cover pictures: cut, made small and kept; what is no picture gets a sentence, and costs nothing that was typed."""

from __future__ import annotations

import io
import os
import random
import shutil
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.accounts.models import User
from app.extensions import db
from app.kernel import pictures
from app.kernel.pictures.decoding import TooLarge, Unreadable, read
from app.live.covers import services as covers
from app.live.models import LiveSession
from tests.conftest import SignIn
from tests.factories import live as lives
from tests.live.test_pages import FORM
from tests.reading import Page, Unread

pytestmark = pytest.mark.usefixtures("november")

UNREADABLE = "这个文件不是可识别的图片。"
TOO_LARGE = "图片太大。"

TYPED = {
    **FORM,
    "subject": "极光",
    "mode": "small_class",
    "abstract": "第一行\n<b>第二行</b>",
    "audience": "everyone",
    "capacity": "12",
    "weeks": "3",
    "recording_policy": "by_hand",
    "teacher_token": "q7teach4x",
    "assistant_token": "q8assist5y",
    "learner_token": "q9learn6z",
}


@pytest.fixture
def folder(app: Flask) -> Iterator[Path]:
    """Where covers are kept; nothing is in it."""
    where = app.config["DATA_DIR"] / "covers"
    shutil.rmtree(where, ignore_errors=True)
    yield where
    shutil.rmtree(where, ignore_errors=True)


@pytest.fixture
def browser(sign_in: SignIn, teacher: User, folder: Path) -> FlaskClient:
    return sign_in(teacher)


def written(picture: Image.Image, kind: str = "PNG", **how: Any) -> bytes:
    """Return a picture's file."""
    file = io.BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


def plain(kind: str = "PNG", size: tuple[int, int] = (640, 480), colour: str = "green") -> bytes:
    """Return the file of a picture of one colour."""
    return written(Image.new("RGB", size, colour), kind)


def png(width: int, height: int) -> bytes:
    """Return the beginning of a PNG that claims a size (PNG specification, 11.2.2), with hardly anything behind it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def sent(browser: FlaskClient, file: bytes, address: str = "/live/new", **change: str) -> TestResponse:
    """Send the form with a picture."""
    boundary, body = encode_multipart({**TYPED, **change, "cover": FileStorage(io.BytesIO(file), "a.png")})
    return browser.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def kept(live: LiveSession, width: int = 1280) -> Image.Image:
    """Open the picture of a lesson."""
    with Image.open(covers.SHELF.file_of(live.cover, width)) as picture:
        picture.load()
        return picture


def fetched(browser: FlaskClient, address: str, **how: Any) -> TestResponse:
    """Get a file and close it."""
    with browser.get(address, **how) as reply:
        assert reply.data or reply.status_code == 304
        return reply


def the_one(teacher: User) -> LiveSession:
    (live,) = lives.of(teacher)
    return live


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("PNG", (1000, 1000)), ("PNG", (2500, 900)), ("PNG", (300, 800)), ("PNG", (1, 1)), ("PNG", (1600, 900)),
        ("JPEG", (1000, 1000)), ("WEBP", (1000, 1000)), ("GIF", (20000, 1)), ("BMP", (640, 480)), ("TIFF", (640, 480)),
        ("AVIF", (640, 480)),
    ],
)  # fmt: skip
def test_a_picture_becomes_two_of_16_to_9(
    browser: FlaskClient, teacher: User, kind: str, size: tuple[int, int]
) -> None:
    assert sent(browser, plain(kind, size), weeks="1").status_code == 302
    live = the_one(teacher)
    for width, height in ((1280, 720), (640, 360)):
        picture = Image.open(io.BytesIO(fetched(browser, f"/covers/{live.cover}-{width}.webp").data))
        assert (picture.format, picture.size) == ("WEBP", (width, height))
    page = Page(browser.get(f"/live/{live.id}").text)
    shown = next(one["src"] for tag, one in page.elements if tag == "img" and one.get("class") == "cover")
    assert shown.endswith(f"/covers/{live.cover}-1280.webp")


@pytest.mark.one_database
def test_it_is_cut_around_its_middle(browser: FlaskClient, teacher: User) -> None:
    picture = Image.new("RGB", (800, 800), "red")
    picture.paste("lime", (0, 170, 800, 630))  # the middle 450 lines are what 16:9 leaves
    sent(browser, written(picture), weeks="1")
    cut = kept(the_one(teacher)).convert("RGB")
    for spot in ((5, 5), (1275, 5), (640, 360), (5, 715)):
        red, green, blue = cut.getpixel(spot)
        assert green > 200, spot
        assert max(red, blue) < 60, spot


@pytest.mark.one_database
def test_it_is_turned_as_the_camera_was_held(browser: FlaskClient, teacher: User) -> None:
    picture = Image.new("RGB", (1600, 900), "red")
    picture.paste("blue", (0, 0, 800, 900))  # on the left: after a quarter turn to the right, on top
    exif = Image.Exif()
    exif[0x0112] = 6
    sent(browser, written(picture, "JPEG", exif=exif), weeks="1")
    cut = kept(the_one(teacher)).convert("RGB")
    assert cut.getpixel((640, 30))[2] > 200
    assert cut.getpixel((640, 690))[0] > 200


@pytest.mark.one_database
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_where_it_was_taken_is_not_kept(browser: FlaskClient, teacher: User, kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRETPLACE"
    exif.get_ifd(0x8825).update({1: "N", 2: (39.0, 54.0, 26.0), 3: "E", 4: (116.0, 23.0, 29.0)})
    how: dict[str, Any] = {"exif": exif}
    if kind != "PNG":
        how["xmp"] = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>SECRETPLACE</x:xmpmeta>"
    file = written(Image.new("RGB", (640, 360), "green"), kind, **how)
    assert b"SECRETPLACE" in file
    sent(browser, file, weeks="1")
    live = the_one(teacher)
    for width in covers.SHELF.widths:
        assert b"SECRETPLACE" not in covers.SHELF.file_of(live.cover, width).read_bytes()
        assert dict(kept(live, width).getexif()) == {}


@pytest.mark.one_database
@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("PNG", "LA"), ("PNG", "P"), ("WEBP", "RGBA")])
def test_what_is_transparent_becomes_white(browser: FlaskClient, teacher: User, kind: str, mode: str) -> None:
    picture = Image.new("RGBA", (640, 360), (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (0, 0, 320, 360))
    drawn = picture.convert(mode)
    sent(browser, written(drawn, kind), weeks="1")
    cut = kept(the_one(teacher)).convert("RGB")
    assert min(cut.getpixel((1200, 360))) > 240
    assert max(cut.getpixel((80, 360))) < 20


@pytest.mark.one_database
@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16", "CMYK"])
def test_pictures_of_other_kinds_are_read_too(browser: FlaskClient, teacher: User, mode: str) -> None:
    sent(browser, written(Image.new(mode, (640, 360)), "JPEG" if mode == "CMYK" else "PNG"), weeks="1")
    assert kept(the_one(teacher)).size == (1280, 720)


@pytest.mark.one_database
def test_one_of_several_megabytes_is_taken(browser: FlaskClient, teacher: User) -> None:
    noise = Image.frombytes("RGB", (1600, 900), random.Random(1).randbytes(1600 * 900 * 3))
    file = written(noise)
    assert 4_000_000 < len(file) < pictures.MOST_BYTES
    assert sent(browser, file, weeks="1").status_code == 302
    assert kept(the_one(teacher)).size == (1280, 720)


def nothing_is_lost(reply: TestResponse, **change: str) -> Page:
    """Find everything that was typed in the form that came back."""
    page = Page(reply.text)
    for name, value in {**TYPED, **change}.items():
        assert page.fields[name] == [value], name
    return page


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (png(50_000, 50_000), TOO_LARGE),
        (png(5_001, 5_000), TOO_LARGE),
        (png(2**31 - 1, 2**31 - 1), TOO_LARGE),
        (png(640, 480), UNREADABLE),
        (plain("PNG")[:-200], UNREADABLE),
        (plain("JPEG")[:900], UNREADABLE),
        (plain("WEBP")[:60], UNREADABLE),
        (b"", UNREADABLE),
        (b"\x89PNG\r\n\x1a\n", UNREADABLE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", UNREADABLE),
        (b"<!doctype html><script>alert(1)</script>", UNREADABLE),
        (b"%PDF-1.7\n", UNREADABLE),
        (plain("GIF")[:60], UNREADABLE),
        (plain("TIFF")[:60], UNREADABLE),
        (plain("PPM"), UNREADABLE),
        ("不是图片".encode(), UNREADABLE),
    ],
    ids=[
        "bomb", "many-pixels", "endless", "no-pixels", "cut-png", "cut-jpeg", "cut-webp", "empty", "head", "svg",
        "html", "pdf", "cut-gif", "cut-tiff", "ppm", "text",
    ],
)  # fmt: skip
def test_what_is_no_picture_gets_a_sentence_and_nothing_is_lost(
    browser: FlaskClient, teacher: User, folder: Path, file: bytes, sentence: str
) -> None:
    reply = sent(browser, file)
    assert reply.status_code == 422
    page = nothing_is_lost(reply)
    assert sentence in page.errors("cover")
    assert page.fields["cover_name"] == [""]
    assert lives.of(teacher) == []
    assert list(folder.glob("*")) == []


@pytest.mark.one_database
def test_a_file_of_100_megabytes_gets_its_sentence_in_the_form(
    browser: FlaskClient, teacher: User, folder: Path, tmp_path: Path
) -> None:
    boundary, body = encode_multipart({**TYPED, "cover": FileStorage(io.BytesIO(b"<here>"), "large.jpg")})
    before, after = body.split(b"<here>")
    with (tmp_path / "body").open("w+b") as file:
        file.write(before)
        file.seek(100_000_000, io.SEEK_CUR)  # a hole: it takes no place on the disk
        file.write(after)
        length = file.tell()
        file.seek(0)
        how: dict[str, Any] = {"content_type": f"multipart/form-data; boundary={boundary}", "content_length": length}
        reply = browser.post("/live/new", input_stream=file, **how)
    assert reply.status_code == 422
    assert TOO_LARGE in nothing_is_lost(reply).errors("cover")
    assert list(folder.glob("*")) == []


def test_of_those_who_plan_nothing_not_a_byte_is_read(
    app: Flask, browser: FlaskClient, sign_in: SignIn, teacher: User, learner: User
) -> None:
    browser.post("/live/new", data={**TYPED, "weeks": "1"})
    addresses = ["/live/new", f"/live/{the_one(teacher).id}/plan", f"/live/{the_one(teacher).id}/copy"]
    for visitor, status in ((app.test_client(), 401), (sign_in(learner), 403)):
        for address in addresses:
            body = Unread()
            reply = visitor.post(address, input_stream=body, content_type="multipart/form-data; boundary=x")
            assert (reply.status_code, body.asked) == (status, False), address


def test_the_sentence_is_in_english_for_who_reads_english(browser: FlaskClient) -> None:
    with browser.session_transaction() as cookie:
        cookie["language"] = "en"
    page = nothing_is_lost(sent(browser, b"no picture"))
    assert (
        page.errors("cover")
        == "This file cannot be read as a picture. Choose a JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF picture."
    )
    page = nothing_is_lost(sent(browser, png(50_000, 50_000)))
    assert page.errors("cover") == "This picture is too large. Choose one of at most 10 MB and 25 million pixels."


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_broken_files_are_refused_or_read_and_nothing_else(kind: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.update({0x0112: 6, 0x010E: "x" * 40})
    whole = written(Image.effect_noise((48, 27), 60).convert("RGB"), kind, exif=exif)
    chance, outcomes = random.Random(7), set()
    for _ in range(150):
        broken = bytearray(whole)
        for _ in range(3):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            (tmp_path / "broken").write_bytes(broken)
            assert read(tmp_path / "broken", 1280).mode == "RGB"
            outcomes.add("read")
        except (Unreadable, TooLarge):
            outcomes.add("refused")
    assert "refused" in outcomes


@pytest.mark.one_database
@pytest.mark.parametrize(
    "note",
    [
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\x40\0\0\0\xff\xff\0\0",  # the turn is a text that is not there
        b"Exif\0\0XX*\0\x08\0\0\0\0\0",
        b"Exif\0\0II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x0e\x01\x0c\0\x01\0\0\0\0\0\0\0",
    ],
)
def test_a_broken_note_of_the_camera_spoils_no_picture(browser: FlaskClient, teacher: User, note: bytes) -> None:
    whole = plain("JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note
    assert sent(browser, whole[:2] + segment + whole[2:], weeks="1").status_code == 302
    assert kept(the_one(teacher)).size == (1280, 720)


def test_a_good_picture_is_kept_when_something_else_is_wrong(browser: FlaskClient, teacher: User) -> None:
    reply = sent(browser, plain(), ends_at="2026-12-01T13:00")
    assert reply.status_code == 422
    page = nothing_is_lost(reply, ends_at="2026-12-01T13:00")
    (name,) = page.fields["cover_name"]
    assert fetched(browser, f"/covers/{name}-640.webp").status_code == 200
    assert any(one.get("src") == f"/covers/{name}-640.webp" for _tag, one in page.elements), "it is shown"
    browser.post("/live/new", data={**TYPED, "weeks": "1", "cover_name": name})
    assert the_one(teacher).cover == name


def test_a_broken_one_does_not_take_the_place_of_the_one_before(browser: FlaskClient) -> None:
    (name,) = Page(sent(browser, plain(), subject="").text).fields["cover_name"]
    reply = sent(browser, b"no picture", cover_name=name)
    assert reply.status_code == 422
    assert Page(reply.text).fields["cover_name"] == [name]


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..", "0" * 32, "x", "/etc/passwd", "%2e%2e", "A" * 5000, "\u202e" * 32, "' OR 1=1 --"],
)  # fmt: skip
def test_names_that_are_none_of_ours_are_left_out(browser: FlaskClient, teacher: User, name: str) -> None:
    reply = browser.post("/live/new", data={**TYPED, "weeks": "1", "cover_name": name})
    assert reply.status_code == 302
    assert the_one(teacher).cover == ""


def test_it_is_changed_kept_and_taken_away(browser: FlaskClient, teacher: User) -> None:
    sent(browser, plain(), weeks="1")
    live = the_one(teacher)
    address, first = f"/live/{live.id}/plan", live.cover
    assert Page(browser.get(address).text).fields["cover_name"] == [first]
    browser.post(address, data={**TYPED, "cover_name": first})
    assert live.cover == first
    sent(browser, plain(colour="blue"), address, cover_name=first)
    second = live.cover
    assert second not in {first, ""}
    browser.post(address, data={**TYPED, "cover_name": second, "no_cover": "1"})
    assert live.cover == ""


def test_whoever_knows_its_name_may_read_it_and_keep_it_for_a_year(
    app: Flask, browser: FlaskClient, teacher: User
) -> None:
    sent(browser, plain(), weeks="1", audience="institute")
    address = f"/covers/{the_one(teacher).cover}-640.webp"
    visitor = app.test_client()
    with visitor.session_transaction() as cookie:
        cookie.permanent = True  # as a guest's is
        cookie["guest"] = {"id": "x"}
    reply = fetched(visitor, address)
    assert reply.status_code == 200
    assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert reply.headers["Content-Type"] == "image/webp"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in reply.headers, "what everybody's cache may keep is nobody's cookie"
    again = fetched(visitor, address, headers={"If-None-Match": reply.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_no_other_address_gives_a_file(browser: FlaskClient, teacher: User, app: Flask) -> None:
    sent(browser, plain(), weeks="1")
    name = the_one(teacher).cover
    secret = app.config["DATA_DIR"] / "secret-640.webp"
    secret.write_text("secret")
    for path in (
        f"{name}-641.webp", f"{name}-0.webp", f"{name}-{'9' * 30}.webp", f"{name[:-1]}-640.webp", f"{name}-640.png",
        f"{'0' * 32}-640.webp", "../secret-640.webp", "..%2fsecret-640.webp", f"{name.upper()}X-640.webp",
    ):  # fmt: skip
        assert browser.get(f"/covers/{path}").status_code == 404, path
    secret.unlink()


def aged(folder: Path, name: str, hours: float) -> None:
    """Let the files of a picture be so old."""
    for file in folder.glob(f"{name}-*"):
        moment = time.time() - hours * 3600
        os.utime(file, (moment, moment))


@pytest.fixture
def keep(folder: Path) -> Callable[[str], str]:
    return lambda colour: covers.SHELF.keep(FileStorage(io.BytesIO(plain(colour=colour)), "a.png"))


def test_only_what_no_lesson_has_and_is_a_week_old_is_removed(
    teacher: User, folder: Path, keep: Callable[[str], str]
) -> None:
    used, unused, fresh = keep("red"), keep("green"), keep("blue")
    lives.lesson(teacher, cover=used)
    for name, hours in ((used, 8 * 24), (unused, 7 * 24 + 1), (fresh, 7 * 24 - 1)):
        aged(folder, name, hours)
    covers.remove_unused()
    assert {file.name[:32] for file in folder.iterdir()} == {used, fresh}
    assert covers.SHELF.is_kept(used)


def test_what_was_sent_again_just_now_is_not_removed(folder: Path, keep: Callable[[str], str]) -> None:
    name = keep("red")
    aged(folder, name, 7 * 24 + 1)
    assert keep("red") == name
    covers.remove_unused()
    assert covers.SHELF.is_kept(name)


def test_there_may_be_nothing_to_remove(folder: Path) -> None:
    covers.remove_unused()
    assert not folder.exists()


def test_half_of_a_picture_is_none(browser: FlaskClient, folder: Path, keep: Callable[[str], str]) -> None:
    name = keep("red")
    covers.SHELF.file_of(name, 640).unlink()
    assert not covers.SHELF.is_kept(name)
    assert browser.get(f"/covers/{name}-640.webp").status_code == 404
    assert keep("red") == name
    assert covers.SHELF.is_kept(name)


def test_a_full_disk_is_said_in_the_form_and_keeps_nothing(
    app: Flask, browser: FlaskClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "UPLOAD_RESERVE_MB", 10**9)
    assert "服务器磁盘空间不足" in nothing_is_lost(sent(browser, plain())).errors("cover")
    assert list(folder.glob("*")) == []


def test_two_who_send_the_same_picture_at_the_same_moment(app: Flask, folder: Path) -> None:
    file, ready, outcomes = plain(size=(1600, 900)), threading.Barrier(4), []

    def send() -> None:
        with app.app_context():
            ready.wait(10)
            try:
                outcomes.append(covers.SHELF.keep(FileStorage(io.BytesIO(file), "a.png")))
            except OSError as error:
                outcomes.append(repr(error))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(set(outcomes)) == 1, outcomes
    with app.app_context():
        assert covers.SHELF.is_kept(outcomes[0])
    db.session.remove()
