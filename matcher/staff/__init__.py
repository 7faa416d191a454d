"""The second stage: a coach and an assessor for every matched pair (docs/rules.md, "Staff").

`assigning` is the door; `needs` says who may take whom, `slots` is the problem and its proof, `reasons` the words, `check` the independent check.
"""

from __future__ import annotations

from matcher.staff.assigning import assign_staff
from matcher.staff.check import Fault, check_staff
from matcher.staff.result import StaffProof, StaffResult
from matcher.staff.stored import read_staff_proof, write_staff_proof

__all__ = ["Fault", "StaffProof", "StaffResult", "assign_staff", "check_staff", "read_staff_proof", "write_staff_proof"]
