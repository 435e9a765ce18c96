"""Converting values to Terraform's types: what functions, variables and ``to...()`` do alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.kinds import (
    ANY,
    BOOL,
    MAP,
    NUMBER,
    SEQUENCE,
    SET,
    STRING,
    Field,
    Kind,
    ListOf,
    MapOf,
    ObjectOf,
    Primitive,
    SetOf,
    TupleOf,
)
from eks_checks.terraform.functions.knowledge import (
    UndeterminedError,
    in_some_order,
    is_identity,
    is_settled,
    never_list,
    never_null,
    set_of,
)
from eks_checks.terraform.functions.number import number_text, parse_number
from eks_checks.terraform.functions.signature import Function, partial
from eks_checks.terraform.value import (
    NULL,
    Choice,
    Collection,
    Known,
    Mapping,
    Reference,
    Scalar,
    Unknown,
    Value,
    choice,
)

_BOOLS = {"true": True, "1": True, "false": False, "0": False}


def convert(value: Value, kind: Kind) -> Value:
    """``value`` as ``kind``; what is not known stays as it is, and null is null of every type.

    Raises EvaluationError where Terraform refuses the conversion whatever the unknown parts are.
    """
    if isinstance(value, Choice):
        return _convert_choice(value, kind)
    if value == NULL or isinstance(value, Unknown) or kind is ANY:
        return value
    if isinstance(value, Reference):
        return _convert_reference(value, kind)
    if isinstance(kind, Primitive):
        if not isinstance(value, Known):
            raise EvaluationError(f"a {kind.value} is required")
        return Known(_convert_scalar(value.value, kind))
    if isinstance(kind, (ListOf, SetOf, TupleOf)):
        return _convert_collection(value, kind)
    return _convert_mapping(value, kind)


def as_list(members: Collection) -> Collection:
    """A set's members as a list: sorted where all are known, otherwise in an order that is not."""
    if members.ordered:
        return members
    if members.exact and (len(members.items) < 2 or all(isinstance(item, Known) for item in members.items)):
        return Collection(members.items, note=members.note)
    return in_some_order(members.items, members.maybe, members.open)


def unified(items: Sequence[Value]) -> tuple[Value, ...]:
    """Members of one collection, brought to one type as Terraform does: strings win over other scalars."""
    parts = [leaf for item in items for leaf in (item.options if isinstance(item, Choice) else (item,))]
    scalars = {type(part.value) for part in parts if isinstance(part, Known)} - {type(None)}
    collections = [item for item in items if isinstance(item, Collection)]
    mappings = [item for item in items if isinstance(item, Mapping)]
    shapes = {type(part) for part in parts if part != NULL} & {Known, Collection, Mapping}
    if len(shapes) > 1:
        raise EvaluationError("all members must have the same type")
    if str in scalars:
        return tuple(convert(item, STRING) for item in items)
    if bool in scalars and len(scalars) > 1:
        raise EvaluationError("all members must have the same type")
    if len(collections) == len(items) > 1:
        return _unified_collections(collections)
    if len(mappings) == len(items) > 1:
        return _unified_mappings(mappings)
    return tuple(items)


def _unified_collections(collections: Sequence[Collection]) -> tuple[Value, ...]:
    every = [item for one in collections for item in (*one.items, *one.maybe)]
    lengths = {len(one.items) for one in collections}
    if len(lengths) == 1 and all(one.exact and one.ordered for one in collections):
        columns = [unified(column) for column in zip(*(one.items for one in collections), strict=True)]
        rows = zip(*columns, strict=True) if columns else iter([()] * len(collections))
        return tuple(
            Collection(tuple(row), note=one.note) for row, one in zip(rows, collections, strict=True)
        )
    merged = iter(unified(every))
    return tuple(_refilled(one, merged) for one in collections)


def _refilled(members: Collection, values: Iterator[Value]) -> Collection:
    items = tuple(next(values) for _ in members.items)
    maybe = tuple(next(values) for _ in members.maybe)
    if not members.ordered:
        return set_of(items, maybe, members.open)
    return Collection(items, maybe, members.open, members.note)


def _unified_mappings(mappings: Sequence[Mapping]) -> tuple[Value, ...]:
    names = {tuple(key for key, _ in one.entries) for one in mappings}
    if len(names) > 1:
        return tuple(mappings)
    columns = [
        unified([value for _, value in row]) for row in zip(*(m.entries for m in mappings), strict=True)
    ]
    rows = zip(*columns, strict=True) if columns else iter([()] * len(mappings))
    return tuple(
        Mapping(tuple(zip((key for key, _ in one.entries), row, strict=True)), one.open)
        for row, one in zip(rows, mappings, strict=True)
    )


def _convert_choice(value: Choice, kind: Kind) -> Value:
    kept: list[Value] = []
    refusal: EvaluationError | None = None
    for option in value.options:
        try:
            kept.append(convert(option, kind))
        except EvaluationError as error:
            refusal = error
    if refusal is None:
        return choice(kept)
    if not kept:
        raise refusal
    return choice([*kept, Unknown(f"one of the options fails: {refusal}")])


def _convert_reference(value: Reference, kind: Kind) -> Value:
    """An identifier is a string; whether another attribute changes when converted is not known."""
    if not isinstance(kind, Primitive) and (is_identity(value) or (value.path and never_list(value))):
        raise EvaluationError(f"{value} is not a collection")
    return value


def _convert_scalar(value: Scalar, kind: Primitive) -> Scalar:
    if kind is STRING:
        return scalar_text(value)
    if kind is BOOL:
        return _to_bool(value)
    if isinstance(value, bool):
        raise EvaluationError("a number is required, not a bool")
    return parse_number(value) if isinstance(value, str) else value


def scalar_text(value: Scalar) -> str:
    """A scalar other than null as the string that Terraform converts it to."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_text(value)
    if value is None:
        raise EvaluationError("a string is required, not null")
    return value


def _to_bool(value: Scalar) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in _BOOLS:
        return _BOOLS[value]
    raise EvaluationError("a bool is required")


def _convert_collection(value: Value, kind: ListOf | SetOf | TupleOf) -> Value:
    if not isinstance(value, Collection):
        raise EvaluationError("a list is required")
    if isinstance(kind, TupleOf):
        return _convert_tuple(value, kind)
    items, maybe = _convert_members(value, kind.element)
    if isinstance(kind, SetOf):
        return set_of(items, maybe, value.open)
    if value.ordered:
        return Collection(items, maybe, value.open, value.note)
    return as_list(set_of(items, maybe, value.open))


def _convert_members(value: Collection, element: Kind) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    members = (*value.items, *value.maybe)
    converted = unified(members) if element is ANY else tuple(convert(item, element) for item in members)
    return converted[: len(value.items)], converted[len(value.items) :]


def _convert_tuple(value: Collection, kind: TupleOf) -> Value:
    if not value.exact or (not value.ordered and not is_settled(value)):
        return Unknown("a tuple of a length that is not known")
    if len(value.items) != len(kind.elements):
        raise EvaluationError(f"a tuple of {len(kind.elements)} members is required")
    pairs = zip(as_list(value).items, kind.elements, strict=True)
    return Collection(tuple(convert(item, element) for item, element in pairs))


def _convert_mapping(value: Value, kind: MapOf | ObjectOf) -> Value:
    if not isinstance(value, Mapping):
        raise EvaluationError("a map is required")
    if isinstance(kind, ObjectOf):
        fields = sorted(kind.fields, key=lambda field: field.name)
        return Mapping(tuple((field.name, _convert_field(value, field)) for field in fields))
    items = [item for _, item in value.entries]
    converted = unified(items) if kind.element is ANY else tuple(convert(one, kind.element) for one in items)
    return Mapping(tuple(zip((key for key, _ in value.entries), converted, strict=True)), value.open)


def _convert_field(value: Mapping, field: Field) -> Value:
    given = next((item for name, item in value.entries if name == field.name), None)
    if given is None and value.open is not None:
        return value.open
    if given is None and not field.optional:
        raise EvaluationError(f'attribute "{field.name}" is required')
    if given is None or given == NULL:
        return convert(field.default, field.kind)
    converted = convert(given, field.kind)
    if field.default == NULL or never_null(given):
        return converted
    return choice([converted, convert(field.default, field.kind)])


def _to(kind: Kind) -> Callable[[Value], Value]:
    def conversion(value: Value) -> Value:
        converted = convert(value, kind)
        if isinstance(converted, Reference) and not _keeps(converted, kind):
            raise UndeterminedError(converted)
        return converted

    return conversion


def _keeps(reference: Reference, kind: Kind) -> bool:
    """Whether converting leaves the attribute as it is: sets lose order and doubles, others may change."""
    return kind == SEQUENCE or (kind is STRING and is_identity(reference))


def _is_sensitive(value: Value) -> Value:
    # Values here carry no marks, so whatever they were made from may have been sensitive.
    raise UndeterminedError(Unknown("whether a value is sensitive is not tracked"))


def _unchanged(value: Value) -> Value:
    return value


FUNCTIONS: tuple[Function, ...] = (
    *(
        partial(name, [ANY], _to(kind), nullable=True)
        for name, kind in (
            ("tostring", STRING),
            ("tonumber", NUMBER),
            ("tobool", BOOL),
            ("tolist", SEQUENCE),
            ("toset", SET),
            ("tomap", MAP),
        )
    ),
    *(
        partial(name, [ANY], _unchanged, nullable=True)
        for name in ("sensitive", "nonsensitive", "ephemeralasnull")
    ),
    partial("issensitive", [ANY], _is_sensitive, nullable=True),
)
