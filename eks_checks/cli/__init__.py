"""The command ``eks-checks``: options, output and exit codes, nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from eks_checks.cli.front import run

__all__ = ["main", "run"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (default: the process's own) and return its exit code."""
    from eks_checks.cli.commands import command

    return run(command, arguments, "eks-checks")
