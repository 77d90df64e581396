"""Programs that read strangers' files see neither our secrets and database nor other people's files."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from flask import Flask

from app.kernel.children.family import EVERYTHING, FOLDER, Rules, View, bare_environment, can_be_apart, launched
from app.kernel.disk import without_our_data
from tests.conftest import ROOT

PROGRAMS = sorted(
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for file in (ROOT / "app").rglob("*.py")
    if file.parent != FOLDER and "\ndef main(" in file.read_text(encoding="utf-8")
)
"""Modules that `child.py` runs."""
IMPORT_ALL = f"""
import importlib, runpy, sys
runpy.run_path({str(FOLDER / "child.py")!r}, run_name="child")["stand_in"]()
for name in {PROGRAMS!r}:
    importlib.import_module(name)
print(sorted({{"flask", "jinja2", "sqlalchemy"}} & sys.modules.keys()))
"""

RULES = Rules(memory_bytes=400_000_000, cpu_s=20)


def output_of(command: list[str], work: Path, view: View) -> str:
    """Return the output of a program in its folder."""
    done = subprocess.run(
        launched(command, RULES, view),
        cwd=work,
        env=bare_environment(work),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture
def work(app: Flask) -> Path:
    folder = app.config["DATA_DIR"] / "documents" / "mine"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "source").write_text("what is to be read")
    return Path(folder)


@pytest.fixture
def ours(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files of ours that hold the word SECRET: in the data folder and outside of it."""
    data: Path = app.config["DATA_DIR"]
    mounted, database = tmp_path / "mounted-secret", tmp_path / "elsewhere.sqlite3"
    monkeypatch.setitem(app.config, "SECRET_FILES", (mounted,))
    monkeypatch.setitem(app.config, "DATABASE_URL", f"sqlite:///{database}")
    files = [
        data / "secrets" / "secret_key", data / "jiangtang.sqlite3", data / "documents" / "other" / "source",
        data / "media" / "stream" / "rules.json", mounted, database, Path(f"{database}-wal"),
    ]  # fmt: skip
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("SECRET")
    return files


def test_without_a_view_a_program_would_read_them(work: Path, ours: list[Path]) -> None:
    assert output_of(["cat", *map(str, ours)], work, EVERYTHING) == "SECRET" * len(ours)


def test_with_it_there_is_its_own_folder_and_nothing_else_of_ours(app: Flask, work: Path, ours: list[Path]) -> None:
    view = without_our_data(app.config).with_shown(work)
    ways = [*map(str, ours), "../other/source", "../../secrets/secret_key", "../../../../../" + str(ours[0])]
    said = output_of(["cat", *ways, str(work / "source"), "source"], work, view)
    assert ("SECRET" in said) is not can_be_apart()
    assert said.count("what is to be read") == 2
    output_of(["sh", "-c", "echo made > made"], work, view)
    assert (work / "made").read_text() == "made\n", "what it writes there is there"


@pytest.mark.parametrize("trick", ["umount -l {data}", "umount {data}", "unshare -Urm umount -l {data}"])
def test_it_cannot_be_taken_away_again(trick: str, app: Flask, work: Path, ours: list[Path]) -> None:
    view = without_our_data(app.config).with_shown(work)
    said = output_of(["sh", "-c", f"{trick.format(data=app.config['DATA_DIR'])}; cat {ours[0]}"], work, view)
    assert ("SECRET" in said) is not can_be_apart()


def test_other_processes_are_not_read_either(app: Flask, work: Path) -> None:
    """A process of the same user would let this one in by /proc: its settings, its files."""
    view = without_our_data(app.config).with_shown(work)
    said = output_of(["cat", f"/proc/{os.getpid()}/environ", f"/proc/{os.getpid()}/root/etc/hostname"], work, view)
    assert ("Permission denied" in said) is can_be_apart()
    assert (os.environ["PATH"] in said) is not can_be_apart()


def test_a_data_folder_around_the_programs_hides_what_is_in_it_and_not_them(app: Flask) -> None:
    with tempfile.TemporaryDirectory() as around:
        root = Path(__file__).resolve().parents[2]
        view = without_our_data({**app.config, "DATA_DIR": root, "MEDIA_ROOT": root / "media"})
        assert root not in view.hidden
        assert root / "secrets" in view.hidden
        said = output_of([sys.executable, "-c", "print('it runs')"], Path(around), view)
    assert said == "it runs\n"


def test_none_of_them_imports_the_app() -> None:
    """Each would take a second longer, and hold all that a hostile file could use."""
    assert "app.documents.convert.picture" in PROGRAMS
    done = subprocess.run([sys.executable, "-I", "-c", IMPORT_ALL], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")
