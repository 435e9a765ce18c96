"""What the AWS provider makes of a resource as it is written: computed attributes, defaults, conversions.

A folder of sources holds only what people write. This adds the rest, for the types that are read here
(``provider_table``); of any other type just ``id`` and ``arn`` are known to come.
"""

from __future__ import annotations

from collections.abc import Callable

from eks_checks.aws.provider_listeners import LISTENERS
from eks_checks.aws.provider_shape import Default, Shape
from eks_checks.aws.provider_table import FLAGS, NUMBERS, SINGLE, TEXTS, TYPES
from eks_checks.terraform.evaluation.facts import Inherited
from eks_checks.terraform.value import (
    NULL,
    Choice,
    Collection,
    Known,
    Mapping,
    Unknown,
    Value,
    choice,
)

AT_APPLY = Unknown("known after apply", computed=True)
_ALWAYS = frozenset({"id", "region"})
_REGION = frozenset(("aws_region", name) for name in ("id", "name", "region"))
_STRANGER = Shape(frozenset({"arn"}))


class Provider:
    """The Schema of the types in the table."""

    def knows(self, type_: str) -> bool:
        """See Schema."""
        return type_ in TYPES or type_ in LISTENERS

    def computed(self, type_: str, name: str) -> bool:
        """See Schema."""
        return name in _ALWAYS or name in _shape(type_).computed

    def default(self, type_: str, name: str) -> Value | None:
        """See Schema."""
        defaults = _shape(type_).defaults
        return _default(defaults[name]) if name in defaults else None

    def looked_up(self, type_: str, name: str, inherited: Inherited) -> Value | None:
        """See Schema."""
        region = inherited.region
        if (type_, name) in _REGION and region != NULL:
            return region
        if (type_, name) == ("aws_partition", "partition") and isinstance(region, Known) and region.value:
            return Known(_partition(str(region.value)))
        return None

    def complete(self, type_: str, written: Mapping, inherited: Inherited) -> Mapping:
        """See Schema. ``tags_all`` is the provider's default tags, then the resource's own (L3)."""
        shape = _shape(type_)
        found = dict(_filled(shape, written).entries)
        found.setdefault("id", AT_APPLY)
        if found.get("region", NULL) == NULL and self.knows(type_):
            found["region"] = AT_APPLY if inherited.region == NULL else inherited.region
        if "tags_all" in shape.computed:
            found["tags_all"] = _merged(inherited.tags, found.get("tags", NULL))
        return _mapping(found, written.open)


PROVIDER = Provider()


def _partition(region: str) -> str:
    """The partition of a Region, as it stands in ARNs."""
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rpartition("-")[0].rpartition("-")[0], "aws")


def _shape(type_: str) -> Shape:
    return TYPES.get(type_) or LISTENERS.get(type_, _STRANGER)


def _filled(shape: Shape, written: Mapping) -> Mapping:
    found = {name: _converted(shape, name, value) for name, value in written.entries}
    for name, inner in shape.blocks.items():
        if name in found:
            found[name] = _inside(_listed(found[name]), inner)
    for name in SINGLE & set(found):
        found[name] = _only(found[name])
    for name in shape.computed:
        found[name] = _or_else(found.get(name, NULL), AT_APPLY)
    for name, default in shape.defaults.items():
        found[name] = _or_else(found.get(name, NULL), _default(default))
    return _mapping(found, written.open)


def _listed(value: Value) -> Value:
    """Blocks are a list, also where JSON writes a single one as an object."""
    return Collection((value,)) if isinstance(value, Mapping) else value


def _inside(value: Value, inner: Shape) -> Value:
    """A list of blocks (or what may be one, or one of them) with each block filled."""
    if isinstance(value, Mapping):
        return _filled(inner, value)
    if isinstance(value, Collection):
        items = tuple(_inside(item, inner) for item in value.items)
        maybe = tuple(_inside(item, inner) for item in value.maybe)
        return Collection(items, maybe, value.open, value.note, value.ordered)
    if isinstance(value, Choice):
        return choice(_inside(option, inner) for option in value.options)
    return value


def _only(value: Value) -> Value:
    single = isinstance(value, Collection) and value.exact and len(value.items) == 1
    return value.items[0] if isinstance(value, Collection) and single else value


def _or_else(value: Value, filled: Value) -> Value:
    """The value; where it is or may be null, what the provider takes for that."""
    if isinstance(value, Choice):
        return choice(filled if option == NULL else option for option in value.options)
    return filled if value == NULL else value


def _default(default: Default) -> Value:
    return Collection() if isinstance(default, tuple) else Known(default)


def _mapping(found: dict[str, Value], rest: Unknown | None) -> Mapping:
    return Mapping(tuple(sorted(found.items(), key=lambda entry: entry[0])), rest)


# --- conversions --------------------------------------------------------------------------------------


def _converted(shape: Shape, name: str, value: Value) -> Value:
    """A value of the type that the schema wants: ``"22"`` is 22, and 6 is a text where that is wanted."""
    if name in TEXTS or name in shape.texts:
        return _each(value, _text)
    if name in NUMBERS:
        return _each(value, _number)
    return _each(value, _flag) if name in FLAGS else value


def _each(value: Value, convert: Callable[[Known], Known]) -> Value:
    if isinstance(value, Choice):
        return choice(_each(option, convert) for option in value.options)
    return convert(value) if isinstance(value, Known) and value.value is not None else value


def _text(value: Known) -> Known:
    if isinstance(value.value, bool):
        return Known("true" if value.value else "false")
    if isinstance(value.value, float) and value.value.is_integer():
        return Known(str(int(value.value)))
    return Known(str(value.value))


def _number(value: Known) -> Known:
    if not isinstance(value.value, str):
        return value
    try:
        return Known(int(value.value))
    except ValueError:
        return value  # not valid: Terraform refuses it, and what it means stays open here


def _flag(value: Known) -> Known:
    return Known(value.value == "true") if value.value in ("true", "false") else value


# --- tags ---------------------------------------------------------------------------------------------


def _merged(defaults: Mapping, own: Value) -> Value:
    """The tags of both, the resource's own where both set one."""
    if isinstance(own, Choice):
        return choice(_merged(defaults, option) for option in own.options)
    if own == NULL:
        return defaults
    if not isinstance(own, Mapping):
        reason = own.reason if isinstance(own, Unknown) else "known after apply"
        return Unknown(reason)
    entries = {**dict(defaults.entries), **dict(own.entries)}
    if own.open is not None:
        entries = {**dict.fromkeys(entries, own.open), **dict(own.entries)}
    return _mapping(entries, own.open or defaults.open)
