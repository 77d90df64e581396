"""The update line of the READMEs works as it is written: by root, in a tree that belongs to the service's user."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

MAKEFILE = "setup:\n\t@id -un > set-up-by\n"
WHO = ("-c", "user.name=t", "-c", "user.email=t@example.org")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *WHO, "-C", str(folder), *arguments], check=True, capture_output=True)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody may pass through, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="update-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def tree(place: Path) -> tuple[Path, str]:
    """A clone of an older version and its owner: the service's user, where the test may give it away."""
    origin, tree = place / "origin", place / "tree"
    origin.mkdir()
    git(origin, "init", "-q", "-b", "main")
    (origin / "Makefile").write_text(MAKEFILE)
    git(origin, "add", ".")
    git(origin, "commit", "-qm", "old")
    subprocess.run(["git", "clone", "-q", str(origin), str(tree)], check=True)
    (origin / "version").write_text("new")
    git(origin, "add", ".")
    git(origin, "commit", "-qm", "new")
    if os.getuid() != 0:
        return tree, subprocess.check_output(["id", "-un"], text=True).strip()
    subprocess.run(["chown", "-R", "nobody:", str(origin), str(tree)], check=True)
    return tree, "nobody"


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_line_updates_and_restarts(place: Path, tree: tuple[Path, str], readme: str) -> None:
    folder, owner = tree
    (line,) = re.findall(r"`([^`]*git pull[^`]*)`", (ROOT / readme).read_text())
    programs = {"systemctl": f'echo "$@" > {place}/restarted\n'}
    if os.getuid() != 0:  # only root becomes somebody else without a password; here the tree is our own
        programs["su"] = 'exec /bin/sh -c "$4"\n'
    for name, script in programs.items():
        (place / name).write_text(f"#!/bin/sh\n{script}")
        (place / name).chmod(0o755)
    environment = os.environ | {"PATH": f"{place}:{os.environ['PATH']}"}
    shell = ["/bin/sh", "-c", line]
    done = subprocess.run(shell, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (folder / "version").read_text() == "new"
    assert (folder / "set-up-by").read_text().strip() == owner
    assert (place / "restarted").read_text() == "restart jiangtang\n"
