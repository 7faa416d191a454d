"""Results for people: the result folder, the report as one HTML file, and the workbook with a sheet per reader."""

from __future__ import annotations

from matcher.report.folder import write_report, write_result
from matcher.report.page import content_security_policy, render
from matcher.report.stored import read_result

__all__ = ["content_security_policy", "read_result", "render", "write_report", "write_result"]
