"""Reads pages as a browser does, and tells whether a body was read at all."""

from __future__ import annotations

import io
from html.parser import HTMLParser
from typing import Any

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """A page's form fields, the errors beside them, its elements and its words."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: dict[str, list[str]] = {}
        """Values that a browser would send, by the name of the field, without buttons."""
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._within: list[tuple[str, dict[str, str]]] = []
        self._words: list[tuple[tuple[str, ...], str]] = []
        self._select = ""
        self._options: list[tuple[str, bool]] = []
        self.feed(html)

    def errors(self, field: str) -> str:
        """Return the error beside a field, empty if there is none."""
        return self.text_in(f"{field}-errors")

    def text_in(self, element_id: str) -> str:
        """Return the words within an element."""
        return " ".join("".join(text for ids, text in self._words if element_id in ids).split())

    @property
    def text(self) -> str:
        """All words of the page."""
        return " ".join("".join(text for _ids, text in self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self._within.append((tag, attributes))
        name = attributes.get("name", "")
        if tag == "input" and name and attributes.get("form") != "no-form":
            if attributes.get("type") not in {"checkbox", "radio", "file"} or "checked" in attributes:
                self.fields.setdefault(name, []).append(attributes.get("value", ""))
        elif tag == "textarea":
            self.fields.setdefault(name, []).append("")
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option":
            self._options.append((attributes.get("value", ""), "selected" in attributes))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._options:
            chosen = [value for value, selected in self._options if selected] or [self._options[0][0]]
            self.fields.setdefault(self._select, []).extend(chosen)
        while self._within:
            if self._within.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        tag, attributes = self._within[-1] if self._within else ("", {})
        if tag == "textarea":
            name = attributes.get("name", "")
            # the first line break after the tag is not part of the text, says HTML
            self.fields[name][-1] += data if self.fields[name][-1] else data.removeprefix("\r\n").removeprefix("\n")
        self._words.append((tuple(one.get("id", "") for _tag, one in self._within), data))


class Unread(io.BytesIO):
    """A body of 5 MB that notes whether it was read."""

    def __init__(self) -> None:
        super().__init__(bytes(5_000_000))
        self.asked = False

    def read(self, size: int | None = -1) -> bytes:
        self.asked = True
        return super().read(size)

    def readinto(self, buffer: Any) -> int:
        self.asked = True
        return super().readinto(buffer)
