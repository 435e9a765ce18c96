"""Provider configurations: which one a resource uses, through aliases and ``providers = {}``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eks_checks.terraform.address import ResourceAddress, module_names
from eks_checks.terraform.evaluation.facts import Steps
from eks_checks.terraform.evaluation.matching import Planned
from eks_checks.terraform.evaluation.scope import Scope
from eks_checks.terraform.evaluation.written import WrittenBlock
from eks_checks.terraform.hcl.expression import Object
from eks_checks.terraform.sources.module import static_name
from eks_checks.terraform.value import NULL, Mapping, Unknown, Value

if TYPE_CHECKING:
    from eks_checks.terraform.evaluation.evaluator import Evaluator


_OWN_WORDS = frozenset({"alias", "version"})


@dataclass(frozen=True)
class Provider:
    """One provider configuration.

    ``key`` is its name as a plan has it: ``aws``, ``aws.east``, ``module.net:aws``. ``written`` is
    None where no block configures it: the environment does.
    """

    key: str
    written: WrittenBlock | None

    @property
    def arguments(self) -> frozenset[str]:
        """What its block sets, Terraform's own words left out."""
        return frozenset(self.written.names()) - _OWN_WORDS if self.written is not None else frozenset()

    def value(self, *path: str | int) -> Value:
        """The value of an argument (``region``, ``assume_role``); null where it is not set."""
        found = self.written.at(path, Planned()) if self.written is not None else None
        return NULL if found is None else found

    def default_tags(self) -> Mapping:
        """The tags it gives every resource it makes."""
        if "default_tags" not in self.arguments:
            return Mapping()
        tags = self.value("default_tags", 0, "tags")
        if isinstance(tags, Mapping):
            return tags
        return Mapping() if tags == NULL else Mapping(open=Unknown("default_tags are known after apply"))


def provider_of(evaluator: Evaluator, address: ResourceAddress) -> Provider:
    """The configuration that makes a resource, found up through the modules that pass it on."""
    module = evaluator.tree.module(module_names(address.module))
    block = module.resources.get(address.local) if module is not None else None
    argument = block.body.arguments.get("provider") if block is not None else None
    wanted = static_name(argument.expression) if argument is not None else ""
    return _found(evaluator, address.module, wanted or address.type.partition("_")[0])


def _found(evaluator: Evaluator, steps: Steps, wanted: str) -> Provider:
    names = module_names(steps)
    module = evaluator.tree.module(names)
    block = module.providers.get(wanted) if module is not None else None
    if block is not None and not (steps and not block.body.arguments and not block.body.blocks):
        prefix = f"module.{'.module.'.join(names)}:" if names else ""
        return Provider(prefix + wanted, WrittenBlock(evaluator, block.body, Scope(steps), block.span))
    if not steps:
        return Provider(wanted, None)
    return _found(evaluator, steps[:-1], _passed(evaluator, names, wanted))


def _passed(evaluator: Evaluator, names: tuple[str, ...], wanted: str) -> str:
    """What a module's caller calls a provider: ``providers = { aws = aws.east }``, else the same."""
    call = evaluator.tree.call(names)
    argument = call.body.arguments.get("providers") if call is not None else None
    if argument is not None and isinstance(argument.expression, Object):
        for key, value in argument.expression.items:
            if static_name(key) == wanted:
                return static_name(value) or wanted
    return wanted
