"""At the root, so that `pytest` finds `app`, `media_worker` and `tests`; names the plugin that concerns every test."""

pytest_plugins = ["tests.no_skips"]
