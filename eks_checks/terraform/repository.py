"""A repository's folders of Terraform sources: found without following links or entering hidden folders."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eks_checks.terraform.files import LARGEST, is_source

NOT_ENTERED = frozenset({"node_modules"})
"""Folders, besides hidden ones, that hold no configuration of the repository's own."""


@dataclass(frozen=True)
class SourceFolder:
    """One folder, ``path`` being relative to the repository (``.``: its top).

    ``names`` are all its files; ``linked`` the folders that its sources really are in, where they are links.
    """

    path: str
    names: tuple[str, ...]
    linked: frozenset[str]

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of its Terraform sources."""
        return tuple(name for name in self.names if is_source(name))


class Repository:
    """What is below one folder. Paths in and out are relative to it, with slashes."""

    def __init__(self, top: str) -> None:
        """``top`` is the repository's own folder, without links in its path."""
        self.top = top

    @classmethod
    def around(cls, folder: str) -> Repository:
        """The repository that a folder is in; without one the current folder, or ``folder`` itself."""
        place = Path(os.path.realpath(folder))
        for above in (place, *place.parents):
            if (above / ".git").exists():
                return cls(str(above))
        here = Path(os.path.realpath("."))
        return cls(str(here if here in place.parents else place))

    def inside(self, folder: str) -> str | None:
        """A folder, given as the user has it, relative to the repository; None where it is outside."""
        place, top = Path(os.path.realpath(folder)), Path(self.top)
        return place.relative_to(top).as_posix() if place == top or top in place.parents else None

    def shown(self, path: str) -> str:
        """A path of the repository as the user would write it from the current folder."""
        place = os.path.join(self.top, path)
        try:
            return Path(os.path.relpath(place, os.path.realpath("."))).as_posix()
        except ValueError:  # on another drive
            return Path(place).as_posix()

    def real(self, path: str) -> str | None:
        """The folder that a path leads to, links followed; None where it leaves the repository."""
        return self.inside(os.path.join(self.top, path))

    def folders(self) -> Iterator[SourceFolder]:
        """Every folder that holds sources, hidden ones and what is in them left out."""
        for place, below, names in os.walk(self.top):
            below[:] = sorted(name for name in below if name[0] != "." and name not in NOT_ENTERED)
            if any(is_source(name) for name in names):
                yield self._folder(Path(place).relative_to(self.top).as_posix(), names)

    def folder(self, path: str) -> SourceFolder | None:
        """One folder, hidden or not; None where it holds no sources."""
        try:
            names = os.listdir(os.path.join(self.top, path))
        except OSError:
            return None
        return self._folder(path, names) if any(is_source(name) for name in names) else None

    def content(self, folder: SourceFolder, name: str) -> bytes:
        """The content of a folder's file; nothing where it cannot be read or is too large."""
        try:
            with open(os.path.join(self.top, folder.path, name), "rb") as file:
                content = file.read(LARGEST + 1)
        except OSError:
            return b""
        return content if len(content) <= LARGEST else b""

    def _folder(self, path: str, names: list[str]) -> SourceFolder:
        linked = (self._linked(posixpath.join(path, name)) for name in names if is_source(name))
        return SourceFolder(path, tuple(sorted(names)), frozenset(place for place in linked if place))

    def _linked(self, path: str) -> str | None:
        """The folder a source is in that is a link; None for one that is none."""
        place = os.path.join(self.top, path)
        return self.inside(os.path.dirname(os.path.realpath(place))) if os.path.islink(place) else None
