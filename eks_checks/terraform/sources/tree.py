"""The tree of modules: the root's folder, and below it what its module calls name."""

from __future__ import annotations

import json
import os
import posixpath
import re
from typing import Any, NamedTuple, TypeAlias

from eks_checks.terraform.files import ModuleFiles
from eks_checks.terraform.hcl.body import Argument, Body, HclBlock, Problem, SourceFile
from eks_checks.terraform.hcl.expression import Literal
from eks_checks.terraform.sources.module import Module, module_of

Names: TypeAlias = tuple[str, ...]
"""The calls that lead from the root to a module: ``("net", "subnets")``."""

NOT_AT_HAND = "its sources are not at hand"
"""Why nothing is known of a module that is not installed, where ``missing`` does not say more."""

DEPTH = 32
"""Modules nested deeper call themselves."""


class ModuleTree:
    """Modules, each read when it is first asked for."""

    def __init__(self, files: ModuleFiles) -> None:
        """Nothing is read yet."""
        self.files = files
        self._modules: dict[Names, Module | None] = {}
        self._folders: dict[str, Module] = {}
        self._installed: dict[str, _Installed] | None = None
        self.missing: dict[Names, str] = {}
        self._notes: list[str] = []

    @property
    def root(self) -> Module:
        """The root module."""
        found = self.module(())
        return found if found is not None else Module(".")

    def module(self, names: Names) -> Module | None:
        """The module that these calls lead to; None where its sources are not at hand (see ``missing``)."""
        if names not in self._modules:
            self._modules[names] = self._found(names)
        return self._modules[names]

    def call(self, names: Names) -> HclBlock | None:
        """The block that calls a module; None for the root, or where there is none."""
        parent = self.module(names[:-1]) if names else None
        return parent.calls.get(names[-1]) if parent is not None else None

    def problems(self) -> tuple[Problem, ...]:
        """What could not be read in the modules read so far, each once."""
        found = {problem for module in self._folders.values() for problem in module.problems}
        return tuple(sorted(found, key=lambda problem: (problem.file, problem.line, problem.text)))

    def notices(self) -> tuple[str, ...]:
        """What was noted, besides ``problems`` and ``missing``."""
        return tuple(self._notes)

    def note(self, text: str) -> None:
        """Note something that a person should know."""
        self._notes.append(f"{self.files.shown}: {text}")

    def _found(self, names: Names) -> Module | None:
        folder = self.files.folder(".") if not names else self._folder(names)
        if folder is None:
            return None
        if folder not in self._folders:
            self._folders[folder] = self._read(folder)
        return self._folders[folder]

    def _folder(self, names: Names) -> str | None:
        call = self.call(names)
        parent = self.module(names[:-1])
        if call is None or parent is None:
            return None
        source = _text(call.body.arguments.get("source"))
        noted, store = self._manifest().get(".".join(names), _Installed("", ""))
        local = local_source(call)
        path = posixpath.normpath(posixpath.join(parent.folder, local)) if local else noted
        if not path:
            self.missing[names] = f"its source {source or '(none)'} is not installed: run `terraform init`"
            return None
        if len(names) > DEPTH:
            self.missing[names] = "modules are nested too deeply"
            return None
        same = os.path.normpath(path) == os.path.normpath(noted) if noted else False
        folder = self.files.folder(path, installed=same, store=store)
        if folder is None:
            self.missing[names] = f"{path} is no folder of sources inside the project"
            return None
        above = [self.module(names[:length]) for length in range(len(names))]
        if any(module is not None and module.folder == folder for module in above):
            self.missing[names] = "it calls itself, which Terraform refuses"
            return None
        return folder

    def _manifest(self) -> dict[str, _Installed]:
        if self._installed is None:
            self._installed = _installed(self.files.manifest())
        return self._installed

    def _read(self, folder: str) -> Module:
        return module_of(folder, [source_file(path, content) for path, content in self.files.sources(folder)])


def source_file(path: str, content: bytes | None) -> SourceFile:
    """One file of sources, in either syntax; no content: one that cannot be read."""
    if content is None:
        return SourceFile(path, Body(), (Problem(path, 1, "cannot be read, or is too large"),))
    if path.endswith(".json"):
        from eks_checks.terraform.hcl import read_json

        return read_json.read_json(content, path)
    from eks_checks.terraform.hcl import read

    return read.read(content, path)


class _Installed(NamedTuple):
    """Where ``terraform init`` has put a module, and how its path in a store of registry modules ends."""

    folder: str
    store: str


_REGISTRY = re.compile(r"(?:[\w.-]+\.[a-z]+/)?(\w[\w-]*/\w[\w-]*/\w[\w-]*)(?://([\w./-]+))?", re.ASCII)
_VERSION = re.compile(r"\d+\.\d+\.\d+[\w.+-]*", re.ASCII)


def _installed(manifest: bytes | None) -> dict[str, _Installed]:
    """Key of a module (``net.subnets``) to where it is installed."""
    try:
        entries = json.loads(manifest or b"{}").get("Modules")
    except (ValueError, AttributeError, RecursionError):
        return {}
    listed = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return {
        str(entry.get("Key")): _Installed(str(entry.get("Dir")), _store(entry))
        for entry in listed
        if entry.get("Dir")
    }


def _store(entry: dict[str, Any]) -> str:
    """``NAMESPACE/NAME/PROVIDER/VERSION`` and what is below it; empty for what is from no registry."""
    source = _REGISTRY.fullmatch(str(entry.get("Source")))
    version = _VERSION.fullmatch(str(entry.get("Version")))
    if source is None or version is None:
        return ""
    return posixpath.normpath(f"{source[1]}/{version[0]}/{source[2] or ''}")


def local_source(call: HclBlock) -> str:
    """The path that a module call names, with slashes; empty where it names something to be installed."""
    source = _text(call.body.arguments.get("source")).replace("\\", "/")
    return source if source.startswith(("./", "../")) or source in (".", "..") else ""


def _text(argument: Argument | None) -> str:
    expression = argument.expression if argument is not None else None
    return str(expression.value) if isinstance(expression, Literal) and expression.value is not None else ""
