"""What is still sure about values that are known in part: the words the functions are written in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.sameness import Same, same
from eks_checks.terraform.value import (
    NULL,
    Choice,
    Collection,
    Known,
    Mapping,
    Reference,
    Scalar,
    Unknown,
    Value,
    alternatives,
)

MEMBERS = 100_000
CHARACTERS = 1 << 20
COMPARISONS = 100_000

TOO_LARGE = Unknown("too large to evaluate")

_IDENTITIES = ("id", "arn")
_SCALAR_SUFFIXES = ("_id", "_arn", "_name", "_cidr_block")
_SCALAR_NAMES = ("id", "arn", "name", "cidr_block")
_LISTS_OF_SCALARS = ("ids", "arns", "_ids", "_arns")


class UndeterminedError(Exception):
    """The result hangs on ``part``, which is not known: the caller names the function and says so."""

    def __init__(self, part: Value) -> None:
        """Blame ``part``."""
        super().__init__("not known")
        self.part = part


class TooLargeError(Exception):
    """Terraform may well evaluate this, and we do not: time and memory stay bounded."""


def bounded(size: int, limit: int = MEMBERS) -> None:
    """Raise TooLargeError where ``size`` is above ``limit``: asked before anything of that size is built."""
    if size > limit:
        raise TooLargeError


def computed(name: str, part: Value) -> Unknown:
    """The unknown result of function ``name``, which hangs on ``part``."""
    doubt = first_doubt(part)
    if isinstance(doubt, Unknown):
        return Unknown(doubt.reason, doubt.at)
    if isinstance(doubt, Reference):
        return Unknown(f"computed by {name}() from {doubt}")
    return Unknown(f"computed by {name}() from one of several values")


def first_doubt(value: Value) -> Value | None:
    """The first part of ``value`` that is not known; a Choice of known values is itself that part."""
    if isinstance(value, (Unknown, Reference)):
        return value
    if isinstance(value, Choice):
        return _first_of(value.options) or value
    if isinstance(value, Collection):
        return _first_of(value.items) or value.open or (Choice(value.maybe) if value.maybe else None)
    if isinstance(value, Mapping):
        return _first_of(item for _, item in value.entries) or value.open
    return None


def _first_of(values: Iterable[Value]) -> Value | None:
    return next((doubt for doubt in map(first_doubt, values) if doubt is not None), None)


def is_known(value: Value) -> bool:
    """Whether every part of ``value`` is known."""
    return first_doubt(value) is None


def never_empty(value: Value) -> bool:
    """Whether ``value`` is certainly neither null nor the empty string.

    An ``id`` or ``arn`` of a resource is neither, once it exists.
    """
    if isinstance(value, Reference):
        return value.filled or (len(value.path) == 1 and value.path[0] in _IDENTITIES)
    if isinstance(value, Choice):
        return all(map(never_empty, value.options))
    return never_null(value) and not maybe_equal(value, Known(""))


def never_null(value: Value) -> bool:
    """Whether ``value`` is certainly not null; a whole resource is not."""
    if isinstance(value, Known):
        return value.value is not None
    if isinstance(value, Reference):
        return never_empty(value) or not value.path
    if isinstance(value, Choice):
        return all(map(never_null, value.options))
    return isinstance(value, (Collection, Mapping))


def is_text(value: Value) -> bool:
    """Whether ``value`` is certainly a string, which conversion to a string leaves as it is."""
    if isinstance(value, Choice):
        return all(map(is_text, value.options))
    return (isinstance(value, Known) and isinstance(value.value, str)) or is_identity(value)


def is_identity(value: Value) -> bool:
    """Whether ``value`` is the identifier that a resource will have."""
    return isinstance(value, Reference) and never_empty(value)


def never_list(value: Value) -> bool:
    """Whether ``value`` is certainly no list, set or tuple: the AWS provider's names of attributes tell."""
    if isinstance(value, Choice):
        return all(map(never_list, value.options))
    if not isinstance(value, Reference):
        return isinstance(value, (Known, Mapping))
    if not value.path:
        return True
    last = value.path[-1]
    if isinstance(last, str):
        return last in _SCALAR_NAMES or last.endswith(_SCALAR_SUFFIXES)
    name = value.path[-2] if len(value.path) > 1 else ""
    return isinstance(name, str) and name.endswith(_LISTS_OF_SCALARS)


def maybe_equal(left: Value, right: Value) -> bool:
    """Whether the two may turn out to be one value."""
    return same(left, right) is not Same.NO


def as_collection(value: Value) -> Collection:
    """``value`` as a list: an unknown one is a list of which no member is known.

    Raises EvaluationError for what is certainly none.
    """
    if isinstance(value, Collection):
        return value
    if isinstance(value, Unknown):
        return Collection(open=value)
    if isinstance(value, Reference) and not (value.path and never_list(value)):
        return Collection(open=Unknown(f"the members of {value} are known after apply"))
    if isinstance(value, Choice):
        raise UndeterminedError(value)
    raise EvaluationError("a list is required")


def as_mapping(value: Value) -> Mapping:
    """``value`` as a map; an unknown one is a map of which no key is known."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, Unknown):
        return Mapping(open=value)
    if isinstance(value, Reference):
        return Mapping(open=Unknown(f"the attributes of {value} are known after apply"))
    if isinstance(value, Choice):
        raise UndeterminedError(value)
    raise EvaluationError("a map is required")


def sealed(value: Collection | Mapping) -> Value:
    """``value``, or plainly unknown where nothing is sure but that it is a list or a map."""
    nothing = not value.entries if isinstance(value, Mapping) else not (value.items or value.maybe)
    return value.open if nothing and value.open is not None else value


def in_some_order(
    items: Sequence[Value], maybe: Sequence[Value] = (), why: Unknown | None = None
) -> Collection:
    """A list that has these members for certain, but where they stand and how often is not known.

    Naming the members as possible ones again makes the list inexact and lets in no other member.
    """
    if len(items) == 1 and not maybe and why is None:
        return Collection(tuple(items))
    again = () if why is not None else tuple(items)
    return Collection(tuple(items), tuple(dict.fromkeys((*again, *maybe))), why)


def set_of(items: Iterable[Value], maybe: Iterable[Value] = (), why: Unknown | None = None) -> Collection:
    """A set as Terraform keeps it: known scalars sorted, then the other members as given; equal ones once."""
    scalars: dict[tuple[object, ...], Value] = {}
    others: list[Value] = []
    for item in items:
        if isinstance(item, Known):
            scalars.setdefault(sort_key(item.value), item)
        else:
            others.append(item)
    members = (*(scalars[key] for key in sorted(scalars)), *without_doubles(others))
    besides = tuple(item for item in dict.fromkeys(maybe) if item not in members)
    return Collection(members, besides, why, ordered=False)


def without_doubles(items: Iterable[Value]) -> tuple[Value, ...]:
    """``items`` without those that certainly equal one before; members of one type are asked for."""
    seen: set[Value] = set()
    kept: list[Value] = []
    for item in items:
        if _is_definite(item):
            if item in seen:
                continue
            seen.add(item)
        kept.append(item)
    return tuple(kept)


def _is_definite(value: Value) -> bool:
    """Whether what is written alike is one value: two Unknowns with one reason are still two."""
    if isinstance(value, Collection):
        return value.exact and all(map(_is_definite, value.items))
    if isinstance(value, Mapping):
        return value.open is None and all(_is_definite(item) for _, item in value.entries)
    return isinstance(value, Known) or (isinstance(value, Reference) and bool(value.path))


def sort_key(value: Scalar) -> tuple[object, ...]:
    """Terraform's order within a set: false before true, numbers by size, strings by bytes, null last."""
    if isinstance(value, bool):
        return (0, value)
    if isinstance(value, (int, float)):
        return (1, value)
    return (3,) if value is None else (2, value.encode("utf-8", "surrogatepass"))


def is_settled(members: Collection) -> bool:
    """Whether it is certain how many members there are: a set's may not turn out to be equal."""
    if not members.exact:
        return False
    return members.ordered or len(members.items) < 2 or all_different(members.items)


def all_different(items: Sequence[Value]) -> bool:
    """Whether no two of ``items`` can turn out to be equal."""
    if len(set(items)) < len(items):
        return False
    open_ones = [item for item in items if not isinstance(item, Known)]
    bounded(len(open_ones) * len(items), COMPARISONS)
    return not any(maybe_equal(item, other) for item in open_ones for other in items if other is not item)


def has_equal(item: Value, others: Sequence[Value]) -> Same:
    """Whether ``item`` is among ``others``."""
    answers = {same(item, other) for other in others}
    if Same.YES in answers:
        return Same.YES
    return Same.UNDECIDED if Same.UNDECIDED in answers else Same.NO


def equality(left: Value, right: Value) -> Same:
    """Whether Terraform's ``==`` holds: unlike conversion it tells "1" from 1."""
    answer = same(left, right)
    if isinstance(left, Known) and isinstance(right, Known) and answer is Same.YES:
        return answer if _type(left) == _type(right) else Same.NO
    return answer


def is_empty(value: Value) -> bool:
    """Whether ``value`` is null or the empty string for certain."""
    return all(option in (NULL, Known("")) for option in alternatives(value))


def _type(value: Known) -> str:
    if isinstance(value.value, bool):
        return "bool"
    return "number" if isinstance(value.value, (int, float)) else "string"
