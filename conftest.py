"""At the root, so that `pytest` finds `app`, `media_worker` and `tests`; names the plugin that concerns every test."""

import gc

pytest_plugins = ["tests.no_skips"]

gc.set_threshold(50_000, 20, 100)
"""Python's own thresholds suit small programs: to look for garbage took a seventh of the time of all tests."""
