"""Pages obey the strict content security policy: nothing inline, no behaviour in attributes."""

from __future__ import annotations

import re

import pytest

from tests.house import tree

FORBIDDEN = {
    "inline script": r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>",
    "inline style sheet": r"<style\b",
    "style attribute": r"\sstyle\s*=",
    "hx-on": r"\s(?:data-)?hx-on\b",
    "event handler": r"<[^>]*\son[a-z]+\s*=\s*[\"']",
    "script address": r"javascript:",
    "evaluated hx-vals": r"hx-(?:vals|headers)=[\"']js:",
    "unescaped text": r"\|\s*safe\b",
}
SAMPLES = {
    "inline script": "<script>go()</script>",
    "inline style sheet": "<style>p{}</style>",
    "style attribute": '<p style="color:red">',
    "hx-on": '<p hx-on:click="go()">',
    "event handler": '<a href="#" onclick="go()">',
    "script address": '<a href="javascript:go()">',
    "evaluated hx-vals": "<p hx-vals='js:{a: 1}'>",
    "unescaped text": "{{ text|safe }}",
}
TEMPLATES = [file for file in tree.files() if file.parts[0] == "templates" and file.suffix == ".html"]


def found_in(html: str) -> list[str]:
    """Give what is forbidden and found."""
    html = re.sub(r"{#.*?#}", "", html, flags=re.DOTALL)
    return [what for what, pattern in FORBIDDEN.items() if re.search(pattern, html)]


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_template_obeys_the_policy(template) -> None:
    assert found_in(tree.text(template)) == []


@pytest.mark.parametrize(("what", "html"), SAMPLES.items())
def test_each_offence_is_noticed(what: str, html: str) -> None:
    assert found_in(html) == [what]


def test_what_is_allowed_is_let_through() -> None:
    assert found_in('<script type="module" src="a.js"></script><script type="application/json">{}</script>') == []
