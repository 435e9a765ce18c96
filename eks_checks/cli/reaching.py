"""``reach`` and ``interfaces``: answers without judgement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from eks_checks.cli.options import (
    Chosen,
    input_options,
    look_options,
    output_options,
    ports,
)
from eks_checks.cli.output import Look, Outputs, deliver, progress
from eks_checks.errors import UsageError

if TYPE_CHECKING:
    from eks_checks.reach.engine import Question
    from eks_checks.render.page import Page
    from eks_checks.sets import Family


@click.command(short_help="Who reaches which node interface, and by which rules.")
@input_options
@click.option(
    "--to",
    multiple=True,
    metavar="ADDRESS",
    help="Only this address or prefix: nodes, instances, interfaces; or, with its type, a cluster (its API "
    "endpoint), a database, cache, file system, function, VPC endpoint.",
)
@click.option("--all", "everything", is_flag=True, help="Every interface, not only those of EKS nodes.")
@click.option("--port", metavar="N|N-M", help="Port or range of ports.  [default: 22]")
@click.option(
    "--protocol",
    type=click.Choice(["tcp", "udp", "icmp", "all"]),
    default="tcp",
    show_default=True,
    help="`all` asks of tcp, udp and icmp.",
)
@click.option(
    "--from",
    "sources",
    multiple=True,
    metavar="internet|ADDRESS|CIDR",
    help="Only these sources; where they are blocked, every layer that blocks, and why.",
)
@click.option(
    "--family",
    type=click.Choice(["ipv4", "ipv6", "both"]),
    default="both",
    show_default=True,
    help="Addresses.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Follow one packet from each source, hop by hop; the fewest changes that cut each attack path.",
)
@output_options(several=False)
@look_options
def reach(chosen: Chosen, outputs: Outputs, look: Look, explain: bool, **asked: Any) -> int:
    """Say who reaches which node, or whatever --to names, on which port, exactly, with the reason.

    \b
    reachable  whatever the values not known yet turn out to be
    possible   for some of them; the answer says which value means what
    blocked    for none

    \b
    Examples:
      eks-checks reach plan.json
      eks-checks reach plan.json --from internet --explain
      eks-checks reach plan.json --to aws_instance.bastion --port 20-25
      eks-checks reach plan.json --to aws_eks_cluster.this --port 443
      eks-checks reach plan.json --from aws_instance.bastion --to aws_db_instance.this --port 5432
      eks-checks reach network.tfstate cluster-plan.json
      eks-checks reach . --var-file prod.tfvars
    """
    from eks_checks import analysis
    from eks_checks.render import json, reach_text

    # The text names the rules that decide, which are on the paths.
    with_paths = explain or (outputs.format == "text" and not look.quiet)
    question = _question(**asked, explain=with_paths)
    settings = chosen.settings()
    with progress(f"Reading {chosen}", look):
        report = analysis.reach(chosen.load(), question, settings, cuts=explain)

    def rendered(name: str) -> Page | str:
        if name == "json":
            return json.reach(report, explain=explain)
        return reach_text.page(report, explain=explain, verbose=look.verbose, quiet=look.quiet)

    deliver(chosen.paths, outputs, look, rendered, report.notices)
    return 0


@click.command(short_help="Every security group on every node interface.")
@input_options
@output_options(several=False)
@look_options
def interfaces(chosen: Chosen, outputs: Outputs, look: Look) -> int:
    """List what nodes there are, and every security group on their interfaces, and where each came from."""
    from eks_checks import analysis
    from eks_checks.render import interfaces_text, json

    if chosen.config is not None:
        chosen.settings()
    with progress(f"Reading {chosen}", look):
        report = analysis.interfaces(chosen.load())

    def rendered(name: str) -> Page | str:
        if name == "json":
            return json.interfaces(report)
        return interfaces_text.page(report, verbose=look.verbose, quiet=look.quiet)

    deliver(chosen.paths, outputs, look, rendered, report.notices)
    return 0


def _question(
    *,
    to: tuple[str, ...],
    everything: bool,
    port: str | None,
    protocol: str,
    sources: tuple[str, ...],
    family: str,
    explain: bool,
) -> Question:
    from eks_checks.reach.engine import Question

    families: dict[str, tuple[Family, ...]] = {"ipv4": ("ipv4",), "ipv6": ("ipv6",)}
    if port is not None and protocol == "icmp":
        raise UsageError("icmp has no ports", where="--port", hint="leave the option out")
    return Question(
        protocol=protocol,
        ports=ports(port or "22"),
        families=families.get(family, ("ipv4", "ipv6")),
        targets=to,
        everything=everything,
        sources=tuple(source.strip() for source in sources),
        explain=explain,
    )
