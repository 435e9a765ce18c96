"""The worlds tell a broken engine from a sound one: each way of breaking it must be noticed.

Every mutant drops or turns round one rule of AWS. One that no world notices would mean that the
oracle test proves nothing about that rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from eks_checks.aws.firewall import in_order
from eks_checks.aws.lower import acls, clusters, group_rules, groups, remote_access, routes
from eks_checks.aws.lower.attach import Associations
from eks_checks.reach import engine, goals, ports, routing, topology, transfer
from eks_checks.reach.sources import interfaces
from eks_checks.sets import Bounds, TrafficSet

from .compare import run
from .engine_under_test import reach

WORLDS = range(160)

Mutant = Callable[[pytest.MonkeyPatch], None]


def _without_separate(type_: str) -> Mutant:
    def mutate(patch: pytest.MonkeyPatch) -> None:
        patch.delitem(groups.SEPARATE, type_)

    return mutate


def _no_peers(kind: str) -> Mutant:
    def mutate(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(group_rules._Base, kind, lambda self, *names: iter(()))

    return mutate


def _acl_order_reversed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(acls, "in_order", lambda entries: tuple(reversed(in_order(entries))))


def _reply_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(transfer.Transfer, "replies", lambda *_: iter(()))


def _shortest_prefix_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(routing, "_precedence", lambda route: (route.prefix or 0,))


def _gateway_attached_anywhere(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(goals, "attached", lambda *_: True)


def _main_table_for_all(patch: pytest.MonkeyPatch) -> None:
    effective = routes.effective
    patch.setattr(routes, "effective", lambda subnet, _found, main: effective(subnet, Associations([]), main))


def _default_acl_for_all(patch: pytest.MonkeyPatch) -> None:
    effective = acls.effective
    patch.setattr(
        acls, "effective", lambda subnet, _found, default: effective(subnet, Associations([]), default)
    )


def _acl_inside_a_subnet(patch: pytest.MonkeyPatch) -> None:
    def path(self: interfaces.Interfaces, _source: Any, subnet: Any, target: Any) -> Any:
        router = topology.Place(topology.Kind.VPC, self._topology.vpc_key(subnet))
        return self._topology.path(router, target.subnet)

    patch.setattr(interfaces.Interfaces, "_path", path)


def _address_ignored(patch: pytest.MonkeyPatch) -> None:
    address = transfer.Transfer.address

    def open_address(self: transfer.Transfer, flow: Any, *rest: Any) -> Any:
        return replace(address(self, flow, *rest), admits=Bounds.exact(transfer.whole(flow.family)))

    patch.setattr(transfer.Transfer, "address", open_address)


def _egress_ignored(patch: pytest.MonkeyPatch) -> None:
    egress = transfer.Transfer.egress

    def open_egress(self: transfer.Transfer, flow: Any, *rest: Any) -> Any:
        return replace(egress(self, flow, *rest), admits=Bounds.exact(transfer.whole(flow.family)))

    patch.setattr(transfer.Transfer, "egress", open_egress)


def _no_cluster_group_rule(patch: pytest.MonkeyPatch) -> None:
    allow_all = clusters.allow_all

    def closed(group: str, origin: Any, *, own: bool) -> Any:
        return replace(allow_all(group, origin, own=own), traffic=Bounds.exact(TrafficSet.empty()))

    patch.setattr(clusters, "allow_all", closed)


def _remote_access_opens_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(remote_access, "_sources", lambda _sources: iter(()))


def _any_protocol_is_tcp(patch: pytest.MonkeyPatch) -> None:
    rule_traffic = group_rules.rule_traffic

    def confused(block: Any, attribute: str) -> Any:
        found = rule_traffic(block, attribute)
        udp = found.bounds.upper.ports(17)
        return replace(found, bounds=Bounds.exact(found.bounds.upper | TrafficSet.of(6, udp)))

    patch.setattr(group_rules, "rule_traffic", confused)


def _one_client_port(patch: pytest.MonkeyPatch) -> None:
    @cache
    def narrow(protocol: str, port: int, family: Any) -> transfer.Flow:
        return replace(ports.flow_of(protocol, port, family), reply=TrafficSet.tcp(65535, 65535))

    patch.setattr(engine, "flow_of", narrow)


MUTANTS: dict[str, Mutant] = {
    "aws_security_group_rule dropped": _without_separate("aws_security_group_rule"),
    "ingress_rule dropped": _without_separate("aws_vpc_security_group_ingress_rule"),
    "egress_rule dropped": _without_separate("aws_vpc_security_group_egress_rule"),
    "CIDR peers dropped": _no_peers("addresses"),
    "group peers dropped": _no_peers("groups"),
    "self peers dropped": _no_peers("own"),
    "prefix list peers dropped": _no_peers("prefix_lists"),
    "NACL order reversed": _acl_order_reversed,
    "reply path ignored": _reply_ignored,
    "one client port for the reply": _one_client_port,
    "shortest prefix preferred": _shortest_prefix_first,
    "detached gateway accepted": _gateway_attached_anywhere,
    "main route table for every subnet": _main_table_for_all,
    "default NACL for every subnet": _default_acl_for_all,
    "NACL inside a subnet": _acl_inside_a_subnet,
    "public address ignored": _address_ignored,
    "egress ignored": _egress_ignored,
    "cluster group closed": _no_cluster_group_rule,
    "remote access opens nothing": _remote_access_opens_nothing,
    "udp taken for tcp": _any_protocol_is_tcp,
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_engine_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTANTS[name](monkeypatch)
    assert run(WORLDS, reach, stop_after=1).disagreements, f"no world notices: {name}"
