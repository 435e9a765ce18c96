"""The reach report as text: grouped by what creates the interfaces; who gets in, and by which rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from eks_checks.reach.answer import Answer, GroupOnInterface, Hop, Source, UnknownValue, Verdict
from eks_checks.render import words
from eks_checks.render.page import Page, Piece
from eks_checks.reports import AttackPath, ReachReport

_TEXT = 15
"""The column where the words on a source begin."""
_NO_SUBNET = "a subnet that cannot be told"
_ROLES = {
    "cluster": "cluster group, made by EKS",
    "remote_access": "remote access group, made by EKS",
    "attached": "attached",
    "default": "default group",
}
_CONNECTIONS = {
    "peering": "peering",
    "transit_gateway": "transit gateway",
    "vpn": "VPN",
    "client_vpn": "client VPN",
    "load_balancer": "load balancer",
    "instance_connect_endpoint": "Instance Connect Endpoint",
}
_LAYERS = {"nacl": "network ACL", "network_acl": "network ACL", "security_group": "security group"}
_MISSING = {"public_address": "a public address", "route": "a route"}


def page(report: ReachReport, *, explain: bool = False, verbose: bool = False, quiet: bool = False) -> Page:
    """The whole report; interfaces of one creator with the same answer are told together.

    ``explain`` shows every hop of every source's path; ``quiet`` leaves out the sources.
    """
    made = Page()
    for resource in dict.fromkeys(answer.resource for answer in report.answers):
        _resource(made, [a for a in report.answers if a.resource == resource], explain, quiet)
    for path in report.attack_paths:
        _attack_path(made, path)
    made.blank()
    _summary(made, report.answers)
    if not quiet:
        words.coverage(made, report.coverage, verbose=verbose)
        words.notices(made, report.notices)
    return made


def _resource(made: Page, answers: Sequence[Answer], explain: bool, quiet: bool) -> None:
    made.blank()
    made.line((answers[0].resource, "resource"), (words.place(answers[0].location), "faint"), hang=2)
    for block in _alike(answers):
        _block(made, block, explain, quiet)
    for value in () if quiet else dict.fromkeys(u for answer in answers for u in answer.unknowns):
        made.line(*_unknown(value), indent=2, hang=4)


def _alike(answers: Iterable[Answer]) -> list[list[Answer]]:
    """Answers that differ in their subnet alone (and the concrete packets of their paths) together."""
    blocks: dict[Answer, list[Answer]] = {}
    for answer in answers:
        sources = tuple(replace(s, path=_rules(s), witness="", unknowns=()) for s in answer.sources)
        latent = tuple(replace(s, path=(), witness="", unknowns=()) for s in answer.latent)
        key = replace(answer, subnet="", sources=sources, latent=latent, unknowns=())
        blocks.setdefault(key, []).append(answer)
    return list(blocks.values())


def _block(made: Page, block: Sequence[Answer], explain: bool, quiet: bool) -> None:
    first = block[0]
    verdict = first.verdict.value
    flow = f"{first.protocol} {first.port}" if first.port else first.protocol
    subnets = ", ".join(answer.subnet or _NO_SUBNET for answer in block)
    made.line(
        (f"{verdict.upper():<9}", verdict), f"  {flow}, {first.family}, in {subnets}", indent=2, hang=13
    )
    if quiet:
        return
    made.line(("groups ", "faint"), ", ".join(map(_group, first.groups)) or "none known", indent=4, hang=11)
    made.line(*_address(first), indent=4, hang=6)
    for sources in _by_rules(first.sources):
        _sources(made, sources, explain)
    if not first.sources and first.verdict is Verdict.BLOCKED:
        made.line("nothing reaches it", indent=4)
    for source in first.latent:
        lack = _MISSING.get(source.missing, source.missing)
        made.line((f"closed only for want of {lack}: ", "latent"), _who([source]), indent=4, hang=6)


def _group(group: GroupOnInterface) -> str:
    role = _ROLES.get(group.role, group.role)
    return f"{group.resource} ({role if group.certain else 'perhaps ' + role})"


def _address(answer: Answer) -> list[Piece]:
    kind = "global IPv6 address" if answer.family == "ipv6" else "public address"
    said: list[Piece] = [(f"{kind} ", "faint"), answer.public_address]
    if answer.listener == "no" or (answer.listener == "unknown" and answer.listener_note):
        note = f" ({answer.listener_note})" if answer.listener_note else ""
        said += [("; listens ", "faint"), answer.listener + note]
    return said


def _rules(source: Source) -> tuple[Hop, ...]:
    """The hops that decide at the target: the security group rules that let the source in."""
    return tuple(hop for hop in source.path if hop.layer == "security_group")


def _by_rules(sources: Iterable[Source]) -> list[list[Source]]:
    """Sources with the same verdict that the same rules let in (or the same layers hold up) together."""
    groups: dict[object, list[Source]] = {}
    for source in sources:
        groups.setdefault((source.verdict, _rules(source), source.blocked_by), []).append(source)
    return list(groups.values())


def _sources(made: Page, sources: Sequence[Source], explain: bool) -> None:
    verdict = sources[0].verdict.value
    label: Piece = (f"{verdict:<9}  ", verdict)
    for alike in _by_creator(sources):
        made.line(label, _who(alike), indent=4, hang=_TEXT + 2)
        label = " " * 11
        if explain:
            for source in alike:
                _path(made, source, many=len(alike) > 1)
    for blocker in sources[0].blocked_by:
        held = (f"held by {_LAYERS.get(blocker.layer, blocker.layer)}: ", "blocked")
        made.line(held, *_told(blocker.text, blocker.resource), indent=_TEXT, hang=_TEXT + 2)
    if not explain:
        for hop in _rules(sources[0]):
            made.line(("by ", "faint"), *_hop(hop), indent=_TEXT, hang=_TEXT + 2)


def _by_creator(sources: Iterable[Source]) -> list[list[Source]]:
    """Sources that differ in their subnet alone together."""
    groups: dict[object, list[Source]] = {}
    for source in sources:
        key = (source.scope, source.resource, source.cidrs, source.cidrs_of, source.via, source.mitigated_by)
        alone = None if source.has_subnet else len(groups)
        groups.setdefault((key, alone), []).append(source)
    return list(groups.values())


def _who(alike: Sequence[Source]) -> str:
    first = alike[0]
    cidrs = ", ".join(first.cidrs or ()) or ", ".join(first.cidrs_of)
    subnets = f" in {words.listed(dict.fromkeys(s.subnet or _NO_SUBNET for s in alike))}"
    mitigated = f", held by {', '.join(first.mitigated_by)}" if first.mitigated_by else ""
    if first.scope == "internet":
        return f"the internet, {cidrs}" + (f", through {first.via}" if first.via else "")
    if first.scope == "vpc":
        return f"addresses of {first.resource or 'a VPC that cannot be told'}: {cidrs}"
    if first.scope == "interface":
        return f"{first.resource}{subnets}"
    if first.scope == "pods":
        return f"pods on {first.resource}{subnets}{mitigated}"
    if first.scope == "control_plane":
        return f"control plane of {first.resource}{subnets}"
    kind = _CONNECTIONS.get(first.scope, first.scope)
    return f"{kind} {first.resource}" + (f": {cidrs}" if cidrs else "")


def _path(made: Page, source: Source, *, many: bool) -> None:
    if many or source.witness:
        subnet = f" in {source.subnet or _NO_SUBNET}" if many else ""
        example = f", for one from {source.witness}" if source.witness else ""
        made.line((f"the way{subnet}{example}", "faint"), indent=_TEXT, hang=_TEXT + 2)
    for hop in source.path:
        made.line(
            (f"{_LAYERS.get(hop.layer, hop.layer):<16}", "faint"),
            *_hop(hop),
            indent=_TEXT + 2,
            hang=_TEXT + 18,
        )


def _hop(hop: Hop) -> list[Piece]:
    text = hop.text or f"{hop.resource} {hop.rule}".strip()
    place = f"{hop.location.file}:{hop.location.line}" if hop.location else ""
    return _told(text, hop.resource, "implicit" if hop.implicit else "", place)


def _told(text: str, resource: str, *marks: str) -> list[Piece]:
    """The text, and behind it what it does not say itself: the resource, and the marks."""
    behind = ", ".join(filter(None, ("" if resource in text else resource, *marks)))
    return [text, (f" ({behind})", "faint")] if behind else [text]


def _unknown(value: UnknownValue) -> list[Piece]:
    return [("depends on ", "possible"), f"{value.resource}.{value.attribute}: {value.effect}"]


def _attack_path(made: Page, path: AttackPath) -> None:
    made.blank()
    hops = " -> ".join([path.hops[0].source, *(f"{hop.target}:{hop.port}" for hop in path.hops)])
    made.line((path.verdict.value, path.verdict.value), f" in several hops: {hops}", hang=2)


def _summary(made: Page, answers: Sequence[Answer]) -> None:
    counts: list[Piece] = []
    for verdict in (Verdict.REACHABLE, Verdict.POSSIBLE, Verdict.BLOCKED):
        number = sum(1 for answer in answers if answer.verdict is verdict)
        if number:
            counts += [", "] * bool(counts) + [(f"{number} {verdict.value}", verdict.value)]
    total = f"{words.counted(len(answers), 'target')}: "
    if not answers:
        total = "no targets: no EKS node here has such an address (--all asks of every interface)"
    made.line(("Result: ", "heading"), total, *counts, hang=8)
