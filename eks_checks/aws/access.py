"""Access to clusters: who makes them, and whom entries, policies, aws-auth and bindings let in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from eks_checks.aws.knowledge import NO, Cause, Pointer, Truth
from eks_checks.location import SourceSpan
from eks_checks.terraform.sameness import Same, same
from eks_checks.terraform.value import NULL, Value

MASTERS = "system:masters"
"""The group for which the API server asks no role at all: whoever is in it may do everything."""
CLUSTER_ADMIN = "cluster-admin"
ADMIN_POLICIES = {
    "AmazonEKSClusterAdminPolicy": "every right on everything in the cluster",
    "AmazonEKSAdminPolicy": "the admin role in every namespace: every secret, every service account",
}
"""The access policies that make an administrator where their scope is the cluster, and what they grant."""


@dataclass(frozen=True)
class Principal:
    """An IAM principal.

    ``kind`` is ``role``, ``user``, ``root`` or ``account`` (everybody in it), empty where it is not known.
    ``name`` is how a reader knows it: the address of a resource of the inputs, else its ARN, else empty.
    ``names`` are all its spellings; ``arn`` is empty until apply tells it, ``tail`` then what is known of its
    end, such as the name of a role. ``causes`` say why it is not known who it is.
    """

    kind: str
    name: str = ""
    names: tuple[str, ...] = ()
    arn: str = ""
    tail: str = ""
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Groups:
    """Kubernetes groups: those by name that are there for certain, and why there may be others."""

    names: tuple[str, ...] = ()
    open: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class AccessEntry:
    """A principal that gets into a cluster by an access entry, with the groups it then has (G6)."""

    resource: str
    cluster: Pointer
    principal: Principal
    groups: Groups
    username: str = ""
    location: SourceSpan | None = None


@dataclass(frozen=True)
class PolicyAssociation:
    """An access policy that an entry's principal holds: ``policy`` is its name, empty where it is not known.

    ``admin`` says whether the policy is one of ``ADMIN_POLICIES``, ``wide`` whether its scope is the cluster.
    """

    resource: str
    cluster: Pointer
    principal: Principal
    policy: str
    admin: Truth
    wide: Truth
    location: SourceSpan | None = None


@dataclass(frozen=True)
class MappedPrincipal:
    """An entry of aws-auth at ``attribute``; ``username`` is empty where it is not known."""

    attribute: str
    principal: Principal
    groups: Groups
    username: str = ""
    certain: bool = True


@dataclass(frozen=True)
class AuthConfigMap:
    """aws-auth as one resource writes it, in one of ``clusters``; ``hidden``: why there may be more in it."""

    resource: str
    clusters: tuple[str, ...]
    entries: tuple[MappedPrincipal, ...]
    hidden: tuple[Cause, ...] = ()
    certain: bool = True
    location: SourceSpan | None = None


@dataclass(frozen=True)
class BoundSubject:
    """Whom a binding names: ``kind`` as Kubernetes has it; ``name`` is empty where it is not known."""

    kind: str
    name: str
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class RoleBinding:
    """A binding of a role in one of ``clusters``.

    ``wide`` is false for one in a namespace; ``admin`` says whether it gives all rights of ``cluster-admin``;
    ``hidden`` why it may have other subjects.
    """

    resource: str
    attribute: str
    clusters: tuple[str, ...]
    wide: bool
    admin: Truth
    subjects: tuple[BoundSubject, ...]
    hidden: tuple[Cause, ...] = ()
    certain: bool = True
    location: SourceSpan | None = None

    def names(self, kind: str, name: str) -> bool:
        """Whether it names this user or group."""
        return any((one.kind, one.name) == (kind, name) for one in self.subjects)


@dataclass(frozen=True)
class Creator:
    """Who makes a resource.

    ``provider`` is the key of the provider configuration (``aws``, ``aws.east``), empty where no input tells.
    ``role`` is the ARN of the role that it assumes, the last of a chain: NULL where it assumes none and takes
    the credentials of whoever runs Terraform. ``assumes`` says whether it assumes one, with what decides.
    ``input`` is the input's path: two of them may call different configurations by one key.
    """

    provider: str
    role: Value = NULL
    assumes: Truth = NO
    input: str = ""

    def same(self, other: Creator) -> Same:
        """Whether both are one role."""
        if self.assumes.value is False or other.assumes.value is False:
            return Same.NO
        if self.provider and (self.provider, self.input) == (other.provider, other.input):
            return Same.YES if self.assumes.surely else Same.UNDECIDED
        found = same(self.role, other.role)
        return found if found is not Same.YES or self.assumes.surely else Same.UNDECIDED


@dataclass(frozen=True)
class Access:
    """All that the inputs say of access to clusters.

    ``creators`` maps a cluster to who makes it. ``hidden`` are the texts of Kubernetes objects that cannot be
    read, and may be bindings.
    """

    entries: tuple[AccessEntry, ...] = ()
    associations: tuple[PolicyAssociation, ...] = ()
    maps: tuple[AuthConfigMap, ...] = ()
    bindings: tuple[RoleBinding, ...] = ()
    creators: Mapping[str, Creator] = field(default_factory=dict)
    hidden: tuple[Cause, ...] = ()

    def bindings_near(self, clusters: Iterable[str]) -> Iterator[RoleBinding]:
        """The bindings that may be in one of these clusters."""
        wanted = set(clusters)
        for binding in self.bindings:
            if wanted & set(binding.clusters) or not wanted or not binding.clusters:
                yield binding

    def holders(self, kind: str, name: str, clusters: Iterable[str]) -> Iterator[tuple[str, str, Principal]]:
        """(resource, attribute, principal) of those who surely have this user name or group."""
        wanted = set(clusters)

        def near(keys: Iterable[str]) -> bool:
            found = set(keys)
            return not wanted or not found or bool(wanted & found)

        for map_ in self.maps:
            for mapped in map_.entries if near(map_.clusters) else ():
                if mapped.certain and _has(kind, name, mapped.groups, mapped.username):
                    yield map_.resource, mapped.attribute, mapped.principal
        for entry in self.entries:
            mine = entry.cluster.open or near(entry.cluster.keys)
            if mine and _has(kind, name, entry.groups, entry.username):
                yield entry.resource, "kubernetes_groups", entry.principal

    def perhaps_holders(self, kind: str, name: str, clusters: Iterable[str]) -> Iterator[_Perhaps]:
        """(principal, why) of those who may have this user name or group; ``None``: nobody knows who."""
        wanted = set(clusters)
        for map_ in self.maps:
            if wanted and map_.clusters and not wanted & set(map_.clusters):
                continue
            for one in map_.entries:
                if not one.certain and _has(kind, name, one.groups, one.username):
                    yield one.principal, (Cause(map_.resource, one.attribute, "the entry may not be there"),)
                elif kind == "Group" and one.groups.open:
                    yield one.principal, one.groups.open
            if map_.hidden:
                yield None, map_.hidden
        for entry in self.entries:
            mine = entry.cluster.open or not wanted or wanted & set(entry.cluster.keys)
            if mine and kind == "Group" and entry.groups.open:
                yield entry.principal, entry.groups.open


_Perhaps = tuple[Principal | None, tuple[Cause, ...]]


def _has(kind: str, name: str, groups: Groups, username: str) -> bool:
    return name in groups.names if kind == "Group" else kind == "User" and bool(name) and username == name


NO_ACCESS = Access()
"""Nothing is said of access."""
