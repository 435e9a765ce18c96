"""Everything that joins VPCs to each other and to other networks, one family after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from eks_checks.aws.connections import Connections
from eks_checks.aws.firewall import NetworkAcl
from eks_checks.aws.knowledge import KeySet
from eks_checks.aws.lower.client_vpn import lower_client_vpns
from eks_checks.aws.lower.context import Lowering, left_out
from eks_checks.aws.lower.peering import lower_peerings
from eks_checks.aws.lower.transit_gateways import lower_transit_gateways
from eks_checks.aws.lower.vpn import lower_vpn_connections, lower_vpn_gateways
from eks_checks.aws.vpc import Subnet, Vpc
from eks_checks.sets import AddressSet


def lower_connections(run: Lowering, vpcs: Mapping[str, Vpc], subnets: dict[str, Subnet]) -> Connections:
    """The connections of the inputs."""
    tunnels = lower_vpn_connections(run)
    gateways, attachments, tables = lower_transit_gateways(run, vpcs, subnets, tunnels)
    return Connections(
        peerings=dict(sorted(lower_peerings(run, vpcs).items())),
        transit_gateways=gateways,
        attachments=attachments,
        transit_tables=tables,
        vpn_gateways=dict(sorted(lower_vpn_gateways(run).items())),
        vpn_connections=dict(sorted(tunnels.items())),
        client_vpns=dict(sorted(lower_client_vpns(run, subnets).items())),
        core_networks=_core_networks(run),
    )


def assume_open_attachments(
    run: Lowering, found: Connections, subnets: Mapping[str, Subnet], acls: Mapping[str, NetworkAcl]
) -> None:
    """Say where the network ACL of an attachment's own subnet, which is not applied, lets not all through."""
    for attachment in found.attachments.values():
        for key in sorted(attachment.subnets.candidates):
            subnet = subnets.get(key)
            if subnet is not None and not all(_open(acls.get(name)) for name in subnet.network_acl.keys):
                run.assume(
                    attachment.resource,
                    f"the network ACL of {subnet.resource} lets through what passes the attachment there",
                    "C11",
                )


def _open(acl: NetworkAcl | None) -> bool:
    if acl is None:
        return True
    return all(
        any(
            entry.allow.surely
            and AddressSet.all_ipv4() <= entry.far_end.lower
            and entry.number == min(e.number or 0 for e in entries)
            for entry in entries
        )
        for entries in (acl.inbound, acl.outbound)
    )


def _core_networks(run: Lowering) -> dict[str, KeySet]:
    """Core networks by key, with the VPCs attached to them; what their policy joins is not followed."""
    found: dict[str, KeySet] = {
        run.identity.key(resource): KeySet()
        for resource in run.world.resources("aws_networkmanager_core_network")
    }
    for resource in run.world.resources("aws_networkmanager_vpc_attachment"):
        value = resource.value("core_network_id")
        names: Iterable[str] = ()
        if not left_out(value):
            names = run.link(resource, "core_network", "core_network_id").keys
        vpc = run.link(resource, "vpc", "vpc_arn")
        more = KeySet(maybe=frozenset(vpc.keys), open=vpc.open, causes=vpc.causes)
        for name in names:
            found[name] = found.get(name, KeySet()).plus(more)
    return dict(sorted(found.items()))
