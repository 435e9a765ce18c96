"""``eks-checks-hook``, for pre-commit: scans each of many plans on its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from eks_checks.cli import run
from eks_checks.cli.options import Chosen, look_options
from eks_checks.cli.output import Look, Outputs, say, show
from eks_checks.cli.scanning import scan_options, scan_world


def main(arguments: Sequence[str] | None = None) -> int:
    """Scan the files that the command line names and return the worst exit code."""
    return run(hook, arguments, "eks-checks-hook")


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--config", metavar="FILE", help="Configuration [default: .eks-checks.yaml, found upwards].")
@scan_options
@look_options
def hook(files: tuple[str, ...], config: str | None, look: Look, **choice: Any) -> int:
    """Scan each Terraform plan on its own and print its report under its path."""
    codes = [0]
    for file in files:
        show(f"== {file}\n", look)
        codes.append(_scan(file, config, look, choice))
    return max(codes)


def _scan(file: str, config: str | None, look: Look, choice: dict[str, Any]) -> int:
    # A file that cannot be used must not keep the next from being scanned: its error is told at once.
    single = click.Command(
        "scan", callback=lambda: scan_world(Chosen((file,), config), Outputs("text"), look, **choice)
    )
    code = run(single, ["--"], "eks-checks-hook")
    say("") if code > 1 else show("\n", look)
    return code
