"""The voices of a stage on their way into an encoder's sound, kept by the moment of the lesson at which they are heard.

The presenter's studio sends the voices of the stage as one row of pieces (`voice.py`). A take that mixes reads them at
the capture times of its own sound, and ffmpeg adds the two (`commands.py`).
"""

from __future__ import annotations

from media_worker.contract import VOICE_RATE

SILENCE = 0
"""Zero as pages send it: the continuous µ-law curve, with the sign in the highest bit (`static/js/lib/mu-law.js`)."""

PER_MS = VOICE_RATE // 1000
"""Samples in a millisecond."""
KEPT = 30 * VOICE_RATE
"""Number of samples that are kept: half a minute, because a take that begins anew reads the last seconds again."""

ON_THE_WAY_MS = 40
"""Time from the studio's loudspeaker to this worker: half of the piece, its worklet and the network."""

SPARE_MS = 100
"""Minimum time between a piece's arrival and its moment in the lesson, so that a piece that is late is not too late."""

LATE_MS = 100
"""Delay of a piece beyond which silence fills the gap before it. With a shorter delay it follows the piece before it at
once, because it was only late on its way."""

WAITS_MS = 60
"""Lead of the row over a piece's moment beyond which a silent piece is left out."""

MOST_WAITS_MS = 400
"""The same for a piece that is not silent: pieces in a burst after a broken line are a conversation of the past."""

HUSH = 0x29
"""Magnitude (of 0x7F) that no sample of a piece between two words reaches: -34 dB."""

LINGERS_MS = 3000
"""Time without a piece after which nobody speaks any more."""


def _g711(byte: int) -> int:
    """Return a page's sample in the form that ffmpeg reads: the nearest one of ITU-T G.711, whose bits are inverted."""
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
            piece: 20 ms of voice, as a page sends them.
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
        """Return whether the stage sends voices at this moment of the lesson (Unix ms)."""
        return self._begin <= PER_MS * capture_ms < self._end + PER_MS * LINGERS_MS

    def read(self, capture_ms: float, count: int) -> bytes:
        """Return `count` samples of G.711 from this moment (Unix ms) on, with silence where none are kept."""
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
    """Return the beginning and length of each part of a stretch, which is cut where the ring begins anew."""
    until_turn = KEPT - first % KEPT
    return [(first, count)] if count <= until_turn else [(first, until_turn), (first + until_turn, count - until_turn)]


def _is_hush(piece: bytes) -> bool:
    return max(byte & 0x7F for byte in piece) < HUSH
