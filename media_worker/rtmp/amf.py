"""AMF0 values (Adobe Action Message Format, AMF 0, 2007-12-13), bounded in depth, number and size."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from media_worker.rtmp.limits import AmfLimits


class AmfError(ValueError):
    """The bytes are not AMF0, or exceed a limit."""


@dataclass(frozen=True)
class Undefined:
    """ActionScript's `undefined`, which is not `null`."""


@dataclass(frozen=True)
class Date:
    """An AMF0 date."""

    ms: float
    """Milliseconds since the Unix epoch, UTC."""


Value: TypeAlias = "bool | int | float | str | Undefined | Date | list[Value] | dict[str, Value] | None"


class EcmaArray(dict[str, Value]):
    """An associative array: the shape of onMetaData's argument."""


UNDEFINED: Final = Undefined()

_NUMBER, _BOOLEAN, _STRING, _OBJECT, _NULL, _UNDEFINED = 0x00, 0x01, 0x02, 0x03, 0x05, 0x06
_ECMA_ARRAY, _OBJECT_END, _STRICT_ARRAY, _DATE, _LONG_STRING = 0x08, 0x09, 0x0A, 0x0B, 0x0C
_XML, _TYPED_OBJECT = 0x0F, 0x10

_END = b"\x00\x00\x09"
_LONGEST_STRING = 0xFFFF


def decode(data: bytes, limits: AmfLimits | None = None) -> list[Value]:
    """Return all values in `data`.

    Raises:
        AmfError: a value is cut off, of an unknown kind, or over a limit.
    """
    reader = _Reader(data, limits or AmfLimits())
    values: list[Value] = []
    while reader.more():
        values.append(reader.value(0))
    return values


def encode(*values: Value) -> bytes:
    """Return the values as consecutive AMF0. Ints become AMF numbers (64-bit floats)."""
    out = bytearray()
    for value in values:
        _write(out, value)
    return bytes(out)


class _Reader:
    def __init__(self, data: bytes, limits: AmfLimits) -> None:
        self._data = data
        self._at = 0
        self._limits = limits
        self._items = 0
        self._readers: dict[int, Callable[[int], Value]] = {
            _NUMBER: lambda _: self._number(),
            _BOOLEAN: lambda _: self._take(1) != b"\x00",
            _STRING: lambda _: self._string(2),
            _OBJECT: self._object,
            _NULL: lambda _: None,
            _UNDEFINED: lambda _: UNDEFINED,
            _ECMA_ARRAY: self._ecma_array,
            _STRICT_ARRAY: self._strict_array,
            _DATE: lambda _: self._date(),
            _LONG_STRING: lambda _: self._string(4),
            _XML: lambda _: self._string(4),
            _TYPED_OBJECT: self._typed_object,
        }

    def more(self) -> bool:
        return self._at < len(self._data)

    def value(self, depth: int) -> Value:
        self._items += 1
        if self._items > self._limits.items:
            raise AmfError(f"more than {self._limits.items} values")
        marker = self._take(1)[0]
        read = self._readers.get(marker)
        if read is None:
            raise AmfError(f"unknown AMF0 marker {marker:#04x}")
        return read(depth + 1)

    def _take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._data):
            raise AmfError("cut off")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def _number(self) -> float:
        (number,) = struct.unpack(">d", self._take(8))
        return float(number)

    def _string(self, width: int) -> str:
        size = int.from_bytes(self._take(width), "big")
        if size > self._limits.string_bytes:
            raise AmfError(f"string of {size} bytes")
        return self._take(size).decode("utf-8", "replace")

    def _date(self) -> Date:
        moment = Date(self._number())
        self._take(2)  # a time zone that must be ignored (2.13)
        return moment

    def _properties(self, into: dict[str, Value], depth: int) -> None:
        self._go_down(depth)
        while True:
            name = self._string(2)
            if not name and self._data[self._at : self._at + 1] == b"\x09":
                self._at += 1
                return
            into[name] = self.value(depth)

    def _object(self, depth: int) -> Value:
        found: dict[str, Value] = {}
        self._properties(found, depth)
        return found

    def _typed_object(self, depth: int) -> Value:
        self._string(2)  # the class name means nothing to us
        return self._object(depth)

    def _ecma_array(self, depth: int) -> Value:
        self._take(4)  # the count is only a hint (2.10)
        found = EcmaArray()
        self._properties(found, depth)
        return found

    def _strict_array(self, depth: int) -> Value:
        self._go_down(depth)
        count = int.from_bytes(self._take(4), "big")
        if count > self._limits.items - self._items:
            raise AmfError(f"array of {count} values")
        return [self.value(depth) for _ in range(count)]

    def _go_down(self, depth: int) -> None:
        if depth > self._limits.depth:
            raise AmfError(f"nested deeper than {self._limits.depth}")


def _write(out: bytearray, value: Value) -> None:
    if value is None:
        out.append(_NULL)
    elif isinstance(value, bool):
        out += bytes((_BOOLEAN, value))
    elif isinstance(value, int | float):
        out += struct.pack(">Bd", _NUMBER, value)
    elif isinstance(value, str):
        _write_string(out, value)
    elif isinstance(value, Undefined):
        out.append(_UNDEFINED)
    elif isinstance(value, Date):
        out += struct.pack(">Bdh", _DATE, value.ms, 0)
    elif isinstance(value, list):
        out += struct.pack(">BI", _STRICT_ARRAY, len(value))
        for one in value:
            _write(out, one)
    else:
        out += struct.pack(">BI", _ECMA_ARRAY, len(value)) if isinstance(value, EcmaArray) else bytes((_OBJECT,))
        for name, one in value.items():
            _write_name(out, name)
            _write(out, one)
        out += _END


def _write_string(out: bytearray, text: str) -> None:
    data = text.encode("utf-8", "replace")
    if len(data) > _LONGEST_STRING:
        out += struct.pack(">BI", _LONG_STRING, len(data)) + data
    else:
        out += struct.pack(">BH", _STRING, len(data)) + data


def _write_name(out: bytearray, name: str) -> None:
    data = name.encode("utf-8", "replace")
    if len(data) > _LONGEST_STRING:
        raise AmfError(f"property name of {len(data)} bytes")
    out += len(data).to_bytes(2, "big") + data
