"""Which attributes name the same object: from a Terraform value to the estate's keys.

An estate key is the key of the resource that manages the object (its Terraform address, or
``LABEL:ADDRESS`` where inputs share that), the real id of one that no input manages, or
``KEY#role`` for what AWS or EKS makes by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from eks_checks.aws.attributes import (
    ADOPTS,
    FOLLOW,
    IDS,
    IMPLICIT,
    MAKES,
    NATURAL,
    PREFIXES,
    REQUIRED,
)
from eks_checks.aws.knowledge import Cause, KeySet, Pointer, pointer
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import (
    Choice,
    Collection,
    Known,
    Reference,
    Unknown,
    Value,
    alternatives,
    is_null,
    scalar,
)
from eks_checks.terraform.world import World

_MAX_DEPTH = 12
_OTHER_ID = re.compile(r"[a-z]+-[0-9a-f]{8,17}$|arn:")


_ROLE = re.compile(r"#([a-z_]+)$")


def owner_and_role(key: str) -> tuple[str, str]:
    """The two parts of ``KEY#role``; the role is empty for the key of a resource or a real id."""
    found = _ROLE.search(key)
    return (key[: found.start()], found[1]) if found else (key, "")


class Identity:
    """Finds the object a link attribute names, in one World."""

    def __init__(self, world: World) -> None:
        """Index every real id that the inputs know."""
        self._world = world
        self._keys: dict[str, str] = {}
        self._by_id: dict[tuple[str, str], str] = {}
        self._also: dict[tuple[str, str], set[str]] = {}
        for resource in self._all():
            self._index(resource)

    def key(self, resource: Resource) -> str:
        """The estate key of the object that ``resource`` manages (an adopted default object's own key)."""
        own = resource.key
        if own not in self._keys:
            self._keys[own] = own
            self._keys[own] = self._adopted(resource) or self._looked_up(resource) or own
        return self._keys[own]

    def named(self, kind: str, name: str, at: str) -> Pointer:
        """The object of ``kind`` that ``at`` calls by name; one outside the inputs is known by it alone."""
        keys = {*self._also.get((kind, name), ()), self._by_id.get((kind, name), name)}
        return pointer(self._nearest(self._also_outside(keys, name), at))

    def _also_outside(self, keys: set[str], text: str) -> set[str]:
        """Objects by a name or real id; where one may not exist, that may be one outside the inputs too."""
        found = (self._world.get(owner_and_role(key)[0]) for key in keys)
        unsure = any(resource is not None and resource.uncertain is not None for resource in found)
        return {*keys, text} if unsure else keys

    def find(self, value: Value, kind: str, at: str, attribute: str) -> Pointer:
        """Which object of ``kind`` the link ``value`` names; ``at`` and ``attribute`` are named in causes."""
        keys: set[str] = set()
        open_ = False
        causes: list[Cause] = []
        options = self._fitting(alternatives(value), kind, attribute)
        for option in options:
            found, unclear = self._option(option, kind, 0)
            if len(options) > 1 and scalar(option) in (None, "") and isinstance(option, Known):
                unclear = True
                causes.append(Cause(at, attribute, "may be left unset"))
            keys.update(self._nearest(found, at) if kind in _NAMED else found)
            open_ = open_ or unclear
            if isinstance(option, Unknown):
                causes.append(Cause(at, attribute, option.reason))
        if open_ and not causes:
            causes.append(Cause(at, attribute, "names an object that the inputs do not explain"))
        if len(keys) > 1:
            causes.append(Cause(at, attribute, f"is one of {len(keys)}: the plan does not say which"))
        return pointer(keys, open_=open_, causes=causes)

    def _nearest(self, keys: set[str], at: str) -> set[str]:
        """Of several objects of one name, those of the root that names it: stages share names."""
        asker = self._world.get(at)
        if asker is None or len(keys) < 2:
            return keys
        known = [one for one in map(self._world.get, keys) if one is not None]
        near = [one for one in known if one.input == asker.input]
        # Where these may not exist, their name is perhaps that of an object outside the inputs.
        outside = keys - {one.key for one in known} if all(one.uncertain for one in near) else set()
        return {one.key for one in near} | outside if near else keys

    def find_all(self, value: Value, kind: str, at: str, attribute: str) -> KeySet:
        """Which objects of ``kind`` the list ``value`` names."""
        if is_null(value):
            return KeySet()
        if not isinstance(value, Collection):
            return self._whole(value, kind, at, attribute)
        sure: set[str] = set()
        maybe: set[str] = set()
        causes: set[Cause] = set()
        open_ = value.open is not None
        if value.open is not None:
            causes.add(Cause(at, attribute, value.open.reason))
        for item in value.items:
            named = self.find(item, kind, at, attribute)
            (sure if named.exact else maybe).update(named.keys)
            open_ = open_ or named.open
            causes.update(named.causes)
        for item in value.maybe:
            named = self.find(item, kind, at, attribute)
            maybe.update(named.keys)
            open_ = open_ or named.open
            causes.add(Cause(at, attribute, "may hold more than the plan shows"))
        return KeySet(frozenset(sure), frozenset(maybe - sure), open_, tuple(sorted(causes)))

    def _fitting(self, options: tuple[Value, ...], kind: str, attribute: str) -> tuple[Value, ...]:
        """The options that can be of the kind: a plan lumps the references of several arguments together."""
        fitting = tuple(
            option
            for option in options
            if not self._of_another_kind(option, kind)
            and not (attribute in REQUIRED and isinstance(option, Unknown) and option.computed)
        )
        return fitting or options

    def _of_another_kind(self, option: Value, kind: str) -> bool:
        if not isinstance(option, Reference):
            return False
        natural = NATURAL.get(option.resource.type)
        attribute = next((step for step in reversed(option.path) if isinstance(step, str)), "")
        return natural is not None and natural != kind and attribute == "id"

    def _whole(self, value: Value, kind: str, at: str, attribute: str) -> KeySet:
        followed = self._followed(value)
        if isinstance(followed, Collection):
            return self.find_all(followed, kind, at, attribute)
        if isinstance(value, Choice):
            return self._one_of_lists(value, kind, at, attribute)
        if isinstance(value, Unknown):
            return KeySet(open=True, causes=(Cause(at, attribute, value.reason),))
        named = self.find(value, kind, at, attribute)
        if named.exact:
            return KeySet(frozenset({named.exact}))
        return KeySet(maybe=frozenset(named.keys), open=named.open, causes=named.causes)

    def _one_of_lists(self, value: Choice, kind: str, at: str, attribute: str) -> KeySet:
        lists = [self.find_all(option, kind, at, attribute) for option in value.options]
        sure = frozenset.intersection(*(each.sure for each in lists))
        every = frozenset().union(*(each.candidates for each in lists))
        causes = {
            Cause(at, attribute, "is one of several lists"),
            *(c for each in lists for c in each.causes),
        }
        return KeySet(sure, every - sure, any(each.open for each in lists), tuple(sorted(causes)))

    def _option(self, value: Value, kind: str, depth: int) -> tuple[set[str], bool]:
        """(keys it may be, whether it may be something else besides)."""
        if isinstance(value, Known):
            text = "" if value.value is None else str(value.value)
            if kind == "security_group":
                text = text.rpartition("/")[2]  # another account's group: "123456789012/sg-0abc" (A9)
            if kind in ("vpc", "subnet") and text.startswith("arn:"):
                text = text.rpartition("/")[2]
            if not text:
                return set(), False
            known = self._by_id.get((kind, text))
            if known is None and not text.startswith(PREFIXES.get(kind, "")):
                return set(), not _OTHER_ID.match(text)  # an id of another kind, or perhaps a name
            return self._also_outside({*self._also.get((kind, text), ()), known or text}, text), False
        if isinstance(value, Reference):
            return self._reference(value, kind, depth)
        if isinstance(value, Choice):
            return self._several(value.options, kind, depth)
        if isinstance(value, Collection) and value.exact and len(value.items) == 1:
            return self._option(value.items[0], kind, depth)
        return set(), True

    def _several(self, values: Iterable[Value], kind: str, depth: int) -> tuple[set[str], bool]:
        answers = [self._option(value, kind, depth) for value in values]
        return set().union(*(keys for keys, _ in answers)), any(unclear for _, unclear in answers)

    def _reference(self, reference: Reference, kind: str, depth: int) -> tuple[set[str], bool]:
        resource = self._world.target(reference)
        if resource is None or depth > _MAX_DEPTH:
            return set(), True
        steps = [step for step in reference.path if isinstance(step, str)]
        attribute = steps[-1] if steps else ""
        implicit = IMPLICIT.get((_family(resource.type), attribute))
        if implicit is not None and implicit[0] == kind:
            return {self.key(resource) + implicit[1]}, False
        if MAKES.get((kind, resource.type)) in steps:
            return {self.key(resource)}, False
        natural = NATURAL.get(resource.type)
        if natural == kind and attribute in IDS:
            unread = resource.address.mode == "data" and self._looked_up(resource) is None
            # NOTE: a data source that apply will read may find any object, also one of the inputs (K10).
            return (set(), True) if unread else ({self.key(resource)}, False)
        if attribute == "vpc_config" and kind == "security_group":
            return {self.key(resource) + "#cluster_security_group"}, True
        if natural is not None and attribute in IDS - {""} and natural != kind:
            return set(), True
        path = reference.path or ((FOLLOW[kind],) if kind in FOLLOW else ())
        followed: Value = resource.value(*path) if path else reference
        if followed == reference or isinstance(followed, Unknown) or is_null(followed):
            return set(), True
        return self._option(followed, kind, depth + 1)

    def _followed(self, value: Value) -> Value:
        if not isinstance(value, Reference) or not value.path:
            return value
        resource = self._world.target(value)
        return value if resource is None else resource.value(*value.path)

    def _adopted(self, resource: Resource) -> str | None:
        if resource.type == "aws_default_security_group":
            vpc = self.find(resource.value("vpc_id"), "vpc", resource.key, "vpc_id").exact
            return f"{vpc}#default_security_group" if vpc else None
        if resource.type in ADOPTS:
            attribute, kind = ADOPTS[resource.type]
            return self.find(resource.value(attribute), kind, resource.key, attribute).exact
        return None

    def _looked_up(self, resource: Resource) -> str | None:
        # A data source is no object of its own: the one it found is known by its real id or name.
        if resource.address.mode != "data":
            return None
        kind = NATURAL[resource.type]
        if kind == "cluster":
            return self.find(resource.value("name"), kind, resource.key, "name").exact
        text = scalar(resource.value(_LOOKED_UP_BY.get(kind, "id")))
        return self._by_id.get((kind, text), text) if isinstance(text, str) else None

    def _all(self) -> Iterator[Resource]:
        # VPCs and clusters first: other resources' ids may be aliases of what came with them.
        # Instances last: their primary interface may be a resource of its own.
        rest = tuple(t for t in NATURAL if t not in (*_FIRST, "aws_instance"))
        for types in (_FIRST, rest, ("aws_instance",)):
            yield from self._world.resources(*types)
            yield from self._world.data(*types)

    def _index(self, resource: Resource) -> None:
        for (type_, attribute), (kind, suffix) in IMPLICIT.items():
            if type_ == _family(resource.type):
                for identifier in _texts(resource, attribute):
                    if attribute == "main_route_table_id" and not _original_main(resource):
                        continue  # another table was made the main one since (C16)
                    self._by_id.setdefault((kind, identifier), self.key(resource) + suffix)
        kind = NATURAL[resource.type]
        if resource.type == "aws_eks_node_group":
            for name in _autoscaling_names(resource):
                self._by_id.setdefault(("autoscaling_group", name), self.key(resource))
        names = ("id", "arn", "name") if kind in _NAMED else ("id",)
        if kind == "rds_cluster":
            names = ("id", "arn", "cluster_identifier")
        for name in names:
            text = scalar(resource.value(name))
            if isinstance(text, str) and text:
                mine = self.key(resource)
                if self._by_id.setdefault((kind, text), mine) != mine:
                    # Names are unique in one Region only.
                    self._also.setdefault((kind, text), set()).add(mine)


_FIRST = ("aws_vpc", "aws_default_vpc", "aws_eks_cluster", "aws_eks_node_group")
_NAMED = frozenset(
    {
        "autoscaling_group",
        "classic_load_balancer",
        "cluster",
        "core_network",
        "instance_profile",
        "launch_configuration",
        "launch_template",
        "policy",
        "rds_cluster",
        "role",
        "user",
        "user_group",
        *(kind for kind in NATURAL.values() if kind.endswith("_subnet_group")),
    }
)
_LOOKED_UP_BY = {"instance_profile": "name", "user": "user_name", "user_group": "group_name"}
"""Kinds whose data sources have an id of another sort than the resources."""
_NESTED = {
    "cluster_security_group_id": ("vpc_config", 0, "cluster_security_group_id"),
    "remote_access_security_group_id": ("resources", 0, "remote_access_security_group_id"),
}


def _original_main(vpc: Resource) -> bool:
    return scalar(vpc.value("main_route_table_id")) == scalar(vpc.value("default_route_table_id"))


def _family(type_: str) -> str:
    return "aws_vpc" if type_ == "aws_default_vpc" else type_


def _texts(block: Block, attribute: str) -> Iterator[str]:
    text = scalar(block.value(*_NESTED.get(attribute, (attribute,))))
    if isinstance(text, str) and text:
        yield text


def _autoscaling_names(node_group: Resource) -> Iterator[str]:
    """The names of the Auto Scaling groups that EKS made for a managed node group."""
    for made in node_group.blocks("resources").items:
        for group in made.blocks("autoscaling_groups").items:
            yield from _texts(group, "name")
