"""Strangers' pictures are decoded by programs with limits; whoever asks stays small, and goes on answering others."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from werkzeug.datastructures import FileStorage

from app.kernel import pictures
from app.kernel.pictures import KINDS, PicturesBusy, PictureTooLarge, Size, decoding, keeping

ROOT = Path(__file__).parents[2]
WHOLE_SCREEN = Size(1600, 1600)


def written(picture: Image.Image, kind: str = "PNG", **how: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


def kept(data: bytes, folder: Path, size: Size = WHOLE_SCREEN) -> Image.Image:
    """Keep a picture and open what was kept."""
    target = folder / "kept.webp"
    pictures.keep(FileStorage(io.BytesIO(data), "a"), {target: size})
    with Image.open(target) as picture:
        return picture.convert("RGB")


def many_frames() -> bytes:
    frames = [Image.new("P", (20_000, 1), shade) for shade in range(60)]
    return written(frames[0], "GIF", save_all=True, append_images=frames[1:])


HOSTILE: dict[str, tuple[Callable[[], bytes], bool]] = {
    "49 megapixels in 6 kB": (lambda: written(Image.new("1", (7000, 7000))), False),
    "25 megapixels, transparent": (lambda: written(Image.new("RGBA", (5000, 5000), (9, 200, 30, 128))), True),
    "a WebP of 25 megapixels": (
        lambda: written(Image.new("RGBA", (5000, 5000), (9, 200, 30, 128)), "WEBP", lossless=True, method=0),
        True,
    ),
    "25 megapixels of decimal fractions": (
        lambda: written(Image.new("F", (5000, 5000), 2.5), "TIFF", compression="tiff_lzw"),
        True,
    ),
    "20000 times 1, in 60 frames": (many_frames, True),
    "1 times 25000": (lambda: written(Image.new("RGB", (1, 25_000))), True),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_unfolds_to_much_is_refused_or_brought_down(what: str, app: Flask, tmp_path: Path) -> None:
    make, is_kept = HOSTILE[what]
    if is_kept:
        assert max(kept(make(), tmp_path).size) == 1600
    else:
        with pytest.raises(PictureTooLarge):
            kept(make(), tmp_path)
        assert list(tmp_path.iterdir()) == []
    assert [one for one in (app.config["DATA_DIR"] / "run" / "pictures").iterdir() if one.is_dir()] == []


def test_no_more_than_two_are_read_at_once_and_nobody_waits_for_ever(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, most, mutex = [0], [0], threading.Lock()
    whole = keeping._shrink

    def shrink(work: Path, sizes: Any) -> None:
        with mutex:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        whole(work, sizes)
        with mutex:
            busy[0] -= 1

    monkeypatch.setattr(keeping, "_shrink", shrink)
    data = written(Image.new("RGB", (600, 600)))

    def send(number: int) -> None:
        with app.app_context():
            pictures.keep(FileStorage(io.BytesIO(data), "a"), {tmp_path / f"{number}.webp": WHOLE_SCREEN})

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(send, range(6)))
    assert most[0] == keeping.AT_ONCE
    assert len(list(tmp_path.iterdir())) == 6
    monkeypatch.setattr(keeping, "PATIENCE_S", 0.2)
    with keeping._turn(), keeping._turn(), pytest.raises(PicturesBusy):
        send(7)


def test_every_kind_that_the_file_field_offers_is_read(app: Flask, tmp_path: Path) -> None:
    for kind in decoding.FORMATS:
        red, green, blue = kept(written(Image.new("RGB", (64, 48), "green"), kind), tmp_path).getpixel((30, 30))  # type: ignore[misc]
        assert green > 100 > max(red, blue), kind
    assert {f"image/{kind.lower()}" for kind in decoding.FORMATS} == set(KINDS.split(","))


@pytest.mark.parametrize(
    ("kind", "mode", "order"), [("PNG", "I;16", "<"), ("TIFF", "I;16", "<"), ("TIFF", "I;16B", ">")]
)
def test_grey_of_16_bits_keeps_its_shades(kind: str, mode: str, order: str, app: Flask, tmp_path: Path) -> None:
    """Pillow alone turns all but the darkest of 256 into white."""
    line = struct.pack(f"{order}256H", *(x * 257 for x in range(256)))
    made = kept(written(Image.frombytes(mode, (256, 64), line * 64), kind), tmp_path)
    wanted = (16, 64, 128, 192, 240)
    shades = [made.getpixel((x, 30))[0] for x in wanted]  # type: ignore[index]
    assert all(abs(shade - x) < 8 for shade, x in zip(shades, wanted, strict=True)), shades


def test_decimal_fractions_are_shown_from_the_least_to_the_greatest(app: Flask, tmp_path: Path) -> None:
    picture = Image.new("F", (200, 100), -3.5)
    picture.paste(1e6, (100, 0, 200, 100))
    made = kept(written(picture, "TIFF"), tmp_path)
    assert made.getpixel((20, 50))[0] < 10  # type: ignore[index]
    assert made.getpixel((180, 50))[0] > 245  # type: ignore[index]


WEB = """
import gevent.monkey
gevent.monkey.patch_all()
import json, sys, time
from pathlib import Path
import gevent
from werkzeug.datastructures import FileStorage
from app import create_app
from app.kernel import pictures

folder = Path(sys.argv[1])
app = create_app({
    "DATA_DIR": folder, "MEDIA_ROOT": folder / "media", "DATABASE_URL": f"sqlite:///{folder}/x.sqlite3",
    "SECRET_KEY": "x", "WORKER_SECRET": "x", "MEDIA_SECRET": "x",
})
pauses, sizes = [], []

def held_kib():
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0])

def watch():
    while True:
        at = time.monotonic()
        gevent.sleep(0.01)
        pauses.append(time.monotonic() - at)
        sizes.append(held_kib())

def send(file):
    with app.app_context():
        try:
            pictures.keep(FileStorage(file.open("rb")), {file.with_suffix(".webp"): pictures.Size(1600, 1600)})
        except pictures.PictureTooLarge:
            return "too large"
    return "kept"

before = held_kib()
gevent.spawn(watch)
senders = [gevent.spawn(send, file) for file in sorted(folder.glob("*.picture"))]
said = [one.get() for one in senders]
print(json.dumps([said, max(pauses), max(sizes) - before]))
"""
"""What web does, with gevent: sends pictures at once, and notes the longest pause of its loop and its greatest size."""


def test_the_web_process_stays_small_and_goes_on_with_others(tmp_path: Path) -> None:
    names = ["49 megapixels in 6 kB", "25 megapixels, transparent", "20000 times 1, in 60 frames"]
    for number, what in enumerate(names):
        (tmp_path / f"{number}.picture").write_bytes(HOSTILE[what][0]())
    command = [sys.executable, "-c", WEB, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=55, check=False)
    assert done.returncode == 0, done.stderr
    said, pause_s, grown_kib = json.loads(done.stdout)
    assert said == ["too large", "kept", "kept"]
    assert grown_kib < 30_000, "one of these unfolds to 100 MB and more"
    assert pause_s < 0.5, "one of these takes a second of CPU and more"
