"""What people type, before it is stored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.text import one_line, plain_text


def test_a_subject_is_one_line() -> None:
    assert one_line(" a\r\nX-Evil:\t1\x00\x1b ") == "a X-Evil: 1"
    assert one_line(None) is None


def test_a_text_keeps_its_lines() -> None:
    assert plain_text(" 第一行\r\n第二行\x00\n") == "第一行\n第二行"
    assert plain_text(None) is None


@pytest.mark.parametrize("unseen", "\u202e\u2066\u200f\u061c\u200b\u2060\ufeff\u00ad\x7f\ue000")
def test_what_turns_a_line_or_has_no_width_goes(unseen: str) -> None:
    assert one_line(f"a{unseen}b") == "ab"
    assert plain_text(f"a{unseen}b\nc") == "ab\nc"


def test_joiners_are_part_of_what_is_written() -> None:
    assert one_line("👩\u200d🔬 می\u200cخواهم") == "👩\u200d🔬 می\u200cخواهم"


@given(st.text())
def test_nothing_that_a_header_or_a_database_refuses_stays(text: str) -> None:
    line = one_line(text) or ""
    assert not set(line) & set("\r\n\0")
    assert line == one_line(line)
    line.encode()
    (plain_text(text) or "").encode()
