"""Network ACLs: entries in AWS's order, and which ACL is in force for a subnet (facts B1-B20)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from eks_checks.aws.firewall import AclEntry, NetworkAcl, in_order
from eks_checks.aws.knowledge import NO, YES, Cause, Origin, Pointer, Truth, absent
from eks_checks.aws.lower.attach import Association, Associations, block_of, effective
from eks_checks.aws.lower.context import Lowering, cause, left_out, number, text
from eks_checks.aws.lower.echo import is_truth, own_entries
from eks_checks.aws.lower.handed import handed, leave_open, perhaps_associated
from eks_checks.aws.lower.traffic import entry_traffic
from eks_checks.aws.vpc import Subnet, Vpc
from eks_checks.sets import AddressSet, Bounds, Family, TrafficSet
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Known, scalar

DEFAULT_ACL = "#default_network_acl"


@dataclass
class _Draft:
    resource: str
    vpc: Pointer
    default: bool = False
    open: bool = False
    inbound: list[AclEntry] = field(default_factory=list)
    outbound: list[AclEntry] = field(default_factory=list)
    causes: tuple[Cause, ...] = ()


def lower_network_acls(run: Lowering, vpcs: dict[str, Vpc]) -> dict[str, NetworkAcl]:
    """Every network ACL by key, the default one of each VPC included (B6, B13, B19)."""
    drafts = {key + DEFAULT_ACL: _implicit(vpc) for key, vpc in vpcs.items()}
    for resource in run.world.resources("aws_network_acl", "aws_default_network_acl"):
        if resource.type == "aws_network_acl" or not run.doubts(resource):
            _acl(run, resource, drafts)
    run.doubt_adopted("aws_default_network_acl", "default_network_acl_id", DEFAULT_ACL, drafts)
    for resource in run.world.resources("aws_network_acl_rule"):
        _separate(run, resource, drafts)
    leave_open(run, "network_acl", drafts, DEFAULT_ACL)
    return {key: _finished(key, draft) for key, draft in sorted(drafts.items())}


def attach_network_acls(
    run: Lowering, subnets: dict[str, Subnet], acls: dict[str, NetworkAcl]
) -> dict[str, Subnet]:
    """The subnets, each with the network ACL in force for it (B5, B14)."""
    associations = list(_associations(run))
    associations += perhaps_associated(run, associations)
    listed = Associations(associations)
    attached = {}
    for key, subnet in subnets.items():
        found = effective(subnet, listed, _fallback(subnet))
        missing = [k for k in found.keys if k not in acls]
        if missing:
            keys = tuple(k for k in found.keys if k in acls)
            why = (run.absent(acl, "entries") for acl in missing)
            found = replace(found, keys=keys, open=True, causes=(*found.causes, *why))
        attached[key] = replace(subnet, network_acl=found)
    return attached


def associated(run: Lowering) -> dict[str, Truth]:
    """Whether some subnet is put under each ACL that the inputs make (B14), by the ACL's key."""
    given = handed(run, "network_acl")
    custom = sorted(run.identity.key(resource) for resource in run.world.resources("aws_network_acl"))
    found = {key: Truth(None, given[key]) if key in given else NO for key in custom}
    for one in _associations(run):
        # NOTE: an association names some subnet always, a list whose members are not known perhaps none.
        listed = not one.family and one.subnet.exact is None
        sure = one.target.exact is not None and not listed and not one.doubts
        for key in sorted(found) if one.target.open else one.target.keys:
            if key in found and not found[key].surely:
                causes = (*found[key].causes, *one.subnet.causes, *one.target.causes, *one.doubts)
                found[key] = YES if sure else Truth(None, tuple(dict.fromkeys(causes)))
    return found


def _fallback(subnet: Subnet) -> Pointer:
    vpc = subnet.vpc.exact
    if not subnet.managed or vpc is None:
        why = "its network ACL is in none of the inputs: add the state that holds it"
        told = subnet.network_acl.causes or (Cause(subnet.key, "network_acl", why),)
        return Pointer(open=True, causes=told)
    return Pointer((vpc + DEFAULT_ACL,))


def _implicit(vpc: Vpc) -> _Draft:
    draft = _Draft(vpc.resource, Pointer((vpc.key,)), default=True, open=not vpc.managed)
    if draft.open:
        draft.causes = (absent(vpc.key, "default_network_acl_id"),)
        return draft
    families: list[tuple[int, Family]] = [(100, "ipv4")]
    if vpc.addresses("ipv6"):
        families.append((101, "ipv6"))
    for line, family in families:
        everywhere = AddressSet.all_ipv4() if family == "ipv4" else AddressSet.all_ipv6()
        for entries, direction in ((draft.inbound, "inbound"), (draft.outbound, "outbound")):
            far = f"{'from' if direction == 'inbound' else 'to'} {everywhere.to_cidrs()[0]}"
            words = f"{direction} rule {line} allow all traffic {far} (default ACL)"
            origin = Origin(vpc.resource, words, vpc.location, implicit=True)
            traffic = Bounds.exact(TrafficSet.everything())
            entries.append(AclEntry(line, YES, Bounds.exact(everywhere), traffic, origin))
    return draft


def _acl(run: Lowering, resource: Resource, drafts: dict[str, _Draft]) -> None:
    key = run.identity.key(resource)
    default = resource.type == "aws_default_network_acl"
    known = drafts.get(key)
    vpc = known.vpc if known is not None and default else run.link(resource, "vpc", "vpc_id")
    draft = drafts[key] = _Draft(resource.key, vpc, default)
    for name, entries in (("ingress", draft.inbound), ("egress", draft.outbound)):
        blocks = resource.blocks(name)
        direction = "inbound" if name == "ingress" else "outbound"
        own = own_entries(
            resource,
            name,
            lambda b, n=name: (n, text(b, "rule_no")),  # type: ignore[misc]
            lambda: _separate_atoms(run, key),
        )
        for block in own:
            entries.extend(_entries(run, block, "rule_no", "action", direction))
        if blocks.open is not None and (default or not blocks.open.computed):
            draft.open = True
            draft.causes = (*draft.causes, Cause(resource.key, name, blocks.open.reason))


def _external(run: Lowering, key: str) -> _Draft:
    """An ACL that the inputs know only by id: it may hold any entry."""
    return _Draft(key, Pointer(open=True), open=True, causes=(run.absent(key, "entries"),))


def _separate(run: Lowering, resource: Resource, drafts: dict[str, _Draft]) -> None:
    acl = run.link(resource, "network_acl", "network_acl_id")
    egress = run.truth(resource, "egress")
    for key in sorted(drafts) if acl.open else acl.keys:
        draft = drafts[key] = drafts.get(key) or _external(run, key)
        sides = ((draft.inbound, "inbound", not egress.surely), (draft.outbound, "outbound", egress.possibly))
        for entries, direction, may in sides:
            certain = acl.exact == key and egress.value is not None and resource.uncertain is None
            if may:
                made = _entries(run, resource, "rule_number", "rule_action", direction)
                why = (*acl.causes, *egress.causes, *run.doubts(resource))
                entries.extend(e if certain else replace(e, certain=False, causes=why) for e in made)


def _entries(
    run: Lowering, block: Block, number_attribute: str, action_attribute: str, direction: str
) -> Iterator[AclEntry]:
    line = number(scalar(block.value(number_attribute)))
    allow, action_causes = _allow(block, action_attribute)
    traffic = entry_traffic(block)
    at = block.resource.key
    base = list(action_causes)
    if line is None:
        base.append(Cause(at, number_attribute, "the entry's place in the order is not known"))
    if traffic.open_attribute:
        base.append(Cause(at, traffic.open_attribute, "known after apply"))
    pairs: tuple[tuple[str, Family], ...] = (("cidr_block", "ipv4"), ("ipv6_cidr_block", "ipv6"))
    for attribute, family in pairs:
        value = block.value(attribute)
        if left_out(value):
            continue
        found = run.addresses.read(value, family)
        causes = (*base, Cause(at, attribute, found.reason)) if found.reason else tuple(base)
        action = {True: "allow", False: "deny", None: "allow or deny"}[allow.value]
        words = f"{direction} rule {'?' if line is None else line} {action} {traffic.text}"
        preposition = "from" if direction == "inbound" else "to"
        origin = Origin(at, f"{words} {preposition} {found.text}", block.location)
        yield AclEntry(line, allow, found.bounds, traffic.bounds, origin, causes=causes)


def _allow(block: Block, attribute: str) -> tuple[Truth, tuple[Cause, ...]]:
    value = block.value(attribute)
    if isinstance(value, Known) and value.value is not None:
        return Truth(str(value.value).lower() == "allow"), ()
    why = (replace(cause(block, (attribute,), value), yes="allow", no="deny"),)
    return Truth(None, why), why


def _associations(run: Lowering) -> Iterator[Association]:
    for resource in run.world.resources("aws_network_acl_association"):
        subnet = run.link(resource, "subnet", "subnet_id")
        acl = run.link(resource, "network_acl", "network_acl_id")
        yield Association(subnet, acl, block_of(resource), run.doubts(resource))
    for resource in run.world.resources("aws_network_acl", "aws_default_network_acl"):
        listed = run.links(resource, "subnet", "subnet_ids")
        acl = Pointer((run.identity.key(resource),))
        gone = frozenset() if is_truth(resource, "subnet_ids") else _unlisted(run, acl.keys[0])
        for key in sorted(listed.sure - gone):
            yield Association(Pointer((key,)), acl, "", run.doubts(resource))
        if not listed.exact:
            # Each may or may not be listed: never a reason to think that some subnet surely is.
            perhaps = Pointer(tuple(sorted(listed.maybe)), True, listed.causes)
            yield Association(perhaps, acl, "", run.doubts(resource))


def _unlisted(run: Lowering, acl: str) -> frozenset[str]:
    """Subnets whose separate association with the ACL this plan deletes: a refreshed list still has them."""
    found: set[str] = set()
    for change in run.world.changes("aws_network_acl_association"):
        if change.after is None and change.before is not None:
            at = change.key
            held = run.identity.find(change.before.value("network_acl_id"), "network_acl", at, "")
            if held.exact == acl:
                found.update(run.identity.find(change.before.value("subnet_id"), "subnet", at, "").keys)
    return frozenset(found)


def _separate_atoms(run: Lowering, key: str) -> frozenset[tuple[str, ...]]:
    return run.cached("separate entries by ACL", lambda: _atoms_by_acl(run)).get(key, frozenset())


def _atoms_by_acl(run: Lowering) -> dict[str, frozenset[tuple[str, ...]]]:
    """ACL key to the (direction, number) of its separate entries, before and after this plan (K14)."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for block in run.separate_blocks("aws_network_acl_rule"):
        acl = run.identity.find(block.value("network_acl_id"), "network_acl", "", "").exact
        if acl is not None:
            direction = "egress" if scalar(block.value("egress")) is True else "ingress"
            found.setdefault(acl, set()).add((direction, text(block, "rule_number")))
    return {key: frozenset(atoms) for key, atoms in found.items()}


def _finished(key: str, draft: _Draft) -> NetworkAcl:
    inbound, outbound = in_order(draft.inbound), in_order(draft.outbound)
    return NetworkAcl(
        key, draft.resource, draft.vpc, inbound, outbound, draft.default, draft.open, draft.causes
    )
