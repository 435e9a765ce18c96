"""IAM: policies, and the roles that carry them, as far as a cluster has to do with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from eks_checks.aws.iam_documents import (
    NOTHING,
    Document,
    Statement,
    both,
    denied,
    either,
    narrowed,
    unknown_document,
)
from eks_checks.aws.knowledge import NO, NOWHERE, YES, Cause, KeySet, Pointer, Truth
from eks_checks.location import SourceSpan

AWS_MANAGED, MANAGED, INLINE = "aws", "managed", "inline"


@dataclass(frozen=True)
class Policy:
    """A policy. ``kind`` is ``aws`` (AWS keeps it), ``managed`` (a customer's own) or ``inline``.

    ``key`` is its estate key; of one that AWS keeps, its ARN in the partition ``aws``. ``resource`` is what
    holds its document, empty for AWS's own; ``name`` is empty where it is not known yet.
    """

    key: str
    kind: str
    name: str
    document: Document
    resource: str = ""
    location: SourceSpan | None = None


@dataclass(frozen=True)
class Attached:
    """A policy on a role: ``by`` is the resource and ``attribute`` the argument that puts it there.

    ``certain`` is false where it may not be there; ``causes`` then say why.
    """

    policy: Policy
    by: str
    attribute: str = ""
    certain: bool = True
    causes: tuple[Cause, ...] = ()
    location: SourceSpan | None = None


@dataclass(frozen=True)
class Role:
    """A role, or a user, that carries policies. ``kind`` is ``role``, ``user`` or ``user_group``.

    ``resource`` is its address (the key, for one that no input manages); ``name`` and ``arn`` are empty
    where they are not known yet. ``trust`` says who may assume a role. ``open``: further policies may be on
    it, ``causes`` say why. ``boundary`` is the permissions boundary, None where there is none. ``managed`` is
    false for one that no input manages.
    """

    key: str
    resource: str
    name: str = ""
    arn: str = ""
    kind: str = "role"
    path: str = ""
    trust: Document = NOTHING
    policies: tuple[Attached, ...] = ()
    open: bool = False
    causes: tuple[Cause, ...] = ()
    boundary: Attached | None = None
    managed: bool = True
    location: SourceSpan | None = None

    def attached(self, *policy_names: str) -> Truth:
        """Whether it carries a managed policy with one of these names (``AmazonEKSWorkerNodePolicy``).

        A path before the name (``service-role/``) does not count.
        """
        wanted = {name.rpartition("/")[2] for name in policy_names}
        found = NO
        for each in self.policies:
            if each.policy.kind != INLINE:
                found = either(found, _named(each, wanted))
        return either(found, Truth(None, self.causes)) if self.open else found

    def grants(self, action: str) -> Truth:
        """Whether its policies let it do ``action`` on some resource, boundary and denials counted.

        Unknown where that holds under conditions, or hangs on a policy that the inputs do not show.
        """
        allowed = NO
        for each in self.policies:
            granted = each.policy.document.grants(action)
            allowed = either(allowed, granted if each.certain else both(granted, Truth(None, each.causes)))
        if self.open:
            allowed = either(allowed, Truth(None, self.causes))
        if self.boundary is not None:
            allowed = both(allowed, self.boundary.policy.document.grants(action))
        return narrowed(allowed, self.denies(action)) if allowed.possibly else allowed

    def denies(self, action: str) -> Truth:
        """Whether a statement of any of its policies denies ``action``."""
        found = NO
        for each in self.policies:
            hit = denied(each.policy.document.statements, action)
            found = either(found, hit if each.certain else both(hit, Truth(None, each.causes)))
        return found

    def statements(self) -> Iterator[tuple[Attached, Statement]]:
        """Every statement of its policies, with the policy it is of."""
        for each in self.policies:
            for statement in each.policy.document.statements:
                yield each, statement

    @property
    def unread(self) -> tuple[Cause, ...]:
        """Why not all that its policies say is known; empty where it is."""
        causes = [*self.causes] if self.open else []
        for each in self.policies:
            document = each.policy.document
            causes.extend(document.causes if document.open else ())
            causes.extend(() if each.certain else each.causes)
        return tuple(dict.fromkeys(causes))


@dataclass(frozen=True)
class Workload:
    """Pods of a cluster that take a role. ``by`` is the resource that lets them: trust or association.

    ``kind`` is ``irsa``, ``pod_identity`` or ``addon``; ``account`` is ``NAMESPACE:SERVICE_ACCOUNT`` as far
    as it is known.
    """

    cluster: Pointer
    role: Pointer
    kind: str
    by: str
    account: str = ""


@dataclass(frozen=True)
class Iam:
    """What the inputs say of IAM.

    ``roles``, ``users`` and ``policies`` are by key. ``cluster_roles`` maps a cluster's key to its service
    role, ``node_roles`` the resource of a node group (or what else makes nodes) to the roles of its nodes,
    ``fargate_roles`` a profile to its pod execution role, ``creating_roles`` a cluster's key to the role that
    its provider configuration assumes (unset: none). ``workloads`` are the pods that take roles.
    """

    roles: Mapping[str, Role] = field(default_factory=dict)
    users: Mapping[str, Role] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    cluster_roles: Mapping[str, Pointer] = field(default_factory=dict)
    node_roles: Mapping[str, KeySet] = field(default_factory=dict)
    fargate_roles: Mapping[str, Pointer] = field(default_factory=dict)
    creating_roles: Mapping[str, Pointer] = field(default_factory=dict)
    workloads: tuple[Workload, ...] = ()

    def role(self, key: str) -> Role:
        """The role with this key; one that the inputs do not hold may carry anything."""
        known = self.roles.get(key)
        return known if known is not None else outside(key)

    def cluster_role(self, cluster: str) -> Pointer:
        """The service role of the cluster with this key; unset where the cluster is in none of the inputs."""
        return self.cluster_roles.get(cluster, NOWHERE)

    def roles_of_nodes(self, resource: str) -> KeySet:
        """The roles of the nodes that ``resource`` makes; open where that cannot be told."""
        unknown = KeySet(open=True, causes=(Cause(resource, "iam_instance_profile", "is not told"),))
        return self.node_roles.get(resource, unknown)


NO_IAM = Iam()
"""Inputs without any IAM."""


def outside(key: str) -> Role:
    """A role that is in none of the inputs: only its name or ARN is known."""
    why = (Cause(key, "policies", f"{key} is in none of the inputs: add its state"),)
    arn, name = (key, key.rpartition("/")[2]) if key.startswith("arn:") else ("", key)
    return Role(key, key, name, arn, trust=unknown_document(*why), open=True, causes=why, managed=False)


def agreed(truths: Iterable[Truth]) -> Truth:
    """What holds for each of several roles, one of which is meant; unknown where they differ, or are none."""
    given = tuple(truths)
    values = {truth.value for truth in given}
    if values == {True}:
        return YES
    if values == {False}:
        return NO
    return Truth(None, tuple(dict.fromkeys(cause for truth in given for cause in truth.causes)))


def _named(each: Attached, wanted: set[str]) -> Truth:
    if each.policy.name and each.policy.name not in wanted:
        return NO
    return YES if each.policy.name and each.certain else Truth(None, each.causes)
