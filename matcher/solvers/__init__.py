"""Engines: each takes a Problem and returns an Answer with its proof. They know no ids and import no pandas."""
