"""Commands that analyse nothing: the catalogue, a check's page, the configuration, what Checkov needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eks_checks.cli.options import look_options, output_options, profile_option, settings_for
from eks_checks.cli.output import Look, Outputs, deliver, save, show, show_markdown

if TYPE_CHECKING:
    from eks_checks.render.page import Page


@click.command(short_help="The catalogue of checks.")
@output_options(several=False)
@look_options
def checks(outputs: Outputs, look: Look) -> None:
    """List the checks: id, severity, name, what each finds."""
    from eks_checks import analysis
    from eks_checks.render import catalogue_text, json

    entries = analysis.catalogue()

    def rendered(name: str) -> Page | str:
        return json.catalogue(entries) if name == "json" else catalogue_text.page(entries)

    deliver((), outputs, look, rendered)


@click.command(short_help="One check's page: what, why, how to fix.")
@click.argument("id_", metavar="ID")
@look_options
def explain(id_: str, look: Look) -> None:
    """Print one check's page: what it finds, why that matters, how to mend it.

    ID is a check's id or its name: EKS201, node-ssh-from-internet.
    """
    from eks_checks import analysis
    from eks_checks.checks.pages import page

    show_markdown(page(analysis.check_id(id_)), look)


@click.command(short_help="The configuration in force, and its origins.")
@click.argument("path", default=".")
@click.option("--config", metavar="FILE", help="Configuration file to show.")
@profile_option
@output_options(several=False)
@look_options
def config(path: str, config: str | None, profile: str | None, outputs: Outputs, look: Look) -> None:
    """Print the configuration in force for PATH, and where each value came from."""
    from eks_checks.render import catalogue_text, json

    found = settings_for(path, config, profile)
    entries = tuple(found.entries())

    def rendered(name: str) -> Page | str:
        if name == "json":
            return json.settings(found.origin, entries)
        return catalogue_text.settings_page(found.origin, entries)

    deliver((), outputs, look, rendered)


@click.command("checkov-dir", short_help="The folder for Checkov's --external-checks-dir.")
def checkov_dir() -> None:
    """Print the folder to pass to Checkov.

    \b
    Example:
      checkov -f plan.json --framework terraform_plan --skip-download \\
          --external-checks-dir "$(eks-checks checkov-dir)" --check 'EKS*'
    """
    show(f"{_checkov_folder()}\n", Look())


@click.command("checkov-config", short_help="A Checkov configuration with the built-in checks beside ours.")
@click.argument("path", default=".")
@click.option("--config", metavar="FILE", help="Configuration file: checks that it turns off are left out.")
@profile_option
@click.option(
    "-o", "output", metavar="FILE", help="Write the configuration to FILE instead of standard output."
)
def checkov_config(path: str, config: str | None, profile: str | None, output: str | None) -> None:
    """Print a Checkov configuration that runs the matching built-in checks beside ours.

    The built-in ones are those that the guide's "cloud infrastructure security" asks for: CloudTrail, the
    root account, IAM, flow logs, EKS logging and encryption, instance metadata. Where one answers wrongly
    on a plan, ours stands in its place; the file says which, and why. docs/checkov.md has the table.

    PATH is where the configuration of eks-checks is looked for.

    \b
    Example:
      eks-checks checkov-config -o checkov.yaml
      checkov --config-file checkov.yaml -f plan.json
    """
    from eks_checks import __version__, analysis, checkov_builtin

    settings = settings_for(path, config, profile)
    chosen = [check_id for check_id in analysis.check_ids() if settings.check(check_id).enabled]
    text = checkov_builtin.configuration(chosen, str(_checkov_folder()), __version__)
    if output is None or output == "-":
        show(text, Look())
    else:
        save(text, output)


def _checkov_folder() -> Path:
    """The folder of our checks as Checkov loads them, and of nothing else."""
    return Path(__file__).resolve().parent.parent / "checkov_plugin"
