"""Voices of a stage on their way into what an encoder sends: kept by the moment at which they are heard.

The presenter's studio sends the voices of the stage as one row of pieces (`voice.py`). A take that mixes reads them at
the capture times of its own sound, and ffmpeg adds the two (`commands.py`).
"""

from __future__ import annotations

from media_worker.contract import VOICE_RATE

SILENCE = 0
"""Zero as pages send it: the continuous µ-law curve, with the sign in the highest bit (`static/js/lib/mu-law.js`)."""

PER_MS = VOICE_RATE // 1000
KEPT = 30 * VOICE_RATE
"""Samples that are kept. A take that begins anew reads seconds again."""

ON_THE_WAY_MS = 40
"""Time from the studio's loudspeaker to this worker: half of the piece, its worklet and the network."""

SPARE_MS = 100
"""Minimum time between a piece's arrival and its moment in the lesson, so that a piece that is late is not too late."""

LATE_MS = 100
"""Delay of a piece beyond which the row of pieces goes on later. A shorter one is taken up by what is kept."""

WAITS_MS = 60
"""Time that pieces may be ahead of their moment. Beyond it silent ones are left out."""

MOST_WAITS_MS = 400
"""The same for pieces that are not silent: what comes in a burst after a broken line is a conversation of the past."""

HUSH = 0x29
"""Largest magnitude (of 0x7F) in a piece between two words: -34 dB."""

LINGERS_MS = 3000
"""Time without a piece after which nobody speaks any more."""


def _g711(byte: int) -> int:
    """Return a sample of a page as ffmpeg knows it: the nearest one of ITU-T G.711, whose bits are inverted."""
    size: float = (256.0 ** ((byte & 0x7F) / 127) - 1) / 255
    biased = min(32_635, round(32_767 * size)) + 0x84
    exponent = biased.bit_length() - 8
    return ~(byte & 0x80 | exponent << 4 | biased >> exponent + 3 & 0x0F) & 0xFF


G711 = bytes(_g711(byte) for byte in range(256))


class StageVoices:
    """The last half minute of a stage's voices at 16 kHz, by Unix time in ms."""

    def __init__(self) -> None:
        self._ring = bytearray([SILENCE]) * KEPT
        self._begin = self._end = 0
        """Samples since 1970: the first one of the present row, and the one after the last."""

    def push(self, piece: bytes, arrived_ms: float, encoder_delay_ms: int) -> None:
        """Take a piece that has just arrived.

        Args:
            piece: 20 ms.
            arrived_ms: Unix time.
            encoder_delay_ms: how much later than its capture the encoder's sound of the same moment arrives.
        """
        due = round(PER_MS * (arrived_ms - min(ON_THE_WAY_MS, encoder_delay_ms - SPARE_MS)))
        if due - self._end > PER_MS * LINGERS_MS:
            self._begin = self._end = due
        elif due - self._end > PER_MS * LATE_MS:
            self._write(bytes([SILENCE]) * (due - self._end))
        ahead = self._end - due
        if ahead > PER_MS * MOST_WAITS_MS or (ahead > PER_MS * WAITS_MS and _is_hush(piece)):
            return
        self._write(piece)

    def are_heard(self, capture_ms: float) -> bool:
        """Return whether somebody is connected at this moment of the lesson."""
        return self._begin <= PER_MS * capture_ms < self._end + PER_MS * LINGERS_MS

    def read(self, capture_ms: float, count: int) -> bytes:
        """Return so many samples of G.711 from this moment on, with silence where there are none."""
        first = round(PER_MS * capture_ms)
        here = range(max(first, self._begin, self._end - KEPT), min(first + count, self._end))
        if not here:
            return bytes([G711[SILENCE]]) * count
        found = b"".join(self._ring[at % KEPT : at % KEPT + size] for at, size in _rows(here.start, len(here)))
        after = first + count - here.stop
        return (bytes([SILENCE]) * (here.start - first) + found + bytes([SILENCE]) * after).translate(G711)

    def _write(self, samples: bytes) -> None:
        done = 0
        for at, size in _rows(self._end, len(samples)):
            self._ring[at % KEPT : at % KEPT + size] = samples[done : done + size]
            done += size
        self._end += len(samples)


def _rows(first: int, count: int) -> list[tuple[int, int]]:
    """Cut a stretch where the ring begins anew: beginnings and lengths."""
    until_turn = KEPT - first % KEPT
    return [(first, count)] if count <= until_turn else [(first, until_turn), (first + until_turn, count - until_turn)]


def _is_hush(piece: bytes) -> bool:
    return max(byte & 0x7F for byte in piece) < HUSH
