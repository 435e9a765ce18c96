"""SSH keys of nodes: key pairs that AWS puts there (E6, E7), and keys that user data brings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eks_checks.aws.knowledge import NO, YES, Cause, Truth
from eks_checks.aws.lower.context import Lowering, cause, left_out, text, where
from eks_checks.aws.lower.templates import Launch
from eks_checks.aws.lower.user_data import user_data
from eks_checks.aws.node_facts import KeyPlace
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Known, Reference, Unknown, Value

_REMOTE_KEY = "ec2_ssh_key"


def key_pair(block: Block, attribute: str = "key_name") -> Truth:
    """Whether the attribute names a key pair."""
    value = block.value(attribute)
    # NOTE: no provider computes the key of `remote_access`: unknown, it is set in a block that left no trace.
    if left_out(value) and not (attribute == _REMOTE_KEY and isinstance(value, Unknown)):
        return NO
    return YES if _names_one(value) else Truth(None, (cause(block, (attribute,), value),))


def _names_one(value: Value) -> bool:
    """Whether it is a name: one that apply fills in is still one, any other value of apply may be none."""
    if isinstance(value, Reference):
        return bool(value.path) and value.path[-1] in ("key_name", "id", "name")
    return isinstance(value, Known)


def remote_key(group: Resource) -> Truth:
    """Whether a managed group's ``remote_access`` names a key pair."""
    blocks = group.blocks("remote_access")
    if blocks.open is not None:
        return Truth(None, (Cause(group.key, "remote_access", blocks.open.reason),))
    return key_pair(blocks.items[0], _REMOTE_KEY) if blocks.items else NO


def ssh_key(launches: Iterable[Launch], otherwise: Truth) -> Truth:
    """Whether nodes carry a key pair: that of ``otherwise``, or of any template."""
    found = [otherwise, *(_template_key(launch) for launch in launches)]
    if any(truth.surely for truth in found):
        return YES
    unclear = tuple(c for truth in found if truth.value is None for c in truth.causes)
    return Truth(None, unclear) if any(truth.value is None for truth in found) else NO


def _template_key(launch: Launch) -> Truth:
    if launch.one_of:
        found = {_template_key(one).value for one in launch.one_of}
        return Truth(found.pop()) if len(found) == 1 else Truth(None, launch.causes)
    if not launch.known:
        return Truth(None, launch.causes)
    return NO if launch.block is None else key_pair(launch.block)


@dataclass(frozen=True)
class Keys:
    """Where keys surely are, and what may bring others."""

    places: tuple[KeyPlace, ...] = ()
    causes: tuple[Cause, ...] = ()

    def plus(self, other: Keys) -> Keys:
        """Those of both."""
        places = dict.fromkeys((*self.places, *other.places))
        return Keys(tuple(places), tuple(dict.fromkeys((*self.causes, *other.causes))))


def keys_of(run: Lowering, block: Block, attribute: str = "key_name") -> Keys:
    """Of an instance or template: its key pair, and what its user data brings."""
    brought = user_data(run, block).keys
    found = Keys((), brought.causes)
    if brought.surely:
        name = "user_data" if left_out(block.value("user_data_base64")) else "user_data_base64"
        found = Keys((KeyPlace(*where(block, (name,)), by_user_data=True),))
    return pair_of(block, attribute).plus(found)


def pair_of(block: Block, attribute: str) -> Keys:
    """Of the key pair that an attribute names."""
    named = key_pair(block, attribute)
    if not named.surely:
        return Keys((), named.causes)
    value = block.value(attribute)
    name = str(value.resource) if isinstance(value, Reference) else text(block, attribute)
    hidden = block.is_sensitive(attribute)
    return Keys((KeyPlace(*where(block, (attribute,)), name="" if hidden else name),))


def keys_of_launches(run: Lowering, launches: Iterable[Launch]) -> Keys:
    """Of all templates by which nodes come up."""
    found = Keys()
    for launch in launches:
        each = [_of_launch(run, one) for one in launch.candidates]
        if len(each) == 1 or all(keys.places for keys in each):
            for keys in each:
                found = found.plus(keys)
        elif any(keys.places or keys.causes for keys in each):
            causes = (*launch.causes, *(c for keys in each for c in keys.causes))
            found = found.plus(Keys((), causes))
    return found


def _of_launch(run: Lowering, launch: Launch) -> Keys:
    if not launch.known:
        return Keys((), launch.causes)
    return Keys() if launch.block is None else keys_of(run, launch.block)
