"""What Terraform would refuse to evaluate: caught by ``try`` and ``can``."""

from __future__ import annotations


class EvaluationError(Exception):
    """An expression that fails whatever the unknown values are; ``str()`` says why, without a place."""
