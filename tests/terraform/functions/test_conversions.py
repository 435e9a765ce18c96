"""Conversion to the types that variables declare."""

from __future__ import annotations

import pytest

from eks_checks.terraform.address import ResourceAddress
from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.conversions import convert
from eks_checks.terraform.functions.kinds import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    Field,
    Kind,
    ListOf,
    MapOf,
    ObjectOf,
    SetOf,
    TupleOf,
)
from eks_checks.terraform.value import NULL, Choice, Collection, Known, Mapping, Reference, Unknown, Value

ONE, TEXT, U = Known(1), Known("1"), Unknown("why")
VPC = Reference(ResourceAddress.parse("aws_vpc.a"), ("id",))
CIDRS = Reference(ResourceAddress.parse("aws_vpc.a"), ("cidrs",))
TUPLE = "a tuple of a length that is not known"
PORT = ObjectOf((Field("port", NUMBER), Field("open", BOOL, optional=True, default=Known(False))))


def members(*items: Value, ordered: bool = True) -> Collection:
    return Collection(items, ordered=ordered)


def mapped(**entries: Value) -> Mapping:
    return Mapping(tuple(sorted(entries.items())))


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (ONE, STRING, TEXT),
        (TEXT, NUMBER, ONE),
        (Known("true"), BOOL, Known(True)),
        (NULL, STRING, NULL),
        (U, ListOf(STRING), U),
        (VPC, STRING, VPC),
        (CIDRS, SetOf(STRING), CIDRS),
        (Choice((ONE, U)), STRING, Choice((TEXT, U))),
        (members(ONE, VPC), ListOf(STRING), members(TEXT, VPC)),
        (members(Known("b"), ONE, TEXT), SetOf(STRING), members(TEXT, Known("b"), ordered=False)),
        (members(ONE, TEXT), ListOf(ANY), members(TEXT, TEXT)),
        (members(TEXT, ONE), TupleOf((NUMBER, STRING)), members(ONE, TEXT)),
        (mapped(a=ONE), MapOf(STRING), mapped(a=TEXT)),
        (mapped(a=members(ONE)), MapOf(ListOf(STRING)), mapped(a=members(TEXT))),
        (mapped(port=TEXT, more=U), PORT, mapped(port=ONE, open=Known(False))),
        (mapped(port=ONE, open=NULL), PORT, mapped(port=ONE, open=Known(False))),
        (mapped(port=ONE, open=U), PORT, mapped(port=ONE, open=Choice((U, Known(False))))),
        (Mapping((("port", ONE),), U), PORT, mapped(port=ONE, open=U)),
        (
            members(U, ONE, ordered=False),
            TupleOf((ANY, ANY)),
            Unknown("a tuple of a length that is not known"),
        ),
    ],
    ids=range(19),
)
def test_a_value_is_converted(value: Value, kind: Kind, expected: Value) -> None:
    assert convert(value, kind) == expected


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Known("x"), NUMBER),
        (Known(True), NUMBER),
        (ONE, BOOL),
        (ONE, ListOf(ANY)),
        (VPC, ListOf(STRING)),
        (members(), STRING),
        (members(), MapOf(ANY)),
        (mapped(), ListOf(ANY)),
        (members(ONE, Known(True)), ListOf(ANY)),
        (members(ONE, members()), SetOf(ANY)),
        (members(ONE), TupleOf(())),
        (mapped(), PORT),
        (mapped(port=Known("x")), PORT),
        (Choice((members(), mapped())), STRING),
    ],
    ids=range(14),
)
def test_what_terraform_cannot_convert_is_refused(value: Value, kind: Kind) -> None:
    with pytest.raises(EvaluationError):
        convert(value, kind)
