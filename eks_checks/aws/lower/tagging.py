"""The tags of subnets and security groups as values, for those who select by tag (L5, L7, H4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from eks_checks.aws.knowledge import NO, UNKNOWN, YES, Truth
from eks_checks.aws.lower.context import Lowering, left_out
from eks_checks.kubernetes.manifest import at
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.sameness import Same, same
from eks_checks.terraform.value import NULL, Known, Mapping, Reference, Unknown, Value, alternatives, scalar

ANY = "*"
"""A selector's value that asks for the key only."""


@dataclass
class Tags:
    """The tags of one object: ``sure`` ones, ``maybe`` ones besides, and whether there may be others.

    ``prefixes`` are starts of keys of which the object may have any.
    """

    sure: dict[str, Value] = field(default_factory=dict)
    maybe: dict[str, list[Value]] = field(default_factory=dict)
    open: bool = False
    prefixes: tuple[str, ...] = ()

    def match(self, key: str, wanted: Value) -> Truth:
        """Whether the object has a tag with this key and a value that fits the pattern ``wanted``."""
        also = [matches(wanted, value) for value in self.maybe.get(key, ())]
        if key in self.sure:
            own = matches(wanted, self.sure[key])
            return own if all(each.value == own.value for each in also) else UNKNOWN
        if self.open or key.startswith(self.prefixes or ("\0",)):
            return UNKNOWN
        return UNKNOWN if any(each.possibly for each in also) else NO


def carried_tags(run: Lowering, resource: Resource) -> Tags:
    """The tags that a resource will carry, the provider's default tags included where they are told (L3)."""
    found = Tags()
    for name in ("tags_all", "tags"):
        if left_out(resource.value(name)):
            continue
        # NOTE: tags_all is unknown as a whole where any tag is (K13); the provider's part may be told.
        hidden = name == "tags_all" and resource.is_unknown(name)
        mapping = default_tags(run, resource) if hidden else written_map(resource, name)
        if name == "tags_all" and not hidden:
            mapping = _told(mapping, run, resource)
        found.open = found.open or mapping.open is not None
        for key, value in mapping.entries:
            if isinstance(value, Known) or not isinstance(found.sure.get(key), Known):
                found.sure[key] = value
    return found


def _told(every: Mapping, run: Lowering, resource: Resource) -> Mapping:
    """``tags_all`` with what the provider's block says of values that are not known yet."""
    if all(isinstance(value, Known) for _, value in every.entries):
        return every
    defaults = dict(default_tags(run, resource).entries)
    told = tuple((k, v if isinstance(v, Known) else defaults.get(k, v)) for k, v in every.entries)
    return Mapping(told, every.open)


def default_tags(run: Lowering, resource: Resource) -> Mapping:
    """The tags that the provider gives a resource of itself (L3); open where no input tells."""
    if resource.provider_arguments is not None and "default_tags" not in resource.provider_arguments:
        return Mapping()
    told = at(run.world.provided(resource, "default_tags"), 0, "tags")
    if isinstance(told, Mapping):
        return told
    return Mapping() if told == NULL else Mapping(open=Unknown("the provider's default_tags are not known"))


def written_map(block: Block, name: str) -> Mapping:
    """A map of tags; of one that the plan does not know as a whole, what the sources say of it."""
    planned = block.mapping(name)
    if planned.entries or not block.is_unknown(name):
        return planned
    told = block.resource.resolver.one(block.resource, (*block.path, name))
    return told if isinstance(told, Mapping) else planned


def added_tags(run: Lowering, kind: str) -> dict[str, Tags]:
    """Object key to the tags that ``aws_ec2_tag`` adds (L5); "" for those that may be on any object."""
    found: dict[str, Tags] = {}
    for resource in run.world.resources("aws_ec2_tag"):
        named = run.identity.find(resource.value("resource_id"), kind, resource.key, "resource_id")
        key, value = scalar(resource.value("key")), resource.value("value")
        settled = named.exact is not None and not run.doubts(resource)
        for owner in (*named.keys, *(("",) if named.open and not _of_other(run, resource, kind) else ())):
            tags = found.setdefault(owner, Tags())
            if not isinstance(key, str):
                tags.open = True
            elif settled:
                tags.sure[key] = value
            else:
                tags.maybe.setdefault(key, []).append(value)
    return found


def _of_other(run: Lowering, resource: Resource, kind: str) -> bool:
    """Whether the tag is certainly on an object of another kind."""
    value = resource.value("resource_id")
    others = {"subnet": "security_group", "security_group": "subnet"}
    found = run.identity.find(value, others[kind], resource.key, "resource_id")
    if found.exact is not None:
        return True
    target = run.world.target(value) if isinstance(value, Reference) else None
    return target is not None and target.type.partition("_")[2] not in ("subnet", "security_group")


def merged(own: Tags, *others: Tags | None) -> Tags:
    """The tags of an object and what others add to it."""
    made = Tags(dict(own.sure), {k: list(v) for k, v in own.maybe.items()}, own.open, own.prefixes)
    for other in others:
        if other is not None:
            made.sure.update(other.sure)
            for key, values in other.maybe.items():
                made.maybe.setdefault(key, []).extend(values)
            made.open = made.open or other.open
    return made


def matches(wanted: Value, value: Value) -> Truth:
    """Whether ``value`` fits ``wanted``, where ``*`` stands for any text and ``?`` for one character."""
    found = {
        _matches(pattern, option).value for pattern in alternatives(wanted) for option in alternatives(value)
    }
    return Truth(found.pop()) if len(found) == 1 else UNKNOWN


def _matches(wanted: Value, value: Value) -> Truth:
    if wanted == Known(ANY):
        return YES if value != NULL else NO
    if isinstance(wanted, Known) and isinstance(value, Known):
        return Truth(bool(_pattern(_text(wanted)).fullmatch(_text(value))))
    if same(wanted, value) is Same.YES or _same_parts(wanted, value) or _begins_alike(wanted, value):
        return YES
    return NO if _differ(wanted, value) else UNKNOWN


def _same_parts(wanted: Value, value: Value) -> bool:
    """Whether both are texts made of the same known and coming pieces."""
    if not (isinstance(wanted, Unknown) and isinstance(value, Unknown)):
        return False
    if not wanted.parts or len(wanted.parts) != len(value.parts):
        return False
    return all(same(a, b) is Same.YES for a, b in zip(wanted.parts, value.parts, strict=True))


def _begins_alike(wanted: Value, value: Value) -> bool:
    """Whether the start that is known of a text fits a pattern after which anything may follow."""
    pattern, start = _start(wanted), _start(value)
    return isinstance(wanted, Known) and pattern.endswith("*") and bool(_pattern(pattern).fullmatch(start))


def _differ(wanted: Value, value: Value) -> bool:
    """Whether the texts begin differently for certain."""
    pattern, start = _start(wanted), _start(value)
    if isinstance(wanted, Known):
        pattern = re.split(r"[*?]", pattern)[0]
    return not (pattern.startswith(start) or start.startswith(pattern))


def _start(value: Value) -> str:
    """What a text begins with, as far as it is known."""
    if isinstance(value, Known):
        return _text(value)
    first = value.parts[0] if isinstance(value, Unknown) and value.parts else None
    return _text(first) if isinstance(first, Known) else ""


def _text(value: Known) -> str:
    found = value.value
    return str(found).lower() if isinstance(found, bool) else "" if found is None else str(found)


def _pattern(text: str) -> re.Pattern[str]:
    words = {"*": ".*", "?": "."}
    return re.compile("".join(words.get(c, re.escape(c)) for c in text), re.DOTALL)
