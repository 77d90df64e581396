"""The screen speaks Chinese: every word that code and templates say through gettext has its translation."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from tests.house import tree

KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "_n": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def catalogue() -> Catalog:
    with (tree.ROOT / "app/translations/zh/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file)


def said() -> set[str]:
    """Return the texts in code and templates, by the singular."""
    with (tree.ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    messages = extract_from_dir(tree.ROOT, methods, options, KEYWORDS, directory_filter=has_words)
    return {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in messages}


def has_words(folder: str) -> bool:
    inside = Path(folder).relative_to(tree.ROOT)
    return inside.parts[0] in {"app", "templates"}


def singular(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple) else message.id)


def translation(message: Message) -> str:
    return str(message.string[0] if isinstance(message.string, (tuple, list)) else message.string)


def test_everything_that_is_said_is_said_in_chinese() -> None:
    known = {singular(message) for message in catalogue() if message.id and translation(message)}
    words = said()
    assert len(words) > 100, "the words were not found"
    assert words - known == set()


def test_nothing_is_translated_that_nobody_says() -> None:
    assert {singular(message) for message in catalogue() if message.id} - said() == set()


def test_translations_keep_the_placeholders() -> None:
    wrong = [
        singular(message)
        for message in catalogue()
        if message.id and set(PLACEHOLDER.findall(singular(message))) != set(PLACEHOLDER.findall(translation(message)))
    ]
    assert wrong == []
