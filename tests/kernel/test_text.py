"""What people type, before it is stored."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from wtforms import Form, StringField

from app.kernel.text import Unwritable, one_line, plain_text, storable, tidied

TYPED = {
    "a surname that is newer than Python's tables": "\U0002ebf0建国",
    "an emoji of Unicode 15": "\U0001fa77",
    "an emoji of several parts": "👩\u200d🔬 👨🏽\u200d🦰 ❤\ufe0f",
    "a flag that is spelt in tags": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "Persian letters that stand apart": "می\u200cخواهم",
    "Arabic numbers with their sign": "\u0600١٢",
    "Hebrew with marks of direction": "שלום!\u200f ABC\u200e",
    "a variant of a character": "葛\U000e0100",
    "a character of one's own, as registries of names have them": "\ue816",
}


@pytest.mark.parametrize("text", TYPED.values(), ids=TYPED)
def test_what_a_person_types_is_kept(text: str) -> None:
    assert one_line(text) == text
    assert plain_text(text) == text
    assert tidied(text) == text
    assert storable(text) == text


def test_a_subject_is_one_line() -> None:
    assert one_line(" a\r\nX-Evil:\t1\u2028 ") == "a X-Evil: 1"
    assert one_line(None) is None


def test_a_text_keeps_its_lines_whoever_wrote_them() -> None:
    assert plain_text(" 第一行\r\n第二行\n") == "第一行\n第二行"
    assert plain_text("aus PowerPoint\v二\u2028三\r四\u0085五") == "aus PowerPoint\n二\n三\n四\n五"
    assert plain_text(None) is None


@pytest.mark.parametrize("noise", "\u200b\u2060\ufeff\u00ad")
def test_what_pasting_brings_along_unseen_makes_no_two_names_of_one(noise: str) -> None:
    assert one_line(f"a{noise}b") == "ab"


@pytest.mark.parametrize("blank", ["\u200d", "\ufe0f", "\u200b\u200f", "\u3164", "\u2800 \u115f", "\u3000"])
def test_what_shows_nothing_is_nothing(blank: str) -> None:
    assert one_line(blank) == plain_text(blank) == tidied(blank) == ""


@pytest.mark.parametrize("dangerous", "\x00\x07\x1b\x7f\x9f\ud83d\ufffe\U0001ffff\ufdd0")
def test_what_is_no_text_is_refused_and_one_reads_where_it_stands(app: Flask, dangerous: str) -> None:
    for clean in (one_line, plain_text):
        with pytest.raises(Unwritable) as refused, app.test_request_context():
            clean(f"低温{dangerous}物理")
        with app.test_request_context():
            assert "“低温”" in str(refused.value.message)
    assert tidied(f"低温{dangerous}物理") == "低温物理"


@pytest.mark.parametrize("turning", "\u202a\u202d\u202e\u2066\u2069")
def test_a_name_that_turns_what_stands_behind_it_is_refused_and_a_text_may(turning: str) -> None:
    with pytest.raises(Unwritable):
        one_line(f"张三{turning}")
    assert tidied(f"张三{turning}") == "张三"
    assert plain_text(f"电话 {turning}138 0013 8000") == f"电话 {turning}138 0013 8000"


def test_a_form_says_both_sentences_beside_its_field(app: Flask) -> None:
    class Named(Form):
        name = StringField(filters=[one_line])

    with app.test_request_context():
        form = Named(data={"name": "张三\u202e"})
        assert not form.validate()
        (said,) = form.name.errors
        assert "“张三”" in str(said)
        assert "重新输入" in str(said)


@given(st.text())
def test_nothing_that_a_header_or_a_database_refuses_stays(text: str) -> None:
    for clean in (one_line, plain_text, tidied):
        try:
            kept = clean(text) or ""
        except Unwritable:
            continue
        assert "\0" not in kept
        assert clean is plain_text or not set(kept) & set("\r\n")
        assert kept == clean(kept)
        kept.encode()
