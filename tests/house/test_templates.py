"""Templates write what they seem to write."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "templates"

CONDITIONAL = re.compile(r"\{% if [^%]*%\}(?P<gap> ?)[a-z-]+(?:=\"[^\"]*\")?\{% endif %\}$")
"""An attribute that is there or not, at the end of a line: Jinja takes away the line's end behind it."""
FORM = re.compile(r"<form\b(?:[^>\"]|\"[^\"]*\")*>.*?</form>", re.DOTALL)
TYPED = re.compile(
    r"(?<!\w)field\(|<(?:input|textarea)\b(?![^>]*type=\"(?:hidden|checkbox|radio|search)\")[^>]*\bname="
)
BEGINS = re.compile(r"\s*\{% if [^%]*%\}(?P<gap> ?)")


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.html")), ids=lambda file: str(file.relative_to(TEMPLATES)))
def test_two_attributes_do_not_grow_together(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").split("\n")
    glued = [
        number
        for number, (line, after) in enumerate(pairwise(lines), 1)
        if CONDITIONAL.search(line) and (begins := BEGINS.match(after)) and not begins["gap"]
    ]
    assert glued == []


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.html")), ids=lambda file: str(file.relative_to(TEMPLATES)))
def test_what_tells_whether_a_part_is_drawn_anew_is_made_of_the_part_itself(file: Path) -> None:
    """A list of values kept beside the part forgets one: then the part never changes on an open page."""
    versions = re.findall(r'data-version="(.*?)"', file.read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"\{\{ .+ \| fingerprint \}\}", one) for one in versions), versions


READ_OF_FORMS = {"action", "elements", "form", "id", "method", "requestSubmit", "submit", "target"}
"""Properties of a form that htmx and our scripts read. A field of this name takes their place (HTML, 4.10.3)."""


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.html")), ids=lambda file: str(file.relative_to(TEMPLATES)))
def test_no_field_hides_a_property_of_its_form(file: Path) -> None:
    fields = re.findall(r"<(?:input|select|textarea|button)\b[^>]*?\bname=\"(\w+)\"", file.read_text(encoding="utf-8"))
    assert not READ_OF_FORMS & set(fields)


def test_colons_and_commas_are_those_of_the_language() -> None:
    """A mark that is written between two values stays half as wide as Chinese needs: use `labelled` or gettext."""
    marked = [
        f"{file.relative_to(TEMPLATES)}: {found}"
        for file in sorted(TEMPLATES.rglob("*.html"))
        for found in re.findall(
            r"^(?!.*(?:data-fields|hx-)).*\}\}[:,] .*$", file.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert marked == []


def test_every_form_begins_with_its_mistakes() -> None:
    """A form whose hidden fields are written by hand would come back without the list that leads to what is wrong."""
    by_hand = [str(file) for file in TEMPLATES.rglob("*.html") if "hidden_tag" in file.read_text(encoding="utf-8")]
    assert by_hand == [str(TEMPLATES / "_ui/forms.html")]


def test_a_page_form_with_several_fields_leads_to_the_one_that_is_wrong() -> None:
    """Forms that htmx or the socket sends say it beside their button. A form of one field has nowhere else to lead."""
    silent = [
        f"{file.relative_to(TEMPLATES)}: {form[:80]}"
        for file in sorted(TEMPLATES.rglob("*.html"))
        for form in FORM.findall(file.read_text(encoding="utf-8"))
        if len(TYPED.findall(form)) > 1
        and not re.search(r"hx-post|data-command|role=\"search\"|method=\"dialog\"", form)
        and not re.search(r"\b(?:opened|mistakes|faults)\(", form)
    ]
    assert silent == []
