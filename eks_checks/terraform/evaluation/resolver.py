"""Unknown values resolved by evaluating what the sources set them to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from eks_checks.location import ModuleCall, SourceSpan
from eks_checks.terraform.address import MODULE, ResourceAddress, module_names
from eks_checks.terraform.evaluation.evaluator import Evaluator
from eks_checks.terraform.evaluation.matching import Planned
from eks_checks.terraform.evaluation.names import scope_of
from eks_checks.terraform.evaluation.providers import provider_of
from eks_checks.terraform.evaluation.traverse import members_of
from eks_checks.terraform.evaluation.written import WrittenBlock
from eks_checks.terraform.hcl.body import HclBlock
from eks_checks.terraform.resolving import Maker, Resolver
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.sameness import Same, same
from eks_checks.terraform.sources.tree import NOT_AT_HAND
from eks_checks.terraform.tracing import ALIASES
from eks_checks.terraform.value import (
    NULL,
    Choice,
    Collection,
    Known,
    Path,
    Reference,
    Unknown,
    Value,
    alternatives,
    choice,
)

COMPUTED = "known after apply"
READ = "read at apply"


Trusts: TypeAlias = Callable[[ResourceAddress, HclBlock, WrittenBlock], bool]


def _trusted(address: ResourceAddress, block: HclBlock, written: WrittenBlock) -> bool:
    return True


class FromSources:
    """Resolver by evaluation; what the sources at hand do not say is asked of another one."""

    def __init__(self, evaluator: Evaluator, fallback: Resolver, trusts: Trusts = _trusted) -> None:
        """``fallback`` answers for resources whose sources cannot be used, and where evaluation ends.

        ``trusts`` says whether a block is the one that an instance was made of.
        """
        self._evaluator = evaluator
        self._fallback = fallback
        self._trusts = trusts
        self._blocks: dict[ResourceAddress, WrittenBlock | None] = {}
        self._values: dict[tuple[ResourceAddress, Path], Value | None] = {}
        self._places: dict[tuple[ResourceAddress, Path], SourceSpan | None] = {}

    def one(self, resource: Resource, path: Path) -> Value:
        """See Resolver."""
        if self.block(resource.address) is None:
            return self._fallback.one(resource, path)
        value = self._found(resource, path)
        if value is None or value == NULL:
            return _left_to_apply(resource, path)
        if isinstance(value, Unknown):
            return self._better(value, self._fallback.one(resource, path), resource, path)
        return value

    def several(self, resource: Resource, path: Path) -> Collection:
        """See Resolver."""
        if self.block(resource.address) is None:
            return self._fallback.several(resource, path)
        value = self._found(resource, path)
        at = resource.attribute(path)
        if value is None or value == NULL:
            return Collection(open=_left_to_apply(resource, path))
        if isinstance(value, Collection):
            return _members_alone(value)
        if isinstance(value, Choice):
            return _any_of(value, Unknown("is one of several lists", at))
        if isinstance(value, Unknown):
            found = self._fallback.several(resource, path)
            return found if found.maybe or found.items else Collection(open=Unknown(value.reason, at))
        if isinstance(value, Reference):
            return Collection(open=Unknown(f"the members of {value}", at))
        return Collection((value,))

    def members(self, resource: Resource, path: Path, slots: tuple[int, ...]) -> tuple[Value, ...]:
        """See Resolver."""
        if self.block(resource.address) is None:
            return self._fallback.members(resource, path, slots)
        value = self._found(resource, path)
        if not isinstance(value, Collection):
            return self._fallback.members(resource, path, slots)
        raw, _ = resource.raw(*path)
        planned = raw if isinstance(raw, list) else []
        if value.exact and value.ordered and _position_by_position(value, planned):
            return tuple(value.items[slot] for slot in slots)
        shown = {str(item) for item in planned if item is not None}
        rest = [i for i in value.items if not (isinstance(i, Known) and str(i.value) in shown)]
        # The members of a list in some order (sort) are sure; which slot holds which is all one.
        if value.open is None and set(value.maybe) <= set(value.items):
            # A set of which Terraform cannot tell yet that members are one has a slot for each.
            spare = 0 if value.ordered else len(slots) - len(rest)
            dealt = (*rest, *(rest or value.items)[-1:] * max(0, spare))
            if len(dealt) == len(slots):
                return dealt
        members, open_ = members_of(value)
        options = (*members, *((open_,) if open_ is not None else ()))
        return tuple(_one_of(options, resource, path) for _ in slots)

    def configured(self, resource: Resource, path: Path) -> bool | None:
        """See Resolver."""
        if self.block(resource.address) is None:
            return self._fallback.configured(resource, path)
        value = self._found(resource, path)
        if isinstance(value, Unknown):
            return None
        return value is not None and value != NULL

    def span(self, resource: Resource, path: Path) -> SourceSpan | None:
        """See Resolver."""
        key = (resource.address, path)
        if key not in self._places:
            self._places[key] = self._span(resource, path)
        return self._places[key]

    def maker(self, address: ResourceAddress) -> Maker | None:
        """See Resolver."""
        if self.block(address) is None:
            return self._fallback.maker(address)
        provider = provider_of(self._evaluator, address)
        return Maker(provider.key, provider.arguments)

    def provided(self, address: ResourceAddress, name: str) -> Value:
        """See Resolver."""
        if self.block(address) is None:
            return self._fallback.provided(address, name)
        provider = provider_of(self._evaluator, address)
        return self._evaluator.guarded(lambda: provider.value(name), f"{name} of provider {provider.key} ")

    def notices(self) -> tuple[str, ...]:
        """See Resolver: syntax errors, modules that are not at hand, and what the plan has otherwise."""
        tree = self._evaluator.tree
        problems = [f"{found.file}:{found.line}: {found.text}; skipped" for found in tree.problems()]
        missing = [f"module.{'.module.'.join(names)}: {why}" for names, why in sorted(tree.missing.items())]
        return (*problems, *missing, *tree.notices())

    def written(self, address: ResourceAddress, path: Path, planned: Planned) -> Value | None:
        """What the sources set at ``path``: None where they set nothing, Unknown where they do not say.

        ``planned`` is what the plan has of the resource.
        """
        first = str(path[0])
        path = (ALIASES.get((address.type, first), first), *path[1:])
        key = (address, path)
        if key not in self._values:
            self._values[key] = self._written(address, path, planned)
        return self._values[key]

    def _found(self, resource: Resource, path: Path) -> Value | None:
        return self.written(resource.address, path, Planned(*resource.raw()))

    def block(self, address: ResourceAddress) -> WrittenBlock | None:
        """The block of a resource in the scope of one instance; None where its sources cannot be used."""
        if address not in self._blocks:
            self._blocks[address] = None  # while it is looked at, its sources are not
            self._blocks[address] = self._block(address)
        return self._blocks[address]

    def _block(self, address: ResourceAddress) -> WrittenBlock | None:
        module = self._evaluator.tree.module(module_names(address.module))
        calls = module is not None and address.type == MODULE
        known = {} if module is None else module.calls if calls else module.resources
        block = known.get(address.name if calls else address.local)
        if block is None:
            return None
        scope = scope_of(block, address.module, address.index, address)
        written = WrittenBlock(self._evaluator, block.body, scope, block.span)
        return written if self._trusts(address, block, written) else None

    def _span(self, resource: Resource, path: Path) -> SourceSpan | None:
        block = self.block(resource.address)
        if block is None:
            return None
        found: list[SourceSpan] = []

        def locate() -> Value:
            found.append(block.place(path, Planned(*resource.raw())))
            return NULL

        self._evaluator.guarded(locate)
        place = found[0] if found else block.span
        names = module_names(resource.address.module)
        return replace(place, called_at=tuple(self._calls(names)))

    def _calls(self, names: tuple[str, ...]) -> Iterator[ModuleCall]:
        """The blocks that call the modules on the way to one, outermost first."""
        for depth in range(1, len(names) + 1):
            call = self._evaluator.tree.call(names[:depth])
            if call is not None:
                yield ModuleCall("module." + ".module.".join(names[:depth]), call.span.file, call.span.line)

    def _written(self, address: ResourceAddress, path: Path, planned: Planned) -> Value | None:
        block = self.block(address)
        if block is None:
            return Unknown(NOT_AT_HAND)
        absent: list[None] = []

        def find() -> Value:
            value = block.at(path, planned)
            if value is None:
                absent.append(None)
                return NULL
            return value

        value = self._evaluator.guarded(find)
        return None if absent else value

    def _better(self, mine: Unknown, other: Value, resource: Resource, path: Path) -> Value:
        """Symbols alone may leave a few candidates where evaluation ends with nothing; a document of which

        parts are known says more than the symbols in it.
        """
        told = mine.encodes is not None or mine.says is not None or _is_document(mine)
        if isinstance(other, Unknown) or told:
            return replace(mine, at=resource.attribute(path))
        return other


def _is_document(text: Unknown) -> bool:
    """Whether a text is of several lines, or an object of JSON."""
    known = [str(part.value) for part in text.parts if isinstance(part, Known)]
    return any("\n" in part for part in known) or (bool(known) and known[0].startswith("{"))


def _left_to_apply(resource: Resource, path: Path) -> Unknown:
    """What nobody sets: the provider's own of a resource; of a data source, anything that it may find."""
    at = resource.attribute(path)
    if resource.address.mode == "data":
        return Unknown(READ, at)
    return Unknown(COMPUTED, at, computed=True)


def _members_alone(value: Collection) -> Collection:
    """A list that is sure but for its order (``sort``) has just these members."""
    if value.open is None and value.maybe and set(value.maybe) <= set(value.items):
        return Collection(value.items, note=value.note, ordered=False)
    return value


def _position_by_position(value: Collection, planned: list[object]) -> bool:
    """Whether the plan has the members in the order they are written in: a set has an order of its own."""
    if len(value.items) != len(planned):
        return False
    pairs = zip(value.items, planned, strict=True)
    return all(raw is None or same(item, Known(str(raw))) is Same.YES for item, raw in pairs)


def _any_of(value: Choice, why: Unknown) -> Collection:
    """One of several lists, as one: what all have is sure, the rest may be."""
    lists = [
        option if isinstance(option, Collection) else Collection(open=_opened(option))
        for option in alternatives(value)
        if option != NULL
    ]
    if len(lists) < len(value.options):
        lists.append(Collection())
    sure = tuple(item for item in lists[0].items if all(item in each.items for each in lists))
    rest = dict.fromkeys(item for each in lists for item in (*each.items, *each.maybe) if item not in sure)
    opened = next((each.open for each in lists if each.open is not None), None)
    return Collection(sure, tuple(rest), opened, note=why.reason)


def _opened(option: Value) -> Unknown:
    return option if isinstance(option, Unknown) else Unknown(f"the members of {option}")


def _one_of(options: tuple[Value, ...], resource: Resource, path: Path) -> Value:
    return choice(options) if options else Unknown(COMPUTED, resource.attribute(path))
