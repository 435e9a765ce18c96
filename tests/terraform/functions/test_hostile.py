"""Whatever a configuration asks for, a call ends soon and in bounded memory."""

from __future__ import annotations

import time

import pytest

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions import call
from eks_checks.terraform.functions.knowledge import TOO_LARGE
from eks_checks.terraform.functions.patterns import TOO_SLOW
from eks_checks.terraform.value import Collection, Known, Mapping, Unknown, Value

SECONDS = 60.0  # bounded, on a loaded machine too
HUNDRED = Collection(tuple(Known(f"m{number}") for number in range(100)))
DEEP = 5_000


def text(*values: str | int) -> list[Value]:
    return [Known(value) for value in values]


def nested(depth: int) -> Value:
    value: Value = Known("x")
    for _ in range(depth):
        value = Collection((value,))
    return value


def yaml_bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\n".join(lines)


def overlapping(members: int) -> Value:
    return Collection(tuple(Unknown(f"u{number}") for number in range(members)))


TOO_MUCH: list[tuple[str, list[Value]]] = [
    ("setproduct", [HUNDRED] * 4),
    ("setproduct", [HUNDRED] * 60),
    ("format", text("%999999999d", 1)),
    ("format", text("%.999999999f", 1)),
    ("format", text("%99999999999999999999d", 1)),
    ("format", text("%1000000s%1000000s", "a", "b")),
    ("indent", text(10**9, "a\nb")),
    ("indent", text(10**6, "\n" * 1000)),
    ("replace", text("a" * 2000, "a", "b" * 2000)),
    ("replace", text("a" * 2000, "/a/", "b" * 2000)),
    ("replace", text("a" * 2000, "/(a+)/", "$1" * 2000)),
    ("join", [Known("x" * 1000), Collection((Known("y" * 1000),) * 2000)]),
    ("pow", text(10, 10**9)),
    ("pow", text(2, 10**12)),
    ("parseint", text("9" * 100_000, 10)),
    ("tonumber", text("9" * 100_000)),
    ("tonumber", text("1e9999")),
    ("jsondecode", text("9" * 100_000)),
    ("jsondecode", text("1e999999999")),
    ("jsondecode", text("[" * 100_000 + "]" * 100_000)),
    ("jsondecode", text("[" * 400 + "]" * 400)),
    ("yamldecode", text("[" * 900 + "]" * 900)),
    ("yamldecode", text("[" * 100_000)),
    ("yamldecode", text("- " * 900 + "x")),
    ("yamldecode", [Known(yaml_bomb())]),
    ("yamldecode", text("a: " + "9" * 10_000)),
    ("timeadd", text("2020-01-01T00:00:00Z", "1h" * 100_000 + "x")),
    ("formatdate", text("'" * 99_999, "2020-01-01T00:00:00Z")),
    ("yamlencode", [nested(150)]),
    ("split", text("", "x" * 200_000)),
    ("regexall", text("", "x" * 200_000)),
    ("regex", text("a" * 20_000, "a")),
    ("flatten", [nested(DEEP)]),
    ("jsonencode", [nested(DEEP)]),
    ("distinct", [nested(DEEP)]),
    ("length", [Collection(overlapping(2_000).items, ordered=False)]),  # type: ignore[union-attr]
    ("regex", text("x{1000}" * 1400, "a")),
    ("csvdecode", text(",".join(f"c{n}" for n in range(1000)) + ("\n" + "," * 999) * 500)),
]


@pytest.mark.parametrize(("name", "arguments"), TOO_MUCH, ids=range(len(TOO_MUCH)))
def test_what_grows_without_bound_is_not_evaluated(name: str, arguments: list[Value]) -> None:
    start = time.monotonic()
    assert call(name, arguments) == TOO_LARGE
    assert time.monotonic() - start < SECONDS


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "(a|aa)+$", "(?:.*)*x", "(?:a?){30}a{30}b"])
@pytest.mark.parametrize("name", ["regex", "regexall"])
def test_a_regular_expression_has_a_time_limit(name: str, pattern: str) -> None:
    start = time.monotonic()
    try:
        result = call(name, text(pattern, "a" * 60 + "!"))
        assert result in (TOO_SLOW, Collection())
    except EvaluationError:
        pass  # it was found quickly that nothing matches
    assert time.monotonic() - start < SECONDS


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("range", text(10**9)),
        ("range", text(0, 10**9, 1)),
        ("cidrsubnets", [Known("10.0.0.0/8"), *text(*[1] * 5000)]),
        ("yamldecode", text("&a [*a]")),
        ("csvdecode", text('a\n"' + '""' * 100_000)),
        ("csvdecode", text('a\n"' + ',"x' * 100_000)),
        ("base64decode", text("=" * 100_000)),
        ("regex", text("(" * 9_000, "a")),
        ("regex", text("((a{1000}){1000}){1000}", "a")),
        ("tonumber", text("1" * 300 + "x")),
    ],
    ids=range(10),
)
def test_what_terraform_refuses_is_refused_soon(name: str, arguments: list[Value]) -> None:
    start = time.monotonic()
    with pytest.raises(EvaluationError):
        call(name, arguments)
    assert time.monotonic() - start < SECONDS


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("merge", [Mapping(((f"k{number:05}", Known(1)),)) for number in range(3000)]),
        ("merge", [Mapping(((f"k{number:05}", Known(1)),), Unknown("open")) for number in range(300)]),
        ("toset", [overlapping(20_000)]),
        ("distinct", [overlapping(20_000)]),
        ("contains", [overlapping(50_000), Known("x")]),
        ("toset", [Collection(tuple(Mapping((("n", Known(n)),)) for n in range(20_000)))]),
        ("setintersection", [overlapping(2_000), overlapping(2_000)]),
        ("concat", [Collection(overlapping(30_000).items)] * 4),  # type: ignore[union-attr]
        ("strrev", text("x" * 500_000)),
    ],
    ids=range(9),
)
def test_what_is_large_ends_soon(name: str, arguments: list[Value]) -> None:
    start = time.monotonic()
    call(name, arguments)
    assert time.monotonic() - start < SECONDS
