"""Every public module, class, function and method says what it promises."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.source_tree import PACKAGE, Module, modules

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def test_everything_public_has_a_docstring() -> None:
    names = [name for module in modules() for name in undocumented(module)]
    assert not names, "\n".join(names)


def undocumented(module: Module) -> Iterator[str]:
    """The public names of a module that lack a docstring; a module without any code needs none."""
    if any(_private(part) for part in module.inner.split(".")) or not module.tree.body:
        return
    if not ast.get_docstring(module.tree):
        yield module.name
    yield from _undocumented_in(module.tree, module.name)


def _undocumented_in(scope: ast.AST, prefix: str) -> Iterator[str]:
    for node in _definitions(scope):
        if node.name.startswith("_") or _repeats(node):
            continue
        name = f"{prefix}.{node.name}"
        if not ast.get_docstring(node):
            yield f"{name} (line {node.lineno})"
        if isinstance(node, ast.ClassDef):
            yield from _undocumented_in(node, name)


def _definitions(scope: ast.AST) -> Iterator[Definition]:
    """Classes and functions of a scope, also those under an `if` or `try`, not those inside functions."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, Definition):
            yield node
        elif isinstance(node, ast.stmt):
            yield from _definitions(node)


def _repeats(node: Definition) -> bool:
    """Overloads and setters repeat a name that is documented once."""
    named = [
        decorator for decorator in node.decorator_list if isinstance(decorator, ast.Name | ast.Attribute)
    ]
    names = {decorator.id if isinstance(decorator, ast.Name) else decorator.attr for decorator in named}
    return bool(names & {"overload", "setter", "deleter"})


def _private(part: str) -> bool:
    return part.startswith("_") and not part.startswith("__")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("X = 1", ["m"]),
        ('"""M."""\ndef f(): ...', ["m.f"]),
        ('"""M."""\nif True:\n    def f(): ...', ["m.f"]),
        ('"""M."""\nclass C:\n    """C."""\n    def m(self): ...\n    def __len__(self): ...', ["m.C.m"]),
        ('"""M."""\nclass C:\n    """C."""\n    @property\n    def p(self): ...', ["m.C.p"]),
        ('"""M."""\nclass _C:\n    def m(self): ...\ndef _f(): ...', []),
        ('"""M."""\nfrom typing import overload\n@overload\ndef f(): ...\ndef f():\n    """F."""', []),
        ('"""M."""\ndef f():\n    """F."""\n    def inner(): ...', []),
    ],
)
def test_the_gate_itself(text: str, expected: list[str]) -> None:
    found = [name.partition(" ")[0] for name in undocumented(Module(f"{PACKAGE}.m", text))]
    assert found == [f"{PACKAGE}.{name}" for name in expected]
