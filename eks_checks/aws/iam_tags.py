"""Which writes on EC2 and Auto Scaling a role may do without a condition on tags, where tags would allow one.

An action is held to tags where each way to it asks for one: RunInstances, say, needs every kind of resource
that it always names, so that a condition on the instances alone holds all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eks_checks.aws import iam_services
from eks_checks.aws.iam import Attached, Role
from eks_checks.aws.iam_documents import GAP, Condition, Element, Pattern, Statement, both, either, narrowed
from eks_checks.aws.iam_services import TAG_KEYS, Action, Target
from eks_checks.aws.knowledge import NO, YES, Truth

SERVICES = ("ec2", "autoscaling")
_NAMES_OBJECTS = ("ec2:vpc", "ec2:subnet", "ec2:sourceinstancearn", "ec2:createaction")
"""Condition keys, in small letters, that name the object, or the call that makes it, just as well."""
_GENERIC = "eks-checks-stands-for-any-id"
"""A name of an object that no policy names."""


@dataclass(frozen=True)
class Untagged:
    """A statement that lets actions be done to anything whatever its tags, and whether it surely does."""

    statement: Statement
    actions: tuple[str, ...]
    truth: Truth


def untagged(role: Role, attached: Attached) -> tuple[Untagged, ...]:
    """The statements of one policy of the role that allow writes without a condition on tags."""
    policy = attached.policy.document.statements
    found = []
    for statement in policy:
        if statement.allows.possibly and not _asks(statement.conditions):
            surely, perhaps = _of_statement(role, policy, statement)
            if surely:
                found.append(Untagged(statement, tuple(surely), _there(attached)))
            elif perhaps:
                why = Truth(None, statement.causes or attached.causes)
                found.append(Untagged(statement, tuple(perhaps), why))
    return tuple(found)


def _there(attached: Attached) -> Truth:
    return YES if attached.certain else Truth(None, attached.causes)


def _of_statement(
    role: Role, policy: Iterable[Statement], statement: Statement
) -> tuple[list[str], list[str]]:
    """(actions surely without tags, perhaps without)."""
    surely: list[str] = []
    perhaps: list[str] = []
    for action in _covered(statement):
        truth = both(both(statement.allows, statement.covers(action.name)), _free(policy, statement, action))
        truth = _left(role, action, truth) if truth.possibly else truth
        if statement.open_conditions and truth.surely:
            truth = Truth(None, statement.causes)
        if truth.possibly:
            (surely if truth.surely else perhaps).append(action.name)
    return surely, perhaps


def _covered(statement: Statement) -> Iterator[Action]:
    """The writes of both services that take tags and that the statement may allow."""
    for service in SERVICES:
        if _speaks_of(statement.actions, service):
            for action in iam_services.actions_of(service):
                if action.writes and action.takes_tags and statement.covers(action.name).possibly:
                    yield action


def _speaks_of(actions: Element, service: str) -> bool:
    if actions.negated or actions.open or actions.maybe:
        return True
    starts = (pattern.text.lower().partition(":")[0] for pattern in actions.patterns)
    return any(start == service or set("*?" + GAP) & set(start) for start in starts)


def _free(policy: Iterable[Statement], statement: Statement, action: Action) -> Truth:
    """Whether statements without a condition on tags let the action be done to any object."""
    needed = [target for target in action.targets if target.required]
    if not needed:
        kinds = [_wide(statement, target) for target in action.targets if target.tags]
        return _some(kinds) if action.targets else YES
    mine = _some(_wide(statement, target) for target in needed)
    others = [each for each in policy if not _asks(each.conditions)]
    for target in needed:
        ways = (both(both(one.allows, one.covers(action.name)), _wide(one, target)) for one in others)
        mine = both(mine, _some(ways))
    return mine


def _some(truths: Iterable[Truth]) -> Truth:
    found = NO
    for truth in truths:
        found = either(found, truth)
    return found


def _wide(statement: Statement, target: Target) -> Truth:
    """Whether the resources of a statement cover any object of a kind, and not just some by name."""
    resources = statement.resources
    if resources.negated:
        return YES
    found = _some(_of_kind(pattern, target) for pattern in (*resources.patterns, *resources.maybe))
    if found.surely and not resources.patterns:
        found = Truth(None)
    return either(found, Truth(None)) if resources.open else found


def _of_kind(pattern: Pattern, target: Target) -> Truth:
    if pattern.everything.value is not False:
        return pattern.everything
    form = target.arn.split(":", 5)
    parts = pattern.text.split(":", 5)
    if len(form) < 6 or len(parts) < 6:
        # One attribute of another resource, or an end that leaves more open than it says.
        return NO if pattern.exact or pattern.names_one else Truth(None)
    service = Pattern(parts[2], _gaps(parts[2])).matches(form[2])
    own = Pattern(parts[5], _gaps(parts[5])).matches(_any_of(form[5]))
    return both(service, own)


def _gaps(text: str) -> tuple[str, ...]:
    return ("",) * text.count(GAP)


def _any_of(form: str) -> str:
    """An object that no policy names: ``instance/${InstanceId}`` with a name of its own."""
    made, rest = "", form
    while "${" in rest:
        before, _, after = rest.partition("${")
        made, rest = made + before + _GENERIC, after.partition("}")[2]
    return made + rest


def _asks(conditions: Iterable[Condition]) -> bool:
    """Whether a condition asks for a tag: not one that also holds where there is none."""
    return any(_asks_for_tag(condition) for condition in conditions)


def _asks_for_tag(condition: Condition) -> bool:
    key, operator = condition.key.lower(), condition.operator.lower()
    if key in _NAMES_OBJECTS:
        return True
    if not key.startswith((*TAG_KEYS, "aws:tagkeys")):
        return False
    # NOTE: these hold for an object without the tag as well.
    if operator.endswith("ifexists") or operator.startswith("forallvalues") or "not" in operator:
        return False
    if operator == "null":
        return not any(value.text.lower() == "true" for value in condition.values.patterns)
    return True


def _left(role: Role, action: Action, truth: Truth) -> Truth:
    """What denials and the boundary leave: a denial of what lacks the tag is a condition on tags too."""
    for _, statement in role.statements():
        asks = any(condition.key.lower().startswith(TAG_KEYS) for condition in statement.conditions)
        if asks and both(statement.denies, statement.covers(action.name)).surely:
            return NO
    truth = narrowed(truth, role.denies(action.name))
    if role.boundary is not None and truth.possibly:
        truth = both(truth, role.boundary.policy.document.grants(action.name))
    return truth
