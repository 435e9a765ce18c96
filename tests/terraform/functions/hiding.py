"""Random calls of functions with known arguments, and the same calls with parts of them hidden."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable

from eks_checks.terraform.address import ResourceAddress
from eks_checks.terraform.functions import FUNCTIONS, IMPURE
from eks_checks.terraform.functions.knowledge import set_of
from eks_checks.terraform.value import (
    NULL,
    Choice,
    Collection,
    Known,
    Mapping,
    Reference,
    Unknown,
    Value,
    choice,
)

_TEXTS = (
    "",
    "a",
    "b",
    "ab",
    "B",
    "10.0.0.0/16",
    "é",
    "1",
    "x-1",
    "a,b",
    "%s-%v",
    "%d",
    "[a-z]+",
    "2020-01-02T03:04:05Z",
)
_NUMBERS = (0, 1, 2, 3, -1, 8, 1.5)
_KEYS = ("a", "b", "k")
_DEPTH = 2

# What each function is given, so that calls succeed often: one letter an argument, the last repeats.
# s text, n number, b bool, l list, t list of texts, m map, u set, * anything
_SHAPES = {
    "alltrue": ["B"],
    "anytrue": ["B"],
    "chunklist": ["ln", "tn"],
    "cidrhost": ["cn"],
    "cidrnetmask": ["c"],
    "cidrsubnet": ["cnn"],
    "cidrsubnets": ["cnn"],
    "coalesce": ["ss", "sss", "**", "nss", "ll"],
    "coalescelist": ["ll", "ltl"],
    "compact": ["t", "ts"[:1]],
    "concat": ["ll", "tt", "lll", "l"],
    "contains": ["ts", "l*", "us"],
    "distinct": ["t", "l", "u"],
    "element": ["ln", "tn"],
    "flatten": ["L", "l", "L"],
    "format": ["fs", "fss", "f*"],
    "formatlist": ["ft", "fst", "ftt"],
    "index": ["ts", "l*"],
    "join": ["st", "stt"],
    "keys": ["m"],
    "length": ["l", "m", "s", "u", "t"],
    "lookup": ["ms", "ms*", "mss"],
    "matchkeys": ["ttt", "ltt"],
    "merge": ["mm", "mmm", "m"],
    "one": ["l", "u", "t"],
    "reverse": ["l", "t", "u"],
    "setintersection": ["uu", "tt", "uuu"],
    "setproduct": ["tt", "uu", "ut"],
    "setsubtract": ["uu", "tt"],
    "setunion": ["uu", "tt", "uuu"],
    "slice": ["lnn", "tnn"],
    "sort": ["t", "u"],
    "sum": ["N"],
    "tolist": ["l", "u", "t"],
    "tomap": ["m"],
    "toset": ["l", "t", "u"],
    "transpose": ["M"],
    "values": ["m"],
    "zipmap": ["tt", "tl"],
}
_DEFAULT_SHAPES = ["s", "ss", "sss", "n", "nn", "ns", "*", "l", "m"]
_LEFT_OUT = IMPURE | {"issensitive"}


class Maker:
    """Makes arguments out of one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.hidden: dict[Reference, Value] = {}

    def function(self) -> str:
        """Some function; those that keep structure, more often."""
        names = sorted(set(FUNCTIONS) - _LEFT_OUT)
        return self.random.choice(sorted(_SHAPES) if self.random.random() < 0.8 else names)

    def arguments(self, name: str) -> list[Value]:
        """Arguments that are wholly known."""
        shape = self.random.choice(_SHAPES.get(name, _DEFAULT_SHAPES))
        return [self.known(letter) for letter in shape]

    def known(self, letter: str) -> Value:
        """A wholly known value of one shape."""
        makers: dict[str, Callable[[], Value]] = {
            "s": self._text,
            "n": lambda: Known(self.random.choice(_NUMBERS)),
            "b": lambda: Known(self.random.random() < 0.5),
            "c": lambda: Known(self.random.choice(["10.0.0.0/16", "10.1.0.0/20", "fd00::/56"])),
            "f": lambda: Known(self.random.choice(["%s", "%s-%s", "%v", "x%sy", "%[1]s"])),
            "t": lambda: self._list(self._text),
            "N": lambda: self._list(lambda: self.known("n")),
            "B": lambda: self._list(lambda: self.known("b")),
            "L": lambda: self._list(lambda: self.known(self.random.choice("slt"))),
            "l": lambda: self._list(lambda: self.known(self.random.choice("sssnm"))),
            "u": lambda: set_of(self._members(self._text)),
            "m": lambda: self._map(lambda: self.known(self.random.choice("snt"))),
            "M": lambda: self._map(lambda: self.known("t")),
            "*": lambda: self.known(self.random.choice("snbtm")),
        }
        return makers[letter]()

    def _text(self) -> Value:
        return NULL if self.random.random() < 0.03 else Known(self.random.choice(_TEXTS))

    def _members(self, make: Callable[[], Value]) -> list[Value]:
        return [make() for _ in range(self.random.choice([0, 1, 1, 2, 2, 3, 4]))]

    def _list(self, make: Callable[[], Value]) -> Collection:
        return Collection(tuple(self._members(make)))

    def _map(self, make: Callable[[], Value]) -> Mapping:
        names = [key for key in _KEYS if self.random.random() < 0.6]
        return Mapping(tuple((key, make()) for key in names))

    def hide(self, value: Value, chance: float) -> Value:
        """``value`` with some of its parts hidden, each in one of the ways of not knowing."""
        if self.random.random() < chance:
            return self._hidden(value)
        if isinstance(value, Collection):
            return self._hide_members(value, chance)
        if isinstance(value, Mapping):
            entries = tuple((key, self.hide(item, chance)) for key, item in value.entries)
            if self.random.random() < chance:
                kept = tuple(entry for entry in entries if self.random.random() < 0.6)
                return Mapping(kept, Unknown("open map"))
            return Mapping(entries)
        return value

    def _hidden(self, value: Value) -> Value:
        kind = self.random.random()
        if kind < 0.3:
            return Unknown("hidden")
        if kind < 0.6:
            other = self.known("*") if self.random.random() < 0.5 else self._like(value)
            # Python holds 0 == False, and so does choice().
            other = NULL if other == value else other
            options = [value, other, *([Unknown("else")] if self.random.random() < 0.2 else [])]
            self.random.shuffle(options)
            return choice(options)
        return self._reference(value)

    def _like(self, value: Value) -> Value:
        if isinstance(value, Collection):
            return self.known("t" if value.ordered else "u")
        return self.known("m" if isinstance(value, Mapping) else "s")

    def _reference(self, value: Value) -> Value:
        """A reference to where ``value`` will come from; identifiers are strings that are not empty."""
        text = value.value if isinstance(value, Known) else None
        identity = isinstance(text, str) and bool(text) and self.random.random() < 0.7
        for known, hidden in self.hidden.items():
            if (
                repr(hidden) == repr(value)
                and (known.path[0] == "id") == identity
                and self.random.random() < 0.5
            ):
                return known
        address = ResourceAddress.parse(f"aws_thing.r{len(self.hidden)}")
        reference = Reference(address, ("id",) if identity else ("some",))
        self.hidden[reference] = value
        return reference

    def _hide_members(self, value: Collection, chance: float) -> Value:
        members = [self.hide(item, chance) for item in value.items]
        maybe: list[Value] = []
        why = None
        if self.random.random() < chance:
            why = Unknown("open list")
            members = [item for item in members if self.random.random() < 0.6]
        elif self.random.random() < chance:
            kept = [self.random.random() < 0.6 for _ in members]
            maybe = [item for item, keep in zip(members, kept, strict=True) if not keep]
            members = [item for item, keep in zip(members, kept, strict=True) if keep]
            maybe += [self.known("s")]
        if value.ordered:
            return dataclasses.replace(value, items=tuple(members), maybe=tuple(maybe), open=why)
        return set_of(members, maybe, why)


def is_partial(value: Value) -> bool:
    """Whether a value still says something: it is not just unknown."""
    return not isinstance(value, (Unknown, Choice))
