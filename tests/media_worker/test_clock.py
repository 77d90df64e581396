import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.clock import CaptureClock


def test_the_least_delayed_packet_tells_the_time():
    clock, luck = CaptureClock(encoder_delay_ms=300), random.Random(7)
    for stamp in range(0, 20_000, 20):
        clock.arrived(stamp, 1_000_000 + stamp + 300 + luck.choice((0, 5, 40, 250)))
    assert abs(clock.capture_ms(19_000) - 1_019_000) < 10


@pytest.mark.parametrize("jitter_ms", [0, 50, 200])
def test_after_ten_seconds_it_is_right_and_sure_of_it_though_the_beginning_was_late(jitter_ms: int):
    clock, luck, segments, arrived = CaptureClock(encoder_delay_ms=0), random.Random(3), {}, 0.0
    for stamp in range(0, 20_000, 20):
        late = max(0, 330 - stamp // 10) if stamp < 3300 else 0  # a busy machine: every packet waits, less and less
        arrived = max(arrived, 1_000_000 + stamp + late + luck.uniform(0, jitter_ms))  # TCP: none overtakes another
        clock.arrived(stamp, arrived)
        if stamp >= 2000 and stamp % 1000 == 0:
            segments[stamp] = clock.capture_ms(stamp) - 1_000_000 - stamp, clock.doubt_ms
    assert segments[2000][0] > 100, "nothing better was known then"
    assert segments[2000][1] == math.inf
    for stamp in range(6000, 20_000, 1000):
        error, doubt = segments[stamp]
        assert -1 <= error <= 50
        assert doubt <= 100
    assert all(doubt >= error - 25 for error, doubt in segments.values()), "it says so itself"


def test_on_a_line_that_is_late_for_seconds_at_a_time_it_is_not_sure():
    clock = CaptureClock(encoder_delay_ms=0)
    for stamp in range(0, 15_000, 20):
        clock.arrived(stamp, 1_000_000 + stamp + (0 if stamp // 1000 % 5 == 0 else 100))
        if stamp % 1000 == 0:
            clock.capture_ms(stamp)
    assert 90 < clock.doubt_ms < 110


def test_a_burst_after_connecting_is_made_good_slowly():
    clock = CaptureClock(encoder_delay_ms=0)
    for stamp in range(0, 2000, 40):
        clock.arrived(stamp, 1_002_400)  # two seconds at once, 400 ms late
    first = clock.capture_ms(0)
    for stamp in range(2000, 30_000, 40):
        clock.arrived(stamp, 1_000_000 + stamp)
        if stamp % 1000 == 0:
            clock.capture_ms(stamp)
    assert first == 1_000_440
    assert abs(clock.capture_ms(30_000) - 1_030_000) <= 1


def test_the_encoders_clock_may_drift():
    clock, drift = CaptureClock(encoder_delay_ms=0), 1.0002
    error = 0.0
    for stamp in range(0, 3_600_000, 100):
        true = 1_000_000 + stamp * drift
        clock.arrived(stamp, true + 20 * (stamp % 300 == 0))
        if stamp % 1000 == 0:
            error = max(error, abs(clock.capture_ms(stamp) - true))
    assert error < 30


@given(st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 5000)), min_size=2, max_size=200))
def test_time_never_runs_backwards_and_never_leaps(steps: list[tuple[int, int]]):
    clock, stamp, before = CaptureClock(0), 0, None
    for step, late in steps:
        stamp += step
        clock.arrived(stamp, 1_000_000 + stamp + late)
        now = clock.capture_ms(stamp)
        if before is not None:
            assert 0.89 * step <= now - before <= 1.03 * step
        before = now
