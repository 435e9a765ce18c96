"""How the provider table says what the provider fills in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from eks_checks.terraform.value import Scalar

Default: TypeAlias = Scalar | tuple[()]
"""A default as a plan shows it; ``()`` is an empty list."""


@dataclass(frozen=True)
class Shape:
    """A resource, or a block in one: what is filled in where it is left out.

    ``computed`` names attributes and blocks that apply fills in, ``defaults`` those with a default,
    ``blocks`` what is inside nested blocks (or attributes written as blocks); ``texts`` are names whose
    values are texts here although they are a number or a flag elsewhere.
    """

    computed: frozenset[str]
    defaults: Mapping[str, Default] = field(default_factory=dict)
    blocks: Mapping[str, Shape] = field(default_factory=dict)
    texts: frozenset[str] = frozenset()


def shape(computed: str, defaults: Mapping[str, Default] | None = None, **blocks: Shape) -> Shape:
    """A Shape; ``computed`` are names between spaces."""
    return Shape(words(computed), defaults or {}, blocks)


def words(text: str) -> frozenset[str]:
    """The names between spaces."""
    return frozenset(text.split())
