"""Which subnets pods of one node may come from, and which ENIConfig its node takes (I3, I5, I9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import NO, YES, Cause, KeySet, Pointer, Truth
from eks_checks.aws.lower.cni import Cni, PodNetwork
from eks_checks.aws.lower.context import Lowering, left_out, text
from eks_checks.aws.lower.nodes import Scene
from eks_checks.aws.lower.tagging import Tags, carried_tags
from eks_checks.kubernetes.manifest import at
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.sameness import Same, same
from eks_checks.terraform.value import Known, Unknown, Value, is_null, scalar

ROLE_TAG = "kubernetes.io/role/cni"
EXCLUDED = "0"
ZONE_LABELS = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")
EXTERNAL_LABEL = "vpc.amazonaws.com/externalEniConfig"
DEFAULT_CONFIG = Known("default")
_TRUNKED = re.compile(r"[a-z]+[5-9][a-z]*(-flex)?\.")
"""Nitro families of generation five and later carry branch interfaces; those called t do not (I5)."""
_BURSTABLE = re.compile(r"t\d")


@dataclass(frozen=True)
class Placement:
    """Where the pods of ``node`` may be, as ``cni`` is set up."""

    run: Lowering
    scene: Scene
    cni: Cni
    node: Interface

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Why it is not known which ENIConfig the node takes."""
        if isinstance(self.wanted, Known):
            return ()
        reason = self.wanted.reason if isinstance(self.wanted, Unknown) else "known after apply"
        return (
            Cause(self.node.resource, "labels", f"which ENIConfig its nodes take is not known: {reason}"),
        )

    @cached_property
    def windows(self) -> Truth:
        """Whether the nodes run Windows, where pods have the node's subnet and groups only (N)."""
        groups = [group for group in self.scene.node_groups if group.resource == self.node.resource]
        return groups[0].windows if groups else NO

    @cached_property
    def own_subnet(self) -> Truth:
        """Whether pods may be in the node's own subnet: not where its tag takes it out."""
        resource = self._subnet(self.node.subnet or "")
        if resource is not None and self._carried(resource).sure.get(ROLE_TAG) == Known(EXCLUDED):
            why = "kubernetes.io/role/cni = 0 keeps pods out, in newer versions of the CNI"
            return Truth(None, (Cause(resource.key, "tags", why),))
        return YES

    @cached_property
    def branches(self) -> Truth:
        """Whether pods of these nodes may have branch interfaces of their own (I5)."""
        policies = self.cni.policies or self.cni.hidden
        if self.cni.branches is False or self.windows.surely or not policies:
            return NO
        able = self._trunked
        if able is False:
            return NO
        if able is True and self.cni.branches is True and not self.windows.possibly:
            return YES
        why = Cause(
            self.node.resource, "instance_types", "only Nitro instances, t3 and the like excepted, can"
        )
        return Truth(None, (*self.cni.causes, *(() if able else (why,))))

    def tagged_subnets(self) -> Iterator[tuple[str, tuple[Cause, ...]]]:
        """Other subnets of the node's zone into which the CNI may put pods (I9), and why only perhaps."""
        if self.cni.discovery is False or self.windows.surely:
            return
        for key, holder in self._role_subnets.items():
            if key != self.node.subnet and same_zone(self.scene, self.node.subnet, key):
                why = "the CNI puts pods into a subnet with its role tag where that has more free addresses"
                yield key, (Cause(holder, "tags", why),)

    def networks(self) -> Iterator[tuple[PodNetwork, bool]]:
        """The ENIConfigs that the node may take, and whether it surely does. None told: anything."""
        fitting = [(one, same(one.name, self.wanted)) for one in self.cni.networks]
        surely = any(fits is Same.YES for _, fits in fitting)
        chosen = [
            (one, fits is Same.YES and one.certain)
            for one, fits in fitting
            if fits is Same.YES or (fits is Same.UNDECIDED and self._same_zone_as(one.subnet))
        ]
        for one, sure in chosen:
            yield one, sure and not self.windows.possibly
        if not chosen or (self.cni.hidden and not surely):
            reason = "no ENIConfig of the inputs is the one its nodes take"
            why = (*self.cni.hidden, Cause(self.node.resource, "labels", reason))
            anything = KeySet(open=True, causes=why)
            yield PodNetwork(self.wanted, Pointer(open=True, causes=why), anything, False, why), False

    @cached_property
    def wanted(self) -> Value:
        """The name of the ENIConfig that the node takes: by a label of the node, else ``default``."""
        labels = self._labels
        external = at(labels, EXTERNAL_LABEL) if labels is not None else None
        if external is not None and not is_null(external):
            return external
        if not isinstance(self.cni.label, Known):
            return Unknown("the label that names it is not known")
        label = str(self.cni.label.value)
        if label in ZONE_LABELS:
            return self._zone
        if labels is None:
            return Unknown(f"the label {label} of its nodes is not told")
        value = at(labels, label)
        return DEFAULT_CONFIG if is_null(value) else value

    @property
    def _zone(self) -> Value:
        subnet = self.scene.subnets.get(self.node.subnet or "")
        if subnet is None:
            return Unknown("the subnet's zone is not known")
        if subnet.availability_zone:
            return Known(subnet.availability_zone)
        resource = self._subnet(subnet.key)
        value = resource.value("availability_zone") if resource is not None else None
        return Unknown("the subnet's zone is not known") if value is None or left_out(value) else value

    @cached_property
    def _maker(self) -> Resource | None:
        return self.run.world.get(self.node.resource)

    @property
    def _labels(self) -> Value | None:
        """The labels of a managed group's nodes; None where they are given elsewhere, in user data."""
        if self._maker is None or self._maker.type != "aws_eks_node_group":
            return None
        return self._maker.mapping("labels")

    @cached_property
    def _trunked(self) -> bool | None:
        kinds = self._instance_types
        if not kinds:
            return None
        if all(map(_BURSTABLE.match, kinds)):
            return False
        usual = [kind for kind in kinds if _TRUNKED.match(kind) and not _BURSTABLE.match(kind)]
        return True if len(usual) == len(kinds) else None

    @property
    def _instance_types(self) -> tuple[str, ...]:
        """The instance types of the nodes; none where they are not all told."""
        maker = self._maker
        if maker is None or maker.has("mixed_instances_policy"):
            return ()
        if maker.type == "aws_eks_node_group" and not left_out(maker.value("instance_types")):
            listed = maker.members("instance_types")
            kinds = tuple(str(scalar(item) or "") for item in listed.items)
            return kinds if listed.exact and all(kinds) else ()
        if maker.type == "aws_eks_node_group" and not maker.has("launch_template"):
            return ("t3.medium",)  # NOTE: EKS's own choice where nothing names a type.
        shapes = self.node.shapes
        if any(shape.groups.open for shape in shapes):
            return ()  # a template whose version in force is not told
        origins = [self.run.world.get(shape.origin) for shape in shapes]
        kinds = tuple("" if one is None else text(one, "instance_type") for one in origins)
        return kinds if all(kinds) else ()

    def _same_zone_as(self, subnet: Pointer) -> bool:
        return same_zone(self.scene, self.node.subnet, subnet.exact)

    def _subnet(self, key: str) -> Resource | None:
        found = self.run.by_key("aws_subnet").get(key) or self.run.by_key("aws_default_subnet").get(key)
        return found or self._data.get(key)

    @property
    def _data(self) -> dict[str, Resource]:
        run = self.run
        return run.cached(
            "subnets as data", lambda: {run.identity.key(r): r for r in run.found_data("aws_subnet")}
        )

    @property
    def _role_subnets(self) -> dict[str, str]:
        """Subnet key to the resource that puts, or may put, the CNI's role tag on it."""

        def made() -> dict[str, str]:
            tagged = ((key, self._tagged_by(key)) for key in self.scene.subnets)
            return {key: holder for key, holder in tagged if holder}

        return self.run.cached("subnets with the role tag", made)

    def _tagged_by(self, key: str) -> str:
        """The resource that puts, or may put, the CNI's role tag on a subnet; empty where none does."""
        resource = self._subnet(key)
        if resource is not None:
            tags = self._carried(resource)
            value = tags.sure.get(ROLE_TAG, Unknown("perhaps there") if tags.open else Known(EXCLUDED))
            if not any(same(value, Known(off)) is Same.YES for off in (EXCLUDED, "")):
                return resource.key
        return self._separate_tags.get(key, "")

    @property
    def _separate_tags(self) -> dict[str, str]:
        """Subnet key to the ``aws_ec2_tag`` that puts the role tag on it."""
        run = self.run

        def made() -> dict[str, str]:
            found: dict[str, str] = {}
            for tag in run.world.resources("aws_ec2_tag"):
                key, value = tag.value("key"), tag.value("value")
                if same(key, Known(ROLE_TAG)) is Same.NO or same(value, Known(EXCLUDED)) is Same.YES:
                    continue
                named = run.identity.find(tag.value("resource_id"), "subnet", tag.key, "resource_id")
                found.update(dict.fromkeys(named.keys, tag.key))
            return found

        return run.cached("role tags of subnets", made)

    def _carried(self, resource: Resource) -> Tags:
        return self.run.cached(f"tags of {resource.key}", lambda: carried_tags(self.run, resource))


def same_zone(scene: Scene, one: str | None, other: str | None) -> bool:
    """Whether two subnets may be in one VPC and zone: an interface of a node is never elsewhere."""
    here, there = scene.subnets.get(one or ""), scene.subnets.get(other or "")
    if here is None or there is None:
        return True
    if here.vpc.exact and there.vpc.exact and here.vpc.exact != there.vpc.exact:
        return False
    zones = {here.availability_zone, there.availability_zone} - {""}
    return len(zones) < 2
