"""Measurements: how long each stage takes and how much memory it needs, at which size. `python -m benchmarks --help`."""
