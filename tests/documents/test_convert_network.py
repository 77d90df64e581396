"""Nobody is asked for what a file links to, and nothing of this machine's disk comes onto a page.

LibreOffice as it is does ask (`test_libreoffice_would_ask`); three things keep it from that, each proved alone: its
settings, a network with nothing in it, and a copy of the file without the links.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image

from app.documents.convert import FindingKind, office, office_run
from app.documents.convert.links import write_without_links
from app.kernel.children import family as children
from app.kernel.children.family import Family, Rules, can_be_apart
from tests.documents import decks, linking
from tests.documents import pages as pages_of
from tests.documents.linking import Listener, listening
from tests.documents.pages import converted, drawn

MAKERS: dict[str, Callable[[Path, str], Path]] = {
    "impress": linking.linked_deck,
    "writer": linking.linked_docx,
    "odp": linking.linked_odp,
    "odt": linking.linked_odt,
}
ENDINGS = {"impress": "pptx", "writer": "docx"}
KINDS = ["pptx", "docx", "odp", "odt"]


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as one:
        yield one


def made(kind: str, folder: Path, url: str) -> Path:
    maker = {ENDINGS.get(name, name): maker for name, maker in MAKERS.items()}[kind]
    return maker(folder / f"linked-{kind}.{kind}", url)


def run_office(work: Path, files: list[Path], app: str, *, network: str, ours: bool) -> list[Path]:
    """Have LibreOffice make PDFs, with our settings or with its own."""
    found = office.find_office()
    assert found
    (work / "out").mkdir(parents=True)
    if ours:
        office.prepare_profile(work / "profile")
    with Family(work) as family:
        for _ in range(2):  # a new profile makes it start again
            command = office.command(found, work / "profile", work / "out", files, app)
            rules = Rules(2_500_000_000, 60, network=network)
            child = family.start("office", command, rules, env=office.ENVIRONMENT if ours else OPEN)
            while (said := family.hear(60)) and said.line is not None:
                pass
            if child.process.returncode != office.START_AGAIN:
                break
        assert child.process.returncode == 0
    return sorted((work / "out").iterdir())


OPEN = dict(office.ENVIRONMENT) | dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy", "all_proxy"), "")


def test_libreoffice_would_ask(listener: Listener, tmp_path: Path) -> None:
    files = [made(kind, tmp_path, listener.url) for kind in ("pptx", "odp")]
    run_office(tmp_path / "impress", files, "impress", network="shared", ours=False)
    run_office(tmp_path / "writer", [made("docx", tmp_path, listener.url)], "writer", network="shared", ours=False)
    assert {"GET /deck.png", "GET /odp.png", "GET /docx.png"} <= set(listener.asked)


def test_our_settings_alone_keep_it_from_asking(listener: Listener, tmp_path: Path) -> None:
    files = [made(kind, tmp_path, listener.url) for kind in ("pptx", "odp")]
    assert len(run_office(tmp_path / "impress", files, "impress", network="shared", ours=True)) == 2
    files = [made(kind, tmp_path, listener.url) for kind in ("docx", "odt")]
    assert len(run_office(tmp_path / "writer", files, "writer", network="shared", ours=True)) == 2
    assert listener.asked == []


def test_a_network_with_nothing_in_it_alone_keeps_it_from_asking(listener: Listener, tmp_path: Path) -> None:
    if not can_be_apart():
        # This kernel gives nobody a network of his own: then such a program does not run at all when it must have one,
        # and conversions rest on the other two.
        with pytest.raises(AssertionError):
            run_office(tmp_path / "none", [made("odp", tmp_path, listener.url)], "impress", network="none", ours=True)
        return
    files = [made(kind, tmp_path, listener.url) for kind in ("pptx", "odp")]
    assert len(run_office(tmp_path / "impress", files, "impress", network="none", ours=False)) == 2
    assert listener.asked == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_copy_for_libreoffice_leads_nowhere(kind: str, tmp_path: Path) -> None:
    url = "http://127.0.0.1:1"
    with ZipFile(made(kind, tmp_path, url)) as archive:
        assert write_without_links(archive, tmp_path / "copy.zip").external
    with ZipFile(tmp_path / "copy.zip") as archive:
        left = {name for name in archive.namelist() for line in archive.read(name).split(b">") if url.encode() in line}
        said = b"".join(archive.read(name) for name in left)
    assert said.count(url.encode()) == (1 if kind == "pptx" else 0), "the link that people click on stays"


@pytest.mark.parametrize(
    ("kind", "network"), [*((kind, "try") for kind in KINDS), ("pptx", "shared"), ("docx", "shared")]
)
def test_nobody_is_asked_during_a_conversion(
    kind: str, network: str, listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office_run, "NETWORK", network)
    made_of = converted(made(kind, tmp_path, listener.url), tmp_path / "pages")
    assert listener.asked == []
    assert made_of.found(FindingKind.EXTERNAL_CONTENT_LEFT_OUT) == {"pptx": (1,), "odp": (2,)}.get(kind, ())


@pytest.mark.parametrize("kind", ["pptx", "odp", "docx", "ppt"])
def test_no_picture_of_this_machine_comes_onto_a_page(kind: str, tmp_path: Path) -> None:
    for name in ("deck", "docx", "field", "vml", "odp"):
        Image.new("RGB", (40, 40), decks.RED).save(tmp_path / f"{name}.png")
    older = {"ppt": "odp"}.get(kind)
    file = made(older or kind, tmp_path, tmp_path.as_uri())
    if older:
        file = pages_of.office(file, kind, tmp_path)
        assert any(has_red(page) for page in drawn(pages_of.office(file, "pdf", tmp_path))), "it would be there"
    pages = converted(file, tmp_path / "pages")
    assert not any(has_red(pages.picture(page.number)) for page in pages.pages)


def has_red(page: Image.Image) -> bool:
    small = page.reduce(8)
    return any(red > 150 and green < 100 for red, green, _blue in small.get_flattened_data())  # type: ignore[misc]


def test_programs_learn_nothing_of_our_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY", "s3cret")
    with Family(tmp_path) as family:
        family.start("env", ["env"], Rules(1_000_000_000, 5))
        said = []
        while (one := family.hear(10)) and one.line is not None:
            said.append(one.line.decode())
    assert said
    assert not any("s3cret" in line for line in said)


def test_the_machine_says_whether_it_can_be_left() -> None:
    assert office.examine().can_be_apart == children.can_be_apart()
