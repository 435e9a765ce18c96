"""The sources of one target as text: who gets in and by which rules, like ones together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from eks_checks.location import SourceSpan
from eks_checks.reach.answer import Hop, Source, Verdict
from eks_checks.render import alike, words
from eks_checks.render.page import Page, Piece

NO_SUBNET = "a subnet that cannot be told"
_TEXT = 15
"""The column where the words on a source begin."""
_PERHAPS = "perhaps "
_CONNECTIONS = {
    "peering": "peering",
    "transit_gateway": "transit gateway",
    "vpn": "VPN",
    "client_vpn": "client VPN",
    "load_balancer": "load balancer",
    "instance_connect_endpoint": "Instance Connect Endpoint",
}
_LAYERS = {"nacl": "network ACL", "network_acl": "network ACL", "security_group": "security group"}


def rules(source: Source) -> tuple[Hop, ...]:
    """The security group rules that let the source in at the target: the sure ones, if that is sure."""
    hops = tuple(hop for hop in source.path if hop.layer == "security_group")
    sure = tuple(hop for hop in hops if not hop.text.startswith(_PERHAPS))
    return sure if sure and source.verdict is Verdict.REACHABLE else hops


def told(
    made: Page, sources: Iterable[Source], *, explain: bool, most: int | None, near: SourceSpan | None
) -> None:
    """Write the sources; ``explain`` with every hop, else more than ``most`` alike ones folded.

    ``near`` is where the target stands: the module calls that lead there have been told.
    """
    places = words.Places(near)
    for same in alike.gathered(sources, lambda s: (s.verdict, rules(s), s.blocked_by)).values():
        _sources(made, same, explain, None if explain else most)
        if not explain:
            _by(made, rules(same[0]), most, places)


def latent(made: Page, source: Source) -> None:
    """What keeps a latent source out, and the way it has as soon as that is gone."""
    _held(made, source)
    _path(made, source, many=False)


def who(same: Sequence[Source], most: int | None = None) -> str:
    """Sources of one creator (or of alike creators) in words."""
    first = same[0]
    cidrs = ", ".join(first.cidrs or ()) or ", ".join(first.cidrs_of)
    subnets = alike.instances((s.subnet or NO_SUBNET for s in same), most)
    inside = f" in {words.listed(subnets)}"
    named = words.listed(alike.instances((s.resource for s in same), most))
    mitigated = f", held by {', '.join(first.mitigated_by)}" if first.mitigated_by else ""
    if first.scope == "internet":
        return f"the internet, {cidrs}" + (f", through {first.via}" if first.via else "")
    if first.scope == "vpc":
        return f"addresses of {first.resource or 'a VPC that cannot be told'}: {cidrs}"
    if first.scope == "interface":
        return f"{named}{inside}"
    if first.scope == "pods":
        return f"pods on {named}{inside}{mitigated}"
    if first.scope == "control_plane":
        return f"control plane of {named}{inside}"
    kind = _CONNECTIONS.get(first.scope, first.scope)
    return f"{kind} {first.resource}" + (f": {cidrs}" if cidrs else "")


def _sources(made: Page, sources: Sequence[Source], explain: bool, most: int | None) -> None:
    verdict = sources[0].verdict.value
    label: Piece = (f"{verdict:<9}  ", verdict)
    for same in _by_creator(sources, most):
        made.line(label, who(same, most), indent=4, hang=_TEXT + 2)
        label = " " * 11
        for source in same if explain else ():
            _path(made, source, many=len(same) > 1)
    _held(made, sources[0])


def _held(made: Page, source: Source) -> None:
    for blocker in source.blocked_by:
        held = (f"held by {_LAYERS.get(blocker.layer, blocker.layer)}: ", "blocked")
        made.line(held, *_told(blocker.text, blocker.resource), indent=_TEXT, hang=_TEXT + 2)


def _by(made: Page, hops: Iterable[Hop], most: int | None, places: words.Places) -> None:
    """The rules; of many that differ in instance keys alone, the first."""
    shapes = alike.gathered(hops, lambda h: (alike.pattern(h.text), alike.pattern(h.resource), h.location))
    for same in shapes.values():
        shown = same if most is None or len(same) <= most else same[:1]
        more = f" and {len(same) - len(shown)} alike" if len(same) > len(shown) else ""
        for hop in shown:
            made.line(("by ", "faint"), *_hop(hop, places), more, indent=_TEXT, hang=_TEXT + 2)


def _by_creator(sources: Sequence[Source], most: int | None) -> list[list[Source]]:
    """Sources that differ in their subnet alone together; then many creators that differ in their keys."""
    creators: dict[object, list[Source]] = {}
    for source in sources:
        key = (source.scope, source.resource, source.cidrs, source.cidrs_of, source.via, source.mitigated_by)
        alone = None if source.has_subnet else len(creators)
        creators.setdefault((key, alone), []).append(source)
    if most is None:
        return list(creators.values())
    found: list[list[Source]] = []
    for many in alike.gathered(creators.values(), _creators_alike).values():
        found += [[s for each in many for s in each]] if len(many) > most else many
    return found


def _creators_alike(same: Sequence[Source]) -> object:
    first = same[0]
    if not first.has_subnet:
        return id(first)
    subnets = tuple(source.subnet for source in same)
    return (first.scope, alike.pattern(first.resource), subnets, first.mitigated_by)


def _path(made: Page, source: Source, *, many: bool) -> None:
    if many or source.path:
        subnet = f" in {source.subnet or NO_SUBNET}" if many else ""
        example = " of one packet" if any(hop.layer == "source" for hop in source.path) else ""
        made.line((f"the way{example}{subnet}", "faint"), indent=_TEXT, hang=_TEXT + 2)
    for hop in source.path:
        label = _LAYERS.get(hop.layer, hop.layer)
        made.line(
            (f"{label:<16}", "faint"),
            *_hop(replace(hop, text=hop.text.removeprefix(f"{label} ")), words.Places(hop.location)),
            indent=_TEXT + 2,
            hang=_TEXT + 18,
        )


def _hop(hop: Hop, places: words.Places) -> list[Piece]:
    text = hop.text or f"{hop.resource} {hop.rule}".strip()
    place = places.spot(hop.location) if hop.location else ""
    return _told(text, hop.resource, "implicit" if hop.implicit else "", place)


def _told(text: str, resource: str, *marks: str) -> list[Piece]:
    """The text, and behind it what it does not say itself: the resource, and the marks."""
    behind = ", ".join(filter(None, ("" if resource in text else resource, *marks)))
    return [text, (f" ({behind})", "faint")] if behind else [text]
