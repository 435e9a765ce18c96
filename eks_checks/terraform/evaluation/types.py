"""Type constraints of variables, and values converted to them (``optional()`` defaults filled in)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from eks_checks.terraform.evaluation.operators import number, truth
from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.hcl.expression import Call, Expression, Literal, Name, Object, Tuple
from eks_checks.terraform.value import NULL, Choice, Collection, Known, Mapping, Scalar, Value, choice


@dataclass(frozen=True)
class Primitive:
    """``string``, ``number`` or ``bool``."""

    name: str


@dataclass(frozen=True)
class Listed:
    """``list(of)`` or ``set(of)``; a ``tuple`` is taken as a list of anything."""

    of: Type
    ordered: bool


@dataclass(frozen=True)
class Mapped:
    """``map(of)``."""

    of: Type


@dataclass(frozen=True)
class Field:
    """One attribute of an object type; ``default`` is the expression of ``optional(type, default)``."""

    type: Type
    optional: bool = False
    default: Expression | None = None


@dataclass(frozen=True)
class Shaped:
    """``object({...})``: the attributes by name."""

    fields: tuple[tuple[str, Field], ...]


@dataclass(frozen=True)
class Anything:
    """``any``, or a constraint that cannot be read: values stay as they are."""


Type: TypeAlias = Primitive | Listed | Mapped | Shaped | Anything

ANY = Anything()
Evaluate: TypeAlias = Callable[[Expression], Value]


def type_of(expression: Expression | None) -> Type:
    """The type that a constraint describes."""
    if isinstance(expression, Name) or (
        isinstance(expression, Literal) and isinstance(expression.value, str)
    ):
        # Terraform 0.11 wrote the type as text: "string", "list", "map".
        name = expression.name if isinstance(expression, Name) else str(expression.value)
        bare: dict[str, Type] = {"list": Listed(ANY, True), "set": Listed(ANY, False), "map": Mapped(ANY)}
        return Primitive(name) if name in ("string", "number", "bool") else bare.get(name, ANY)
    if not isinstance(expression, Call) or not expression.arguments:
        return ANY
    inner = expression.arguments[0]
    if expression.name in ("list", "set"):
        return Listed(type_of(inner), expression.name == "list")
    if expression.name == "map":
        return Mapped(type_of(inner))
    if expression.name == "object" and isinstance(inner, Object):
        return Shaped(tuple(_fields(inner)))
    if expression.name == "tuple" and isinstance(inner, Tuple):
        return Listed(ANY, True)
    return ANY


def convert(value: Value, type_: Type, evaluate: Evaluate) -> Value:
    """``value`` as the type wants it; ``evaluate`` gives the defaults of optional attributes.

    EvaluationError where no conversion exists. What is not known stays as it is.
    """
    if isinstance(type_, Anything) or value == NULL:
        return value
    if isinstance(value, Choice):
        return choice(convert(option, type_, evaluate) for option in value.options)
    if isinstance(type_, Primitive):
        return _primitive(value, type_.name)
    if isinstance(type_, Listed):
        return _listed(value, type_, evaluate)
    if isinstance(type_, Mapped):
        return _mapped(value, type_, evaluate)
    return _shaped(value, type_, evaluate)


def text(value: Scalar) -> str:
    """A scalar as Terraform writes it into a text. EvaluationError for null."""
    if value is None:
        raise EvaluationError("null has no text")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        shown = f"{value:.15f}".rstrip("0").rstrip(".")
        return shown if float(shown) == value else repr(value)
    return str(value)


def as_set(items: Iterable[Value]) -> tuple[Value, ...]:
    """Members as a set holds them: known ones first, sorted, equal ones once; others in their order."""
    listed = tuple(items)
    known = {_set_order(item): item for item in listed if isinstance(item, Known)}
    rest = dict.fromkeys(item for item in listed if not isinstance(item, Known))
    return (*(known[order] for order in sorted(known)), *rest)


def _set_order(item: Known) -> tuple[int, float, bytes]:
    # Python holds 1 == True: the kind comes first.
    value = item.value
    if isinstance(value, (bool, int, float)):
        return (2 if isinstance(value, bool) else 1, value, b"")
    return (0, 0, str(value).encode("utf-8", "surrogatepass"))


def _fields(shape: Object) -> Iterable[tuple[str, Field]]:
    for key, constraint in shape.items:
        name = str(key.value) if isinstance(key, Literal) else getattr(key, "name", "")
        if isinstance(constraint, Call) and constraint.name == "optional" and constraint.arguments:
            inner, *default = constraint.arguments
            yield name, Field(type_of(inner), True, default[0] if default else None)
        else:
            yield name, Field(type_of(constraint))


def _primitive(value: Value, name: str) -> Value:
    if isinstance(value, (Collection, Mapping)):
        raise EvaluationError(f"{name} required")
    if not isinstance(value, Known):
        return value
    if name == "string":
        return Known(text(value.value))
    return Known(number(value.value)) if name == "number" else Known(truth(value.value))


def _listed(value: Value, type_: Listed, evaluate: Evaluate) -> Value:
    if isinstance(value, Mapping) and not isinstance(type_.of, Anything):
        raise EvaluationError("a list is required")
    if isinstance(value, Known):
        raise EvaluationError("a list is required")
    if not isinstance(value, Collection):
        return value
    items = tuple(convert(item, type_.of, evaluate) for item in value.items)
    maybe = tuple(convert(item, type_.of, evaluate) for item in value.maybe)
    if type_.ordered:
        return Collection(items, maybe, value.open, ordered=True)
    return Collection(as_set(items), maybe, value.open, ordered=False)


def _mapped(value: Value, type_: Mapped, evaluate: Evaluate) -> Value:
    if isinstance(value, (Known, Collection)):
        raise EvaluationError("a map is required")
    if not isinstance(value, Mapping):
        return value
    entries = tuple((key, convert(item, type_.of, evaluate)) for key, item in value.entries)
    return Mapping(entries, value.open)


def _shaped(value: Value, type_: Shaped, evaluate: Evaluate) -> Value:
    if isinstance(value, (Known, Collection)):
        raise EvaluationError("an object is required")
    if not isinstance(value, Mapping):
        return value
    given = dict(value.entries)
    found: list[tuple[str, Value]] = []
    for name, field in type_.fields:
        if name in given and not (given[name] == NULL and field.default is not None):
            found.append((name, convert(given[name], field.type, evaluate)))
        elif value.open is not None and name not in given:
            found.append((name, value.open))
        elif field.optional:
            default = evaluate(field.default) if field.default is not None else NULL
            found.append((name, convert(default, field.type, evaluate)))
        else:
            raise EvaluationError(f"the attribute {name} is required")
    return Mapping(tuple(sorted(found, key=lambda entry: entry[0])))
