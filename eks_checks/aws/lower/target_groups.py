"""Target groups, and what is registered with them (fact M8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from eks_checks.aws.knowledge import NO, YES, Cause, KeySet, Origin, Pointer, Truth, exactly, just
from eks_checks.aws.load_balancing import NONE, Registration, TargetGroup
from eks_checks.aws.lower.context import Lowering, cause, left_out, number, text
from eks_checks.aws.lower.owners import primary_interface
from eks_checks.sets import AddressSet
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Reference, Value, alternatives, scalar

GROUPS = ("aws_lb_target_group", "aws_alb_target_group")
ATTACHMENTS = ("aws_lb_target_group_attachment", "aws_alb_target_group_attachment")
_BOTH = frozenset({"tcp", "udp"})
_TCP = frozenset({"tcp"})
TRANSPORTS = {
    **dict.fromkeys(("HTTP", "HTTPS", "TCP", "TLS", "SSL"), _TCP),
    **dict.fromkeys(("UDP", "QUIC"), frozenset({"udp"})),
    **dict.fromkeys(("TCP_UDP", "TCP_QUIC"), _BOTH),
    "GENEVE": frozenset[str](),
}
"""A listener's or target group's protocol to what carries it."""


class Register:
    """Who is registered where: estate key of a target group (or classic balancer) to its registrations."""

    def __init__(self, run: Lowering) -> None:
        """Read every resource that registers targets."""
        self._run = run
        self.found: dict[str, list[Registration]] = {}
        self.elsewhere: list[tuple[Pointer, Registration]] = []
        for attachment in run.world.resources(*ATTACHMENTS):
            self._attachment(attachment)
        for attachment in run.world.resources("aws_autoscaling_attachment"):
            for name in ("lb_target_group_arn", "alb_target_group_arn"):
                self._scaled(attachment, attachment, "target_group", name)
            self._scaled(attachment, attachment, "classic_load_balancer", "elb")
        for attachment in run.world.resources("aws_autoscaling_traffic_source_attachment"):
            self._sources(attachment)
        for group in run.world.resources("aws_autoscaling_group"):
            self._listed(group, "target_group", "target_group_arns")
            self._listed(group, "classic_load_balancer", "load_balancers")
            self._sources(group)
        for attachment in run.world.resources("aws_elb_attachment"):
            where = run.link(attachment, "classic_load_balancer", "elb")
            self._add(where, _instance(run, attachment, "instance"))

    def _add(self, where: Pointer, made: Registration) -> None:
        """Register with each group it may be; perhaps it is one outside the inputs."""
        sure = where.exact is not None
        for key in where.keys:
            causes = made.causes if sure else (*made.causes, *where.causes)
            self.found.setdefault(key, []).append(
                made if sure else Registration(made.creators, made.origin, made.addresses, made.port, causes)
            )
        if where.open:
            self.elsewhere.append((where, made))

    def of(self, key: str) -> tuple[Registration, ...]:
        """What is or may be registered there: also what is so with a group that cannot be told."""
        unsure = (
            replace(made, causes=tuple(dict.fromkeys((*made.causes, *where.causes))))
            for where, made in self.elsewhere
            if key not in where.keys
        )
        return (*self.found.get(key, ()), *unsure)

    def _attachment(self, attachment: Resource) -> None:
        run = self._run
        port = _port(attachment, "port")
        value = attachment.value("target_id")
        addresses = _addresses(value)
        creators = KeySet() if addresses else _creators(run, attachment, value)
        causes = (*creators.causes, *run.doubts(attachment), *port[1])
        origin = _origin(attachment, "registers it")
        made = Registration(creators, origin, addresses, port[0], tuple(dict.fromkeys(causes)))
        self._add(run.link(attachment, "target_group", "target_group_arn"), made)

    def _scaled(self, holder: Resource, block: Block, kind: str, name: str) -> None:
        """Instances of an Auto Scaling group, which a resource beside it registers."""
        if left_out(block.value(name)):
            return
        run = self._run
        found = run.link(holder, "autoscaling_group", "autoscaling_group_name")
        causes = tuple(dict.fromkeys((*found.causes, *run.doubts(holder))))
        made = Registration(just(found), _origin(holder, "registers its instances"), causes=causes)
        self._add(run.link(block, kind, name), made)

    def _listed(self, group: Resource, kind: str, name: str) -> None:
        """Target groups and classic balancers that an Auto Scaling group itself lists."""
        listed = self._run.links(group, kind, name)
        made = self._own(group)
        for key in sorted(listed.sure):
            self._add(Pointer((key,)), made)
        if listed.maybe or listed.open:
            self._add(Pointer(tuple(sorted(listed.maybe)), True, listed.causes), made)

    def _own(self, group: Resource) -> Registration:
        origin = _origin(group, "registers its instances")
        return Registration(exactly(group.key), origin, causes=self._run.doubts(group))

    def _sources(self, holder: Resource) -> None:
        blocks = holder.blocks("traffic_source")
        for block in blocks.items:
            type_ = text(block, "type")
            kind = "classic_load_balancer" if type_ == "elb" else "target_group"
            if type_ == "vpc-lattice":
                continue
            if holder.type == "aws_autoscaling_group":
                self._add(self._run.link(block, kind, "identifier"), self._own(holder))
            else:
                self._scaled(holder, block, kind, "identifier")


def lower_target_groups(run: Lowering, register: Register) -> dict[str, TargetGroup]:
    """The target groups of the inputs, by key."""
    found = {}
    for resource in run.world.resources(*GROUPS):
        key = run.identity.key(resource)
        found[key] = _group(run, resource, key, register.of(key))
    return found


def external_group(run: Lowering, key: str, register: Register) -> TargetGroup:
    """A target group that the inputs know only by its ARN: which balancer uses it, and how, is not known."""
    causes = (run.absent(key, "load_balancer_arns"),)
    registered = tuple(register.found.get(key, ()))
    return TargetGroup(key, key, "", None, "", Truth(None, causes), registered, None, causes)


def _group(run: Lowering, resource: Resource, key: str, registered: Iterable[Registration]) -> TargetGroup:
    value = resource.value("target_type")
    kind = "instance" if left_out(value) else text(resource, "target_type")
    protocol = text(resource, "protocol").upper()
    known = protocol or kind in ("alb", "lambda") or left_out(resource.value("protocol"))
    transports = TRANSPORTS.get(protocol, _TCP) if known else None
    family = text(resource, "ip_address_type") or (
        "ipv4" if left_out(resource.value("ip_address_type")) else ""
    )
    own, unclear = _port(resource, "port")
    causes = [] if kind else [cause(resource, ("target_type",), value)]
    causes += [] if known else [cause(resource, ("protocol",), resource.value("protocol"))]
    return TargetGroup(
        key=key,
        resource=resource.key,
        kind=kind,
        transports=transports,
        family=family,
        preserves=_preserves(run, resource, kind, protocol),
        registrations=tuple(_on_port(one, own, unclear) for one in registered),
        cross_zone=_cross_zone(run, resource),
        causes=tuple(causes),
    )


def _on_port(one: Registration, port: int | None, unclear: tuple[Cause, ...]) -> Registration:
    """A registration without a port of its own is on the group's."""
    if one.port is not None or any(c.attribute == "port" for c in one.causes):
        return one
    return Registration(one.creators, one.origin, one.addresses, port, (*one.causes, *unclear))


def _preserves(run: Lowering, resource: Resource, kind: str, protocol: str) -> Truth:
    """Whether a network load balancer hands on the client's address (M8)."""
    if kind == "alb" or protocol in ("UDP", "TCP_UDP", "QUIC", "TCP_QUIC"):
        return YES
    if not left_out(resource.value("preserve_client_ip")):
        return run.truth(resource, "preserve_client_ip")
    if kind == "instance":
        return YES
    if kind == "ip" and protocol:
        return NO
    return Truth(None, (Cause(resource.key, "preserve_client_ip", "AWS's default depends on the targets"),))


def _cross_zone(run: Lowering, resource: Resource) -> Truth | None:
    name = "load_balancing_cross_zone_enabled"
    value = resource.value(name)
    if left_out(value) or scalar(value) == "use_load_balancer_configuration":
        return None
    return run.truth(resource, name)


def _port(block: Block, name: str) -> tuple[int | None, tuple[Cause, ...]]:
    """(the port, why it is not known); both empty where none is named."""
    value = block.value(name)
    if left_out(value):
        return None, ()
    known = number(scalar(value))
    return known, (() if known is not None else (cause(block, (name,), value),))


def _addresses(value: Value) -> AddressSet:
    """A target that is told by its address."""
    known = scalar(value)
    if not isinstance(known, str):
        return NONE
    try:
        return AddressSet.from_address(known)
    except ValueError:
        return NONE


def _creators(run: Lowering, attachment: Resource, value: Value) -> KeySet:
    """What makes the registered interface: an instance by id, either kind by its private address."""
    by_address = [_addressed(run, option) for option in alternatives(value)]
    if all(by_address):
        keys = frozenset(key for key in by_address if key)
        return KeySet(keys) if len(keys) == 1 else KeySet(maybe=keys, causes=_one_of(attachment))
    for kind in ("load_balancer", "interface"):
        found = run.identity.find(value, kind, attachment.key, "target_id")
        if found.keys and (kind == "interface" or (not found.open and _all_arns(run, found))):
            break
    return _of_pointer(run, found)


def _one_of(attachment: Resource) -> tuple[Cause, ...]:
    return (Cause(attachment.key, "target_id", "is one of several: the plan does not say which"),)


def _all_arns(run: Lowering, found: Pointer) -> bool:
    balancers = (run.by_key(type_) for type_ in ("aws_lb", "aws_alb"))
    known = {key for each in balancers for key in each}
    return all(key in known for key in found.keys)


def _addressed(run: Lowering, value: Value) -> str:
    """The instance or interface whose private address the value is; empty where it is none."""
    if not isinstance(value, Reference):
        return ""
    resource = run.world.target(value)
    steps = [step for step in value.path if isinstance(step, str)]
    if resource is None or resource.type not in ("aws_instance", "aws_network_interface") or not steps:
        return ""
    named = steps[0].startswith(("private_ip", "ipv6_address"))
    return _primary(run, run.identity.key(resource)) if named else ""


def _instance(run: Lowering, holder: Resource, name: str) -> Registration:
    found = run.link(holder, "interface", name)
    causes = tuple(dict.fromkeys((*found.causes, *run.doubts(holder))))
    return Registration(_of_pointer(run, found), _origin(holder, "registers it"), causes=causes)


def instances(run: Lowering, holder: Resource, name: str) -> Iterator[Registration]:
    """The instances that a classic load balancer lists itself."""
    listed = run.links(holder, "interface", name)
    origin = _origin(holder, "lists it")
    primary = {key: _primary(run, key) for key in sorted(listed.candidates)}
    if listed.sure:
        yield Registration(exactly(*(primary[key] for key in listed.sure)), origin)
    if listed.maybe or listed.open:
        maybe = frozenset(primary[key] for key in listed.maybe)
        yield Registration(KeySet(maybe=maybe, open=listed.open), origin, causes=listed.causes)


def _of_pointer(run: Lowering, found: Pointer) -> KeySet:
    return just(replace(found, keys=tuple(_primary(run, key) for key in found.keys)))


def _primary(run: Lowering, key: str) -> str:
    """The interface that stands for an instance: one that it uses as its primary one, else the instance."""
    instance = run.by_key("aws_instance").get(key)
    return (primary_interface(run, instance) or key) if instance is not None else key


def _origin(resource: Resource, what: str) -> Origin:
    return Origin(resource.key, what, resource.location)
