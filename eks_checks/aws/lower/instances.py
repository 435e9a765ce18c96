"""Instances and network interfaces, and the Elastic IPs on them (facts D1-D8, A25)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from eks_checks.aws.eks import NodeGroup
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import NO, NOWHERE, YES, Cause, KeySet, Pointer, Truth, just
from eks_checks.aws.lower.attachments import ElasticAddresses, also_on, attached_groups, either
from eks_checks.aws.lower.context import Lowering, left_out, members, number
from eks_checks.aws.lower.images import image_family
from eks_checks.aws.lower.joining import joined_instance
from eks_checks.aws.lower.nodes import Scene, default_groups, landings
from eks_checks.aws.lower.owners import (
    INSTANCES,
    Owner,
    further_interfaces,
    maybe_primaries,
    primary_interface,
)
from eks_checks.aws.lower.public_addresses import hidden_public, own_public
from eks_checks.aws.lower.ssh_keys import key_pair, ssh_key
from eks_checks.aws.lower.sshd import UNTOLD, Listener, of_instance
from eks_checks.aws.lower.templates import (
    Launch,
    launch_of,
    or_default,
    shapes_of,
    subnet_addressing,
)
from eks_checks.aws.lower.user_data import user_data
from eks_checks.aws.node_facts import WINDOWS
from eks_checks.aws.vpc import LANDS_IN_DEFAULT, Subnet
from eks_checks.sets import AddressSet, union_of
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known, Value, scalar


def lower_instances(run: Lowering, scene: Scene) -> None:
    """Instances and network interfaces; an instance on an existing interface has that as its target (D7)."""
    from_outside = FromOutside(ElasticAddresses(run), attached_groups(run))
    primaries: dict[str, Resource] = {}
    for resource in run.world.resources(*INSTANCES):
        existing = primary_interface(run, resource)
        if existing:
            primaries[existing] = resource
            continue
        _instance(run, scene, resource, from_outside)
    perhaps, further = maybe_primaries(run), further_interfaces(run)
    for resource in run.world.resources("aws_network_interface"):
        key = run.identity.key(resource)
        behind = _Behind(doubts=perhaps.get(key, ()))
        if key in primaries:
            behind = _behind(run, scene, primaries[key], from_outside)
        elif key in further:
            behind = _beside(run, scene, further[key])
        _network_interface(run, scene, resource, from_outside, behind)
    _anywhere(scene, from_outside)


@dataclass(frozen=True)
class FromOutside:
    """What is put on interfaces by other resources: Elastic IPs, and groups by interface key."""

    elastic: ElasticAddresses
    attached: dict[str, KeySet]


def _anywhere(scene: Scene, outside: FromOutside) -> None:
    """An Elastic IP or a group whose interface cannot be told may be on a node's as well."""
    elastic, groups = outside.elastic, outside.attached.get("", KeySet())
    if not elastic.anywhere and not (groups.candidates or groups.open):
        return
    for position, interface in enumerate(scene.interfaces):
        if interface.kind in ("node_group", "autoscaling_group", "node_class", "fleet"):
            shapes = tuple(
                replace(
                    shape,
                    groups=shape.groups.plus(groups),
                    public_ipv4=either(shape.public_ipv4, elastic.on("")),
                )
                for shape in interface.shapes
            )
            scene.interfaces[position] = replace(interface, shapes=shapes)


def _instance(run: Lowering, scene: Scene, resource: Resource, outside: FromOutside) -> None:
    elastic = outside.elastic
    key = run.identity.key(resource)
    cluster, node = joined_instance(run, resource, scene.clusters)
    subnets = _subnets(run, resource)
    launches = launch_of(run, resource)
    made = _as_node_group(run, resource, launches, cluster, subnets)
    listener, note = of_instance(run, resource, launches, made.ssh_key)
    for subnet, certain, causes in landings(subnets, scene):
        where = scene.subnets.get(subnet or "")
        also = also_on(outside.attached, key)
        groups = _groups(run, resource, launches, default_groups(where)).plus(also)
        public = either(elastic.on(key), own_public(run, resource, where, elastic))
        ipv6 = _own_ipv6(run, resource, where)
        fixed = _fixed(resource, where, ("private_ip",), ("secondary_private_ips", "ipv6_addresses"))
        shape = _shape(resource, groups, public, ipv6, fixed)
        if launches:
            shape = _from_template(run, resource, launches[0], where, shape, also)
        scene.interfaces.append(
            Interface(
                resource=resource.key,
                kind="instance",
                subnet=subnet,
                shapes=(shape,),
                cluster=cluster,
                node=node,
                many=False,
                certain=certain,
                listener_ssh=listener,
                listener_note=note,
                causes=causes,
                location=resource.location,
            )
        )
    if node.possibly:
        scene.node_groups.append(replace(made, node=node))


@dataclass(frozen=True)
class _Behind:
    """What comes to an interface with the instance it belongs to.

    ``sure``: the instance whose primary one it is; ``further``: it is another one of the instance (D8).
    """

    sure: Resource | None = None
    cluster: Pointer = NOWHERE
    node: Truth = NO
    holds: Truth = NO
    groups: KeySet = field(default_factory=KeySet)
    listener: Listener = UNTOLD
    further: bool = False
    doubts: tuple[Cause, ...] = ()


def _behind(run: Lowering, scene: Scene, instance: Resource, outside: FromOutside) -> _Behind:
    cluster, node = joined_instance(run, instance, scene.clusters)
    key = run.identity.key(instance)
    groups, doubts = outside.attached.get(key, KeySet()), run.doubts(instance)
    listener = of_instance(run, instance, launch_of(run, instance), key_pair(instance))
    if not doubts:
        return _Behind(instance, cluster, node, outside.elastic.on(key), groups, listener)
    # Without the instance the interface stays: all that comes with it is open.
    node = Truth(None, doubts) if node.possibly else NO
    groups = KeySet(maybe=groups.candidates, open=groups.open, causes=(*groups.causes, *doubts))
    return _Behind(None, cluster, node, Truth(None, doubts), groups)


def _beside(run: Lowering, scene: Scene, owner: Owner) -> _Behind:
    """A further interface: kubelet and sshd of the instance listen on it as well (D8)."""
    cluster, node = joined_instance(run, owner.instance, scene.clusters)
    causes = (*owner.causes, *run.doubts(owner.instance))
    if causes and node.possibly:
        node = Truth(None, (*node.causes, *causes))
    listener = of_instance(run, owner.instance, launch_of(run, owner.instance), key_pair(owner.instance))
    return _Behind(cluster=cluster, node=node, listener=UNTOLD if causes else listener, further=True)


def _network_interface(
    run: Lowering, scene: Scene, resource: Resource, outside: FromOutside, behind: _Behind
) -> None:
    key = run.identity.key(resource)
    elastic, doubts = outside.elastic, behind.doubts
    held = either(either(elastic.on(key), behind.holds), Truth(None, doubts) if doubts else NO)
    also = also_on(outside.attached, key).plus(behind.groups)
    for subnet, certain, causes in landings(_subnets(run, resource), scene):
        where = scene.subnets.get(subnet or "")
        groups = or_default(run.links(resource, "security_group", "security_groups"), default_groups(where))
        own = NO if behind.sure is None else hidden_public(run, behind.sure, resource, where, elastic)
        public = either(held, own)
        fixed = _fixed(resource, where, ("private_ip",), ("private_ips", "ipv6_addresses"))
        shape = _shape(resource, groups.plus(also), public, _own_ipv6(run, resource, where), fixed)
        scene.interfaces.append(
            Interface(
                resource=resource.key,
                kind="network_interface",
                subnet=subnet,
                shapes=(replace(shape, primary=not behind.further),),
                cluster=behind.cluster,
                node=behind.node,
                many=False,
                certain=certain,
                listener_ssh=behind.listener[0],
                listener_note=behind.listener[1],
                causes=causes,
                location=resource.location,
            )
        )


def _shape(resource: Resource, groups: KeySet, public: Truth, ipv6: Truth, fixed: AddressSet | None) -> Shape:
    """The shape that the resource itself names the groups of, and decides the address of."""
    named = "security_groups" if resource.type == "aws_network_interface" else "vpc_security_group_ids"
    return Shape(
        groups,
        public,
        ipv6,
        fixed,
        origin=resource.key,
        public_origin=resource.key,
        groups_at=resource.located(named),
        public_at=resource.located("associate_public_ip_address"),
    )


def _subnets(run: Lowering, resource: Resource) -> KeySet:
    value = resource.value("subnet_id")
    if left_out(value):
        why = (Cause(resource.key, "subnet_id", f"unset: {LANDS_IN_DEFAULT}"),)
        return KeySet(open=True, causes=why)
    return just(run.link(resource, "subnet", "subnet_id"))


def _from_template(
    run: Lowering, resource: Resource, launch: Launch, subnet: Subnet | None, own: Shape, also: KeySet
) -> Shape:
    """The instance's shape where a template fills in what the instance itself leaves out."""
    made = shapes_of(run, launch, subnet, default_groups(subnet), "")
    primary = next((shape for shape in made if shape.primary), made[0])
    named = not left_out(resource.value("vpc_security_group_ids"))
    flagged = not left_out(resource.value("associate_public_ip_address"))
    return replace(
        own,
        groups=own.groups if named else primary.groups.plus(also),
        public_ipv4=own.public_ipv4 if flagged else either(own.public_ipv4, primary.public_ipv4),
        ipv6=either(own.ipv6, primary.ipv6),
    )


def _groups(run: Lowering, resource: Resource, launches: tuple[Launch, ...], default: KeySet) -> KeySet:
    otherwise = _launched_with(run, launches, default)
    for name in ("vpc_security_group_ids", "security_groups"):
        if not left_out(resource.value(name)):
            return or_default(run.links(resource, "security_group", name), otherwise)
    return otherwise


def _launched_with(run: Lowering, launches: tuple[Launch, ...], default: KeySet) -> KeySet:
    """The groups that a template brings, where an instance names none of its own."""
    for launch in launches:
        if launch.block is None or not launch.known or launch.one_of:
            return KeySet(maybe=default.candidates, open=True, causes=launch.causes)
        named = run.links(launch.block, "security_group", "vpc_security_group_ids")
        if named.candidates or named.open:
            return or_default(named, default)
    return default


_IPV6_COUNTS = ("ipv6_address_count", "ipv6_prefix_count")


def _own_ipv6(run: Lowering, resource: Resource, subnet: Subnet | None) -> Truth:
    listed, rest = members(resource, "ipv6_addresses")
    counts = (number(scalar(resource.value(name))) or 0 for name in _IPV6_COUNTS)
    if listed or any(count > 0 for count in counts) or members(resource, "ipv6_prefixes")[0]:
        return YES
    exists = "create" not in resource.actions
    if exists and isinstance(resource.value("ipv6_address_count"), Known) and rest is None:
        return NO  # refreshed attributes mirror the interface (D6)
    if rest is not None:
        return Truth(None, (Cause(resource.key, "ipv6_addresses", rest.reason),))
    return subnet_addressing(subnet, "")[1]


def _fixed(
    resource: Resource, subnet: Subnet | None, singles: tuple[str, ...], lists: tuple[str, ...]
) -> AddressSet | None:
    """The private addresses the inputs fix; one that its subnet cannot have is not believed."""
    values: list[Value] = [resource.value(name) for name in singles]
    for name in lists:
        values.extend(members(resource, name)[0])
    found = [v.value for v in values if isinstance(v, Known) and isinstance(v.value, str) and v.value]
    addresses = union_of((AddressSet.from_address(text) for text in found), AddressSet.empty())
    if subnet is not None and subnet.blocks and not subnet.unknown_block:
        addresses = addresses & union_of((b.addresses for b in subnet.blocks), AddressSet.empty())
    return addresses or None


def _as_node_group(
    run: Lowering, resource: Resource, launches: tuple[Launch, ...], cluster: Pointer, subnets: KeySet
) -> NodeGroup:
    family = user_data(run, resource).family or image_family(run, resource.value("ami"))
    return NodeGroup(
        resource=resource.key,
        kind="instance",
        cluster=cluster,
        subnets=subnets,
        ssh_key=ssh_key(launches, key_pair(resource)),
        remote_access=NO,
        remote_access_sources=KeySet(),
        windows=YES if family == WINDOWS else NO,
        templates=KeySet(),
        location=resource.location,
    )
