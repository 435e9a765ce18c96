"""Access to clusters out of access entries, policy associations, aws-auth and bindings (G4-G8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from eks_checks.aws.access import (
    ADMIN_POLICIES,
    CLUSTER_ADMIN,
    Access,
    AccessEntry,
    AuthConfigMap,
    BoundSubject,
    Groups,
    MappedPrincipal,
    PolicyAssociation,
    RoleBinding,
)
from eks_checks.aws.eks import Cluster
from eks_checks.aws.knowledge import NO, YES, Cause, Truth
from eks_checks.aws.lower.cni import belongs, kubernetes_of
from eks_checks.aws.lower.context import Lowering, cause, left_out, text
from eks_checks.aws.lower.creators import creator_of
from eks_checks.aws.lower.principals import account_of, principal_of
from eks_checks.kubernetes.access import AuthMap, Binding, Mapped, Subject, auth_maps, bindings
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import (
    Collection,
    Known,
    Reference,
    Unknown,
    Value,
    alternatives,
    scalar,
    unknowns,
)

_SCOPE = ("access_scope", 0)
_EVERY_NAMESPACE = "*"


def lower_access(run: Lowering, clusters: Mapping[str, Cluster]) -> Access:
    """All that the inputs say of who gets into which cluster."""
    every = tuple(clusters.values())
    contents = kubernetes_of(run)
    unread = (Cause(one.resource, one.attribute, one.reason) for one in contents.unread)
    return Access(
        entries=tuple(_entry(run, one) for one in run.world.resources("aws_eks_access_entry")),
        associations=tuple(
            _association(run, one) for one in run.world.resources("aws_eks_access_policy_association")
        ),
        maps=tuple(_map(run, one, every) for one in auth_maps(contents)),
        bindings=tuple(_bound(run, one, every) for one in bindings(contents)),
        creators={
            key: creator_of(run, made)
            for key, made in run.by_key("aws_eks_cluster").items()
            if key in clusters
        },
        hidden=tuple(unread),
    )


def _entry(run: Lowering, resource: Resource) -> AccessEntry:
    return AccessEntry(
        resource=resource.key,
        cluster=run.identity.find(resource.value("cluster_name"), "cluster", resource.key, "cluster_name"),
        principal=principal_of(run, resource.value("principal_arn"), resource.key, "principal_arn"),
        groups=_groups(resource.members("kubernetes_groups"), resource.key, "kubernetes_groups"),
        username=text(resource, "user_name"),
        location=resource.location,
    )


def _association(run: Lowering, resource: Resource) -> PolicyAssociation:
    policy = resource.value("policy_arn")
    names = {_policy_name(option) for option in alternatives(policy)}
    name = names.pop() if len(names) == 1 else ""
    return PolicyAssociation(
        resource=resource.key,
        cluster=run.identity.find(resource.value("cluster_name"), "cluster", resource.key, "cluster_name"),
        principal=principal_of(run, resource.value("principal_arn"), resource.key, "principal_arn"),
        policy=name,
        admin=Truth(name in ADMIN_POLICIES) if name else _admin_of_several(resource, policy, names),
        wide=_wide(resource),
        location=resource.location,
    )


def _admin_of_several(resource: Resource, policy: Value, names: Iterable[str]) -> Truth:
    kinds = {name in ADMIN_POLICIES if name else None for name in names}
    if len(kinds) == 1 and None not in kinds:
        return YES if kinds.pop() else NO
    return Truth(None, (cause(resource, ("policy_arn",), policy),))


def _policy_name(value: Value) -> str:
    """The policy's name, which ends its ARN: known also where the partition before it is not."""
    if isinstance(value, Unknown) and value.parts:
        value = value.parts[-1]
        known = scalar(value)
        return str(known).rpartition("/")[2] if isinstance(known, str) and "/" in known else ""
    known = scalar(value)
    return known.rpartition("/")[2] if isinstance(known, str) else ""


def _wide(resource: Resource) -> Truth:
    """Whether the scope is the cluster, or every namespace of it.

    NOTE: a scope of namespaces takes wildcards, and ``*`` alone is every namespace, kube-system too.
    """
    kind = resource.value(*_SCOPE, "type")
    options = {scalar(option) for option in alternatives(kind)}
    if options == {"cluster"}:
        return YES
    if None in options or "cluster" in options:
        return Truth(None, (cause(resource, (*_SCOPE, "type"), kind),))
    if left_out(resource.value(*_SCOPE, "namespaces")):
        return NO
    spaces = resource.members(*_SCOPE, "namespaces")
    if any(scalar(item) == _EVERY_NAMESPACE for item in spaces.items):
        return YES
    if not spaces.exact or any(not isinstance(item, Known) for item in spaces.items):
        return Truth(None, (cause(resource, (*_SCOPE, "namespaces"), spaces),))
    return NO


def _map(run: Lowering, one: AuthMap, clusters: tuple[Cluster, ...]) -> AuthConfigMap:
    return AuthConfigMap(
        resource=one.resource,
        clusters=_clusters(run, one.resource, clusters),
        entries=tuple(_mapped(run, one.resource, entry) for entry in one.entries),
        hidden=tuple(Cause(note.resource, note.attribute, note.reason) for note in one.unread),
        certain=one.certain,
        location=one.location,
    )


def _mapped(run: Lowering, resource: str, entry: Mapped) -> MappedPrincipal:
    if entry.kind == "account":
        principal = account_of(entry.principal, resource, entry.attribute)
    else:
        principal = principal_of(run, entry.principal, resource, entry.attribute, entry.kind)
    username = scalar(entry.username)
    return MappedPrincipal(
        attribute=entry.attribute,
        principal=principal,
        groups=_groups(entry.groups, resource, entry.attribute),
        username=username if isinstance(username, str) else "",
        certain=entry.certain,
    )


def _bound(run: Lowering, one: Binding, clusters: tuple[Cluster, ...]) -> RoleBinding:
    at = f"{one.attribute}.subjects" if one.attribute else "subject"
    return RoleBinding(
        resource=one.resource,
        attribute=one.attribute,
        clusters=_clusters(run, one.resource, clusters),
        wide=one.wide,
        admin=_is_admin(one),
        subjects=tuple(_subject(one.resource, at, each) for each in one.subjects),
        hidden=(Cause(one.resource, at, one.open.reason),) if one.open is not None else (),
        certain=one.certain,
        location=one.location,
    )


def _is_admin(one: Binding) -> Truth:
    if one.role_kind == "Role":
        return NO
    names = {scalar(option) for option in alternatives(one.role)}
    if names == {CLUSTER_ADMIN}:
        return YES
    if CLUSTER_ADMIN in names or None in names:
        at = f"{one.attribute}.roleRef.name" if one.attribute else "role_ref[0].name"
        return Truth(None, (Cause(one.resource, at, _reason(one.role)),))
    return NO


def _subject(resource: str, at: str, one: Subject) -> BoundSubject:
    name = scalar(one.name)
    if isinstance(name, str) and one.kind:
        return BoundSubject(one.kind, name)
    return BoundSubject(
        one.kind, name if isinstance(name, str) else "", (Cause(resource, at, _reason(one.name)),)
    )


def _groups(listed: Collection, resource: str, attribute: str) -> Groups:
    """Groups by name. An argument left out names none."""
    names = tuple(str(scalar(item)) for item in listed.items if isinstance(item, Known) and item.value)
    doubts = [_reason(item) for item in listed.items if not isinstance(item, Known)]
    if listed.open is not None and not listed.open.computed:
        doubts.append(listed.open.reason)
    doubts += ["it may hold more than the plan shows"] * bool(listed.maybe)
    return Groups(names, tuple(Cause(resource, attribute, reason) for reason in dict.fromkeys(doubts)))


def _clusters(run: Lowering, resource: str, clusters: tuple[Cluster, ...]) -> tuple[str, ...]:
    """The clusters in which the object of a resource is, or may be."""
    return tuple(one.key for one in clusters if belongs(run, resource, one, clusters) is not False)


def _reason(value: Value) -> str:
    if isinstance(value, Reference):
        return f"{value} is known after apply"
    return next((unknown.reason for unknown in unknowns(value)), "it is one of several")
