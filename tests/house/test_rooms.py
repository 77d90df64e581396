"""A room has the same name in every place, and says what it is for."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.house import tree

SHARED_TEMPLATES = {"dev", "emails"}
SHARED_SCRIPTS = {"lib", "elements"}
SHARED_STYLES = {"reset", "tokens", "base", "layout", "utilities"}
SHARED_TESTS = {"factories", "house", "journeys", "bench", "js", "contract", "media_worker", "deploy"}


def folders(*where: str) -> set[str]:
    """Return the names of the folders directly within `where`."""
    depth = len(where)
    return {file.parts[depth] for file in tree.files() if file.parts[:depth] == where and len(file.parts) > depth + 1}


def strangers(found: set[str], shared: set[str]) -> set[str]:
    """Return the names that are neither rooms nor shared."""
    return {name for name in found if not name.startswith("_")} - tree.rooms() - shared


@pytest.mark.parametrize("room", sorted(tree.rooms()))
def test_room_says_what_it_is_for(room: str) -> None:
    source = tree.text(Path("app") / room / "__init__.py")
    docstring = ast.get_docstring(ast.parse(source))
    assert docstring, f"app/{room}/__init__.py has no docstring"
    assert len(docstring) > 20


@pytest.mark.parametrize("room", sorted(tree.rooms()))
def test_room_has_tests(room: str) -> None:
    tests = [file for file in tree.files() if file.parts[:2] == ("tests", room) and file.name.startswith("test_")]
    assert tests, f"tests/{room}/ has no test"


@pytest.mark.parametrize(
    ("where", "shared"),
    [
        (("templates",), SHARED_TEMPLATES),
        (("static", "js"), SHARED_SCRIPTS),
        (("static", "css"), {"ui"}),
        (("tests",), SHARED_TESTS),
    ],
)
def test_folders_are_named_after_rooms(where: tuple[str, ...], shared: set[str]) -> None:
    assert strangers(folders(*where), shared) == set()


def test_stylesheets_are_named_after_rooms() -> None:
    sheets = {file.stem for file in tree.files() if file.parts[:2] == ("static", "css") and len(file.parts) == 3}
    assert strangers(sheets, SHARED_STYLES) == set()


def test_no_two_rooms_style_the_same_class() -> None:
    """A sheet that takes a name of another's changes how its pages look: all sheets are sent as one."""
    rooms_of: defaultdict[str, set[str]] = defaultdict(set)
    for file in tree.files():
        if file.parts[:2] == ("static", "css") and (room := Path(file.parts[2]).stem) not in SHARED_STYLES:
            for name in re.findall(r"^\s*(\.[a-z][a-z0-9_-]*) \{", tree.text(file), re.MULTILINE):
                rooms_of[name].add(room)
    assert {name: rooms for name, rooms in rooms_of.items() if len(rooms) > 1} == {}


def test_stranger_is_noticed() -> None:
    assert strangers({"kernel", "attic", "_ui"}, set()) == {"attic"}
