"""What is known of nodes beside their interfaces, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.render import words
from eks_checks.render.page import Page, Piece
from eks_checks.reports import InterfaceGroups, KeySource, MetadataOptions, NamedObject, NodeEntry

KINDS = {
    "managed": "managed node group",
    "self_managed": "self-managed node group",
    "instance": "instance",
    "fleet": "fleet",
    "node_class": "node class",
    "auto_mode": "Auto Mode's own node pools",
}
_FAMILIES = {
    "AL2": "Amazon Linux 2",
    "AL2023": "Amazon Linux 2023",
    "BOTTLEROCKET": "Bottlerocket",
    "CUSTOM": "a custom image",
    "UBUNTU": "Ubuntu",
    "WINDOWS": "Windows",
}
_LABEL = 12
_PODS = {"yes": "open to pods", "no": "closed to pods", "unknown": "perhaps open to pods"}
_PODS_STYLE = {"yes": "possible", "no": "", "unknown": "possible"}
_TOLD_IN_THE_HEAD = ("node_class", "auto_mode")


def nodes(made: Page, entry: NodeEntry) -> None:
    """Image, template, key, metadata service and role, one line each."""
    _fact(made, "image", _families(entry.ami_families))
    if entry.kind not in _TOLD_IN_THE_HEAD:
        _fact(made, "template", _templates(entry))
    _fact(made, "SSH key", _keys(entry))
    for position, way in enumerate(entry.metadata):
        _fact(made, "metadata" if not position else "or", *_metadata(way))
    _fact(made, "role", _roles(entry.roles))
    for resource, attribute, effect in entry.unknowns:
        name = f"{resource}.{attribute}" if attribute else resource
        made.line(("depends on ", "possible"), f"{name}: {effect}", indent=4, hang=6)


def addresses(entry: InterfaceGroups) -> str:
    """The public addresses of an interface, in words; nothing where it has none."""
    found = list(_addresses(entry))
    return f": {words.listed(found)}" if found else ""


def _addresses(entry: InterfaceGroups) -> Iterator[str]:
    for truth, what in ((entry.public_ipv4, "public IPv4 address"), (entry.ipv6, "IPv6 address")):
        if truth != "no":
            yield f"{'' if truth == 'yes' else 'perhaps '}{what}"


def _fact(made: Page, label: str, *pieces: Piece) -> None:
    made.line((label.ljust(_LABEL), "faint"), *pieces, indent=2, hang=4)


def _families(families: tuple[str, ...]) -> str:
    return " or ".join(_FAMILIES[family] for family in families) or "not known"


def _templates(entry: NodeEntry) -> str:
    if entry.templates:
        return ", ".join(map(_named, entry.templates))
    none = "none: EKS writes one" if entry.kind == "managed" else "none"
    return {"no": none, "yes": "not known"}.get(entry.launch_template, "perhaps one")


def _named(one: NamedObject) -> str:
    version = f" version {one.version}" if one.version else ""
    return f"{'' if one.certain else 'perhaps '}{one.resource}{version}"


def _keys(entry: NodeEntry) -> str:
    if entry.keys:
        return ", ".join(map(_key, entry.keys))
    return {"no": "none", "yes": "yes"}.get(entry.ssh_key, "perhaps one")


def _key(key: KeySource) -> str:
    return f"{key.name or 'one'} ({key.resource}.{key.attribute})"


def _metadata(way: MetadataOptions) -> tuple[Piece, ...]:
    style = _PODS_STYLE[way.pods]
    verdict: Piece = (_PODS[way.pods], style) if style else _PODS[way.pods]
    if way.http_endpoint == ("disabled",):
        return ("off: ", verdict)
    endpoint = "" if way.http_endpoint == ("enabled",) else "perhaps off, "
    tokens = " or ".join(way.http_tokens) or "not known"
    hops = " or ".join(way.http_put_response_hop_limit) or "not known"
    return (f"{endpoint}tokens {tokens}, hop limit {hops}: ", verdict)


def _roles(roles: tuple[NamedObject, ...]) -> str:
    return ", ".join(map(_named, roles)) or "not known"
