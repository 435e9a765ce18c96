"""One written security group rule, in any of its Terraform forms, to atomic rules with one peer each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.identity import owner_and_role
from eks_checks.aws.knowledge import Cause, KeySet, Origin, Pointer
from eks_checks.aws.lower.context import Lowering, left_out, members, where
from eks_checks.aws.lower.traffic import Traffic, rule_traffic
from eks_checks.sets import AddressSet, Bounds, Family, TrafficSet
from eks_checks.terraform.resource import Block
from eks_checks.terraform.value import Unknown, Value

TABLE = "separate rules by group"
"""Name under which a run keeps what separate rules look like."""


@dataclass(frozen=True)
class Form:
    """Where one way of writing a rule keeps its parts; ``direction`` is fixed by the type or empty."""

    protocol: str
    cidrs: tuple[tuple[str, Family], ...]
    prefix_list: str
    groups: str
    own: str = ""
    direction: str = ""


INLINE = Form(
    "protocol",
    (("cidr_blocks", "ipv4"), ("ipv6_cidr_blocks", "ipv6")),
    "prefix_list_ids",
    "security_groups",
    "self",
)
_VPC_RULE = (
    "ip_protocol",
    (("cidr_ipv4", "ipv4"), ("cidr_ipv6", "ipv6")),
    "prefix_list_id",
    "referenced_security_group_id",
)
SEPARATE = {
    "aws_security_group_rule": Form(
        "protocol", INLINE.cidrs, "prefix_list_ids", "source_security_group_id", "self"
    ),
    "aws_vpc_security_group_ingress_rule": Form(*_VPC_RULE, direction="inbound"),  # type: ignore[arg-type]
    "aws_vpc_security_group_egress_rule": Form(*_VPC_RULE, direction="outbound"),  # type: ignore[arg-type]
}


@dataclass(frozen=True)
class Draft:
    """An atomic rule before it is known which group holds it: exactly one kind of peer is set.

    ``own`` means the group itself; ``spelled`` is the peer as text, for comparing with echoes.
    """

    traffic: Bounds[TrafficSet]
    origin: Origin
    spelled: str
    addresses: Bounds[AddressSet] | None = None
    group: Pointer | None = None
    prefix_list: Pointer | None = None
    own: bool = False
    certain: bool = True
    causes: tuple[Cause, ...] = ()

    def atom(self, group: str) -> tuple[str, ...]:
        """The rule spelled out, the same however it is written in Terraform, in the group ``group``."""
        return (self.traffic.upper.describe(), group if self.own else self.spelled)


def drafts_of(run: Lowering, block: Block, form: Form, direction: str) -> Iterator[Draft]:
    """The atomic rules that ``block`` states: several kinds of peer in one block are alternatives (A19)."""
    traffic = rule_traffic(block, form.protocol)
    if traffic.bounds.decided and not traffic.bounds.upper:
        return
    head = f"{direction} {traffic.text} {'from' if direction == 'inbound' else 'to'} "
    base = _Base(run, block, traffic, head)
    for attribute, family in form.cidrs:
        yield from base.addresses(attribute, family)
    yield from base.prefix_lists(form.prefix_list)
    yield from base.groups(form.groups)
    if form.own:
        yield from base.own(form.own)


@dataclass(frozen=True)
class _Base:
    run: Lowering
    block: Block
    traffic: Traffic
    head: str

    def addresses(self, attribute: str, family: Family) -> Iterator[Draft]:
        items, rest = self._ranges(attribute)
        for item in items:
            if left_out(item):
                continue
            found = self.run.addresses.read(item, family)
            causes = self._because(attribute, found.reason)
            yield self._draft(found.text, f"cidr {found.text}", addresses=found.bounds, causes=causes)
        if rest is not None:
            everything = AddressSet.all_ipv4() if family == "ipv4" else AddressSet.all_ipv6()
            anything = Bounds(AddressSet.empty(), everything)
            causes = self._because(attribute, rest.reason)
            yield self._draft("an unknown range", "cidr ?", addresses=anything, causes=causes, certain=False)

    def _ranges(self, attribute: str) -> tuple[tuple[Value, ...], Unknown | None]:
        """The ranges of a list, or of an argument that takes just one."""
        if attribute.endswith("s"):
            return members(self.block, attribute)
        return (self.block.value(attribute),), None

    def prefix_lists(self, attribute: str) -> Iterator[Draft]:
        for target, certain in self._links(attribute, "prefix_list"):
            name = " or ".join(target.keys) or "unknown"
            spelled = f"list {target.exact or '?'}"
            yield self._draft(
                f"prefix list {name}", spelled, prefix_list=target, causes=target.causes, certain=certain
            )

    def groups(self, attribute: str) -> Iterator[Draft]:
        for target, certain in self._links(attribute, "security_group"):
            name = " or ".join(_shown(key) for key in target.keys) or "an unknown group"
            spelled = target.exact or "group ?"
            yield self._draft(name, spelled, group=target, causes=target.causes, certain=certain)

    def own(self, attribute: str) -> Iterator[Draft]:
        truth = self.run.truth(self.block, attribute)
        if truth.possibly:
            yield self._draft(
                "the group's own members", "own", own=True, causes=truth.causes, certain=truth.surely
            )

    def _links(self, attribute: str, kind: str) -> Iterator[tuple[Pointer, bool]]:
        if attribute.endswith("s"):
            yield from _spread(self.run.links(self.block, kind, attribute))
            return
        if not left_out(self.block.value(attribute)):
            yield self.run.link(self.block, kind, attribute), True

    def _draft(
        self,
        peer: str,
        spelled: str,
        *,
        addresses: Bounds[AddressSet] | None = None,
        group: Pointer | None = None,
        prefix_list: Pointer | None = None,
        own: bool = False,
        certain: bool = True,
        causes: tuple[Cause, ...] = (),
    ) -> Draft:
        origin = Origin(self.block.resource.key, self.head + peer, self.block.location)
        why = (*self._because(self.traffic.open_attribute, "known after apply"), *causes)
        bounds = self.traffic.bounds
        return Draft(bounds, origin, spelled, addresses, group, prefix_list, own, certain, why)

    def _because(self, attribute: str, reason: str) -> tuple[Cause, ...]:
        if not attribute or not reason:
            return ()
        return (Cause(*where(self.block, (attribute,)), reason),)


def _spread(listed: KeySet) -> Iterator[tuple[Pointer, bool]]:
    for key in sorted(listed.sure):
        yield Pointer((key,)), True
    if not listed.exact:
        yield Pointer(tuple(sorted(listed.maybe)), listed.open, listed.causes), False


def _shown(key: str) -> str:
    owner, role = owner_and_role(key)
    return f"the {role.replace('_', ' ')} of {owner}" if role else key
