"""What one module's files declare, override files merged in as Terraform does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from eks_checks.terraform.hcl.body import Argument, Body, HclBlock, Problem, SourceFile
from eks_checks.terraform.hcl.expression import GetAttribute, Literal, Name


@dataclass
class Module:
    """The declarations of one folder.

    ``folder`` is relative to the root module. ``resources`` maps an address inside the module
    (``aws_vpc.this``, ``data.aws_vpc.this``) to its block, ``providers`` a local name with its
    alias (``aws``, ``aws.east``).
    """

    folder: str
    variables: dict[str, HclBlock] = field(default_factory=dict)
    locals: dict[str, Argument] = field(default_factory=dict)
    outputs: dict[str, HclBlock] = field(default_factory=dict)
    resources: dict[str, HclBlock] = field(default_factory=dict)
    calls: dict[str, HclBlock] = field(default_factory=dict)
    providers: dict[str, HclBlock] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


_PREFIX = {"resource": "", "data": "data.", "ephemeral": "ephemeral."}


def module_of(folder: str, files: Iterable[SourceFile]) -> Module:
    """Gather the files of a folder; later declarations of one name give way to the first."""
    module = Module(folder)
    files = tuple(files)
    for file in files:
        module.problems += file.problems
    for file in files:
        if not _overrides(file.path):
            _declare(module, file.body)
    for file in files:
        if _overrides(file.path):
            _override(module, file.body)
    return module


def _overrides(path: str) -> bool:
    name = path.rpartition("/")[2]
    stem = name.partition(".")[0]
    return stem == "override" or stem.endswith("_override")


def _declare(module: Module, body: Body) -> None:
    for block in body.blocks:
        if block.type == "locals":
            for name, argument in block.body.arguments.items():
                module.locals.setdefault(name, argument)
            continue
        for group, name in _named(module, block):
            group.setdefault(name, block)


def _override(module: Module, body: Body) -> None:
    for block in body.blocks:
        if block.type == "locals":
            module.locals.update(block.body.arguments)
            continue
        for group, name in _named(module, block):
            known = group.get(name)
            group[name] = block if known is None else merged(known, block)


def _named(module: Module, block: HclBlock) -> Iterator[tuple[dict[str, HclBlock], str]]:
    """The group a block belongs to, and its name there."""
    if block.type in _PREFIX and len(block.labels) == 2:
        yield module.resources, f"{_PREFIX[block.type]}{block.labels[0]}.{block.labels[1]}"
    elif block.type == "provider" and block.labels:
        alias = alias_of(block)
        yield module.providers, f"{block.labels[0]}.{alias}" if alias else block.labels[0]
    elif block.labels:
        groups = {"variable": module.variables, "output": module.outputs, "module": module.calls}
        if block.type in groups:
            yield groups[block.type], block.labels[0]


def alias_of(provider: HclBlock) -> str:
    """The ``alias`` of a provider block; empty without one."""
    argument = provider.body.arguments.get("alias")
    expression = argument.expression if argument is not None else None
    return str(expression.value) if isinstance(expression, Literal) else ""


def merged(base: HclBlock, override: HclBlock) -> HclBlock:
    """A block as an override file changes it: arguments one by one, nested blocks all of a kind at once.

    In JSON nested blocks look like arguments: either way of writing replaces the other.
    """
    blocks = {_kind(block) for block in override.body.blocks}
    own = {name: argument for name, argument in base.body.arguments.items() if name not in blocks}
    replaced = blocks | set(override.body.arguments)
    kept = tuple(block for block in base.body.blocks if _kind(block) not in replaced)
    arguments = {**own, **override.body.arguments}
    return replace(base, body=replace(base.body, arguments=arguments, blocks=kept + override.body.blocks))


def _kind(block: HclBlock) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def static_name(expression: object) -> str:
    """A name written out, such as ``aws.east`` in ``provider = aws.east``; empty for anything else."""
    if isinstance(expression, Name):
        return expression.name
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return expression.value
    if isinstance(expression, GetAttribute):
        before = static_name(expression.of)
        return f"{before}.{expression.name}" if before else ""
    return ""
