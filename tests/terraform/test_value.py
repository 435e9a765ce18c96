"""The laws of values: same() is sound, symmetric, and never claims what it cannot know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_checks.terraform.address import ResourceAddress
from eks_checks.terraform.sameness import Same, same
from eks_checks.terraform.value import (
    NULL,
    Attribute,
    Choice,
    Collection,
    Known,
    Mapping,
    Reference,
    Unknown,
    Value,
    alternatives,
    choice,
    is_null,
    scalar,
    unknowns,
)

VPC = ResourceAddress.parse("aws_vpc.a")
GROUP = ResourceAddress.parse('module.m["k"].aws_security_group.b[0]')

known = st.sampled_from([None, "", "a", "22", 22, 22.0, 1, True, False, "true"]).map(Known)
unknown = st.just(Unknown("why"))
references = st.builds(Reference, st.sampled_from([VPC, GROUP]), st.sampled_from([(), ("id",), ("arn",)]))
leaves = known | unknown | references
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(choice)
        | st.builds(Collection, st.lists(inner, max_size=3).map(tuple))
        | st.dictionaries(st.sampled_from("ab"), inner).map(lambda d: Mapping(tuple(sorted(d.items()))))
    ),
    max_leaves=5,
)


@given(values, values)
def test_same_is_symmetric(left: Value, right: Value) -> None:
    assert same(left, right) is same(right, left)


@given(values)
def test_same_is_never_denied_of_itself(value: Value) -> None:
    assert same(value, value) is not Same.NO


@given(values, values)
def test_more_options_never_decide_otherwise(left: Value, right: Value) -> None:
    narrow, wide = same(left, right), same(choice([left, Known("else")]), right)
    assert wide in (narrow, Same.UNDECIDED)


@given(st.lists(values, min_size=1, max_size=4))
def test_choice_is_flat_and_distinct(options: list[Value]) -> None:
    made = choice(options)
    flat = alternatives(made)
    assert not any(isinstance(option, Choice) for option in flat)
    assert len(set(flat)) == len(flat)
    assert choice([made]) == made


def test_a_choice_of_nothing_is_no_value() -> None:
    with pytest.raises(ValueError, match="at least one"):
        choice([])


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        (Known("22"), Known(22), Same.YES),
        (Known(True), Known("true"), Same.YES),
        (Known(1), Known(True), Same.NO),
        (Known(22.0), Known(22), Same.YES),
        (NULL, Known(""), Same.NO),
        (Reference(VPC, ("id",)), Reference(VPC, ("id",), note="assumed"), Same.YES),
        (Reference(VPC, ("id",)), Reference(GROUP, ("id",)), Same.UNDECIDED),
        (Reference(VPC), Reference(VPC), Same.UNDECIDED),
        (Reference(VPC, ("id",), input="one"), Reference(VPC, ("id",), input="two"), Same.UNDECIDED),
        (Reference(VPC, ("id",)), Known("vpc-1"), Same.UNDECIDED),
        (Unknown("x"), Unknown("x"), Same.UNDECIDED),
        (Collection((Known("a"),)), Collection((Known("b"),)), Same.NO),
        (Collection((Known("a"),)), Collection((Known("a"),), maybe=(Known("b"),)), Same.UNDECIDED),
        (Mapping((("a", Known(1)),)), Mapping((("a", Known(1)),)), Same.YES),
        (Mapping(open=Unknown("x")), Mapping(), Same.UNDECIDED),
        (Collection(), Known("a"), Same.NO),
    ],
)
def test_same(left: Value, right: Value, answer: Same) -> None:
    assert same(left, right) is answer


def test_aliases_are_the_callers() -> None:
    def one_group(reference: Reference) -> Value:
        return Known("sg-1") if reference.resource == GROUP else reference

    assert same(Reference(GROUP, ("id",)), Known("sg-1"), one_group) is Same.YES
    assert same(choice([Reference(GROUP), Known("sg-1")]), Known("sg-1"), one_group) is Same.YES


def test_helpers() -> None:
    reason = Unknown("why", Attribute(VPC, ("tags", 0, "x")))
    nested = Mapping(
        (("a", Collection((reason,), maybe=(choice([Known(1), reason]),), open=reason)),), open=reason
    )
    assert list(unknowns(nested)) == [reason] * 4
    assert str(reason.at) == "aws_vpc.a.tags[0].x"
    assert str(Reference(GROUP, ("id",))) == 'module.m["k"].aws_security_group.b[0].id'
    assert scalar(Known("x")) == "x"
    assert scalar(reason) is None
    assert is_null(Collection())
    assert is_null(NULL)
    assert not is_null(Collection(open=reason))
    assert Mapping((("a", Known(1)),)).get("a") == Known(1)
    assert Mapping().get("b") == NULL
    assert Mapping(open=reason).get("b") == reason
