"""EKS clusters and the groups EKS makes for them (facts E1-E6)."""

from __future__ import annotations

from eks_checks.aws.eks import EVERYWHERE, Cluster, Endpoint
from eks_checks.aws.knowledge import NO, YES, Cause, KeySet, Origin, Pointer, Truth, pointer
from eks_checks.aws.lower.context import Lowering, cause, left_out, members, text, where
from eks_checks.aws.lower.groups import GroupDraft, allow_all
from eks_checks.aws.vpc import Subnet
from eks_checks.sets import AddressSet, Bounds, union_of
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Known, Reference, Value, alternatives, path_text, scalar

CLUSTER_GROUP = "#cluster_security_group"
_CONFIG_MAP = "CONFIG_MAP"
_CIDRS = ("vpc_config", 0, "public_access_cidrs")
_MODE = ("access_config", 0, "authentication_mode")
_LOGS = "enabled_cluster_log_types"
LOG_TYPES = ("audit", "authenticator")
"""The types of control plane logs that checks ask about."""


def lower_clusters(run: Lowering, subnets: dict[str, Subnet]) -> dict[str, Cluster]:
    """Every cluster by key: managed ones, and those known as data."""
    found: dict[str, Cluster] = {}
    for resource in (*run.world.resources("aws_eks_cluster"), *run.world.data("aws_eks_cluster")):
        key = run.identity.key(resource)
        found.setdefault(
            key, external_cluster(key) if resource.unread else _cluster(run, resource, key, subnets)
        )
    return found


def external_cluster(name: str) -> Cluster:
    """A cluster that the inputs know only by name."""
    why = (Cause(name, "vpc_config", "the cluster is in none of the inputs: add the state that holds it"),)
    unknown = KeySet(open=True, causes=why)
    group = name + CLUSTER_GROUP
    nowhere = Pointer(open=True, causes=why)
    return Cluster(
        name,
        name,
        name,
        group,
        unknown,
        unknown,
        nowhere,
        "",
        "",
        Truth(None, why),
        managed=False,
        endpoint=Endpoint(Truth(None, why), Truth(None, why), causes=why),
    )


def cluster_group(run: Lowering, cluster: Cluster) -> GroupDraft:
    """The group EKS makes for the cluster: all traffic among its members, and everything out (E1)."""
    key = cluster.security_group
    draft = GroupDraft(key, "cluster", cluster.resource, cluster.vpc, location=cluster.location)
    words = "inbound all traffic from the cluster security group itself"
    into = Origin(cluster.resource, words, cluster.location, implicit=True)
    out = Origin(cluster.resource, "outbound all traffic to anywhere", cluster.location, implicit=True)
    draft.ingress.append(allow_all(key, into, own=True))
    draft.egress.append(allow_all(key, out, own=False))
    draft.egress.append(allow_all(key, out, own=True))
    run.assume(cluster.resource, "the cluster security group's outbound rule is still open", "E1")
    if not cluster.managed:
        draft.open = True
        draft.causes = (Cause(cluster.key, "cluster_security_group", "the cluster is in none of the inputs"),)
    return draft


def cluster_link(run: Lowering, resource: Resource, clusters: dict[str, Cluster]) -> Pointer:
    """The cluster that ``cluster_name`` names; one that no input holds is added to ``clusters``."""
    found = run.link(resource, "cluster", "cluster_name")
    for key in found.keys:
        if key not in clusters:
            clusters[key] = external_cluster(key)
    if found.open and not found.keys:
        return pointer(clusters, open_=True, causes=found.causes)
    return found


def _cluster(run: Lowering, resource: Resource, key: str, subnets: dict[str, Subnet]) -> Cluster:
    managed = resource.address.mode == "managed"
    listed = run.links(resource, "subnet", "vpc_config", 0, "subnet_ids")
    return Cluster(
        key=key,
        resource=resource.key if managed else text(resource, "name") or key,
        name=text(resource, "name"),
        security_group=key + CLUSTER_GROUP,
        additional_groups=run.links(resource, "security_group", "vpc_config", 0, "security_group_ids"),
        subnets=listed,
        vpc=_vpc(run, resource, listed, subnets),
        ip_family=_family(run, resource),
        authentication_mode=_mode(run, resource),
        mode_causes=_mode_causes(resource),
        creator_admin=_creator_admin(run, resource),
        location=resource.location,
        managed=managed,
        endpoint=_endpoint(run, resource),
        logs=tuple((type_, _sends(resource, type_)) for type_ in LOG_TYPES),
    )


def _sends(resource: Resource, type_: str) -> Truth:
    """Whether a type of logs is enabled; none is by default."""
    if left_out(resource.value(_LOGS)):
        return NO
    listed = resource.members(_LOGS)
    if any(scalar(item) == type_ for item in listed.items):
        return YES
    unclear = [item for item in listed.items if not isinstance(item, Known)]
    if listed.exact and not unclear:
        return NO
    return Truth(None, (cause(resource, (_LOGS,), listed),))


def _creator_admin(run: Lowering, resource: Resource) -> Truth:
    path = ("access_config", 0, "bootstrap_cluster_creator_admin_permissions")
    configured = resource.is_configured(*path)
    # NOTE: AWS does not tell it, so a state has what the provider made of that: before 5.58, false where
    # nothing was configured. EKS refuses to create a cluster in the mode CONFIG_MAP without it (G5).
    mode = _mode(run, resource)
    if mode == _CONFIG_MAP or configured is False:
        return YES
    found = run.truth(resource, *path, default=True)
    if found.value is False and not mode:
        hidden = ("access_config", 0, "authentication_mode")
        return Truth(None, (cause(resource, hidden, resource.value(*hidden)),))
    if found.value is False and configured is None and "create" not in resource.actions:
        why = "the state says false, which providers before 5.58 wrote even where nothing was configured"
        return Truth(None, (Cause(*where(resource, path), why),))
    return found


def _endpoint(run: Lowering, resource: Resource) -> Endpoint:
    items, rest = members(resource, *_CIDRS)
    read = [
        run.addresses.read(item, "ipv6" if ":" in str(scalar(item) or "") else "ipv4")
        for item in items
        if not left_out(item)
    ]
    admitted = Bounds(
        union_of((one.bounds.lower for one in read), AddressSet.empty()),
        union_of((one.bounds.upper for one in read), AddressSet.empty()),
    )
    reasons = [one.reason for one in read if one.reason]
    if rest is not None:
        admitted = Bounds(admitted.lower, EVERYWHERE)
        reasons.append(rest.reason)
    spelled = tuple(one.text for one in read)
    if not read and rest is None:
        # NOTE: with no range given the public endpoint is open to the world (G1), IPv6 included (G3).
        admitted, spelled = Bounds.exact(EVERYWHERE), ("0.0.0.0/0", "::/0")
    return Endpoint(
        public=run.truth(resource, "vpc_config", 0, "endpoint_public_access", default=True),
        private=run.truth(resource, "vpc_config", 0, "endpoint_private_access"),
        public_cidrs=admitted,
        spelled=spelled,
        causes=tuple(Cause(*where(resource, _CIDRS), reason) for reason in reasons[:1]),
        location=run.world.located(resource.key, path_text(_CIDRS).lstrip(".")),
    )


def _vpc(run: Lowering, resource: Resource, listed: KeySet, subnets: dict[str, Subnet]) -> Pointer:
    # A cluster's subnets all lie in one VPC (E13), so any of them tells which.
    for key in sorted(listed.candidates):
        subnet = subnets.get(key)
        if subnet is not None and subnet.vpc.exact:
            return subnet.vpc
    if left_out(resource.value("vpc_config", 0, "vpc_id")):
        return Pointer(open=True)
    return run.link(resource, "vpc", "vpc_config", 0, "vpc_id")


def _family(run: Lowering, resource: Resource) -> str:
    return _setting(resource.value("kubernetes_network_config", 0, "ip_family"), "ipv4")


def _mode_causes(resource: Resource) -> tuple[Cause, ...]:
    value = resource.value(*_MODE)
    return () if _setting(value, _CONFIG_MAP) else (cause(resource, _MODE, value),)


def _mode(run: Lowering, resource: Resource) -> str:
    return _setting(resource.value(*_MODE), _CONFIG_MAP)


def _setting(value: Value, default: str) -> str:
    """A text setting: AWS's default where it is left out, empty where it is not known."""
    if left_out(value):
        return default
    found = {str(v.value) for v in alternatives(value) if isinstance(v, Known)}
    unclear = any(not isinstance(v, Known) for v in alternatives(value)) or isinstance(value, Reference)
    return found.pop() if len(found) == 1 and not unclear else ""
