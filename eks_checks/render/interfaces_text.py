"""The interfaces report as text: every security group on every node interface, and what put it there."""

from __future__ import annotations

from eks_checks.render import words
from eks_checks.render.page import Page
from eks_checks.reports import GroupOrigin, InterfaceGroups, InterfacesReport

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
        key = (entry.resource, entry.kind, entry.clusters, entry.groups, entry.unknowns)
        blocks.setdefault(key, []).append(entry)
    resource = ""
    for block in blocks.values():
        if block[0].resource != resource:
            resource = block[0].resource
            made.blank()
            made.line((resource, "resource"), (_of(block[0]), "faint"), hang=2)
        _block(made, block)
    if not report.interfaces:
        made.line("The inputs have no interface of an EKS node.")
    if not quiet:
        deciding = {resource for entry in report.interfaces for resource, _, _ in entry.unknowns}
        words.coverage(made, report.coverage, verbose=verbose, deciding=deciding)
        words.notices(made, report.notices)
    return made


def _of(entry: InterfaceGroups) -> str:
    cluster = f", cluster {' or '.join(entry.clusters)}" if entry.clusters else ""
    return f"  ({entry.kind.replace('_', ' ')}{cluster})" + words.place(entry.location)


def _block(made: Page, block: list[InterfaceGroups]) -> None:
    subnets = ", ".join(entry.subnet or "a subnet that cannot be told" for entry in block)
    made.line(("in ", "faint"), subnets, indent=2, hang=4)
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
