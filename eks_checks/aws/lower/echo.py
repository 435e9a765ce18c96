"""Inline entries that are really there, told from echoes of separate resources (fact K14).

On an existing stack a refreshed security group, route table or network ACL lists every rule,
also those that separate resources made. Counted as inline they would survive here even
where this plan deletes the separate resource.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.sameness import Same, same

Atom = tuple[str, ...]


def own_entries(
    resource: Resource, name: str, atom: Callable[[Block], Atom], separate: Callable[[], frozenset[Atom]]
) -> Iterator[Block]:
    """The inline blocks ``name`` of ``resource`` that no separate resource accounts for.

    ``atom`` spells an entry the way ``separate`` (the prior and planned separate resources'
    entries, which is only asked where it matters) spells it.
    """
    truth = is_truth(resource, name)
    for block in resource.blocks(name).items:
        if truth or atom(block) not in separate():
            yield block


def is_truth(resource: Resource, name: str) -> bool:
    """Whether the planned list is what the configuration says: at create, or where this plan changes it."""
    if "create" in resource.actions:
        return True
    if resource.prior is None or resource.actions == ("no-op",):
        return False
    return same(resource.prior.value(name), resource.value(name)) is Same.NO
