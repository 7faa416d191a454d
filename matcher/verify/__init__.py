"""The independent check of a result: written from docs/rules.md and docs/proof.md, sharing nothing with the engines."""

from __future__ import annotations

from matcher.verify.verifier import verify
from matcher.verify.violations import Verification, Violation

__all__ = ["Verification", "Violation", "verify"]
