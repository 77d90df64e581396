"""Files that mean harm, or are broken: each gets its clear answer, and the one that asked stays small and alive."""

from __future__ import annotations

import io
import os
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from PIL import Image

from app.documents.convert import FindingKind, Limits, Problem, office
from app.documents.problems import FINDINGS, PROBLEMS
from app.kernel.children.family import Family, Rules, launched
from tests.conftest import ROOT
from tests.documents import decks
from tests.documents.pages import converted, empty_pages, problem
from tests.documents.pages import office as by_hand

ENDING_ZIP = b"PK\x05\x06"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><rect width="9" height="9"/></svg>'
HTML = b"<!doctype html><script>alert(1)</script><img src='http://127.0.0.1:1/x.png'>"


def deck(file: Path) -> Path:
    made = decks.new_deck()
    decks.titled(made, "一")
    made.save(file)
    return file


@pytest.fixture(scope="module")
def plain_deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return deck(tmp_path_factory.mktemp("hostile") / "plain.pptx")


def rewritten(source: Path, file: Path, change: Callable[[str, bytes], bytes], **more: bytes) -> Path:
    """Copy a package with parts changed or added."""
    with ZipFile(source) as archive, ZipFile(file, "w", ZIP_DEFLATED) as copy:
        for name in archive.namelist():
            copy.writestr(name, change(name, archive.read(name)))
        for name, data in more.items():
            copy.writestr(name, data)
    return file


@pytest.mark.parametrize(
    ("name", "data", "answer"),
    [
        ("empty.pptx", b"", Problem.EMPTY),
        ("noise.pdf", bytes(range(256)) * 40, Problem.UNKNOWN_KIND),
        ("picture.svg", SVG, Problem.UNKNOWN_KIND),
        ("picture.png", SVG, Problem.UNKNOWN_KIND),
        ("page.html", HTML, Problem.UNKNOWN_KIND),
        ("slides.pptx", HTML, Problem.UNKNOWN_KIND),
        ("words.txt", "讲义".encode(), Problem.UNKNOWN_KIND),
        ("half.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog", Problem.BROKEN),
        ("noise.pptx", b"PK\x03\x04" + bytes(range(256)) * 20, Problem.BROKEN),
        ("noise.ppt", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 20, Problem.BROKEN),
        ("noise.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, Problem.BROKEN),
        ("noise.jpg", b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20, Problem.BROKEN),
    ],
)
def test_what_is_nothing_of_ours_is_refused(name: str, data: bytes, answer: Problem, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    assert problem(tmp_path / name, tmp_path / "pages") is answer
    assert list((tmp_path / "pages").iterdir()) == []


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "files.pptx", "w") as archive:
        archive.writestr("readme.txt", "x")
    assert problem(tmp_path / "files.pptx", tmp_path / "pages") is Problem.UNKNOWN_KIND


def test_a_table_is_refused(plain_deck: Path, tmp_path: Path) -> None:
    def as_table(name: str, data: bytes) -> bytes:
        return data.replace(b"presentationml", b"spreadsheetml") if name == "[Content_Types].xml" else data

    file = rewritten(plain_deck, tmp_path / "table.xlsx", as_table)
    assert problem(file, tmp_path / "pages") is Problem.UNKNOWN_KIND


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_truncated_deck_is_broken(share: float, plain_deck: Path, tmp_path: Path) -> None:
    data = plain_deck.read_bytes()
    (tmp_path / "half.pptx").write_bytes(data[: int(len(data) * share)])
    assert problem(tmp_path / "half.pptx", tmp_path / "pages") is Problem.BROKEN


def test_a_deck_with_a_broken_slide_is_broken(plain_deck: Path, tmp_path: Path) -> None:
    def cut(name: str, data: bytes) -> bytes:
        return data[:-200] if name == "ppt/slides/slide1.xml" else data

    file = rewritten(plain_deck, tmp_path / "cut.pptx", cut)
    assert problem(file, tmp_path / "pages") is Problem.BROKEN


def test_a_deck_without_a_slide_to_show_is_empty(tmp_path: Path) -> None:
    made = decks.new_deck()
    decks.hide_slide(decks.titled(made, "藏"))
    made.save(tmp_path / "hidden.pptx")
    assert problem(tmp_path / "hidden.pptx", tmp_path / "pages") is Problem.EMPTY


def test_entities_that_multiply_are_not_unfolded(plain_deck: Path, tmp_path: Path) -> None:
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE p [{lines}]><p>&e9;</p>'.encode()

    def laughing(name: str, data: bytes) -> bytes:
        return bomb if name == "ppt/slides/slide1.xml" else data

    file = rewritten(plain_deck, tmp_path / "laughs.pptx", laughing)
    assert problem(file, tmp_path / "pages") is Problem.BROKEN


@pytest.mark.parametrize("ending", ["pptx", "docx"])
def test_a_zip_bomb_is_not_unfolded(ending: str, plain_deck: Path, tmp_path: Path) -> None:
    file = rewritten(plain_deck, tmp_path / f"bomb.{ending}", lambda _name, data: data)
    with ZipFile(file, "a", ZIP_DEFLATED) as archive, archive.open("ppt/media/image1.bin", "w") as entry:
        for _ in range(40):
            entry.write(bytes(1_000_000))
    began = time.monotonic()
    assert problem(file, tmp_path / "pages", limits=Limits(unfolded_bytes=30_000_000)) is Problem.TOO_LARGE
    assert time.monotonic() - began < 20
    assert file.stat().st_size < 200_000


def test_a_part_that_unfolds_to_endless_xml_is_too_large(plain_deck: Path, tmp_path: Path) -> None:
    file = rewritten(plain_deck, tmp_path / "bomb.pptx", lambda _name, data: data)
    with ZipFile(file, "a", ZIP_DEFLATED) as archive:
        archive.writestr("ppt/slides/slide2.xml", b" " * 3_000_000)
    assert problem(file, tmp_path / "pages", limits=Limits(markup_bytes=2_000_000)) is Problem.TOO_LARGE


def test_too_many_entries_and_too_many_bytes_are_too_large(plain_deck: Path, tmp_path: Path) -> None:
    assert problem(plain_deck, tmp_path / "pages", limits=Limits(entries=10)) is Problem.TOO_LARGE
    assert problem(plain_deck, tmp_path / "pages", limits=Limits(file_bytes=10)) is Problem.TOO_LARGE


def test_a_zip_that_lies_about_its_sizes_is_broken(plain_deck: Path, tmp_path: Path) -> None:
    data = bytearray(plain_deck.read_bytes())
    place = data.index(b"PK\x01\x02")  # the first entry of the directory: its size unfolded
    struct.pack_into("<I", data, place + 24, 7)
    (tmp_path / "lies.pptx").write_bytes(data)
    assert problem(tmp_path / "lies.pptx", tmp_path / "pages") is Problem.BROKEN


@pytest.mark.parametrize("ending", ["odp", "ppt"])
def test_what_older_and_open_formats_encrypt_is_said(ending: str, plain_deck: Path, tmp_path: Path) -> None:
    file = by_hand(plain_deck, ending, tmp_path)
    if ending == "odp":
        marked = b'<manifest:encryption-data xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'

        def locked(name: str, data: bytes) -> bytes:
            end = b"</manifest:manifest>"
            return data.replace(end, marked + end) if "manifest" in name else data

        file = rewritten(file, tmp_path / "locked.odp", locked)
    else:
        data = file.read_bytes()
        plain, secret = b"\x5f\xc0\x91\xe3", b"\xdf\xc4\xd1\xf3"  # headerToken, [MS-PPT] 2.3.2
        assert data.count(plain) == 1
        file.write_bytes(data.replace(plain, secret))
    assert problem(file, tmp_path / "pages") is Problem.ENCRYPTED


def test_an_office_file_with_a_password_is_said_to_have_one(tmp_path: Path) -> None:
    file = tmp_path / "secret.pptx"
    file.write_bytes(compound_file(["EncryptionInfo", "EncryptedPackage"]))
    assert problem(file, tmp_path / "pages") is Problem.ENCRYPTED


def compound_file(streams: list[str]) -> bytes:
    """Write the container of [MS-CFB] with empty streams of these names."""
    sector = 512
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096,
        0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    )  # fmt: skip
    header += struct.pack("<I", 0) + b"\xff" * (4 * 108)
    table = struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE).ljust(sector, b"\xff")
    entries = [entry("Root Entry", 5, child=1)]
    entries += [
        entry(name, 2, right=number + 1 if number < len(streams) else 0xFFFFFFFF)
        for number, name in enumerate(streams, 1)
    ]
    return header + table + b"".join(entries).ljust(sector, b"\0")


def entry(name: str, kind: int, *, child: int = 0xFFFFFFFF, right: int = 0xFFFFFFFF) -> bytes:
    label = (name + "\0").encode("utf-16-le")
    return label.ljust(64, b"\0") + struct.pack(
        "<HBBIII16xI8x8xIQ", len(label), kind, 1, 0xFFFFFFFF, right, child, 0, 0xFFFFFFFE, 0
    )


def test_a_pdf_with_a_password_is_said_to_have_one(plain_deck: Path, tmp_path: Path) -> None:
    options = '{"EncryptFile":{"type":"boolean","value":"true"},"DocumentOpenPassword":{"type":"string","value":"x"}}'
    file = by_hand(plain_deck, f"pdf:impress_pdf_Export:{options}", tmp_path)
    assert b"/Encrypt" in file.read_bytes()
    assert problem(file, tmp_path / "pages") is Problem.ENCRYPTED


def test_a_pdf_of_ten_thousand_pages_is_too_long(tmp_path: Path) -> None:
    assert problem(empty_pages(tmp_path / "long.pdf", 10_000), tmp_path / "pages") is Problem.TOO_MANY_PAGES


def test_a_deck_and_a_text_with_too_many_pages_are_too_long(plain_deck: Path, tmp_path: Path) -> None:
    made = decks.new_deck()
    for number in range(4):
        decks.titled(made, str(number))
    made.save(tmp_path / "long.pptx")
    assert problem(tmp_path / "long.pptx", tmp_path / "pages", limits=Limits(pages=3)) is Problem.TOO_MANY_PAGES


@pytest.mark.parametrize("side_pt", [56_693, 2_000_000, 0.01])
def test_a_page_of_twenty_metres_is_drawn_as_large_as_any_other(side_pt: float, tmp_path: Path) -> None:
    page = converted(empty_pages(tmp_path / "large.pdf", 1, side_pt=side_pt), tmp_path / "pages").pages[0]
    assert (page.width, page.height) == (1080, 1080)


def test_a_picture_that_unfolds_to_gigabytes_is_too_large(tmp_path: Path) -> None:
    side = 60_000

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))))
    assert problem(tmp_path / "bomb.png", tmp_path / "pages") is Problem.TOO_LARGE


def test_macros_are_ignored_and_that_is_said(plain_deck: Path, tmp_path: Path) -> None:
    kind = b"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml"
    relation = (
        b'<Relationship Id="rIdVba" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" '
        b'Target="vbaProject.bin"/></Relationships>'
    )

    def with_macros(name: str, data: bytes) -> bytes:
        if name == "[Content_Types].xml":
            main = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
            assert main in data
            return data.replace(main, kind)
        return data.replace(b"</Relationships>", relation) if name == "ppt/_rels/presentation.xml.rels" else data

    file = rewritten(plain_deck, tmp_path / "renamed.pptx", with_macros, **{"ppt/vbaProject.bin": b"macros"})
    made = converted(file, tmp_path / "pages")
    assert made.found(FindingKind.MACROS_IGNORED) == ()
    assert len(made.pages) == 1


# what takes too long, or too much


def endless_drawing(file: Path) -> Path:
    """A PDF whose one page is a drawing of a million curves, over and over."""
    curve = b"%d %d m %d 9 99 %d 7 %d c S\n"
    curves = b"".join(curve % (n % 199, n % 97, n % 89, n % 83, n % 79) for n in range(60_000))
    form = zlib.compress(curves)
    content = b"/F Do\n" * 500
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources %s >>"
    drawing = b"<< /Type /XObject /Subtype /Form /BBox [0 0 200 200] /Filter /FlateDecode /Length %d >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        page % b"<< /XObject << /F 5 0 R >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        drawing % len(form) + b"\nstream\n%s\nendstream" % form,
    ]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, one) for number, one in enumerate(objects, 1))
    file.write_bytes(b"%PDF-1.7\n" + body + b"trailer\n<< /Size 6 /Root 1 0 R >>\n%%EOF\n")
    return file


def test_a_page_that_draws_for_ever_is_too_slow(tmp_path: Path) -> None:
    file = endless_drawing(tmp_path / "slow.pdf")
    assert problem(file, tmp_path / "pages", limits=Limits(page_cpu_s=1)) is Problem.TOO_SLOW


def test_libreoffice_that_thinks_for_ever_is_too_slow(tmp_path: Path) -> None:
    made = decks.new_deck()
    for number in range(20):
        slide = decks.titled(made, str(number), layout=1)
        decks.bullets(slide, ["字" * 400] * 150)
    made.save(tmp_path / "slow.pptx")
    assert problem(tmp_path / "slow.pptx", tmp_path / "pages", limits=Limits(office_cpu_s=1)) is Problem.TOO_SLOW


def test_libreoffice_gets_no_more_memory_than_it_may(plain_deck: Path, tmp_path: Path) -> None:
    answer = problem(plain_deck, tmp_path / "pages", limits=Limits(office_bytes=60_000_000))
    assert answer is Problem.TOO_MUCH_MEMORY


def test_drawing_gets_no_more_memory_than_it_may(tmp_path: Path) -> None:
    file = empty_pages(tmp_path / "one.pdf", 1)
    assert problem(file, tmp_path / "pages", limits=Limits(render_bytes=30_000_000)) is Problem.TOO_MUCH_MEMORY


def test_without_libreoffice_pdf_still_works(plain_deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "find_office", lambda: None)
    assert problem(plain_deck, tmp_path / "pages") is Problem.NO_OFFICE
    assert len(converted(empty_pages(tmp_path / "one.pdf", 1), tmp_path / "pages").pages) == 1


def test_the_machine_is_examined_for_the_doctor() -> None:
    seen = office.examine()
    assert seen.office
    assert seen.office.version[0].isdigit()
    assert (seen.impress, seen.writer, seen.math) == (True, True, True)
    assert (seen.fonts.chinese, seen.fonts.emoji) == (True, True)


def test_whoever_asks_stays_small_and_takes_its_children_along(tmp_path: Path) -> None:
    """A process of its own converts what unfolds; then it is killed, and nothing goes on."""
    slow = endless_drawing(tmp_path / "slow.pdf")
    script = (
        "import sys, resource; from pathlib import Path; from app.documents.convert import convert\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for one in convert(Path(sys.argv[1]), 'a.pdf', Path(sys.argv[2])): pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, flush=True)\n"
        "for one in convert(Path(sys.argv[3]), 'b.pdf', Path(sys.argv[4])): print(one, flush=True)\n"
    )
    data = io.BytesIO()
    Image.new("RGB", (6000, 6000)).save(data, "PDF", resolution=72)
    (tmp_path / "huge.pdf").write_bytes(data.getvalue())
    files = [tmp_path / "huge.pdf", tmp_path / "one", slow, tmp_path / "two"]
    with subprocess.Popen(
        [sys.executable, "-c", script, *map(str, files)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as asker:
        assert asker.stdout
        grown_kib = int(asker.stdout.readline())
        assert "Outline" in asker.stdout.readline()
        assert grown_kib < 20_000
        children = children_of(asker.pid)
        assert children
        os.kill(asker.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(map(lives, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(lives, children))


def children_of(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(one) for one in (task / "children").read_text().split()]
    return found


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_programs_run_with_their_limits_and_behind_everybody_else(tmp_path: Path) -> None:
    script = "import os, resource as r; print(os.nice(0), r.getrlimit(r.RLIMIT_DATA)[1], r.getrlimit(r.RLIMIT_CPU)[1])"
    with Family(tmp_path) as family:
        family.start("limits", [sys.executable, "-c", script], Rules(400_000_000, 7))
        said = family.hear(20)
    assert said
    assert said.line == f"{os.nice(0) + 10} 400000000 7\n".encode()


def test_a_program_whose_parent_is_gone_already_does_not_run(tmp_path: Path) -> None:
    command = launched(["touch", str(tmp_path / "ran")], Rules(400_000_000, 5))
    asked = ["sh", "-c", '"$@" & sleep 0; wait', "sh", *command]  # the shell is its parent, and not we
    assert subprocess.run(asked, check=False, timeout=20).returncode == 0
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("kind", [*Problem, *FindingKind])
def test_everything_that_can_be_wrong_has_its_sentences(kind: Problem | FindingKind) -> None:
    sentences = PROBLEMS[kind] if isinstance(kind, Problem) else FINDINGS[kind]
    assert str(sentences.message).endswith((".", "。"))
    assert str(sentences.mend).endswith((".", "。"))
