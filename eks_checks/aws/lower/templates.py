"""Launch templates and configurations: the interfaces that nodes come up with (D2, D3, D8, E5, E12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.interface import Shape
from eks_checks.aws.knowledge import NO, UNKNOWN, YES, Cause, KeySet, Truth
from eks_checks.aws.lower.context import Lowering, left_out, members, number, text
from eks_checks.aws.vpc import Subnet
from eks_checks.location import SourceSpan
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Known, Reference, is_null, scalar


@dataclass(frozen=True)
class Launch:
    """How instances are launched: a template or configuration, or none at all.

    ``block`` is the resource, None without one; ``known`` is false where its content in force
    cannot be told (another version, or a template outside the inputs), ``causes`` then say why.
    ``one_of`` holds the candidates where it is exactly one of several, and not known which.
    """

    block: Resource | None = None
    known: bool = True
    causes: tuple[Cause, ...] = ()
    one_of: tuple[Launch, ...] = ()

    @property
    def name(self) -> str:
        """The template's address, empty without one."""
        return self.block.key if self.block is not None else ""

    @property
    def candidates(self) -> tuple[Launch, ...]:
        """The candidates; itself alone where it is settled."""
        return self.one_of or (self,)


def launch_of(run: Lowering, holder: Block, *, fallback: bool = False) -> tuple[Launch, ...]:
    """The templates that ``holder``'s ``launch_template`` block may use; none: an empty tuple.

    With ``fallback``, a block whose link cannot be resolved is taken to be the only template of
    its module instance (K17), which is reported.
    """
    blocks = holder.blocks("launch_template")
    if blocks.open is not None:
        why = Cause(holder.resource.key, "launch_template", blocks.open.reason)
        return (Launch(known=False, causes=(why,)),)
    return tuple(
        launch for block in blocks.items for launch in _templates(run, block, "id", "name", fallback)
    )


def specification(
    run: Lowering, block: Block, id_: str = "launch_template_id", name: str = "launch_template_name"
) -> tuple[Launch, ...]:
    """The templates that a ``launch_template_specification`` block may use, by its attributes' names."""
    return tuple(_templates(run, block, id_, name, False))


def shapes_of(
    run: Lowering, launch: Launch, subnet: Subnet | None, default: KeySet, family: str
) -> tuple[Shape, ...]:
    """Every shape an instance of ``launch`` may have in ``subnet``.

    ``default`` are the groups where none is named; ``family`` is the address family of the cluster:
    in an IPv6 cluster nodes always have IPv6 (D9).
    """
    if launch.one_of:
        return (_merged(run, launch, subnet, default, family),)
    public, ipv6 = subnet_addressing(subnet, family)
    if not launch.known:
        unknown = Truth(None, launch.causes)
        groups = KeySet(frozenset(), default.candidates, True, launch.causes)
        return (Shape(groups, unknown, ipv6 if ipv6.surely else unknown, origin=launch.name),)
    if launch.block is None:
        origin, place = flagged_by(subnet)
        return (Shape(default, public, ipv6, public_origin=origin, public_at=place),)
    template = launch.block
    interfaces = _interfaces(template)
    if not interfaces:
        return (_template_shape(run, template, default, (public, ipv6), subnet),)
    # NOTE: with more than one interface no public IPv4 is given, whatever the flags say (D3, D8).
    single = len(template.blocks("network_interfaces")) == 1
    addressing = (public if single else NO, ipv6)
    return tuple(
        _interface_shape(run, template, block, default, addressing, subnet, single=single)
        for block in interfaces
    )


def _merged(run: Lowering, launch: Launch, subnet: Subnet | None, default: KeySet, family: str) -> Shape:
    """One shape that bounds all candidates: what holds for each of them is sure, the rest is open."""
    shapes = [s for one in launch.one_of for s in shapes_of(run, one, subnet, default, family)]
    sure = frozenset.intersection(*(shape.groups.sure for shape in shapes))
    every = frozenset().union(*(shape.groups.candidates for shape in shapes))
    causes = tuple(dict.fromkeys((*launch.causes, *(c for shape in shapes for c in shape.groups.causes))))
    groups = KeySet(sure, every - sure, any(shape.groups.open for shape in shapes), causes)
    public = _agreed([shape.public_ipv4 for shape in shapes], launch.causes)
    return Shape(groups, public, _agreed([shape.ipv6 for shape in shapes], launch.causes))


def _agreed(truths: list[Truth], causes: tuple[Cause, ...]) -> Truth:
    """What all say, or unknown because of ``causes``."""
    values = {truth.value for truth in truths}
    if len(values) == 1:
        return truths[0]
    return Truth(None, tuple(dict.fromkeys((*causes, *(c for truth in truths for c in truth.causes)))))


def subnet_addressing(subnet: Subnet | None, family: str) -> tuple[Truth, Truth]:
    """(public IPv4, global IPv6) that an interface gets from its subnet alone (D1, D4)."""
    if subnet is None:
        return UNKNOWN, YES if family == "ipv6" else UNKNOWN
    has_ipv6 = any(block.addresses.ipv6 for block in subnet.blocks)
    if family == "ipv6":
        return subnet.public_on_launch, YES
    unclear = "ipv6" in subnet.unknown_block
    ipv6 = subnet.ipv6_on_creation if has_ipv6 or unclear else NO
    return subnet.public_on_launch, ipv6


def _templates(run: Lowering, block: Block, id_: str, name: str, fallback: bool) -> Iterator[Launch]:
    resources = run.by_key("aws_launch_template")
    found = run.link(block, "launch_template", name if left_out(block.value(id_)) else id_)
    if not found.open and not set(found.keys) & set(resources) and not left_out(block.value(name)):
        by_name = run.link(block, "launch_template", name)
        found = by_name if set(by_name.keys) & set(resources) else found
    # NOTE: the guess is for a link that left no trace (K17); one that names a local is open (K5).
    traceless = fallback and found.open and block.is_configured(id_) is not True and block.location is None
    only = _only_template(run, block) if traceless else None
    if only is not None:
        why = f"taken to be {only.key}, the only launch template of the module"
        run.unclear([Cause(block.resource.key, "launch_template", why)])
        yield _versioned(run, block, only)
        return
    options = [_candidate(run, block, key, resources) for key in found.keys]
    if found.open or found.unset:
        causes = found.causes or (Cause(block.resource.key, "launch_template", "names no template"),)
        options.append(Launch(known=False, causes=causes))
    yield options[0] if len(options) == 1 else Launch(causes=found.causes, one_of=tuple(options))


def _candidate(run: Lowering, block: Block, key: str, resources: dict[str, Resource]) -> Launch:
    if key in resources:
        return _versioned(run, block, resources[key])
    why = Cause(block.resource.key, "launch_template", f"the template {key} is in none of the inputs")
    run.unclear([why])
    return Launch(known=False, causes=(why,))


def _only_template(run: Lowering, block: Block) -> Resource | None:
    same = run.world.same_module(block.resource, "aws_launch_template")
    return same[0] if len(same) == 1 else None


def _versioned(run: Lowering, block: Block, template: Resource) -> Launch:
    """The template if the version in force is the one the plan shows, else its content is not known (E12)."""
    value = block.value("version")
    newest = scalar(template.value("latest_version"))
    version = scalar(value)
    shown = "create" in template.actions or version == "$Latest"
    if isinstance(value, Reference):
        steps = [step for step in value.path if isinstance(step, str)]
        default = bool(steps) and steps[-1] == "default_version"
        shown = shown or not default or _default_is_newest(template)
    elif is_null(value) or version in ("", "$Default"):
        shown = shown or _default_is_newest(template)
    elif isinstance(value, Known):
        shown = shown or (
            newest is not None and str(newest) == str(version) and "update" not in template.actions
        )
    elif left_out(value):
        shown = shown or _default_is_newest(template)
    interfaces = template.blocks("network_interfaces")
    if interfaces.open is not None:
        why = Cause(template.key, "network_interfaces", interfaces.open.reason)
        return Launch(template, known=False, causes=(why,))
    if shown:
        return Launch(template)
    why = Cause(block.resource.key, "launch_template.version", f"version {version or '?'} is not in the plan")
    run.unclear([why])
    return Launch(template, known=False, causes=(why,))


def _default_is_newest(template: Resource) -> bool:
    if scalar(template.value("update_default_version")) is True:
        return True
    newest, default = scalar(template.value("latest_version")), scalar(template.value("default_version"))
    return newest is not None and newest == default and "update" not in template.actions


def _interfaces(template: Resource) -> tuple[Block, ...]:
    if template.type == "aws_launch_configuration":
        return ()
    # NOTE: an interface for EFA alone has no IP address.
    found = template.blocks("network_interfaces").items
    return tuple(block for block in found if text(block, "interface_type") != "efa-only")


def _instance_groups(run: Lowering, template: Resource) -> KeySet:
    if template.type == "aws_launch_configuration":
        return run.links(template, "security_group", "security_groups")
    named = run.links(template, "security_group", "vpc_security_group_ids")
    if left_out(template.value("security_group_names")):
        return named
    return named.plus(_named_groups(run, template))


def _named_groups(run: Lowering, template: Resource) -> KeySet:
    """Groups by name: of the inputs where the name is a group's own, else perhaps any (A25)."""
    listed, rest = members(template, "security_group_names")
    groups = run.world.resources("aws_security_group")
    sure, maybe = set[str](), set[str]()
    open_ = rest is not None
    for value in listed:
        target = run.world.target(value) if isinstance(value, Reference) else None
        if target is not None and target.type == "aws_security_group":
            sure.add(run.identity.key(target))
            continue
        # NOTE: a name is looked for in the default VPC, whose groups the inputs may not hold.
        maybe |= {run.identity.key(one) for one in groups if one.value("name") == value}
        open_ = True
    why = (Cause(template.key, "security_group_names", "names groups of the default VPC"),) if open_ else ()
    return KeySet(frozenset(sure), frozenset(maybe - sure), open_, why)


def or_default(groups: KeySet, default: KeySet) -> KeySet:
    """The groups named, or ``default`` where there are none; either, where that is not known (E5)."""
    if groups.sure:
        return groups
    if groups.exact:
        return default
    return KeySet(
        frozenset(), groups.candidates | default.candidates, groups.open or default.open, groups.causes
    )


def _template_shape(
    run: Lowering, template: Resource, default: KeySet, addressing: tuple[Truth, Truth], subnet: Subnet | None
) -> Shape:
    """The one interface of a template that says nothing of interfaces."""
    public, ipv6 = addressing
    configuration = template.type == "aws_launch_configuration"
    named = _override(run, template) if configuration else None
    origin, place = (template.key, template.located(_PUBLIC)) if named else flagged_by(subnet)
    return Shape(
        groups=or_default(_instance_groups(run, template), default),
        public_ipv4=named or public,
        ipv6=ipv6,
        origin=template.key,
        public_origin=origin,
        groups_at=template.located("security_groups" if configuration else "vpc_security_group_ids"),
        public_at=place,
    )


def _interface_shape(
    run: Lowering,
    template: Resource,
    block: Block,
    default: KeySet,
    addressing: tuple[Truth, Truth],
    subnet: Subnet | None,
    *,
    single: bool,
) -> Shape:
    public, ipv6 = addressing
    override = _override(run, block) if single else None
    has_block = subnet is None or not subnet.managed or bool(subnet.addresses("ipv6") or subnet.unknown_block)
    own = override or not single
    origin, place = (template.key, block.located(_PUBLIC)) if own else flagged_by(subnet)
    return Shape(
        groups=or_default(run.links(block, "security_group", "security_groups"), default),
        public_ipv4=override or public,
        ipv6=_ipv6(run, block, ipv6, has_block=has_block),
        origin=template.key,
        public_origin=origin,
        primary=single or first_interface(block),
        groups_at=block.located("security_groups"),
        public_at=place,
    )


def first_interface(block: Block) -> bool:
    """Whether an interface stands first on the first network card: the node's own one (D8)."""
    places = (number(scalar(block.value(name))) for name in ("device_index", "network_card_index"))
    return all(place in (0, None) for place in places)


def _override(run: Lowering, block: Block) -> Truth | None:
    """The launch request's own word on a public IPv4 (D2), None where it says nothing."""
    return None if left_out(block.value(_PUBLIC)) else run.truth(block, _PUBLIC)


def _ipv6(run: Lowering, block: Block, subnet: Truth, *, has_block: bool) -> Truth:
    count = block.value("ipv6_address_count")
    asked = number(scalar(count))
    if not subnet.possibly and not has_block:
        return NO  # a subnet without an IPv6 block has none to give
    listed, rest = members(block, "ipv6_addresses")
    prefixes = number(scalar(block.value("ipv6_prefix_count"))) or 0
    if (asked is not None and asked > 0) or listed or prefixes > 0:
        return YES
    if rest is not None or not (left_out(count) or isinstance(count, Known)):
        return Truth(None, (Cause(block.resource.key, "ipv6_addresses", "known after apply"),))
    return subnet


def flagged_by(subnet: Subnet | None) -> tuple[str, SourceSpan | None]:
    """The subnet as what decides a public IPv4, and where it says so."""
    return (subnet.resource, subnet.public_at) if subnet is not None else ("", None)


_PUBLIC = "associate_public_ip_address"
