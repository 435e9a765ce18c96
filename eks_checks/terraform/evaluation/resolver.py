"""Unknown values resolved by evaluating what the sources set them to."""

from __future__ import annotations

from dataclasses import replace

from eks_checks.location import SourceSpan
from eks_checks.terraform.address import MODULE, ResourceAddress
from eks_checks.terraform.evaluation.evaluator import Evaluator
from eks_checks.terraform.evaluation.matching import Planned
from eks_checks.terraform.evaluation.names import scope_of
from eks_checks.terraform.evaluation.providers import provider_of
from eks_checks.terraform.evaluation.traverse import members_of
from eks_checks.terraform.evaluation.written import WrittenBlock
from eks_checks.terraform.resource import Maker, Resolver, Resource
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


class FromSources:
    """Resolver by evaluation; what the sources at hand do not say is asked of another one."""

    def __init__(self, evaluator: Evaluator, fallback: Resolver) -> None:
        """``fallback`` answers for resources whose sources cannot be used, and where evaluation ends."""
        self._evaluator = evaluator
        self._fallback = fallback
        self._blocks: dict[ResourceAddress, WrittenBlock | None] = {}
        self._values: dict[tuple[ResourceAddress, Path], Value | None] = {}

    def one(self, resource: Resource, path: Path) -> Value:
        """See Resolver."""
        if self.block(resource.address) is None:
            return self._fallback.one(resource, path)
        value = self._found(resource, path)
        if value is None or value == NULL:
            return Unknown(COMPUTED, resource.attribute(path), computed=True)
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
            return Collection(open=Unknown(COMPUTED, at, computed=True))
        if isinstance(value, Collection):
            return value
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
        if value.exact and value.ordered and _in_step(value.items, planned):
            return tuple(value.items[slot] for slot in slots)
        shown = {str(item) for item in planned if item is not None}
        rest = [i for i in value.items if not (isinstance(i, Known) and str(i.value) in shown)]
        if value.exact and len(rest) == len(slots):
            return tuple(rest)
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
        """Where the block or argument at ``path`` stands; None without sources."""
        block = self.block(resource.address)
        if block is None:
            return None
        found: list[SourceSpan] = []

        def locate() -> Value:
            found.append(block.place(path, Planned(*resource.raw())))
            return NULL

        self._evaluator.guarded(locate)
        return found[0] if found else block.span

    def maker(self, address: ResourceAddress) -> Maker | None:
        """See Resolver."""
        if self.block(address) is None:
            return self._fallback.maker(address)
        provider = provider_of(self._evaluator, address)
        return Maker(provider.key, provider.arguments)

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
            module = self._evaluator.tree.module(tuple(step.name for step in address.module))
            calls = module is not None and address.type == MODULE
            known = {} if module is None else module.calls if calls else module.resources
            block = known.get(address.name if calls else address.local)
            if block is None:
                self._blocks[address] = None
            else:
                scope = scope_of(block, address.module, address.index, address)
                self._blocks[address] = WrittenBlock(self._evaluator, block.body, scope, block.span)
        return self._blocks[address]

    def _written(self, address: ResourceAddress, path: Path, planned: Planned) -> Value | None:
        block = self.block(address)
        if block is None:
            return Unknown("its sources are not at hand")
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
        """Symbols alone may leave a few candidates where evaluation ends with nothing."""
        if isinstance(other, Unknown):
            return replace(mine, at=resource.attribute(path))
        return other


def _in_step(items: tuple[Value, ...], planned: list[object]) -> bool:
    """Whether members stand in the plan as they are written: those of a set are sorted there."""
    if len(items) != len(planned):
        return False
    pairs = zip(items, planned, strict=True)
    return all((item.value if isinstance(item, Known) else None) == shown for item, shown in pairs)


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
