"""The interfaces report as text: nodes, and every security group on every interface of theirs."""

from __future__ import annotations

from eks_checks.render import node_lines, words
from eks_checks.render.page import Page
from eks_checks.reports import GroupOrigin, InterfaceGroups, InterfacesReport, NodeEntry

_ROLES = {
    "cluster": "cluster security group, made by EKS",
    "remote_access": "remote access group, made by EKS",
    "attached": "attached",
    "default": "the VPC's default group",
}


def page(report: InterfacesReport, *, verbose: bool = False, quiet: bool = False) -> Page:
    """The whole report; interfaces of one creator that carry the same groups are told together."""
    made = Page()
    blocks: dict[tuple[object, ...], list[InterfaceGroups]] = {}
    for entry in report.interfaces:
        key = (entry.resource, entry.kind, entry.clusters, entry.groups, entry.unknowns, *_addressed(entry))
        blocks.setdefault(key, []).append(entry)
    known = {entry.resource: entry for entry in report.nodes}
    resource = ""
    for block in blocks.values():
        if block[0].resource != resource:
            resource = block[0].resource
            made.blank()
            facts = known.get(resource)
            made.line((resource, "resource"), (_of(block[0], facts), "faint"), hang=2)
            if facts is not None:
                node_lines.nodes(made, facts)
        _block(made, block)
    if not report.interfaces:
        made.line("The inputs have no interface of an EKS node.")
    if not quiet:
        unknowns = [unknown for entry in report.interfaces for unknown in entry.unknowns]
        unknowns += [unknown for entry in report.nodes for unknown in entry.unknowns]
        deciding = {resource for resource, _, _ in unknowns}
        words.coverage(made, report.coverage, verbose=verbose, deciding=deciding)
        words.notices(made, report.notices)
    return made


def _addressed(entry: InterfaceGroups) -> tuple[str, str]:
    return entry.public_ipv4, entry.ipv6


def _of(entry: InterfaceGroups, facts: NodeEntry | None) -> str:
    kind = node_lines.KINDS[facts.kind] if facts is not None else entry.kind.replace("_", " ")
    cluster = f", cluster {' or '.join(entry.clusters)}" if entry.clusters else ""
    return f"  ({kind}{cluster})" + words.place(entry.location)


def _block(made: Page, block: list[InterfaceGroups]) -> None:
    subnets = ", ".join(entry.subnet or "a subnet that cannot be told" for entry in block)
    made.line(("in ", "faint"), subnets, node_lines.addresses(block[0]), indent=2, hang=4)
    places = words.Places(block[0].location)
    for group in block[0].groups:
        _group(made, group, places)
    if not block[0].groups:
        made.line("no security group known", indent=4)
    for resource, attribute, effect in block[0].unknowns:
        made.line(("depends on ", "possible"), f"{resource}.{attribute}: {effect}", indent=4, hang=6)


def _group(made: Page, group: GroupOrigin, places: words.Places) -> None:
    sure = "" if group.certain else "perhaps "
    role = _ROLES.get(group.role, group.role)
    name = group.resource or "groups outside the inputs"
    place = (places.told(group.location), "faint")
    made.line((name, "resource"), (f"  {sure}", "possible"), role, place, indent=4, hang=6)
    if group.reason:
        made.line((group.reason + places.told(group.named_at), "faint"), indent=6)
