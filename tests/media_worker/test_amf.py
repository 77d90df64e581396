"""AMF0 values: what is written is read again, and nothing is read without bounds."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_worker.rtmp import amf
from media_worker.rtmp.limits import AmfLimits

WIDE = AmfLimits(depth=16, items=10_000, string_bytes=200_000)

names = st.text(max_size=12)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False),
    st.text(max_size=40),
    st.just(amf.UNDEFINED),
    st.floats(allow_nan=False).map(amf.Date),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(names, inner, max_size=4),
        st.dictionaries(names, inner, max_size=4).map(amf.EcmaArray),
    ),
    max_leaves=12,
)


@given(st.lists(values, max_size=4))
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read_again(written):
    read = amf.decode(amf.encode(*written), WIDE)
    assert read == written
    assert [type(one) for one in read] == [type(one) for one in written]


@given(st.lists(values, min_size=1, max_size=3), st.data())
@settings(max_examples=100, deadline=None)
def test_anything_cut_off_or_bent_is_read_or_refused(written, data):
    bent = bytearray(amf.encode(*written))
    for _ in range(data.draw(st.integers(0, 3))):
        bent[data.draw(st.integers(0, len(bent) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(amf.AmfError):
        amf.decode(bytes(bent[: data.draw(st.integers(0, len(bent)))]))


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_garbage_is_read_or_refused(data):
    with contextlib.suppress(amf.AmfError):
        amf.decode(data)


def test_a_long_string_is_written_as_one():
    assert amf.decode(amf.encode("长" * 30_000), WIDE) == ["长" * 30_000]


def test_objects_of_a_class_and_xml_are_read_plainly():
    assert amf.decode(b"\x10\x00\x01C\x00\x01a\x05\x00\x00\x09" + b"\x0f\x00\x00\x00\x02<>") == [{"a": None}, "<>"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(b"\x03\x00\x01a" * 1000, "nested deeper", id="depth bomb of objects"),
        pytest.param(b"\x0a\x00\x00\x00\x01" * 1000, "nested deeper", id="depth bomb of arrays"),
        pytest.param(b"\x0a\xff\xff\xff\xff", "array of 4294967295", id="array claims four thousand million values"),
        pytest.param(b"\x0c\xff\xff\xff\xff", "string of", id="string claims four gigabytes"),
        pytest.param(b"\x05" * 1000, "more than 256", id="too many values"),
        pytest.param(b"\x02\x00\x05abc", "cut off", id="cut off in a string"),
        pytest.param(b"\x00\x01", "cut off", id="cut off in a number"),
        pytest.param(b"\x03\x00\x01a", "cut off", id="cut off before a value"),
        pytest.param(b"\x11\x0a", "unknown AMF0 marker", id="switch to AMF3"),
        pytest.param(b"\x07\x00\x00", "unknown AMF0 marker", id="reference"),
    ],
)
def test_more_than_allowed_is_refused(data, says):
    with pytest.raises(amf.AmfError, match=says):
        amf.decode(data)


def test_a_property_name_has_an_end():
    with pytest.raises(amf.AmfError, match="property name"):
        amf.encode({"n" * 70_000: 1})
