"""The independent check of a result: written from docs/rules.md and docs/proof.md, sharing nothing with the engines."""

from __future__ import annotations

from matcher.verifier.verifier import verify
from matcher.verifier.violations import Verification, Violation

__all__ = ["Verification", "Violation", "verify"]
