"""Security groups: all rules that apply to each, from wherever they are written (facts A1-A27)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from eks_checks.aws.firewall import PrefixList, Rule, SecurityGroup
from eks_checks.aws.knowledge import Cause, Origin, Pointer, absent
from eks_checks.aws.lower.context import Lowering, left_out, members, text, where
from eks_checks.aws.lower.echo import is_truth
from eks_checks.aws.lower.group_rules import INLINE, SEPARATE, TABLE, Draft, drafts_of
from eks_checks.aws.lower.handed import handed
from eks_checks.aws.vpc import Vpc
from eks_checks.location import SourceSpan
from eks_checks.sets import AddressSet, Bounds, TrafficSet, union_of
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Unknown, scalar

DEFAULT_GROUP = "#default_security_group"
_SIDES = (("ingress", "inbound"), ("egress", "outbound"))


@dataclass
class GroupDraft:
    """A security group while its rules are being collected."""

    key: str
    kind: str
    resource: str
    vpc: Pointer
    open: bool = False
    causes: tuple[Cause, ...] = ()
    location: SourceSpan | None = None
    ingress: list[Rule] = field(default_factory=list)
    egress: list[Rule] = field(default_factory=list)

    def finished(self) -> SecurityGroup:
        """The group with the rules collected so far."""
        return SecurityGroup(
            self.key,
            self.kind,
            self.resource,
            self.vpc,
            tuple(self.ingress),
            tuple(self.egress),
            self.open,
            self.causes,
            self.location,
        )


def managed_groups(
    run: Lowering, vpcs: dict[str, Vpc], lists: dict[str, PrefixList]
) -> dict[str, GroupDraft]:
    """Groups that resources manage, and each VPC's default group, with their inline rules."""
    drafts = {key + DEFAULT_GROUP: _implicit_default(vpc) for key, vpc in vpcs.items()}
    for resource in run.world.resources("aws_security_group", "aws_default_security_group"):
        key = run.identity.key(resource)
        default = resource.type == "aws_default_security_group"
        if default and run.doubts(resource):
            continue
        vpc = run.link(resource, "vpc", "vpc_id")
        kind = "default" if default else "managed"
        # NOTE: adopting the default group revokes all its rules (A24); a new group has no egress (A2).
        draft = GroupDraft(key, kind, resource.key, vpc, location=resource.location)
        drafts[key] = draft
        _inline(run, resource, draft, lists)
    run.doubt_adopted("aws_default_security_group", "vpc_id", DEFAULT_GROUP, drafts)
    for draft in drafts.values():
        if draft.open and draft.kind == "default":
            draft.ingress = [replace(r, certain=False, causes=draft.causes) for r in draft.ingress]
            draft.egress = [replace(r, certain=False, causes=draft.causes) for r in draft.egress]
    return drafts


def add_separate_rules(run: Lowering, drafts: dict[str, GroupDraft], lists: dict[str, PrefixList]) -> None:
    """Add the rules of separate resources to the groups they name (A20)."""
    for type_, form in SEPARATE.items():
        for resource in run.world.resources(type_):
            group = run.link(resource, "security_group", "security_group_id")
            sides = (form.direction,) if form.direction else _directions(resource)
            for direction in sides:
                doubts = (*group.causes, *run.doubts(resource))
                doubts = doubts if len(sides) == 1 else (*doubts, _either_way(resource))
                for made in drafts_of(run, resource, form, direction):
                    for key in sorted(drafts) if group.open else group.keys:
                        draft = drafts[key] = drafts.get(key) or external_group(run, key)
                        certain = group.exact == key and len(sides) == 1 and resource.uncertain is None
                        side = draft.ingress if direction == "inbound" else draft.egress
                        side.append(rule(made, key, lists, () if certain else doubts, certain=certain))


def external_group(run: Lowering, key: str) -> GroupDraft:
    """A group that the inputs know only by id: it may hold any rule."""
    return GroupDraft(key, "external", key, Pointer(open=True), True, (run.absent(key, "rules"),))


def lower_prefix_lists(run: Lowering) -> dict[str, PrefixList]:
    """Managed prefix lists by key, with their entries as far as the inputs hold them (C13)."""
    found: dict[str, PrefixList] = {}
    entries: dict[str, list[Bounds[AddressSet]]] = {}
    for key in handed(run, "prefix_list"):
        entries[key] = [_ANYTHING]
    for resource in run.world.resources("aws_ec2_managed_prefix_list_entry"):
        target = run.link(resource, "prefix_list", "prefix_list_id")
        found_entry = _entry(run, resource)
        unsure = Bounds(AddressSet.empty(), found_entry.upper)
        for key in _every_list(run) if target.open else target.keys:
            sure = target.exact == key and resource.uncertain is None
            entries.setdefault(key, []).append(found_entry if sure else unsure)
    types = ("aws_ec2_managed_prefix_list", "aws_prefix_list")
    for resource in (*run.world.resources(*types), *run.world.data(*types)):
        key = run.identity.key(resource)
        found.setdefault(key, _prefix_list(run, resource, key, entries.get(key, [])))
    return found


def _every_list(run: Lowering) -> list[str]:
    return [run.identity.key(r) for r in run.world.resources("aws_ec2_managed_prefix_list")]


def rule(
    made: Draft,
    group: str,
    lists: dict[str, PrefixList],
    causes: Iterable[Cause] = (),
    *,
    certain: bool = True,
) -> Rule:
    """A finished rule of ``group``: ``self`` becomes the group, a prefix list its addresses."""
    all_causes = (*made.causes, *causes)
    sure = certain and made.certain
    if made.own:
        return Rule(made.traffic, made.origin, None, Pointer((group,)), sure, all_causes)
    if made.prefix_list is None:
        return Rule(made.traffic, made.origin, made.addresses, made.group, sure, all_causes)
    addresses = Bounds.exact(AddressSet.empty())
    for key in made.prefix_list.keys:
        known = lists.get(key)
        addresses = addresses | (known.addresses if known else _ANYTHING)
        if known is None or not known.addresses.decided:
            all_causes = (*all_causes, Cause(key, "entry", "the prefix list's entries are not known"))
    if made.prefix_list.open:
        addresses = _ANYTHING
    elif len(made.prefix_list.keys) > 1:
        addresses = Bounds(AddressSet.empty(), addresses.upper)
    return Rule(made.traffic, made.origin, addresses, None, sure, all_causes)


def allow_all(group: str, origin: Origin, *, own: bool) -> Rule:
    """A rule for all traffic: from or to the group's own members, or any address."""
    traffic = Bounds.exact(TrafficSet.everything())
    if own:
        return Rule(traffic, origin, None, Pointer((group,)))
    return Rule(traffic, origin, Bounds.exact(AddressSet.everything()))


def separate_atoms(run: Lowering, key: str) -> frozenset[tuple[str, ...]]:
    """What the separate rules of a group, before and after this plan, look like where they are echoed."""
    return run.cached(TABLE, lambda: _atoms_by_group(run)).get(key, frozenset())


_ANYTHING = Bounds(AddressSet.empty(), AddressSet.everything())


def _implicit_default(vpc: Vpc) -> GroupDraft:
    key = vpc.key + DEFAULT_GROUP
    draft = GroupDraft(
        key, "default", vpc.resource, Pointer((vpc.key,)), open=not vpc.managed, location=vpc.location
    )
    if draft.open:
        draft.causes = (absent(vpc.key, "default_security_group"),)
        return draft
    # NOTE: an unmanaged default group admits its own members and lets everything out (A15).
    into = Origin(
        vpc.resource, "inbound all traffic from the default group itself", vpc.location, implicit=True
    )
    out = Origin(vpc.resource, "outbound all traffic to anywhere", vpc.location, implicit=True)
    draft.ingress.append(allow_all(key, into, own=True))
    draft.egress.append(allow_all(key, out, own=False))
    return draft


def _inline(run: Lowering, resource: Resource, draft: GroupDraft, lists: dict[str, PrefixList]) -> None:
    for name, direction in _SIDES:
        side = draft.ingress if name == "ingress" else draft.egress
        blocks = resource.blocks(name)
        truth = is_truth(resource, name)
        for block in blocks.items:
            for made in drafts_of(run, block, INLINE, direction):
                if truth or (name, *made.atom(draft.key)) not in separate_atoms(run, draft.key):
                    side.append(rule(made, draft.key, lists))
        # NOTE: a list unknown as a whole is one the configuration leaves out: empty (A19, A24).
        if blocks.open is not None and not blocks.open.computed:
            draft.open = True
            draft.causes = (*draft.causes, Cause(resource.key, name, blocks.open.reason))


def _either_way(resource: Resource) -> Cause:
    return Cause(resource.key, "type", "inbound or outbound: known after apply")


def _directions(resource: Resource) -> tuple[str, ...]:
    known = {"ingress": ("inbound",), "egress": ("outbound",)}
    return known.get(str(scalar(resource.value("type"))), ("inbound", "outbound"))


def _atoms_by_group(run: Lowering) -> dict[str, frozenset[tuple[str, ...]]]:
    """Group key to what its separate rules, before and after this plan, look like echoed inline (K14)."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for type_, form in SEPARATE.items():
        for block in run.separate_blocks(type_):
            group = run.identity.find(block.value("security_group_id"), "security_group", "", "").exact
            if group is None:
                continue
            kind = str(scalar(block.value("type")))
            name = {"inbound": "ingress", "outbound": "egress"}.get(form.direction, kind)
            for made in drafts_of(run, block, form, form.direction or name):
                found.setdefault(group, set()).add((name, *made.atom(group)))
    return {key: frozenset(atoms) for key, atoms in found.items()}


def _prefix_list(run: Lowering, resource: Resource, key: str, more: list[Bounds[AddressSet]]) -> PrefixList:
    own: list[Bounds[AddressSet]] = []
    causes: list[Cause] = []
    texts: list[str] = []
    if resource.type == "aws_prefix_list":
        items, rest = members(resource, "cidr_blocks")
        own = [run.addresses.read(item, "ipv4").bounds for item in items]
        texts = [str(scalar(item)) for item in items]
    else:
        blocks = resource.blocks("entry" if resource.address.mode == "managed" else "entries")
        own = [_entry(run, block) for block in blocks.items]
        texts = [text(block, "cidr") for block in blocks.items]
        rest = blocks.open if blocks.open is not None and not blocks.open.computed else None
        if resource.address.mode == "data" and left_out(resource.value("entries")):
            rest = Unknown("the data source is still to be read") if resource.unread else blocks.open
    lower = union_of((b.lower for b in (*own, *more)), AddressSet.empty())
    upper = union_of((b.upper for b in (*own, *more)), AddressSet.empty())
    if rest is not None:
        upper = AddressSet.everything()
        causes.append(Cause(*where(resource, ("entry",)), rest.reason))
    cidrs = tuple(texts) if lower == upper and not more else ()
    return PrefixList(key, key, Bounds(lower, upper), tuple(causes), cidrs)


def _entry(run: Lowering, block: Block) -> Bounds[AddressSet]:
    value = block.value("cidr")
    return run.addresses.read(value, "ipv6" if ":" in str(scalar(value)) else "ipv4").bounds
