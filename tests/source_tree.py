"""The package's source files, as the gates read them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "eks_checks"


@dataclass(frozen=True)
class Module:
    """One module: its dotted name, its text, and whether it is a package's `__init__`."""

    name: str
    text: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, filename=self.name)

    @property
    def inner(self) -> str:
        """The name below the package: `reach.engine`; empty for the package itself."""
        return self.name.removeprefix(PACKAGE).removeprefix(".")

    @property
    def package(self) -> str:
        """The package that relative imports start from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]


def modules() -> list[Module]:
    """Every module of the package, in order of its path."""
    return [_module(path) for path in sorted((ROOT / PACKAGE).rglob("*.py"))]


def _module(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    return Module(".".join(parts[:-1] if is_package else parts), path.read_text(encoding="utf-8"), is_package)
