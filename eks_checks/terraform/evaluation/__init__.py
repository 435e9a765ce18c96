"""Partial evaluation: expressions to values, as far as they are known."""
