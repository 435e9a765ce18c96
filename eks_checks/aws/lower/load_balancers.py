"""Load balancers: application, network and classic ones, and accelerators before them (fact M8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from eks_checks.aws.knowledge import NO, YES, Cause, KeySet, Origin, Pointer, Truth, just, pointer
from eks_checks.aws.load_balancing import (
    Accelerator,
    Balancing,
    Forward,
    Listener,
    LoadBalancer,
    Registration,
    TargetGroup,
)
from eks_checks.aws.lower.connect_endpoints import lower_connect_endpoints
from eks_checks.aws.lower.context import Lowering, cause, left_out, number, text
from eks_checks.aws.lower.listeners import BALANCERS, listeners
from eks_checks.aws.lower.nodes import Scene, default_groups
from eks_checks.aws.lower.target_groups import Register, external_group, instances, lower_target_groups
from eks_checks.aws.lower.templates import or_default
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import scalar

_TCP = frozenset({"tcp"})


def lower_balancing(run: Lowering, scene: Scene) -> Balancing:
    """Every load balancer, target group, accelerator and Instance Connect Endpoint of the inputs."""
    register = Register(run)
    groups = lower_target_groups(run, register)
    served = listeners(run)
    balancers = {
        run.identity.key(one): _balancer(run, scene, one, served) for one in run.world.resources(*BALANCERS)
    }
    for one in run.world.resources("aws_elb"):
        balancer, made = _classic(run, scene, one, register)
        balancers[balancer.key] = balancer
        groups.update(made)
    _unknown_ones(run, served, register, balancers, groups)
    for group in groups.values():
        if not group.registrations and group.kind in ("instance", "ip"):
            run.assume(group.resource, "nothing outside the inputs registers targets with it", "M8")
    return Balancing(
        dict(sorted(balancers.items())),
        dict(sorted(groups.items())),
        tuple(_accelerators(run)),
        tuple(lower_connect_endpoints(run, scene)),
    )


def _balancer(
    run: Lowering, scene: Scene, resource: Resource, served: dict[str, list[Listener]]
) -> LoadBalancer:
    value = resource.value("load_balancer_type")
    kind = "application" if left_out(value) else text(resource, "load_balancer_type")
    subnets = _subnets(run, resource)
    doubts = list(run.doubts(resource))
    if not kind:
        doubts.append(cause(resource, ("load_balancer_type",), value))
    v4, v6 = _families(resource)
    key = run.identity.key(resource)
    return LoadBalancer(
        key=key,
        resource=resource.key,
        kind=kind,
        internal=run.truth(resource, "internal"),
        subnets=subnets,
        groups=_groups(run, scene, resource, kind, subnets),
        listeners=tuple(served.get(key, ())),
        public_ipv4=v4,
        ipv6=v6,
        cross_zone=YES if kind == "application" else run.truth(resource, "enable_cross_zone_load_balancing"),
        doubts=tuple(doubts),
        location=resource.location,
    )


def _families(resource: Resource) -> tuple[Truth, Truth]:
    """(whether clients find it at public IPv4 addresses, at IPv6 addresses)."""
    value = resource.value("ip_address_type")
    if left_out(value):
        return YES, NO
    known = scalar(value)
    if known is None:
        unclear = Truth(None, (cause(resource, ("ip_address_type",), value),))
        return unclear, unclear
    return (NO if known == "dualstack-without-public-ipv4" else YES), (NO if known == "ipv4" else YES)


def _subnets(run: Lowering, resource: Resource) -> KeySet:
    found = run.links(resource, "subnet", "subnets")
    mapped = resource.blocks("subnet_mapping")
    if mapped.open is not None and not (mapped.open.computed and (found.candidates or found.open)):
        why = Cause(resource.key, "subnet_mapping", mapped.open.reason)
        found = found.plus(KeySet(open=True, causes=(why,)))
    for block in mapped.items:
        one = run.link(block, "subnet", "subnet_id")
        found = found.plus(just(one))
    if not found.candidates and not found.open:
        return KeySet(open=True, causes=(Cause(resource.key, "subnets", "names no subnet"),))
    return found


def _groups(run: Lowering, scene: Scene, resource: Resource, kind: str, subnets: KeySet) -> KeySet | None:
    """The groups on it; none named: the VPC's default one, or on a network balancer no filter at all."""
    named = run.links(resource, "security_group", "security_groups")
    if kind == "network" and named.exact and not named.sure:
        return None
    if kind != "application":
        # Where the list may turn out to be empty, nothing at all may be filtered.
        sure = kind == "network" and bool(named.sure)
        return named if sure else KeySet(named.sure, named.maybe, True, named.causes)
    return or_default(named, _default(scene, subnets))


def _default(scene: Scene, subnets: KeySet) -> KeySet:
    known = [scene.subnets[key] for key in sorted(subnets.candidates) if key in scene.subnets]
    found = {default_groups(subnet) for subnet in known}
    return found.pop() if len(found) == 1 else KeySet(open=True, causes=subnets.causes)


def _classic(
    run: Lowering, scene: Scene, resource: Resource, register: Register
) -> tuple[LoadBalancer, dict[str, TargetGroup]]:
    """A classic load balancer; its instances on each port stand for a target group."""
    key = run.identity.key(resource)
    registered = (*register.of(key), *instances(run, resource, "instances"))
    groups: dict[str, TargetGroup] = {}
    served = []
    blocks = resource.blocks("listener")
    if blocks.open is not None:
        unread = (Cause(resource.key, "listener", blocks.open.reason),)
        untold = tuple(replace(one, causes=(*one.causes, *unread)) for one in registered)
        group = TargetGroup(f"{key}#listener", resource.key, "instance", _TCP, "ipv4", NO, untold)
        groups[group.key] = group
        served.append(_any_listener(resource.key, unread, group.key))
    for block in blocks.items:
        group = _instances_on(block, key, resource, registered)
        groups[group.key] = group
        forward = Forward(Pointer((group.key,)), Origin(resource.key, "forwards", block.location))
        served.append(_classic_listener(resource, block, forward))
    subnets = run.links(resource, "subnet", "subnets")
    if not subnets.candidates and not subnets.open:
        why = "zones alone mean the default VPC's subnets"
        subnets = KeySet(open=True, causes=(Cause(resource.key, "subnets", why),))
    named = run.links(resource, "security_group", "security_groups")
    balancer = LoadBalancer(
        key=key,
        resource=resource.key,
        kind="classic",
        internal=run.truth(resource, "internal"),
        subnets=subnets,
        groups=or_default(named, _default(scene, subnets)),
        listeners=tuple(served),
        cross_zone=run.truth(resource, "cross_zone_load_balancing", default=True),
        doubts=run.doubts(resource),
        location=resource.location,
    )
    return balancer, groups


def _classic_listener(resource: Resource, block: Block, forward: Forward) -> Listener:
    port = number(scalar(block.value("lb_port")))
    causes = () if port is not None else (cause(block, ("lb_port",), block.value("lb_port")),)
    return Listener(resource.key, port, _TCP, (forward,), causes, block.location)


def _instances_on(
    block: Block, key: str, resource: Resource, registered: Iterable[Registration]
) -> TargetGroup:
    port = number(scalar(block.value("instance_port")))
    causes = () if port is not None else (cause(block, ("instance_port",), block.value("instance_port")),)
    return TargetGroup(
        key=f"{key}#{port or block.path[-1]}",
        resource=resource.key,
        kind="instance",
        transports=_TCP,
        family="ipv4",
        preserves=NO,
        registrations=tuple(replace(one, port=port, causes=(*one.causes, *causes)) for one in registered),
    )


def _unknown_ones(
    run: Lowering,
    served: dict[str, list[Listener]],
    register: Register,
    balancers: dict[str, LoadBalancer],
    groups: dict[str, TargetGroup],
) -> None:
    """Balancers and target groups outside the inputs that something here speaks of: they may do anything."""
    for key in sorted(set(served) - set(balancers)):
        causes = tuple(c for listener in served[key] for c in listener.causes) or (run.absent(key, "scheme"),)
        balancers[key] = _unknown(key, served[key], causes)
    used = {
        key for b in balancers.values() for one in b.listeners for f in one.forwards for key in f.group.keys
    }
    for key in sorted(set(register.found) | used):
        if key in groups or key in balancers:
            continue
        groups[key] = group = external_group(run, key, register)
        if key not in used:
            balancers[key] = _unknown(key, [_any_listener(key, group.causes)], group.causes)
    for where, made in register.elsewhere:
        key = f"{made.origin.resource}#target_group"
        group = TargetGroup(
            key, made.origin.resource, "", None, "", Truth(None, where.causes), (made,), None, where.causes
        )
        groups[key] = group
        listener = _any_listener(key, where.causes)
        balancers[key] = replace(_unknown(key, [listener], where.causes), resource=made.origin.resource)


def _any_listener(key: str, causes: tuple[Cause, ...], group: str = "") -> Listener:
    """Whatever listener there may be that forwards to the target group, which has that key if not another."""
    forward = Forward(pointer([group or key]), Origin(key, "forwards"), causes=causes)
    return Listener(key, None, None, (forward,), causes)


def _unknown(key: str, served: Iterable[Listener], causes: tuple[Cause, ...]) -> LoadBalancer:
    unclear = Truth(None, causes)
    everything = KeySet(open=True, causes=causes)
    return LoadBalancer(
        key, key, "", unclear, everything, everything, tuple(served), unclear, unclear, unclear, causes
    )


def _accelerators(run: Lowering) -> Iterator[Accelerator]:
    for resource in run.world.resources("aws_globalaccelerator_endpoint_group"):
        balancers, creators = KeySet(), KeySet()
        blocks = resource.blocks("endpoint_configuration")
        if blocks.open is not None:
            why = (Cause(resource.key, "endpoint_configuration", blocks.open.reason),)
            balancers = creators = KeySet(open=True, causes=why)
        for block in blocks.items:
            if left_out(block.value("endpoint_id")):
                continue
            for kind in ("load_balancer", "interface"):
                found = run.identity.find(block.value("endpoint_id"), kind, resource.key, "endpoint_id")
                listed = KeySet(maybe=frozenset(found.keys), open=found.open, causes=found.causes)
                if kind == "load_balancer":
                    balancers = balancers.plus(listed)
                else:
                    creators = creators.plus(listed)
        yield Accelerator(resource.key, resource.key, balancers, creators, resource.location)
