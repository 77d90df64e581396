"""A pytest plugin: under CI=true a test that is skipped, or expected to fail, fails.

A skip says "not here". On the machine that decides there is no such place. conftest.py at the root loads it.
"""

from __future__ import annotations

import os
from typing import Any

import pytest


def _forbidden() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _refuse(report: Any, what: str) -> None:
    report.outcome = "failed"
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.longrepr = f"{what} is not allowed when CI is set: {reason or getattr(report, 'wasxfail', '')}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if _forbidden():
        if hasattr(report, "wasxfail"):
            _refuse(report, "An expected failure")
            del report.wasxfail
        elif report.skipped:
            _refuse(report, "A skipped test")
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    report = yield
    if _forbidden() and report.skipped:
        _refuse(report, "A skipped module")
    return report
