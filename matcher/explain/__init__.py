"""Reasons: why a student got a placement, or did not; each is checked before it is said."""
