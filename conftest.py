"""At the root, so that `pytest` finds `app`, `media_worker` and `tests`; names the plugin that concerns every test."""

import gc
import os

import pytest

pytest_plugins = ["tests.no_skips"]

gc.set_threshold(50_000, 20, 100)
"""Python's own thresholds suit small programs: to look for garbage took a seventh of the time of all tests."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return the number of workers: three for two cores, because many tests wait for programs that they start."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores * 3 // 2)
