"""Resource addresses: Terraform's text in, data out, and the same text back."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_checks.terraform.address import ModuleStep, ResourceAddress, parse_module, traversal

names = st.from_regex(r"\A[a-z_][a-z0-9_-]{0,8}\Z").filter(
    lambda name: name not in ("module", "data", "ephemeral")
)
keys = st.text(max_size=12) | st.sampled_from(
    ['a.b["c"]', "${x}", "%{if}", "$${y}", "\\", "é\u200b\U0001f600", "]"]
)
indexes = st.none() | st.integers(0, 10**6) | keys.filter(lambda key: not _surrogate(key))
addresses = st.builds(
    ResourceAddress,
    st.lists(st.builds(ModuleStep, names, indexes), max_size=3).map(tuple),
    st.sampled_from(["managed", "data"]),
    names,
    names,
    indexes,
)


def _surrogate(text: str) -> bool:
    return any(0xD800 <= ord(character) < 0xE000 for character in text)


@given(addresses)
def test_round_trip(address: ResourceAddress) -> None:
    assert ResourceAddress.parse(str(address)) == address
    assert parse_module(address.module_path) == address.module


@given(addresses, addresses)
def test_text_is_identity(one: ResourceAddress, other: ResourceAddress) -> None:
    assert (str(one) == str(other)) == (one == other)
    assert (one < other) + (other < one) + (one == other) == 1


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('aws_subnet.k["a.b"]', "a.b"),
        (r'aws_subnet.k["c\"d[0]"]', 'c"d[0]'),
        (r'aws_subnet.k["$${x}\\y"]', r"${x}\y"),
        (r'aws_subnet.k["%%{x}"]', "%{x}"),
        (r'aws_subnet.k["a\tb\nc\u200b"]', "a\tb\nc\u200b"),
        ("aws_subnet.k[10]", 10),
        ('aws_subnet.k["10"]', "10"),
        ('aws_subnet.k[""]', ""),
        ("aws_subnet.k", None),
    ],
)
def test_instance_keys(text: str, key: str | int | None) -> None:
    address = ResourceAddress.parse(text)
    assert address.index == key
    assert type(address.index) is type(key)
    assert str(address) == text


def test_parts() -> None:
    text = 'module.a["x.y"].module.b[2].data.aws_vpc.this[0]'
    address = ResourceAddress.parse(text)
    assert str(address) == text
    assert address.module == (ModuleStep("a", "x.y"), ModuleStep("b", 2))
    assert (address.mode, address.type, address.name, address.index) == ("data", "aws_vpc", "this", 0)
    assert address.configuration == "module.a.module.b.data.aws_vpc.this"
    assert address.module_path == 'module.a["x.y"].module.b[2]'
    assert address.local == "data.aws_vpc.this"


def test_natural_order() -> None:
    texts = [
        "aws_subnet.a",
        "aws_subnet.a[2]",
        "aws_subnet.a[10]",
        'aws_subnet.a["b"]',
        "data.aws_ami.a",
        "module.m.a.b",
    ]
    parsed = [ResourceAddress.parse(text) for text in reversed(texts)]
    assert [str(address) for address in sorted(parsed)] == texts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "aws_vpc",
        "aws_vpc.",
        ".aws_vpc.a",
        "aws_vpc.a.id",
        "aws_vpc.a[0].id",
        "aws_vpc.a[",
        "aws_vpc.a[x]",
        'aws_vpc.a["x]',
        "aws_vpc.a[-1]",
        "module.m",
        "module.aws_vpc.a[0]x",
        "aws_vpc..a",
        "a b.c",
        "[0]",
        "data.aws_vpc",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        ResourceAddress.parse(text)


def test_a_module_address_is_nothing_else() -> None:
    with pytest.raises(ValueError, match="not a module address"):
        parse_module("aws_vpc.a")


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert traversal(text)
