"""How the tests run: in English, without deadlines, and under MATCHER_CI without skips."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.shared_data import SHARED

STRICT = os.environ.get("MATCHER_CI") == "1"
"""Under this flag a test that cannot run is a failure: a browser test without a browser, say. Only the instances of others may be absent."""

os.environ["MATCHER_LANGUAGE"] = "en"

# Machines differ in speed; what is slow is a matter for benchmarks/.
settings.register_profile("matcher", deadline=None, derandomize=STRICT, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("matcher")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, pytest.TestReport]:
    """Turn a skip into a failure where skips are not allowed."""
    report: pytest.TestReport = yield
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if SHARED.is_dir() or str(SHARED) not in reason:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} did not run, and MATCHER_CI allows no skips: {reason}"
    return report
