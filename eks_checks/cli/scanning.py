"""``scan``: findings, reports, exit code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from eks_checks.cli.options import (
    SEVERITIES,
    Chosen,
    ids,
    input_options,
    later_options,
    look_options,
    output_options,
    profile_option,
)
from eks_checks.cli.output import Look, Outputs, deliver, progress

if TYPE_CHECKING:
    from eks_checks.findings import Report
    from eks_checks.render.page import Page


def scan_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a scan but for its input and output."""
    levels = click.Choice([*SEVERITIES, "never"], case_sensitive=False)
    for option in (
        click.option("--strict", is_flag=True, help="Findings that are only possible count as well."),
        click.option(
            "--fail-on",
            type=levels,
            default="medium",
            show_default=True,
            help="Exit with 1 from this severity on.",
        ),
        click.option("--ignore", multiple=True, metavar="IDS", help="Leave out these checks."),
        click.option("--select", multiple=True, metavar="IDS", help="Run only these checks: EKS201,EKS3."),
    ):
        function = option(function)
    return profile_option(function)


@click.command(short_help="Findings: what is wrong, how bad, what to change.")
@input_options
@scan_options
@later_options("--baseline")
@later_options("--new-only", flag=True)
@output_options(several=True)
@look_options
def scan(chosen: Chosen, outputs: Outputs, look: Look, **choice: Any) -> int:
    """Find what is wrong: how bad, why, and what to change.

    PATH is a plan (`terraform show -json tfplan`), a state (`terraform show -json`), a raw state
    file, a binary plan, a folder of .tf files, or - for standard input. It is told by its content.
    Several PATHs are one world, joined by real ids: a network's state beside the plan of the cluster
    in it.

    A plan is read with the sources it was made of: they say which subnet or group an id not known
    yet will be; what does not match the plan is left out. A folder needs neither credentials nor
    providers, nor `terraform init` for local modules.

    \b
    Examples:
      eks-checks scan plan.json
      eks-checks scan plan.json --select EKS2 --fail-on high
      eks-checks scan plan.json --profile minimal
      eks-checks scan network.tfstate cluster-plan.json
      eks-checks scan . --var-file prod.tfvars
      terraform show -json tfplan | eks-checks scan - --format json -o text=report.txt
    """
    return scan_world(chosen, outputs, look, **choice)


def scan_world(chosen: Chosen, outputs: Outputs, look: Look, **choice: Any) -> int:
    """Scan the inputs as one world, write the reports, and return the exit code."""
    report, code = scanned(chosen, look, **choice)
    show_report(report, chosen, outputs, look)
    return code


def show_report(report: Report, chosen: Chosen, outputs: Outputs, look: Look) -> None:
    """Write the reports of a scan."""
    deliver(chosen.paths, outputs, look, lambda name: _scan_report(report, name, look), report.notices)


def scanned(
    chosen: Chosen,
    look: Look,
    *,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    strict: bool,
    profile: str | None,
) -> tuple[Report, int]:
    """Scan the inputs as one world: the report, and the exit code that it means."""
    from eks_checks import analysis

    settings = chosen.settings(profile)
    if strict:
        settings = settings.made_strict("--strict")
    with progress(f"Reading {chosen}", look):
        inputs = chosen.load()
        report = analysis.scan(inputs, settings, ids(select), ids(ignore))
    return report, int(_counts(report, fail_on.lower(), settings.strict))


def _scan_report(report: Report, name: str, look: Look) -> Page | str:
    from eks_checks.render import json, scan_text

    return (
        json.scan(report)
        if name == "json"
        else scan_text.page(report, verbose=look.verbose, quiet=look.quiet)
    )


def _counts(report: Report, fail_on: str, strict: bool) -> bool:
    """Whether a finding counts at or over the level that was asked for."""
    from eks_checks.findings import Severity, Status

    if fail_on == "never":
        return False
    counted = {Status.FAIL, Status.POSSIBLE} if strict else {Status.FAIL}
    level = Severity.parse(fail_on)
    return any(finding.status in counted and finding.severity >= level for finding in report.findings)
