"""Who gets into the cluster, as Kubernetes objects say it: the aws-auth config map, and bindings of roles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.kubernetes.documents import UnreadableError, documents
from eks_checks.kubernetes.manifest import Contents, Manifest, Unread, text
from eks_checks.location import SourceSpan
from eks_checks.terraform.value import (
    NULL,
    Collection,
    Known,
    Mapping,
    Reference,
    Unknown,
    Value,
    alternatives,
    is_null,
)

AUTH_MAP, AUTH_NAMESPACE = "aws-auth", "kube-system"
RBAC = "rbac.authorization.k8s.io"
PARTS = {"mapRoles": ("role", "rolearn"), "mapUsers": ("user", "userarn"), "mapAccounts": ("account", "")}
"""Key of the config map to what its entries are, and the field that holds the ARN."""


@dataclass(frozen=True)
class Mapped:
    """One entry of aws-auth: an IAM principal, and the user and the groups that it becomes in Kubernetes.

    ``kind`` is ``role``, ``user`` or ``account`` (then ``principal`` is an account's id: all its users and
    roles get in, by their ARN as user name and without groups). ``attribute`` is where it stands.
    ``certain`` is false where the entry may not be there.
    """

    kind: str
    attribute: str
    principal: Value
    username: Value
    groups: Collection
    certain: bool = True


@dataclass(frozen=True)
class AuthMap:
    """The aws-auth config map as one resource writes it; ``unread`` is why it may have other entries."""

    resource: str
    entries: tuple[Mapped, ...]
    unread: tuple[Unread, ...] = ()
    certain: bool = True
    location: SourceSpan | None = None


@dataclass(frozen=True)
class Subject:
    """Whom a binding names: ``kind`` is ``User``, ``Group`` or ``ServiceAccount``, empty where not known."""

    kind: str
    name: Value


@dataclass(frozen=True)
class Binding:
    """A ClusterRoleBinding or (``wide`` is false) a RoleBinding.

    ``role_kind`` and ``role`` name the role; ``subjects`` who gets it, ``open`` why there may be others.
    """

    resource: str
    attribute: str
    wide: bool
    role_kind: str
    role: Value
    subjects: tuple[Subject, ...]
    open: Unknown | None = None
    certain: bool = True
    location: SourceSpan | None = None


def auth_maps(contents: Contents) -> tuple[AuthMap, ...]:
    """Every resource that writes the aws-auth config map, or may write it."""
    return tuple(_auth_map(one) for one in contents.of("ConfigMap", "") if _is_auth_map(one))


def bindings(contents: Contents) -> tuple[Binding, ...]:
    """Every binding of a role, in order of their resources."""
    wide = contents.of("ClusterRoleBinding", RBAC)
    narrow = contents.of("RoleBinding", RBAC)
    return tuple(_binding(one) for one in (*wide, *narrow))


def _is_auth_map(one: Manifest) -> bool:
    """By name and namespace; where these are not known, by what it holds."""
    named = one.name == AUTH_MAP and one.namespace == AUTH_NAMESPACE
    if named:
        return True
    metadata = (one.at("metadata", "name"), one.at("metadata", "namespace"))
    unclear = [value for value in metadata if not isinstance(value, Known)]
    fits = one.name in ("", AUTH_MAP) and one.namespace in ("", AUTH_NAMESPACE)
    return bool(unclear) and fits and any(not is_null(one.at("data", part)) for part in PARTS)


def _auth_map(one: Manifest) -> AuthMap:
    entries: list[Mapped] = []
    unread: list[Unread] = []
    certain = one.certain and (one.name, one.namespace) == (AUTH_MAP, AUTH_NAMESPACE)
    prefix = f"{one.attribute}." if one.attribute in ("manifest",) else ""
    for part in PARTS:
        at = f"{prefix}data.{part}" if not one.attribute or prefix else one.attribute
        value = one.at("data", part)
        options = alternatives(value)
        for option in options:
            for list_ in _read(one, at, option, unread):
                entries += _entries(one, at, part, list_, unread, certain=len(options) == 1)
    return AuthMap(one.resource, tuple(entries), tuple(dict.fromkeys(unread)), certain, one.location)


def _read(one: Manifest, at: str, value: Value, unread: list[Unread]) -> tuple[Value, ...]:
    """The list that one part of the config map spells, none where it is not there."""
    if is_null(value):
        return ()
    try:
        return documents(value)[:1]
    except UnreadableError as error:
        unread.append(Unread(one.resource, at, str(error)))
        return ()


def _entries(
    one: Manifest, at: str, part: str, value: Value, unread: list[Unread], *, certain: bool
) -> Iterator[Mapped]:
    if is_null(value):
        return
    if not isinstance(value, Collection):
        reason = value.reason if isinstance(value, Unknown) else "it is no list"
        unread.append(Unread(one.resource, at, reason))
        return
    if value.open is not None:
        unread.append(Unread(one.resource, at, value.open.reason))
    for item, sure in (*((item, True) for item in value.items), *((item, False) for item in value.maybe)):
        found = _entry(part, at, item, certain=certain and sure)
        if found is not None:
            yield found
        elif not isinstance(item, Known):
            unread.append(Unread(one.resource, at, _reason(item)))


def _entry(part: str, at: str, item: Value, *, certain: bool) -> Mapped | None:
    kind, field = PARTS[part]
    if kind == "account":
        if isinstance(item, (Collection, Mapping)) or is_null(item):
            return None
        return Mapped(kind, at, item, NULL, Collection(), certain)
    if not isinstance(item, Mapping):
        return None
    # The authenticator reads the fields as Go reads JSON: in letters of either case.
    fields = {key.lower(): value for key, value in item.entries}
    rest: Value = item.open or NULL
    groups = _list(fields.get("groups", rest))
    return Mapped(kind, at, fields.get(field, rest), fields.get("username", rest), groups, certain)


def _list(value: Value) -> Collection:
    if isinstance(value, Collection):
        return value
    return Collection() if is_null(value) else Collection(open=Unknown(_reason(value)))


def _reason(value: Value) -> str:
    if isinstance(value, Unknown):
        return value.reason
    return f"{value} is known after apply" if isinstance(value, Reference) else "it is not wholly known"


def _binding(one: Manifest) -> Binding:
    subjects = one.at("subjects")
    listed = _list(subjects)
    open_ = listed.open or (Unknown("there may be more subjects") if listed.maybe else None)
    unclear = next((item for item in listed.items if not isinstance(item, Mapping)), None)
    return Binding(
        resource=one.resource,
        attribute=one.attribute,
        wide=one.kind == "ClusterRoleBinding",
        role_kind=text(one.at("roleRef", "kind")),
        role=one.at("roleRef", "name"),
        subjects=tuple(_subject(item) for item in listed.items if isinstance(item, Mapping)),
        open=open_ or (Unknown(_reason(unclear)) if unclear is not None else None),
        certain=one.certain,
        location=one.location,
    )


def _subject(item: Mapping) -> Subject:
    return Subject(text(item.get("kind")), item.get("name"))
