"""``eks-checks-hook``, for pre-commit: scans plans, and root modules of changed sources, each on its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from eks_checks.cli import run
from eks_checks.cli.options import Chosen, look_options
from eks_checks.cli.output import Look, Outputs, progress, say, show
from eks_checks.cli.scanning import scan_options, scan_world, scanned, show_report
from eks_checks.errors import EksChecksError, EmptyInputError, InputError

if TYPE_CHECKING:
    from eks_checks.findings import Report

NAME = "eks-checks-hook"
SOURCES = (".tf", ".tf.json", ".tofu", ".tofu.json", ".tfvars", ".tfvars.json")


def main(arguments: Sequence[str] | None = None) -> int:
    """Scan what the files on the command line concern and return the worst exit code."""
    return run(hook, arguments, NAME)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--config", metavar="FILE", help="Configuration [default: .eks-checks.yaml, found upwards].")
@scan_options
@look_options
def hook(files: tuple[str, ...], config: str | None, look: Look, **choice: Any) -> int:
    """Scan each Terraform plan on its own, and each root module that changed sources concern.

    A changed source file concerns its folder; where other folders call that one as a local module, it
    concerns the root modules among those. Reports stand under the path of the plan or the folder; root
    modules without anything to judge are passed over.
    """
    plans = [file for file in files if not file.endswith(SOURCES)]
    sources = [file for file in files if file.endswith(SOURCES)]
    codes = [0, *(_apart(_absent, file) for file in sources if not os.path.isfile(file))]
    for file in plans:
        show(f"== {file}\n", look)
        chosen = Chosen((file,), config)
        codes.append(_apart(scan_world, chosen, Outputs("text"), look, **choice))
        _close(codes[-1], look)
    for folder in _roots([file for file in sources if os.path.isfile(file)], look):
        codes.append(_apart(_scan_root, Chosen((folder,), config), look, **choice))
    return max(codes)


def _apart(what: Callable[..., int], *given: Any, **choice: Any) -> int:
    """Run a part; its error is told at once, and must not keep the next from being scanned."""
    single = click.Command("scan", callback=lambda: what(*given, **choice))
    return run(single, ["--"], NAME)


def _absent(file: str) -> int:
    raise InputError("there is no such file", where=file, hint="check the path")


def _roots(files: Sequence[str], look: Look) -> tuple[str, ...]:
    if not files:
        return ()
    from eks_checks.terraform.sources.roots import root_modules

    with progress("Looking for root modules", look):
        return root_modules(files)


def _scan_root(chosen: Chosen, look: Look, **choice: Any) -> int:
    heading = f"== {chosen}\n"
    try:
        report, code = scanned(chosen, look, **choice)
    except EmptyInputError:
        return 0
    except EksChecksError:
        show(heading, look)
        raise
    if not _says_nothing(report):
        show(heading, look)
        show_report(report, chosen, Outputs("text"), look)
        _close(code, look)
    return code


def _says_nothing(report: Report) -> bool:
    """Whether nothing was judged, and nothing left open: a configuration without EKS."""
    judged = report.findings or any(run.passed for run in report.checks)
    return not (judged or report.notices or report.coverage.unresolved)


def _close(code: int, look: Look) -> None:
    say("") if code > 1 else show("\n", look)
