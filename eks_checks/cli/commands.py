"""The group of all commands, and those that are not built yet."""

from __future__ import annotations

import click

from eks_checks import __version__
from eks_checks.cli.front import UNUSABLE
from eks_checks.cli.looking_up import checkov_config, checkov_dir, checks, config, explain
from eks_checks.cli.options import later
from eks_checks.cli.output import say
from eks_checks.cli.reaching import interfaces, reach
from eks_checks.cli.scanning import scan

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
NOT_YET = ("diff", "graph", "fix", "baseline")


@click.group(context_settings=CONTEXT, invoke_without_command=True)
@click.pass_context
@click.version_option(__version__, prog_name="eks-checks", message="%(prog)s %(version)s")
def command(context: click.Context) -> None:
    """Tells before `terraform apply` who can reach your EKS nodes, and why.

    \b
    Examples:
      terraform plan -out tfplan && terraform show -json tfplan > plan.json
      eks-checks scan plan.json         what is wrong, how bad, why, what to change
      eks-checks scan .                 the same of the .tf files, without a plan
      eks-checks reach plan.json        who reaches the nodes' port 22, by which rules
      eks-checks explain EKS303         what a check means and how to mend it

    \b
    Exit codes:
      0  nothing at or over --fail-on        1  there is
      2  input or options cannot be used     3  a fault of this program
    """
    if context.invoked_subcommand is None:
        # Forgetting the command must not look like a clean scan.
        say(context.get_help())
        context.exit(UNUSABLE)


for _built in (scan, reach, interfaces, checks, explain, config, checkov_dir, checkov_config):
    command.add_command(_built)


def _add_refused(name: str) -> None:
    @command.command(
        name, hidden=True, add_help_option=False, context_settings={"ignore_unknown_options": True}
    )
    @click.argument("words", nargs=-1, type=click.UNPROCESSED)
    def refused(words: tuple[str, ...]) -> None:
        raise later(f"the command {name}")


for _name in NOT_YET:
    _add_refused(_name)
