"""Where the instances of others are read from; tests that need them skip where they are absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("MATCHER_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=f"the shared instances are not at {SHARED} (set MATCHER_SHARED)")
