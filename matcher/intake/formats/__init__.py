"""Layouts of others."""
