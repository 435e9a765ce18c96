"""Which of several one-per-subnet objects (route table, network ACL) is in force for a subnet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eks_checks.aws.knowledge import Cause, Pointer
from eks_checks.aws.vpc import Attached, Subnet
from eks_checks.terraform.resource import Resource


@dataclass(frozen=True)
class Association:
    """One subnet to one object. ``family`` names the configuration block it is an instance of.

    ``doubts`` say why there may be no such association.
    """

    subnet: Pointer
    target: Pointer
    family: str
    doubts: tuple[Cause, ...] = ()


def block_of(resource: Resource) -> str:
    """The configuration block that an association is an instance of, in its own input."""
    return f"{resource.input}:{resource.address.configuration}"


class Associations:
    """Associations by the subnet they name, or may name."""

    def __init__(self, listed: Iterable[Association]) -> None:
        """Index them once."""
        self._exact: dict[str, list[tuple[int, Association]]] = {}
        self._vague: list[tuple[int, Association]] = []
        for place, one in enumerate(listed):
            key = one.subnet.exact
            side = self._vague if key is None else self._exact.setdefault(key, [])
            side.append((place, one))

    def of(self, subnet: str) -> list[Association]:
        """Those that may be the subnet's, in their order."""
        vague = (entry for entry in self._vague if entry[1].subnet.may_be(subnet))
        found = sorted((*self._exact.get(subnet, ()), *vague), key=lambda entry: entry[0])
        return [one for _, one in found]


def effective(subnet: Subnet, associations: Associations, fallback: Pointer) -> Attached:
    """What is in force for ``subnet``: its own association's target, else ``fallback`` (B5, C3).

    A subnet has at most one association. So where N associations of one block each name one of
    the same N subnets, every one of these subnets has one, though it is not known which.
    """
    maybe = associations.of(subnet.key)
    named = [a for a in maybe if a.subnet.exact == subnet.key]
    if any(not a.doubts for a in named):
        return _one_of([a.target for a in named], [c for a in named for c in a.doubts])
    if not maybe:
        return _one_of([fallback])
    covering = _covering(maybe)
    if covering:
        return _one_of([a.target for a in covering])
    return _one_of(
        [fallback, *(a.target for a in maybe)], [c for a in maybe for c in (*a.subnet.causes, *a.doubts)]
    )


def _covering(maybe: Sequence[Association]) -> list[Association]:
    closed = [a for a in maybe if not a.subnet.open and not a.doubts]
    counts = Counter((a.family, a.subnet.keys) for a in closed)
    full = {family_keys for family_keys, count in counts.items() if count >= len(family_keys[1])}
    return [a for a in closed if (a.family, a.subnet.keys) in full]


def _one_of(targets: Iterable[Pointer], causes: Iterable[Cause] = ()) -> Attached:
    found = list(targets)
    keys = sorted({key for target in found for key in target.keys})
    open_ = any(target.open or target.unset for target in found)
    why = sorted({*causes, *(c for target in found for c in target.causes)})
    return Attached(tuple(keys), open_, tuple(why))
