"""What is known of a Terraform value before apply.

A value is never "missing": it is known, it is a reference to one attribute of one
resource instance that apply will fill in, it is one of several, it is a collection some
of whose members are not sure, or it is unknown with the reason why. Nothing here knows
of AWS: whether two references name one object is asked of the caller's ``Canonical``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from eks_checks.terraform.address import ResourceAddress

Scalar: TypeAlias = str | int | float | bool | None
Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True)
class Attribute:
    """One attribute of one resource instance: ``path`` leads into nested blocks and lists.

    ``input`` tells apart roots that share an address; empty where there is one root only.
    """

    resource: ResourceAddress
    path: Path
    input: str = ""

    def __str__(self) -> str:
        """Terraform's way of writing it: ``aws_vpc.this.ipv6_cidr_block``."""
        return f"{self.resource}{path_text(self.path)}"


@dataclass(frozen=True, eq=False)
class Known:
    """A scalar that the inputs fix; ``Known(None)`` is an argument left unset."""

    value: Scalar

    def __eq__(self, other: object) -> bool:
        """Python holds 1 == True; Terraform does not."""
        if not isinstance(other, Known):
            return NotImplemented
        return self.value == other.value and isinstance(self.value, bool) is isinstance(other.value, bool)

    def __hash__(self) -> int:
        """Fits equality."""
        return hash(self.value)


@dataclass(frozen=True)
class Unknown:
    """A value that the inputs do not fix.

    ``reason`` says why in words; ``at`` is the attribute that holds it. ``computed`` is true
    where the configuration leaves the attribute out and the provider will fill it in: the
    reader may then take AWS's default instead of "anything". ``parts`` are what a text is made
    of, in order, where it is known that it is one: Known texts between values that are not known.
    ``encodes`` is the text that it is in base 64, where it is known to be one; ``says`` the value, known in
    part, of which it is the JSON or YAML text.
    """

    reason: str
    at: Attribute | None = None
    computed: bool = False
    parts: tuple[Value, ...] = field(default=(), compare=False)
    encodes: Value | None = field(default=None, compare=False)
    says: Value | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Reference:
    """The value that ``path`` of ``resource`` will have after apply.

    An empty path stands for "an attribute of this resource that links to it": all a plan
    keeps of a splat or an index by expression. ``note`` says what was assumed on the way
    (empty: nothing) and takes no part in equality. ``input`` tells apart roots that share
    an address; empty where there is one root only. ``filled``: the value is neither null nor an
    empty text for certain.
    """

    resource: ResourceAddress
    path: Path = ()
    note: str = field(default="", compare=False)
    input: str = ""
    filled: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        """Terraform's way of writing it."""
        return f"{self.resource}{path_text(self.path)}"


class _Compound:
    """What has values inside."""

    def _members(self) -> tuple[Value, ...]:
        return ()

    @cached_property
    def measures(self) -> tuple[int, int]:
        """``weight`` and ``depth``, worked out once, and without recursion."""
        pending: list[_Compound] = [self]
        while True:
            top = pending[-1]
            inner = [item for item in top._members() if isinstance(item, _Compound)]
            if waiting := [item for item in inner if "measures" not in vars(item)]:
                pending += waiting
                continue
            found = 1 + sum(map(weight, top._members())), 1 + max(map(depth, inner), default=0)
            if top is self:
                return found
            vars(pending.pop())["measures"] = found


@dataclass(frozen=True)
class Choice(_Compound):
    """Exactly one of ``options`` (two or more, distinct, none of them a Choice), which one is not known.

    An ``Unknown`` among the options means "or anything else".
    """

    options: tuple[Value, ...]

    def _members(self) -> tuple[Value, ...]:
        return self.options


@dataclass(frozen=True)
class Collection(_Compound):
    """A list, set or tuple.

    ``items`` are members for certain (in order, where there is an order), each of which may
    itself be unknown. ``maybe`` are values of which each may or may not be a member besides.
    ``open`` is set where still other members may exist, and says why: "at least these".
    ``ordered`` is false for a set: known members come sorted, equal ones once, and two unknown
    members may turn out to be one.
    """

    items: tuple[Value, ...] = ()
    maybe: tuple[Value, ...] = ()
    open: Unknown | None = None
    note: str = field(default="", compare=False)
    ordered: bool = True

    @property
    def exact(self) -> bool:
        """Whether the members are just ``items``."""
        return not self.maybe and self.open is None

    def _members(self) -> tuple[Value, ...]:
        return (*self.items, *self.maybe)


@dataclass(frozen=True)
class Mapping(_Compound):
    """A map or object: ``entries`` (key to value, sorted by key); ``open`` where further keys may exist."""

    entries: tuple[tuple[str, Value], ...] = ()
    open: Unknown | None = None

    def get(self, key: str) -> Value:
        """The value under ``key``: ``Known(None)`` where it is certain that there is none."""
        for name, value in self.entries:
            if name == key:
                return value
        return self.open if self.open is not None else Known(None)

    def _members(self) -> tuple[Value, ...]:
        return tuple(item for _, item in self.entries)


Value: TypeAlias = Known | Unknown | Reference | Choice | Collection | Mapping

NULL = Known(None)


def choice(options: Iterable[Value]) -> Value:
    """Exactly one of ``options``: flattened, without doubles; a single option is itself.

    Raises ValueError for no options at all: a value is never nothing.
    """
    flat = tuple(dict.fromkeys(leaf for option in options for leaf in alternatives(option)))
    if not flat:
        raise ValueError("a choice needs at least one option")
    return flat[0] if len(flat) == 1 else Choice(flat)


def alternatives(value: Value) -> tuple[Value, ...]:
    """What ``value`` may be: its options for a Choice, else itself alone."""
    return value.options if isinstance(value, Choice) else (value,)


def weight(value: Value) -> int:
    """How much there is to walk through: members count each time they are named, long texts for more."""
    if isinstance(value, _Compound):
        return value.measures[0]
    if isinstance(value, Unknown):
        return 1 + len(value.parts)
    return 1 + len(value.value) // 256 if isinstance(value, Known) and isinstance(value.value, str) else 1


def depth(value: Value) -> int:
    """How many lists, maps and choices are inside one another."""
    return value.measures[1] if isinstance(value, _Compound) else 0


def of_json(value: object) -> Value:
    """A JSON value as it is: everything known."""
    if isinstance(value, dict):
        entries = ((str(key), of_json(item)) for key, item in value.items())
        return Mapping(tuple(sorted(entries, key=lambda entry: entry[0])))
    if isinstance(value, list):
        return Collection(tuple(of_json(item) for item in value))
    return Known(value) if isinstance(value, (str, int, float)) else NULL


def known_part(value: Value) -> tuple[object, object]:
    """A value as a plan has it: the JSON of what is known, and the tree of what is not."""
    if isinstance(value, Known):
        return value.value, False
    if isinstance(value, Collection) and value.exact:
        pairs = [known_part(item) for item in value.items]
        return [raw for raw, _ in pairs], [unknown for _, unknown in pairs]
    if isinstance(value, Mapping) and value.open is None:
        found = {key: known_part(item) for key, item in value.entries}
        raw = {key: known for key, (known, unknown) in found.items() if unknown is not True}
        return raw, {key: unknown for key, (_, unknown) in found.items() if unknown is not False}
    return None, True


def scalar(value: Value) -> Scalar:
    """The scalar of a Known, else None (also for a Known null)."""
    return value.value if isinstance(value, Known) else None


def is_null(value: Value) -> bool:
    """Whether the value is certainly unset: null or a certainly empty collection (fact A21)."""
    if isinstance(value, Known):
        return value.value is None
    return isinstance(value, Collection) and value.exact and not value.items


def unknowns(value: Value) -> Iterator[Unknown]:
    """Every Unknown inside ``value``, in order."""
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, Choice):
        for option in value.options:
            yield from unknowns(option)
    elif isinstance(value, Collection):
        for item in (*value.items, *value.maybe):
            yield from unknowns(item)
        if value.open is not None:
            yield value.open
    elif isinstance(value, Mapping):
        for _, item in value.entries:
            yield from unknowns(item)
        if value.open is not None:
            yield value.open


def unknown_parts(value: Value) -> Iterator[Unknown]:
    """The Unknowns a value shows at its top: itself, among its options, or as its opening."""
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, (Collection, Mapping)) and value.open is not None:
        yield value.open
    elif not isinstance(value, (Known, Collection, Mapping)) and hasattr(value, "options"):
        yield from (option for option in value.options if isinstance(option, Unknown))


def path_text(path: Path) -> str:
    """A path as Terraform writes it behind an address: ``.vpc_config[0].subnet_ids``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def path_of(text: str) -> Path:
    """The path that ``path_text`` writes so. Keys of maps that hold dots come apart."""
    return tuple(int(digits) if digits else name for digits, name in _STEP.findall(text))


_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
