"""The engine for large nested problems: an own primal-dual kernel."""
