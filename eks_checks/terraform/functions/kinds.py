"""Terraform's types, as far as converting a value needs them."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

from eks_checks.terraform.value import NULL, Value


class Primitive(enum.Enum):
    """A type without parts; ``ANY`` takes every value as it is."""

    ANY = "any"
    STRING = "string"
    NUMBER = "number"
    BOOL = "bool"


@dataclass(frozen=True)
class ListOf:
    """``list(element)``."""

    element: Kind


@dataclass(frozen=True)
class SetOf:
    """``set(element)``."""

    element: Kind


@dataclass(frozen=True)
class MapOf:
    """``map(element)``."""

    element: Kind


@dataclass(frozen=True)
class TupleOf:
    """``tuple([...])``: one kind for each position."""

    elements: tuple[Kind, ...]


@dataclass(frozen=True)
class Field:
    """One attribute of an object type; ``default`` stands in for an absent or null ``optional`` one."""

    name: str
    kind: Kind
    optional: bool = False
    default: Value = NULL


@dataclass(frozen=True)
class ObjectOf:
    """``object({...})``: other attributes of the value are dropped."""

    fields: tuple[Field, ...]


Kind: TypeAlias = Primitive | ListOf | SetOf | MapOf | TupleOf | ObjectOf

ANY = Primitive.ANY
STRING = Primitive.STRING
NUMBER = Primitive.NUMBER
BOOL = Primitive.BOOL
SEQUENCE = ListOf(ANY)
SET = SetOf(ANY)
MAP = MapOf(ANY)
STRINGS = ListOf(STRING)
