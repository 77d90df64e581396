"""What may be in the tree, and what may not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.house import tree

BINARY = {".docx", ".pptx", ".png", ".ico", ".woff2", ".flv", ".pdf", ".bin", ".svgz", ".pcap"}
INSTALLED = ("static/vendor/", "static/built/", "static/pictures/help/", "node_modules/", ".venv/", "var/")
MACHINE_PATH = re.compile(r"(?<![\w.}/])/(?:work|root|home|Users)/[a-z][\w-]*(?!\.html)")
TEXTS = [file for file in tree.files() if file.suffix not in BINARY]


def machine_paths(text: str) -> list[str]:
    """Return the paths in `text` that exist on one machine only."""
    return [match for match in MACHINE_PATH.findall(text) if not match.startswith("/home/live")]


def test_nothing_installed_is_committed() -> None:
    assert [str(file) for file in tree.files() if str(file).startswith(INSTALLED)] == []


@pytest.mark.parametrize("file", [file for file in TEXTS if file != Path("tests/house/test_files.py")], ids=str)
def test_no_path_of_one_machine(file: Path) -> None:
    assert machine_paths(tree.text(file)) == []


@pytest.mark.parametrize("text", ["open('/home/ann/x')", "cd /root/project", "see /Users/ann"])
def test_machine_path_is_noticed(text: str) -> None:
    assert machine_paths(text)


@pytest.mark.parametrize("text", ["templates/home/page.html", "{{ x }}/home/live", "static/js/home/a.js"])
def test_paths_of_the_project_are_fine(text: str) -> None:
    assert not machine_paths(text)


def test_lock_file_holds_no_addresses() -> None:
    packages = json.loads(tree.text(Path("package-lock.json")))["packages"]
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert all("integrity" in entry for name, entry in packages.items() if name)


def test_vendor_files_are_the_ones_that_pages_load() -> None:
    copied = set(re.findall(r"^copy \S+ (\S+)$", tree.text(Path("setup/vendor.sh")), re.MULTILINE))
    sources = [
        file
        for file in tree.files()
        if file.parts[0] in {"templates", "static", "app"} and file.suffix in {".html", ".js", ".py"}
    ]
    loaded = set().union(*(re.findall(r"vendor/([\w.-]+\.m?js)", tree.text(file)) for file in sources))
    assert loaded
    assert loaded <= copied
