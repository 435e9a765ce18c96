"""Type constraints of variables, as kinds that values are converted to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

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
    SetOf,
    TupleOf,
)
from eks_checks.terraform.hcl.expression import Call, Expression, Literal, Name, Object, Tuple
from eks_checks.terraform.value import NULL, Value

Evaluate: TypeAlias = Callable[[Expression], Value]

_WORDS: dict[str, Kind] = {
    "string": STRING,
    "number": NUMBER,
    "bool": BOOL,
    "list": SEQUENCE,
    "set": SET,
    "map": MAP,
}


def kind_of(constraint: Expression | None, evaluate: Evaluate) -> Kind:
    """The kind that a constraint describes; ``evaluate`` gives the defaults of ``optional()`` attributes.

    A constraint that is left out, or cannot be read, takes every value as it is.
    """
    if isinstance(constraint, Name):
        return _WORDS.get(constraint.name, ANY)
    if isinstance(constraint, Literal):
        return _WORDS.get(str(constraint.value), ANY)  # Terraform 0.11 wrote the type as text
    if not isinstance(constraint, Call) or not constraint.arguments:
        return ANY
    inner = constraint.arguments[0]
    if constraint.name == "object" and isinstance(inner, Object):
        return ObjectOf(tuple(_fields(inner, evaluate)))
    if constraint.name == "tuple" and isinstance(inner, Tuple):
        return TupleOf(tuple(kind_of(item, evaluate) for item in inner.items))
    made: dict[str, Callable[[Kind], Kind]] = {"list": ListOf, "set": SetOf, "map": MapOf}
    return made[constraint.name](kind_of(inner, evaluate)) if constraint.name in made else ANY


def _fields(shape: Object, evaluate: Evaluate) -> Iterator[Field]:
    for key, constraint in shape.items:
        name = str(key.value) if isinstance(key, Literal) else getattr(key, "name", "")
        if isinstance(constraint, Call) and constraint.name == "optional" and constraint.arguments:
            inner, *default = constraint.arguments
            yield Field(name, kind_of(inner, evaluate), True, evaluate(default[0]) if default else NULL)
        else:
            yield Field(name, kind_of(constraint, evaluate))
