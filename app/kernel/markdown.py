"""Markdown (CommonMark 0.31) that people type, as HTML that is safe to show: none of it becomes markup of its own."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
LED_TO = ("http", "https", "mailto", "tel")


@lru_cache(maxsize=1)
def _writer() -> MarkdownIt:
    """HTML is text here; pictures are left out, the strict policy would not load them; bare addresses become links."""
    writer = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    writer.enable(["linkify", "table", "strikethrough"]).disable("image")
    writer.validateLink = _may_lead_to  # type: ignore[method-assign, assignment]
    writer.add_render_rule("link_open", _link)
    writer.add_render_rule("heading_open", _heading)
    writer.add_render_rule("heading_close", _heading)
    return writer


@lru_cache(maxsize=512)
def as_html(text: str) -> Markup:
    """Turn Markdown into HTML. Links lead out of the site with nothing that tells where from."""
    return Markup(_writer().render(text))  # noqa: S704 - that is what the writer is for


@lru_cache(maxsize=1)
def _liner() -> MarkdownIt:
    """Knows line breaks and addresses, and nothing else."""
    writer = MarkdownIt("zero", {"html": False, "linkify": True, "breaks": True}).enable(["linkify", "newline"])
    writer.validateLink = _may_lead_to  # type: ignore[method-assign, assignment]
    writer.add_render_rule("link_open", _link)
    return writer


@lru_cache(maxsize=512)
def as_lines(text: str) -> Markup:
    """Turn what was typed without any markup into HTML: lines stay lines, addresses become links."""
    return Markup(_liner().renderInline(text))  # noqa: S704 - the writer escapes everything else


def as_words(text: str) -> str:
    """Give the first 200 characters of a Markdown text without its signs, for link previews."""
    words = ["".join(_words_of(child) for child in block.children or []) for block in _writer().parse(text)]
    plain = " ".join(" ".join(words).split())
    return plain if len(plain) <= 200 else plain[:199].rstrip() + "…"


def _words_of(token: Any) -> str:
    return " " if token.type in {"softbreak", "hardbreak"} else str(token.content)


def _may_lead_to(address: str) -> bool:
    """Say whether what people write may become a link there: to pages, mail and telephones, and to nothing else."""
    scheme = SCHEME.match(address.strip())
    return scheme[1].lower() in LED_TO if scheme else not address.startswith("//")


def _link(renderer: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    tokens[index].attrSet("rel", "nofollow noreferrer noopener")
    return str(renderer.renderToken(tokens, index, options, env))


def _heading(renderer: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    """A page has its own first and second heading: what people write begins beneath."""
    token = tokens[index]
    token.tag = f"h{min(6, int(token.markup.count('#') or 1) + 2)}" if token.markup.startswith("#") else "h3"
    return str(renderer.renderToken(tokens, index, options, env))
