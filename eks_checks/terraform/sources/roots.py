"""Which root modules a changed file concerns: its own folder, or all that call that folder."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from eks_checks.terraform.hcl.body import Body, HclBlock
from eks_checks.terraform.repository import Repository, SourceFolder
from eks_checks.terraform.sources.tree import local_source, source_file

VALUES = (".tfvars", ".tfvars.json")
CACHE = ".terraform"

# What a file must hold to be worth parsing, which takes time: a local source, or a backend.
_INTERESTING = re.compile(
    rb'\bsource[ \t]*=[ \t]*"\.{1,2}[/\\"]|\bbackend[ \t]+"?[\w-]+"?[ \t]*\{|\bcloud[ \t]*\{'
)
_INTERESTING_JSON = re.compile(rb'"(?:module|terraform)"')


@dataclass(frozen=True)
class ModuleFolder:
    """A folder of sources.

    ``calls`` are the folders that its module blocks name by a local path, ``links`` those that some of its
    files are links into. ``applied``: it says itself that it is a root module, by a ``backend`` or ``cloud``
    block or by a file of values.
    """

    calls: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    applied: bool = False


@dataclass
class Roots:
    """The folders of one repository and who uses whom; ``folders`` by path."""

    folders: Mapping[str, ModuleFolder]
    _users: dict[str, set[str]] = field(default_factory=dict)
    _called: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Turn the calls round."""
        for path, folder in self.folders.items():
            self._called |= folder.calls - {path}
            for used in folder.calls | folder.links:
                self._users.setdefault(used, set()).add(path)

    def is_root(self, path: str) -> bool:
        """Whether the folder is applied by itself: nobody calls it, or it says so."""
        return path not in self._called or self.folders[path].applied

    def of(self, path: str) -> frozenset[str]:
        """The root modules that a change in the folder concerns.

        Folders that only call each other have no root: then it is the folder itself.
        """
        reached, waiting = {path}, [path]
        while waiting:
            new = self._users.get(waiting.pop(), set()) - reached
            reached |= new
            waiting += new
        return frozenset(found for found in reached if self.is_root(found)) or frozenset({path})


def root_modules(files: Iterable[str]) -> tuple[str, ...]:
    """The root modules that changed files concern, each once and in order, as paths from the current folder.

    Files in ``.terraform`` concern none, nor do values in a folder without sources.
    """
    changed: dict[str, tuple[Repository, set[str]]] = {}
    for folder in dict.fromkeys(os.path.dirname(file) or "." for file in files):
        repository = Repository.around(folder)
        inside = repository.inside(folder)
        if inside is not None and CACHE not in inside.split("/"):
            changed.setdefault(repository.top, (repository, set()))[1].add(inside)
    found = []
    for repository, folders in changed.values():
        roots = Roots(_read(repository, folders))
        concerned = {root for folder in folders if folder in roots.folders for root in roots.of(folder)}
        found += [repository.shown(root) for root in concerned]
    return tuple(sorted(found, key=lambda path: path.split("/")))


def _read(repository: Repository, also: Iterable[str]) -> dict[str, ModuleFolder]:
    """All folders of a repository, and ``also`` those that are hidden."""
    found = {folder.path: folder for folder in repository.folders()}
    for path in sorted(set(also) - set(found)):
        hidden = repository.folder(path)
        if hidden is not None:
            found[path] = hidden
    return {path: _module_folder(repository, folder, found) for path, folder in found.items()}


def _module_folder(
    repository: Repository, folder: SourceFolder, known: Mapping[str, SourceFolder]
) -> ModuleFolder:
    calls: set[str] = set()
    applied = any(name.endswith(VALUES) for name in folder.names)
    for name in folder.sources:
        body = _interesting(repository.content(folder, name), name)
        applied = applied or any(_is_applied(block) for block in body.of_type("terraform"))
        for source in _local_sources(body):
            path = posixpath.normpath(posixpath.join(folder.path, source))
            # A path through a link leads to a folder of another name.
            real = path if path in known else repository.real(path)
            if real is not None:
                calls.add(real)
    return ModuleFolder(frozenset(calls), folder.linked, applied)


def _interesting(content: bytes, name: str) -> Body:
    """The file's body; empty, and the file unread, where it calls nothing and says nothing of itself."""
    mark = _INTERESTING_JSON if name.endswith(".json") else _INTERESTING
    return source_file(name, content).body if mark.search(content) else Body()


def _local_sources(body: Body) -> Iterator[str]:
    for block in body.of_type("module"):
        source = local_source(block)
        if source:
            yield source


def _is_applied(block: HclBlock) -> bool:
    return any(inner.type in ("backend", "cloud") for inner in block.body.blocks) or any(
        name in block.body.arguments for name in ("backend", "cloud")
    )
