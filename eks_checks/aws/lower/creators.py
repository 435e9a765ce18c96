"""With whose rights resources are made: a role that their provider assumes, or whoever runs Terraform."""

from __future__ import annotations

from collections.abc import Iterable

from eks_checks.aws.access import Creator
from eks_checks.aws.knowledge import NO, YES, Cause, Truth
from eks_checks.aws.lower.context import Lowering
from eks_checks.kubernetes.manifest import at
from eks_checks.terraform.functions.knowledge import never_empty
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import (
    NULL,
    Collection,
    Known,
    Mapping,
    Unknown,
    Value,
    alternatives,
    choice,
    is_null,
    scalar,
    unknowns,
)

_BLOCKS = ("assume_role", "assume_role_with_web_identity")
"""A role of the first is assumed with the credentials of the second, where both are there."""
_PROFILES = ("profile", "shared_config_files", "shared_credentials_files", "shared_credentials_file")


__all__ = ["Creator", "creator_of"]


def creator_of(run: Lowering, resource: Resource) -> Creator:
    """The creator of a resource, by the provider configuration that makes it (asked once for each)."""
    key = f"creator by {resource.input} {resource.provider_key}"
    if not resource.provider_key:
        return _creator(run, resource)
    return run.cached(key, lambda: _creator(run, resource))


def _creator(run: Lowering, resource: Resource) -> Creator:
    role: Value = NULL
    for name in _BLOCKS:
        found = _role_of(run.world.provided(resource, name))
        if role == NULL:
            role = found
        elif any(is_null(option) for option in alternatives(role)):
            role = choice((*(option for option in alternatives(role) if not is_null(option)), found))
    if role == NULL:
        role = _of_profile(run, resource)
    return Creator(resource.provider_key, role, _assumes(run, resource, role), resource.input)


def _role_of(blocks: Value) -> Value:
    """The role of the last block, as several are a chain; none where a block has no role or an empty one."""
    if isinstance(blocks, Mapping):
        return _set(at(blocks, "role_arn"))
    if isinstance(blocks, Collection):
        last = _set(at(blocks.items[-1], "role_arn")) if blocks.items else NULL
        if blocks.exact:
            return last
        return choice((last, blocks.open or Unknown("a dynamic block may set another role")))
    return blocks if isinstance(blocks, Unknown) else NULL


def _set(role: Value) -> Value:
    return choice(NULL if scalar(option) == "" else option for option in alternatives(role))


def _of_profile(run: Lowering, resource: Resource) -> Value:
    """A profile may name a role, in a file that is not among the inputs."""
    for name in _PROFILES:
        value = run.world.provided(resource, name)
        if isinstance(value, Unknown):
            return value
        if not is_null(value) and scalar(value) != "":
            named = f' "{value.value}"' if isinstance(value, Known) else ""
            return choice((NULL, Unknown(f"{name}{named} may name a role: its file is not in the inputs")))
    return NULL


def _assumes(run: Lowering, resource: Resource, role: Value) -> Truth:
    options = alternatives(role)
    if all(map(is_null, options)):
        return NO
    doubts: Iterable[str] = [unknown.reason for unknown in unknowns(role)]
    if not all(map(_is_set, options)):
        reason = next(iter(doubts), "whether it assumes a role is not known")
        return Truth(None, (Cause(resource.key, "provider", reason, "a role", "none"),))
    return YES


def _is_set(role: Value) -> bool:
    """Whether a role is surely named: what is unknown as a whole may be null, and so may most attributes."""
    return bool(role.parts) if isinstance(role, Unknown) else never_empty(role)
