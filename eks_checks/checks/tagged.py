"""What the checks about tags share: what tags lack, and whether their resource is a cluster's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eks_checks.aws.knowledge import Cause
from eks_checks.aws.tags import Tagged, TagSet
from eks_checks.settings import RequiredTag


@dataclass(frozen=True)
class Wanting:
    """What a set of tags lacks for certain (``faults``) and perhaps (``doubts``), in words, and why perhaps.

    ``untagged``: what it lacks is any tag at all.
    """

    faults: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    untagged: bool = False


def wanting(tags: TagSet, required: Iterable[RequiredTag], *, any_: bool = False) -> Wanting:
    """What the tags lack of those required; with ``any_``, whether there is none of the user's."""
    if any_:
        return _any_tag(tags)
    faults: list[str] = []
    doubts: list[str] = []
    causes: list[Cause] = []
    for want in required:
        fault, sure = _lacks(tags, want)
        if fault and sure:
            faults.append(fault)
        elif fault:
            doubts.append(fault)
            causes.extend(tags.doubts(want.key))
    return Wanting(tuple(faults), tuple(doubts), tuple(dict.fromkeys(causes)))


def _any_tag(tags: TagSet) -> Wanting:
    if tags.users:
        return Wanting(untagged=True)
    if tags.open or tags.maybe:
        return Wanting(doubts=("none is known",), causes=tags.doubts(), untagged=True)
    return Wanting(faults=("none",), untagged=True)


def _lacks(tags: TagSet, want: RequiredTag) -> tuple[str, bool]:
    """What is wrong with one tag (empty: nothing), and whether it surely is."""
    if want.key not in tags.sure:
        return f"{want.key} is missing", not tags.may_hold(want.key)
    # One that is perhaps there as well may have the last word.
    values = [tags.sure[want.key].value, *(tag.value for tag in tags.maybe if tag.key == want.key)]
    good = [value is not None and want.accepts(value) for value in values]
    if not want.pattern or all(good):
        return "", True
    wrong = next(
        (value for value, fits in zip(values, good, strict=True) if value is not None and not fits), None
    )
    if wrong is None:
        return f"the value of {want.key} is not known", False
    sure = None not in values and not any(good)
    return f'{want.key} is "{wrong}", which does not match {want.pattern}', sure


def membership_doubts(tagged: Tagged) -> tuple[Cause, ...]:
    """Why it is not sure that it is a resource of any cluster; empty where it is."""
    if tagged.certain:
        return ()
    fallback = Cause(tagged.resource, "", "whether a cluster uses it is not known")
    return tagged.clusters.causes or (fallback,)
