"""Unknown values resolved by what a plan's ``configuration`` refers to (facts K3 to K7).

A plan keeps the symbols of an expression, not the expression. Where they leave one reading,
the answer is exact; where they leave several, it is a Choice of them; what else may happen
(a local, a dynamic block, an argument left unset) is an Unknown among the options. Known
symbols never stand for an unknown value: a condition over them was already decided.
"""

from __future__ import annotations

from dataclasses import replace

from eks_checks.location import SourceSpan
from eks_checks.terraform.address import ResourceAddress
from eks_checks.terraform.configured import BlockList, Bodies, Expressions, expressions_of
from eks_checks.terraform.found import Found, Scope
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.tracing import Ground, Tracer
from eks_checks.terraform.value import (
    Attribute,
    Collection,
    Known,
    Path,
    Reference,
    Unknown,
    Value,
    choice,
)

COMPUTED = "known after apply"
NO_CONFIGURATION = "known after apply, and the input has no configuration to tell where it comes from"
NO_TRACE = "written as a block or by a dynamic block, of which a plan's configuration keeps no trace"
DYNAMIC = "a dynamic block may have set it, of which a plan's configuration keeps no trace"


SAME_KEY = "the instance with the same key"
"""The note on one option of a Choice: by the usual way of writing, it is the one that is meant (fact K6)."""

MANY = 256
"""A choice among more is as good as unknown, and costs as much as it has options for each who asks."""


class References:
    """Resolver by references alone; every answer is computed once."""

    def __init__(self, ground: Ground) -> None:
        """Nothing is resolved before it is asked for."""
        self._ground = ground
        self._tracer = Tracer(ground, self)
        self._ones: dict[tuple[object, Path], Value] = {}
        self._several: dict[tuple[object, Path], Collection] = {}
        self._optional: dict[tuple[str, str], bool] = {}

    def one(self, resource: Resource, path: Path) -> Value:
        """See Resolver."""
        key = (resource.address, path)
        if key not in self._ones:
            self._ones[key] = self._one(resource, path)
        return self._ones[key]

    def several(self, resource: Resource, path: Path) -> Collection:
        """See Resolver."""
        key = (resource.address, path)
        if key not in self._several:
            self._several[key] = self._wholly_unknown(resource, path)
        return self._several[key]

    def members(self, resource: Resource, path: Path, slots: tuple[int, ...]) -> tuple[Value, ...]:
        """See Resolver."""
        place = expressions_of(resource.place(path))
        if place is None or not place.found:
            return tuple(self.one(resource, (*path, slot)) for slot in slots)
        found = self._trace(resource, place, path)
        candidates = found.candidates() if found.widest <= max(MANY, len(slots)) else ()
        if len(candidates) == len(slots) and not found.opaque and all(_plain(path, c) for c in candidates):
            return candidates
        whole = self._options(resource, path, found, unset=False)
        return tuple(whole for _ in slots)

    def maker(self, address: ResourceAddress) -> None:
        """See Resolver: a plan without configuration tells of none."""
        return

    def provided(self, address: ResourceAddress, name: str) -> Value:
        """See Resolver: what is written out, for of expressions a plan keeps the symbols only."""
        block = self._ground.block(address)
        if block is None:
            return Unknown("the input does not tell which provider configuration makes it")
        return self._ground.configuration.provided(str(block.get("provider_config_key") or ""), name)

    def configured(self, resource: Resource, path: Path) -> bool | None:
        """See Resolver: a plan keeps no trace of some blocks (facts K17, K18)."""
        place = resource.place(path)
        if place is None or isinstance(place, Bodies):
            return None if place is None else True
        if isinstance(place, BlockList):
            return True if any(place.found) else None
        if place.found:
            return None if place.unset or not place.complete else True
        raw = resource.raw(*path)[0]
        written_as_blocks = isinstance(raw, list) and any(isinstance(item, dict) for item in raw)
        return None if place.hidden or not place.complete or written_as_blocks else False

    def span(self, resource: Resource, path: Path) -> SourceSpan | None:
        """See Resolver: a plan has no places."""
        return None

    def notices(self) -> tuple[str, ...]:
        """See Resolver."""
        return ()

    # --- the three questions ------------------------------------------------------------------------------

    def _one(self, resource: Resource, path: Path) -> Value:
        place = resource.place(path)
        if place is None:
            return Unknown(NO_CONFIGURATION, resource.attribute(path))
        written = expressions_of(place)
        if written is None:
            return Unknown(DYNAMIC, resource.attribute(path))
        if not written.found:
            return self._unwritten(resource, path, written)
        found = self._trace(resource, written, path)
        return self._options(resource, path, found, unset=_may_be_null(written))

    def _unwritten(self, resource: Resource, path: Path, written: Expressions) -> Unknown:
        at = resource.attribute(path)
        if written.hidden:
            return Unknown(NO_TRACE, at)
        return Unknown(COMPUTED, at, computed=True) if written.complete else Unknown(DYNAMIC, at)

    def _options(self, resource: Resource, path: Path, found: Found, unset: bool) -> Value:
        """Exactly one of what the symbols allow."""
        at = resource.attribute(path)
        if found.widest > MANY:
            return Unknown(f"one of {found.widest} instances", at)
        candidates = found.candidates()
        options: list[Value] = []
        for candidate in candidates:
            options.append(_paired(resource, candidate) if len(candidates) > 1 else candidate)
            if not _plain(path, candidate):
                options.append(Unknown(f"may be computed from {_named(candidate)}", at))
        for reason in found.opaque[:1]:
            options.append(Unknown(reason, at))
        if found.opaque:
            return choice(options)
        if not candidates:
            return self._without_candidates(found, path, at)
        doubt = self._doubt(resource, path, found) if unset else ""
        if doubt:
            options.append(Unknown(doubt, at, computed=True))
        return choice(options)

    def _without_candidates(self, found: Found, path: Path, at: Attribute) -> Value:
        if found.existing:
            return Unknown(f"may be computed from {_named(found.existing[0])}", at)
        if found.switches:
            names = ", ".join(sorted(found.switches)[:3])
            return Unknown(f"known after apply (set from {names})", at, computed=True)
        return Unknown("known after apply (left unset)", at, computed=True)

    def _wholly_unknown(self, resource: Resource, path: Path) -> Collection:
        at = resource.attribute(path)
        written = expressions_of(resource.place(path))
        if written is None or not written.found:
            value = self.one(resource, path)
            return Collection(open=value if isinstance(value, Unknown) else Unknown(COMPUTED, at))
        found = self._trace(resource, written, path)
        new = found.candidates()
        candidates = tuple(dict.fromkeys((*new, *found.existing))) if new else ()
        listed = tuple(Known(text) for text in dict.fromkeys(found.listed))
        reason = self._openness(resource, path, found, written)
        derived = [candidate for candidate in candidates if not _plain(path, candidate)]
        if reason is None and derived:
            reason = Unknown(f"may be computed from {_named(derived[0])}", at)
        if reason is None and candidates:
            # NOTE: a list written out keeps its length in a plan, even where no member is known: one
            # unknown as a whole has been through a function, which may drop or add members.
            reason = Unknown("goes through a function, of which a plan does not keep the result", at)
        if reason is None and not candidates:
            value = self._without_candidates(found, path, at)
            reason = value if isinstance(value, Unknown) else Unknown(COMPUTED, at)
        return Collection(maybe=(*candidates, *listed), open=reason)

    def _openness(self, resource: Resource, path: Path, found: Found, written: Expressions) -> Unknown | None:
        at = resource.attribute(path)
        if found.opaque:
            return Unknown(found.opaque[0], at)
        doubt = self._doubt(resource, path, found) if _may_be_null(written) else ""
        return Unknown(doubt, at, computed=True) if doubt else None

    # --- how the symbols may be read ----------------------------------------------------------------------

    def _trace(self, resource: Resource, written: Expressions, path: Path) -> Found:
        block = self._ground.block(resource.address) or {}
        scope = Scope(resource.address.module, resource.address.index, block.get("for_each_expression"))
        as_blocks = _as_blocks(resource, path, written)
        found = Found()
        for expression in written.found:
            found.add(self._tracer.trace(expression, scope, () if as_blocks else written.below))
        if not written.complete:
            found.opaque.append(DYNAMIC)
        elif as_blocks:
            top = path[: len(path) - len(written.below)]
            if _unknown_leaves(resource.raw(*top)[1]) > found.occurrences:
                # NOTE: more unknown values than symbols: a dynamic block beside literal ones (K17, K18).
                found.opaque.append(DYNAMIC)
        return found

    def _doubt(self, resource: Resource, path: Path, found: Found) -> str:
        """Why the argument may have been left unset, so that the provider fills it in; empty: it was not."""
        switches = {switch for switch in found.switches if not self._guarded(found, switch)}
        if not switches or not self._may_be_computed(resource.type, path):
            return ""
        return f"may be left unset, depending on {', '.join(sorted(switches)[:3])}"

    def _guarded(self, found: Found, switch: str) -> bool:
        """Whether every candidate exists only because the switch is on: ``var.x ? aws_y.z[0].id : null``."""
        candidates = found.candidates()
        return bool(candidates) and all(
            isinstance(candidate, Reference) and switch in self._tracer.guards(candidate)
            for candidate in candidates
        )

    def _may_be_computed(self, type: str, path: Path) -> bool:
        """False where the inputs show the attribute planned as null: then no provider fills it in."""
        name = next((step for step in path if isinstance(step, str)), "")
        if len(path) != 1:
            return True
        key = (type, name)
        if key not in self._optional:
            same_type = (r for group in self._ground.instances.values() for r in group if r.type == type)
            self._optional[key] = not any(_planned_null(resource, name) for resource in same_type)
        return self._optional[key]


def _paired(resource: Resource, candidate: Value) -> Value:
    """Mark the option whose instance has the same key as the one that asks (fact K6): likely, not certain."""
    if not isinstance(candidate, Reference) or candidate.path or candidate.resource.index is None:
        return candidate
    if candidate.resource.index != resource.address.index:
        return candidate
    return replace(candidate, note=SAME_KEY)


def _note(candidates: tuple[Value, ...]) -> str:
    """What was assumed of splats: a plan does not tell all instances from some of them."""
    pathless = [c.resource for c in candidates if isinstance(c, Reference) and not c.path]
    names = dict.fromkeys(address.configuration for address in pathless if address.index is not None)
    return f"taken for all of {', '.join(names)}" if names else ""


def _planned_null(resource: Resource, name: str) -> bool:
    whole, _ = resource.raw()
    return "create" in resource.actions and name in whole and resource.raw(name) == (None, None)


def _may_be_null(written: Expressions) -> bool:
    return not written.below


def _as_blocks(resource: Resource, path: Path, written: Expressions) -> bool:
    if not written.below or not isinstance(written.below[0], int):
        return False
    items, _ = resource.raw(*path[: len(path) - len(written.below)])
    return isinstance(items, list) and any(isinstance(item, dict) for item in items)


def _unknown_leaves(tree: object) -> int:
    if isinstance(tree, dict):
        return sum(_unknown_leaves(part) for part in tree.values())
    if isinstance(tree, list):
        return sum(_unknown_leaves(part) for part in tree)
    return int(tree is True)


# --- whether an expression just hands an identifier on, or makes a text of it -----------------------------

FREE_TEXT = (
    "name",
    "description",
    "name_prefix",
    "user_data",
    "user_data_base64",
    "policy",
    "assume_role_policy",
    "content",
    "value",
    "body",
    "yaml_body",
    "comment",
    "tags",
    "tags_all",
)
CARRIERS = ("triggers", "triggers_replace", "keepers", "input", "output")
"""Attributes that hold whatever they are given (fact K7)."""
IDENTIFIERS = ("id", "arn", "name", "ids", "arns", "names", "identifier", "identifiers")


def _plain(path: Path, candidate: Value) -> bool:
    """Whether the value is the candidate itself rather than a text or address range made from it."""
    names = [step for step in path if isinstance(step, str)]
    if any(name in ("tags", "tags_all") for name in names):
        return False
    target = names[-1] if names else ""
    if names and names[0] in CARRIERS:
        return True  # what reads it from there is judged by its own name
    if target in FREE_TEXT or "cidr" in target:
        return False
    if not isinstance(candidate, Reference):
        return True
    steps = [step for step in candidate.path if isinstance(step, str)]
    return not steps or steps[0] in CARRIERS or steps[-1].rpartition("_")[2] in IDENTIFIERS


def _named(candidate: Value) -> str:
    return str(candidate) if isinstance(candidate, Reference) else "known values"
