"""People's Markdown (CommonMark 0.31) as HTML that is safe to show: no typed text becomes markup of its own."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from linkify_it import LinkifyIt
from linkify_it.main import Match
from markdown_it import MarkdownIt
from markupsafe import Markup

SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
LED_TO = ("http", "https", "mailto", "tel")

CHINESE_HOST = re.compile(r"//(?:[\w-]{1,63}\.){1,9}(?:中国|公司|网络|网址|政务|公益)")
_ADDRESSES = LinkifyIt()
NOT_ASCII = re.compile(r"[^\x00-\x7f]")


@lru_cache(maxsize=1)
def _writer() -> MarkdownIt:
    """Return a writer that shows HTML as text, links bare addresses, and omits pictures, which our policy blocks."""
    writer = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    writer.enable(["linkify", "table", "strikethrough"]).disable("image")
    writer.linkify = _finder()
    writer.validateLink = _may_lead_to  # type: ignore[method-assign, assignment]
    writer.add_render_rule("link_open", _link)
    writer.add_render_rule("heading_open", _heading)
    writer.add_render_rule("heading_close", _heading)
    return writer


@lru_cache(maxsize=512)
def as_html(text: str) -> Markup:
    """Return Markdown as HTML. Links out of the site do not tell where they come from."""
    return Markup(_writer().render(text))  # noqa: S704 - the writer makes it safe


@lru_cache(maxsize=1)
def _liner() -> MarkdownIt:
    """Return a writer that knows only line breaks and addresses."""
    writer = MarkdownIt("zero", {"html": False, "linkify": True, "breaks": True}).enable(["linkify", "newline"])
    writer.linkify = _finder()
    writer.validateLink = _may_lead_to  # type: ignore[method-assign, assignment]
    writer.add_render_rule("link_open", _link)
    return writer


@lru_cache(maxsize=512)
def as_lines(text: str) -> Markup:
    """Return plain text as HTML: lines stay lines, addresses become links."""
    return Markup(_liner().renderInline(text))  # noqa: S704 - the writer escapes everything else


def as_words(text: str) -> str:
    """Return the first 200 characters of a Markdown text without its markup, for link previews."""
    words = ["".join(_words_of(child) for child in block.children or []) for block in _writer().parse(text)]
    plain = " ".join(" ".join(words).split())
    return plain if len(plain) <= 200 else plain[:199].rstrip() + "…"


def _words_of(token: Any) -> str:
    return " " if token.type in {"softbreak", "hardbreak"} else str(token.content)


def _finder() -> LinkifyIt:
    """Return a finder of bare addresses: https://, http://, mailto:, www. and e-mail. `readme.md` is a file."""
    finder = LinkifyIt(options={"fuzzy_link": False})
    finder.add("//", None).add("ftp:", None).add("http:", {"validate": _length}).add("https:", "http:")
    return finder.add("www.", {"validate": _length_after_www, "normalize": _add_scheme})


def _length(_finder: LinkifyIt, text: str, pos: int) -> int:
    """Return the length of the address behind `http:`. 0 means that there is none.

    Chinese has no blanks, and an address is ASCII (RFC 3986, 2), so it ends where Chinese text or punctuation begins.
    Only a host may be Chinese, under one of the Chinese domains.
    """
    host = CHINESE_HOST.match(text, pos)
    ends = NOT_ASCII.search(text, host.end() if host else pos)
    return int(_ADDRESSES.test_schema_at(text[: ends.start()] if ends else text, "http:", pos))


def _length_after_www(finder: LinkifyIt, text: str, pos: int) -> int:
    length = _length(finder, f"//www.{text[pos:]}", 0)
    return max(0, length - len("//www."))


def _add_scheme(_finder: LinkifyIt, match: Match) -> None:
    match.url = f"http://{match.url}"


def _may_lead_to(address: str) -> bool:
    """Return whether a typed address may become a link. Only pages, mail and telephones may."""
    scheme = SCHEME.match(address.strip())
    return scheme[1].lower() in LED_TO if scheme else not address.startswith("//")


def _link(renderer: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    tokens[index].attrSet("rel", "nofollow noreferrer noopener")
    return str(renderer.renderToken(tokens, index, options, env))


def _heading(renderer: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    """Render a heading two levels lower, because a page has its own first and second heading."""
    token = tokens[index]
    token.tag = f"h{min(6, int(token.markup.count('#') or 1) + 2)}" if token.markup.startswith("#") else "h3"
    return str(renderer.renderToken(tokens, index, options, env))
