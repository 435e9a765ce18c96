"""What EKS opens for ``remote_access``: a group of its own on the nodes (facts E6, E11)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.knowledge import NO, YES, Cause, KeySet, Origin, Pointer, Truth, exactly
from eks_checks.aws.lower.context import Lowering, left_out
from eks_checks.aws.lower.group_rules import Draft
from eks_checks.aws.lower.groups import GroupDraft, allow_all, rule
from eks_checks.aws.lower.images import family_of_type
from eks_checks.aws.node_facts import WINDOWS
from eks_checks.sets import AddressSet, Bounds, TrafficSet
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import scalar

REMOTE_ACCESS = "#remote_access"
SSH, RDP = 22, 3389


@dataclass(frozen=True)
class RemoteAccess:
    """Whether EKS opens the port, to which groups (exact and empty: the world), and the group it makes."""

    present: Truth
    sources: KeySet
    groups: KeySet


def remote_access(run: Lowering, resource: Resource, groups: dict[str, GroupDraft]) -> RemoteAccess:
    """Read the ``remote_access`` block of a node group; the group EKS makes is added to ``groups``."""
    blocks = resource.blocks("remote_access")
    if blocks.open is not None:
        why = (Cause(resource.key, "remote_access", blocks.open.reason),)
        return RemoteAccess(Truth(None, why), KeySet(open=True, causes=why), KeySet(open=True, causes=why))
    if not blocks.items:
        return RemoteAccess(NO, KeySet(), KeySet())
    block = blocks.items[0]
    sources = run.links(block, "security_group", "source_security_group_ids")
    keyed = _has_key(block)
    key = resource.key + REMOTE_ACCESS
    groups[key] = _remote_group(run, resource, block, key, sources, keyed)
    made = exactly(key) if keyed.surely else KeySet(maybe=frozenset({key}), causes=keyed.causes)
    return RemoteAccess(keyed, sources, made)


def _has_key(block: Block) -> Truth:
    value = block.value("ec2_ssh_key")
    if left_out(value):
        # NOTE: a block without a key is not documented to open anything: its rule is possible only (E6).
        why = Cause(
            block.resource.key, "remote_access.ec2_ssh_key", "a block without a key may open the port"
        )
        return Truth(None, (why,))
    return YES


def _remote_group(
    run: Lowering, resource: Resource, block: Block, key: str, sources: KeySet, keyed: Truth
) -> GroupDraft:
    address = resource.key
    draft = GroupDraft(key, "remote_access", address, Pointer(open=True), location=block.location)
    port = Bounds.exact(TrafficSet.tcp(*([RDP, RDP] if is_windows(resource).surely else [SSH, SSH])))
    if is_windows(resource).value is None:
        port = Bounds(TrafficSet.empty(), TrafficSet.tcp(SSH, SSH) | TrafficSet.tcp(RDP, RDP))
    number = RDP if is_windows(resource).surely else SSH
    for peer, certain in _sources(sources):
        from_ = "0.0.0.0/0" if peer is None else " or ".join(peer.keys) or "an unknown group"
        words = f"inbound tcp {number} from {from_} (opened by EKS for remote_access)"
        origin = Origin(address, words, draft.location, implicit=True)
        causes = (*keyed.causes, *(sources.causes if not certain else ()))
        everyone = Bounds.exact(AddressSet.all_ipv4()) if peer is None else None
        made = Draft(port, origin, words, everyone, peer, certain=certain and keyed.surely, causes=causes)
        draft.ingress.append(rule(made, key, {}))
    # NOTE: a group made through the API keeps its outbound allow-all (A2).
    out = Origin(address, "outbound all traffic to anywhere", draft.location, implicit=True)
    draft.egress.append(allow_all(key, out, own=False))
    return draft


def _sources(sources: KeySet) -> Iterator[tuple[Pointer | None, bool]]:
    """Peers of the remote-access rule and whether surely so: the world where no group is named (E6)."""
    for key in sorted(sources.sure):
        yield Pointer((key,)), True
    if not sources.exact:
        yield Pointer(tuple(sorted(sources.maybe)), sources.open, sources.causes), False
    if not sources.sure:
        yield None, sources.exact


def is_windows(resource: Resource) -> Truth:
    """Whether a managed group runs Windows, as far as ``ami_type`` tells (E11)."""
    value = resource.value("ami_type")
    if left_out(value):
        return NO
    known = scalar(value)
    if isinstance(known, str):
        return YES if family_of_type(known) == WINDOWS else NO
    return Truth(None, (Cause(resource.key, "ami_type", "known after apply"),))
