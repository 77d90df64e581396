"""What the documentation promises to list is listed: every setting, every package, every file that it names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.config import SETTINGS
from media_worker.config import SETTINGS as WORKER_SETTINGS
from tests.house import tree

PAGES = [file for file in tree.files() if file.suffix == ".md"]
CHOSEN_IN = ("requirements.in", "requirements-dev.in")


def chosen(text: str) -> set[str]:
    """Return the names of the packages that a .in file asks for."""
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return {re.split(r"[\[<>=~! ]", line)[0].lower() for line in lines if line and not line.startswith("-")}


def pinned(text: str) -> set[str]:
    """Return the names of the packages that a requirements file pins."""
    return {match.lower().replace("_", "-") for match in re.findall(r"^([A-Za-z0-9._-]+)==\S+$", text, re.MULTILINE)}


def dependencies() -> set[str]:
    """Return all packages of our own choice."""
    ours = json.loads(tree.text(Path("package.json")))
    python = set().union(*(chosen(tree.text(Path(file))) for file in CHOSEN_IN))
    return python | set(ours["dependencies"]) | set(ours["devDependencies"])


def explained(text: str) -> set[str]:
    """Return the packages that have a row `| name | why it, and not its rival |` with some words in it."""
    rows = re.findall(r"^\| `([^`]+)` \| (.*?) \|", text, re.MULTILINE)
    return {name.lower() for name, why in rows if len(why) > 30}


def dead_links(page: Path) -> list[str]:
    """Return the relative links of a page that lead nowhere. `/help/replays` is an address of the service."""
    links = re.findall(r"\]\((?!https?:|mailto:|#|/)([^)#\s]+)", tree.text(page))
    return [link for link in links if not (tree.ROOT / page.parent / link).exists()]


def settings_of(text: str) -> dict[str, tuple[str, str]]:
    """Return default and description of each row `| NAME | default | what it does |`, with links as plain paths."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*?) ?\| (.*) \|$", text, re.MULTILINE)
    return {name: (default, re.sub(r"\[(.*?)\]\(\1\)", r"docs/\1", words)) for name, default, words in rows}


def test_settings_stand_in_the_documentation_as_in_the_code() -> None:
    documented = settings_of(tree.text(Path("docs/settings.md")))
    names = {setting.name for setting in SETTINGS}
    settings = [*SETTINGS, *(one for one in WORKER_SETTINGS if one.name not in names)]
    assert set(documented) == {setting.name for setting in settings}
    for setting in settings:
        default, words = documented[setting.name]
        assert words == setting.help, setting.name
        if isinstance(setting.default, str):
            assert default == (setting.default or "(empty)"), setting.name


def test_a_setting_with_another_default_is_noticed() -> None:
    text = "| `PORT` | 80 | Port of `web`, as [web.md](web.md) tells. |\n| `HOST` | | Name. |\n"
    assert settings_of(text) == {"PORT": ("80", "Port of `web`, as docs/web.md tells."), "HOST": ("", "Name.")}


def test_every_package_has_its_reason() -> None:
    assert explained(tree.text(Path("docs/dependencies.md"))) == dependencies()


def test_a_package_without_reason_is_noticed() -> None:
    assert explained("| `flask` | because it is asked for by those who pay |\n| `huey` | fine |\n") == {"flask"}


@pytest.mark.parametrize("file", CHOSEN_IN)
def test_every_chosen_package_is_pinned(file: str) -> None:
    requirements = tree.text(Path(file.replace(".in", ".txt")))
    assert chosen(tree.text(Path(file))) <= pinned(requirements)
    loose = [line for line in requirements.splitlines() if not re.match(r"#|-r |[\w.-]+==[\w.!+]+$", line)]
    assert loose == []


def test_chosen_reads_names_only() -> None:
    assert chosen("# why\npsycopg[binary]\n-r other.txt\nflask>=3  # web\n") == {"psycopg", "flask"}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    assert dead_links(page) == []
