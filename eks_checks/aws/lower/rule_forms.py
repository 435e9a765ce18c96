"""Which rules of a security group are written in it, and which as separate resources (A20, A22, K14)."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.knowledge import NO, YES, Cause, Pointer, Truth
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.echo import is_truth
from eks_checks.aws.lower.group_rules import INLINE, SEPARATE, drafts_of
from eks_checks.aws.lower.groups import separate_atoms
from eks_checks.aws.rule_forms import DIRECTIONS, RuleForms, SeparateRule
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import scalar

_GROUPS = ("aws_security_group", "aws_default_security_group")


def rule_forms(run: Lowering) -> tuple[RuleForms, ...]:
    """The groups that resources manage, in order of the address."""
    return tuple(_forms(run))


def _forms(run: Lowering) -> Iterator[RuleForms]:
    named, anywhere = _separate(run)
    for resource in sorted(run.world.resources(*_GROUPS), key=lambda one: one.key):
        key = run.identity.key(resource)
        inline = {direction: _inline(run, resource, key, name) for direction, name in DIRECTIONS.items()}
        separate = tuple(named.get(key, ()))
        yield RuleForms(resource.key, inline, separate, anywhere, resource.location)


def _inline(run: Lowering, resource: Resource, key: str, name: str) -> Truth:
    """Whether the configuration sets the argument: not where it only echoes what AWS has (K14)."""
    blocks = resource.blocks(name)
    if blocks.open is not None:
        # NOTE: a list unknown as a whole is one the configuration leaves out (A19).
        return NO if blocks.open.computed else Truth(None, (Cause(resource.key, name, blocks.open.reason),))
    if resource.raw(name)[0] is None:
        return NO
    if is_truth(resource, name):
        return YES
    written = resource.is_configured(name)
    if written is False:
        return NO
    real = _not_echoed(run, resource, key, name)
    if written and (real or resource.location is not None):
        return YES
    why = "whether its rules are written there, or only seen in AWS, cannot be told without the sources"
    return Truth(None, (Cause(resource.key, name, why),)) if real or written else NO


def _not_echoed(run: Lowering, resource: Resource, key: str, name: str) -> bool:
    """Whether the list has an entry that no separate rule accounts for."""
    direction = "inbound" if name == "ingress" else "outbound"
    return any(
        (name, *made.atom(key)) not in separate_atoms(run, key)
        for block in resource.blocks(name).items
        for made in drafts_of(run, block, INLINE, direction)
    )


def _separate(run: Lowering) -> tuple[dict[str, list[SeparateRule]], tuple[SeparateRule, ...]]:
    """(group key to the rule resources that name it, those that may name any group)."""
    named: dict[str, list[SeparateRule]] = {}
    anywhere: list[SeparateRule] = []
    for type_, form in SEPARATE.items():
        for resource in run.world.resources(type_):
            found = run.link(resource, "security_group", "security_group_id")
            for direction in _directions(resource, form.direction):
                for key in found.keys:
                    of_it = _of_it(run, resource, found, form.direction)
                    named.setdefault(key, []).append(SeparateRule(resource.key, direction, of_it))
                if found.open:
                    of_it = Truth(None, (*found.causes, *run.doubts(resource)))
                    anywhere.append(SeparateRule(resource.key, direction, of_it))
    return named, tuple(anywhere)


def _directions(resource: Resource, fixed: str) -> tuple[str, ...]:
    words = {name: direction for direction, name in DIRECTIONS.items()}
    told = fixed or words.get(str(scalar(resource.value("type"))), "")
    return (told,) if told else tuple(DIRECTIONS)


def _of_it(run: Lowering, resource: Resource, found: Pointer, fixed: str) -> Truth:
    causes = [*(() if found.exact else found.causes), *run.doubts(resource)]
    if len(_directions(resource, fixed)) > 1:
        causes.append(Cause(resource.key, "type", "inbound or outbound: known after apply"))
    return Truth(None, tuple(causes)) if causes or not found.exact else YES
