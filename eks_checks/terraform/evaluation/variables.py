"""Values of root variables: files, the environment and options, in Terraform's order of precedence."""

from __future__ import annotations

import json
from collections.abc import Iterator

from eks_checks.errors import InputError, UsageError
from eks_checks.terraform.evaluation.evaluator import NESTED, Evaluator
from eks_checks.terraform.evaluation.facts import Keys, Steps
from eks_checks.terraform.evaluation.given import Given
from eks_checks.terraform.evaluation.scope import Scope
from eks_checks.terraform.files import ModuleFiles, file_of_variables
from eks_checks.terraform.hcl.body import HclBlock
from eks_checks.terraform.sources.tree import ModuleTree
from eks_checks.terraform.value import Known, Unknown, Value, depth, of_json

AUTOMATIC = ("terraform.tfvars", "terraform.tfvars.json")
AUTOMATIC_ENDINGS = (".auto.tfvars", ".auto.tfvars.json")


def root_variables(tree: ModuleTree, given: Given) -> dict[str, Value]:
    """The values that a root module's variables are given, by name; a later source wins over an earlier.

    InputError for a file that cannot be read, UsageError for an option that cannot be used.
    """
    declared = tree.root.variables
    constant = Evaluator(tree, _NoFacts())
    environment = {name: text for name, text in given.environment.items() if name in declared}
    found = {name: _from_text(constant, declared[name], text) for name, text in environment.items()}
    for path, content in _automatic(tree.files):
        found.update(_values(constant, content, path))
    for path in given.files:
        found.update(_values(constant, file_of_variables(path), path))
    for option in given.options:
        name, text = _option(option)
        if name not in declared:
            what = f"{tree.files.shown} has no variable {name!r}"
            raise UsageError(what, where="--var", hint="see its variable blocks")
        found[name] = _from_text(constant, declared[name], text)
    return found


def _automatic(files: ModuleFiles) -> Iterator[tuple[str, bytes]]:
    names = list(files.names())
    chosen = [name for name in AUTOMATIC if name in names]
    chosen += [name for name in names if name.endswith(AUTOMATIC_ENDINGS)]
    for name in chosen:
        content = files.own(name)
        if content is not None:
            yield files.shown_path(name), content


def _values(constant: Evaluator, content: bytes, path: str) -> Iterator[tuple[str, Value]]:
    if path.endswith(".json"):
        yield from _json_values(content, path)
        return
    from eks_checks.terraform.hcl.read import read

    file = read(content, path)
    if file.problems:
        first = file.problems[0]
        raise InputError(first.text, where=f"{path}:{first.line}", hint="mend the file of variables")
    for name, argument in file.body.arguments.items():
        yield name, constant.asked(argument.expression, Scope())


def _json_values(content: bytes, path: str) -> Iterator[tuple[str, Value]]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON ({error})", where=path, hint="mend the file of variables") from error
    if not isinstance(body, dict):
        raise InputError("not a JSON object", where=path, hint='write {"name": value}')
    try:
        found = {name: of_json(value) for name, value in body.items()}
        nested = max(map(depth, found.values()), default=0)
    except RecursionError:
        nested = NESTED + 1
    if nested > NESTED:
        raise InputError("nested too deeply", where=path, hint="mend the file of variables")
    yield from found.items()


def _option(option: str) -> tuple[str, str]:
    name, equals, text = option.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"{option!r} is not K=V", where="--var", hint="write --var name=value")
    return name.strip(), text


def _from_text(constant: Evaluator, variable: HclBlock, text: str) -> Value:
    """A value from outside: text for variables that are text or of no type, else an expression."""
    constraint = variable.body.arguments.get("type")
    if constraint is None or getattr(constraint.expression, "name", "") in ("string", "number", "bool"):
        return Known(text)
    from eks_checks.terraform.hcl.read import read_expression

    return constant.asked(read_expression(text), Scope())


class _NoFacts:
    """Values from outside refer to nothing."""

    tag = ""
    workspace: str | None = None
    cwd: str | None = None

    def variable(self, name: str) -> Value | None:
        return None

    def default(self, names: tuple[str, ...], name: str) -> Value | None:
        return None

    def resource_keys(self, module: Steps, local: str) -> Keys:
        return Keys(())

    def module_keys(self, module: Steps, name: str) -> Keys:
        return Keys(())

    def attribute(self, address: object, path: object) -> Value:
        return Unknown("no value refers to a resource")
