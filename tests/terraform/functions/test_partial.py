"""What each function keeps of arguments that are known in part, by example."""

from __future__ import annotations

import pytest

from eks_checks.terraform.address import ResourceAddress
from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions import FUNCTIONS, IMPURE, NOT_EVALUATED, SPECIAL, call
from eks_checks.terraform.text import text_of
from eks_checks.terraform.value import (
    NULL,
    Choice,
    Collection,
    Known,
    Mapping,
    Reference,
    Unknown,
    Value,
)

A, B, EMPTY = Known("a"), Known("b"), Known("")
U, V = Unknown("why"), Unknown("other")
SUBNET = Reference(ResourceAddress.parse("aws_subnet.a[0]"), ("id",))
OTHER = Reference(ResourceAddress.parse("aws_subnet.a[1]"), ("id",))
WHOLE = Reference(ResourceAddress.parse("aws_subnet.b"))
IDS = Reference(ResourceAddress.parse("data.aws_subnets.c"), ("ids",))
GROUP_ID = Reference(ResourceAddress.parse("aws_eks_cluster.d"), ("security_group_id",))


def at(position: int) -> Reference:
    return Reference(IDS.resource, ("ids", position))


def listed(*items: Value, maybe: tuple[Value, ...] = (), why: Unknown | None = None) -> Collection:
    return Collection(items, maybe, why)


def members(*items: Value, maybe: tuple[Value, ...] = (), why: Unknown | None = None) -> Collection:
    return Collection(items, maybe, why, ordered=False)


def mapped(why: Unknown | None = None, **entries: Value) -> Mapping:
    return Mapping(tuple(sorted(entries.items())), why)


FILLED_ID = Reference(GROUP_ID.resource, ("cluster_security_group_id",), filled=True)
ID_IN_QUOTES = text_of([Known('"'), SUBNET, Known('"')])


def from_ids(name: str) -> Unknown:
    return Unknown(f"computed by {name}() from {IDS}")


SURE: list[tuple[str, list[Value], Value]] = [
    # text
    ("upper", [U], U),
    ("upper", [SUBNET], Unknown("computed by upper() from aws_subnet.a[0].id")),
    ("upper", [Choice((A, B))], Choice((Known("A"), Known("B")))),
    ("upper", [Choice((A, U))], Choice((Known("A"), U))),
    ("upper", [Choice((A, listed()))], Choice((Known("A"), Unknown(
        "upper() of one of the options fails: argument 1 of upper(): a string is required")))),
    ("format", [Known("%s"), SUBNET], SUBNET),
    ("format", [Known("%s-x"), SUBNET], Unknown("computed by format() from aws_subnet.a[0].id")),
    ("join", [EMPTY, listed(SUBNET)], SUBNET),
    ("join", [Known(","), listed(A, U)], U),
    ("join", [Known(","), listed(A, Choice((A, B)))], Choice((Known("a,a"), Known("a,b")))),
    ("formatlist", [Known("%s!"), listed(A, U)], listed(Known("a!"), U)),
    ("formatlist", [Known("%s!"), IDS], from_ids("formatlist")),
    ("formatlist", [Known("%s%s"), listed(A, B), IDS], listed(*[from_ids("formatlist")] * 2)),
    ("formatlist", [Known("%s%s"), listed(A), Known("x")], listed(Known("ax"))),
    ("formatlist", [Known("%s%s"), listed(A, SUBNET), B], listed(
        Known("ab"), Unknown("computed by formatlist() from aws_subnet.a[0].id"))),
    ("compact", [listed(A, Choice((NULL, EMPTY)))], listed(A)),
    ("coalesce", [Choice((NULL, EMPTY)), A], A),
    ("tostring", [SUBNET], SUBNET),
    ("tostring", [GROUP_ID], Unknown(f"computed by tostring() from {GROUP_ID}")),
    ("jsonencode", [listed(A, U)], U),
    ("jsonencode", [SUBNET], ID_IN_QUOTES),
    ("jsonencode", [mapped(a=listed(A, SUBNET), b=Known(1))], text_of(
        [Known('{"a":["a","'), SUBNET, Known('"],"b":1}')])),
    ("jsonencode", [members(SUBNET, OTHER)], Unknown(f"computed by jsonencode() from {SUBNET}")),
    ("jsonencode", [GROUP_ID], Unknown(f"computed by jsonencode() from {GROUP_ID}")),
    ("jsonencode", [listed(SUBNET, Known("\ue000"))], Unknown(
        "a text with characters for private use is not evaluated")),
    ("jsonencode", [FILLED_ID], text_of([Known('"'), FILLED_ID, Known('"')])),
    ("jsondecode", [ID_IN_QUOTES], SUBNET),
    ("jsondecode", [text_of([Known('[1,"x-'), SUBNET, Known('"]')])], listed(
        Known(1), text_of([Known("x-"), SUBNET]))),
    ("jsondecode", [text_of([Known('{"'), SUBNET, Known('":1}')])], Unknown("a key is known after apply")),
    ("jsondecode", [SUBNET], Unknown(
        "cannot be read before the ids in it are known: "
        "the text is no JSON: Expecting value: line 1 column 1 (char 0)")),
    ("yamldecode", [text_of([Known("a: "), SUBNET, Known("\nb: [x, "), OTHER, Known("]\n")])], mapped(
        a=SUBNET, b=listed(Known("x"), OTHER))),
    ("yamlencode", [mapped(a=listed(A, SUBNET), b=Known(1))], text_of(
        [Known('"a":\n- "a"\n- "'), SUBNET, Known('"\n"b": 1\n')])),
    ("yamlencode", [listed(A, U)], U),
    ("split", [Known(","), SUBNET], listed(SUBNET)),
    ("split", [Known(","), text_of([SUBNET, Known(","), OTHER])], listed(SUBNET, OTHER)),
    ("split", [Known("-"), SUBNET], Unknown(f"computed by split() from {SUBNET}")),
    # lists
    ("concat", [listed(A), IDS, listed(SUBNET)], listed(
        A, SUBNET, why=Unknown(f"the members of {IDS} are known after apply"))),
    ("concat", [IDS], IDS),
    ("concat", [listed(A), listed(B, maybe=(U,))], listed(A, B, maybe=(U,))),
    ("flatten", [listed(listed(A, SUBNET), WHOLE, GROUP_ID)], listed(A, SUBNET, WHOLE, GROUP_ID)),
    ("flatten", [listed(A, U)], listed(A, why=U)),
    ("flatten", [listed(A, IDS)], listed(A, why=Unknown(f"the members of {IDS} are known after apply"))),
    ("flatten", [listed(Choice((A, B)))], listed(Choice((A, B)))),
    ("flatten", [listed(A, Choice((listed(B), listed())))], listed(A, maybe=(B,))),
    ("length", [listed(A, U)], Known(2)),
    ("length", [listed(A, maybe=(B,))], Unknown("computed by length() from one of several values")),
    ("length", [members(SUBNET)], Known(1)),
    ("length", [members(SUBNET, OTHER)], Known(2)),  # two resources of one type never share an id
    ("length", [members(SUBNET, GROUP_ID)], Unknown(f"computed by length() from {SUBNET}")),
    ("length", [IDS], from_ids("length")),
    ("length", [mapped(a=U)], Known(1)),
    ("length", [mapped(U, a=A)], U),
    ("element", [listed(A, U), Known(2)], A),
    ("element", [listed(A, SUBNET), U], Choice((A, SUBNET))),
    ("element", [listed(A, why=U), Known(0)], Choice((A, U))),
    ("element", [listed(A, maybe=(B,)), Known(0)], Choice((A, B))),
    ("element", [IDS, Known(0)], at(0)),
    ("element", [IDS, Known(1)], Choice((at(1), from_ids("element")))),
    ("slice", [listed(A, U, B), Known(1), Known(3)], listed(U, B)),
    ("slice", [IDS, Known(1), Known(3)], listed(at(1), at(2))),
    ("slice", [listed(A, why=U), Known(0), Known(1)], U),
    ("reverse", [listed(A, U)], listed(U, A)),
    ("chunklist", [listed(A, U, B), Known(2)], listed(listed(A, U), listed(B))),
    ("sort", [listed(B, A)], listed(A, B)),
    ("sort", [listed(B, U)], listed(B, U, maybe=(B, U))),
    ("distinct", [listed(A, B, A)], listed(A, B)),
    ("distinct", [listed(SUBNET, A, SUBNET)], listed(SUBNET, A, maybe=(SUBNET, A))),
    ("distinct", [listed(SUBNET, SUBNET)], listed(SUBNET)),
    ("distinct", [listed(A, U)], listed(A, U, maybe=(A, U))),
    ("compact", [listed(A, EMPTY, NULL, SUBNET)], listed(A, SUBNET)),
    ("compact", [listed(A, U)], listed(A, maybe=(U,))),
    ("compact", [listed(GROUP_ID)], listed(maybe=(GROUP_ID,))),
    ("compact", [listed(Choice((A, EMPTY)))], listed(maybe=(A,))),
    ("compact", [listed(Choice((A, SUBNET)))], listed(Choice((A, SUBNET)))),
    ("coalesce", [NULL, SUBNET, U], SUBNET),
    ("coalesce", [GROUP_ID, SUBNET, A], Choice((GROUP_ID, SUBNET))),
    ("coalesce", [U, A], Choice((U, A))),
    ("coalesce", [Choice((EMPTY, B)), A], Choice((A, B))),
    ("coalescelist", [listed(), listed(SUBNET), listed(A)], listed(SUBNET)),
    ("coalescelist", [IDS, listed(A)], Choice((IDS, listed(A)))),
    ("coalescelist", [listed(maybe=(A,)), listed(B)], Choice((listed(A), listed(B)))),
    ("one", [listed(SUBNET)], SUBNET),
    ("one", [listed(maybe=(A,))], Choice((NULL, A))),
    ("contains", [listed(A, U), A], Known(True)),
    ("contains", [listed(A, U), B], U),
    ("contains", [listed(A, B), Known("c")], Known(False)),
    ("contains", [listed(SUBNET, U), SUBNET], Known(True)),
    ("contains", [listed(A, why=U), B], U),
    ("index", [listed(A, SUBNET), SUBNET], Unknown(f"computed by index() from {SUBNET}")),
    ("index", [listed(SUBNET, A), SUBNET], Known(0)),
    ("matchkeys", [listed(A, B, SUBNET), listed(A, U, B), listed(A)], listed(A, maybe=(B,))),
    ("setproduct", [listed(A), listed(SUBNET, U)], listed(listed(A, SUBNET), listed(A, U))),
    # sets
    ("toset", [listed(B, SUBNET, A, SUBNET)], members(A, B, SUBNET)),
    ("toset", [listed(A, why=U)], members(A, why=U)),
    ("tolist", [members(A, B)], listed(A, B)),
    ("tolist", [members(SUBNET)], listed(SUBNET)),
    ("tolist", [members(A, SUBNET)], listed(A, SUBNET, maybe=(A, SUBNET))),
    ("tolist", [IDS], IDS),
    ("toset", [IDS], from_ids("toset")),
    ("setunion", [listed(A), listed(SUBNET), U], members(A, SUBNET, why=U)),
    ("setintersection", [listed(A, B), listed(B, SUBNET)], members(B, maybe=(A,))),
    ("setintersection", [listed(A, B), U], members(maybe=(A, B))),
    ("setsubtract", [listed(A, B, SUBNET), listed(B)], members(A, maybe=(SUBNET,))),
    ("setsubtract", [U, listed(A)], U),
    # maps
    ("merge", [mapped(a=A), mapped(a=B, b=U)], mapped(a=B, b=U)),
    ("merge", [mapped(a=A), U], mapped(U, a=Choice((A, U)))),
    ("merge", [U, mapped(a=A)], mapped(U, a=A)),
    ("merge", [U], U),
    ("merge", [NULL, mapped(a=A)], mapped(a=A)),
    ("lookup", [mapped(a=SUBNET), A, B], SUBNET),
    ("lookup", [mapped(U), A, B], Choice((U, B))),
    ("lookup", [mapped(a=SUBNET, b=B), U, EMPTY], Choice((SUBNET, B, EMPTY))),
    ("lookup", [mapped(a=SUBNET), Choice((A, B)), EMPTY], Choice((SUBNET, EMPTY))),
    ("keys", [mapped(a=U)], listed(A)),
    ("values", [mapped(a=WHOLE, b=U)], listed(WHOLE, U)),
    ("keys", [mapped(U, a=A)], listed(A, why=U)),
    ("zipmap", [listed(A, B), listed(SUBNET, U)], mapped(a=SUBNET, b=U)),
    ("zipmap", [listed(A, B), IDS], mapped(a=at(0), b=at(1))),
    ("zipmap", [listed(A, U), listed(B, SUBNET)], mapped(U, a=Choice((B, SUBNET)))),
    ("tomap", [mapped(a=U)], mapped(a=U)),
    # verdicts and numbers
    ("anytrue", [listed(U, Known(True))], Known(True)),
    ("alltrue", [listed(U, Known(False))], Known(False)),
    ("alltrue", [listed(U, Known(True))], U),
    ("sum", [listed(Known(1), U)], U),
    ("max", [Known(1), Choice((Known(2), Known(3)))], Choice((Known(2), Known(3)))),
    ("cidrsubnet", [Choice((Known("10.0.0.0/16"), Known("10.1.0.0/16"))), Known(8), Known(1)],
     Choice((Known("10.0.1.0/24"), Known("10.1.1.0/24")))),
    # not evaluated
    ("sensitive", [SUBNET], SUBNET),
    ("nonsensitive", [U], U),
    ("issensitive", [A], Unknown("whether a value is sensitive is not tracked")),
    ("timestamp", [], Unknown("function timestamp is not evaluated")),
    ("provider::aws::arn_parse", [A], Unknown("function provider::aws::arn_parse is not evaluated")),
    ("core::upper", [A], Known("A")),
    ("file", [A], Unknown("file() reads files, and there are none")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "expected"), SURE, ids=range(len(SURE)))
def test_what_is_sure_is_kept(name: str, arguments: list[Value], expected: Value) -> None:
    assert call(name, arguments) == expected


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("upper", []),
        ("upper", [A, B]),
        ("upper", [listed(U)]),
        ("upper", [NULL]),
        ("substr", [U, listed(), Known(1)]),
        ("upper", [Choice((listed(), NULL))]),
        ("element", [listed(), U]),
        ("element", [SUBNET, Known(0)]),
        ("concat", [listed(A), SUBNET]),
        ("merge", [listed(A), U]),
        ("one", [listed(U, V)]),
        ("coalesce", [NULL, EMPTY]),
        ("zipmap", [listed(A, B), listed(U)]),
        ("formatlist", [Known("%s%s"), listed(A), listed(A, U)]),
        ("tonumber", [Known("x")]),
    ],
    ids=range(15),
)
def test_what_fails_whatever_is_unknown_is_refused(name: str, arguments: list[Value]) -> None:
    with pytest.raises(EvaluationError):
        call(name, arguments)


def test_many_combinations_of_choices_are_not_evaluated() -> None:
    ten = Choice(tuple(Known(str(number)) for number in range(10)))
    assert call("join", [EMPTY, listed(ten)]) == ten
    assert call("replace", [ten, A, B]) == ten
    assert isinstance(call("replace", [ten, ten, B]), Unknown)
    assert isinstance(call("join", [EMPTY, listed(ten, ten)]), Unknown)


def test_the_names_are_told_apart() -> None:
    assert not set(FUNCTIONS) & (IMPURE | NOT_EVALUATED | SPECIAL)
    assert len(FUNCTIONS) + len(IMPURE | NOT_EVALUATED | SPECIAL) >= 115


@pytest.mark.parametrize("name", ["jsonencode", "yamlencode"])
def test_a_text_of_what_is_not_wholly_known_says_of_what(name: str) -> None:
    role = Reference(ResourceAddress.parse("aws_iam_role.a"), ("arn",))
    entries = listed(mapped(rolearn=role, groups=listed(A)), why=U)
    found = call(name, [entries])
    assert isinstance(found, Unknown)
    assert found.says == entries
    assert found.reason == f"computed by {name}() from aws_iam_role.a.arn"
    choices = call(name, [listed(Choice((A, role)))])
    assert isinstance(choices, Choice)
    assert [isinstance(option, Known) for option in choices.options] == [True, False]
