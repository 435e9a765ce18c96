"""The parts of ``interfaces --format json``: node interfaces, and what is known of nodes besides."""

from __future__ import annotations

from collections.abc import Iterable

from eks_checks.render.json_places import Object, line, span
from eks_checks.reports import InterfaceGroups, NodeEntry


def interface(entry: InterfaceGroups) -> Object:
    """One interface of a node, with every group on it."""
    return {
        "resource": entry.resource,
        "subnet": entry.subnet,
        "kind": entry.kind,
        "location": span(entry.location),
        "clusters": list(entry.clusters),
        "public_address": {"ipv4": entry.public_ipv4, "ipv6": entry.ipv6},
        "security_groups": [
            {
                "resource": group.resource or None,
                "role": group.role,
                "implicit": group.implicit,
                "certain": group.certain,
                "origin": group.origin or None,
                "reason": group.reason,
                "location": line(group.location),
                "named_at": line(group.named_at),
            }
            for group in entry.groups
        ],
        "unknowns": _unknowns(entry.unknowns),
    }


def nodes(entry: NodeEntry) -> Object:
    """What is known of the nodes that one resource makes."""
    return {
        "resource": entry.resource,
        "kind": entry.kind,
        "location": span(entry.location),
        "clusters": list(entry.clusters),
        "ami_families": list(entry.ami_families),
        "launch_template": entry.launch_template,
        "launch_templates": [
            {"resource": one.resource, "version": one.version or None, "certain": one.certain}
            for one in entry.templates
        ],
        "ssh_key": entry.ssh_key,
        "ssh_keys": [
            {"resource": key.resource, "attribute": key.attribute, "name": key.name or None}
            for key in entry.keys
        ],
        "metadata_options": [
            {
                "http_endpoint": list(way.http_endpoint),
                "http_tokens": list(way.http_tokens),
                "http_put_response_hop_limit": [_number(value) for value in way.http_put_response_hop_limit],
                "pods_get_credentials": way.pods,
            }
            for way in entry.metadata
        ],
        "roles": [{"resource": role.resource, "certain": role.certain} for role in entry.roles],
        "unknowns": _unknowns(entry.unknowns),
    }


def _unknowns(entries: Iterable[tuple[str, str, str]]) -> list[Object]:
    return [
        {"resource": resource, "attribute": attribute, "effect": effect}
        for resource, attribute, effect in entries
    ]


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text
