"""The only way to the files of a configuration: nothing outside the project is read, and nothing huge."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from eks_checks.errors import InputError
from eks_checks.terraform.failure import EvaluationError

SOURCE_ENDINGS = (".tf", ".tf.json", ".tofu", ".tofu.json")
LARGEST = 4 * 1024 * 1024
"""No source, manifest or template that people write is larger."""
MANY = 20_000
"""How many files ``fileset`` looks at before it gives up."""
CACHE = ".terraform/modules"


class ModuleFiles:
    """The files below one root module, its project and its module cache.

    The project is the repository the root module is in (see ``_project`` for one without). Where the module
    cache is a link to elsewhere, the folders of the modules in it are inside as well. Paths are
    taken relative to the root module, as Terraform takes them; links are followed where they stay inside.
    """

    def __init__(self, root: str) -> None:
        """``root`` is the root module's folder. InputError where there is none."""
        self.shown = root
        self._root = Path(root)
        if not self._root.is_dir():
            raise InputError("there is no such folder", where=root, hint="name the root module's folder")
        self._real = self._root.resolve()
        self.project = _project(self._real)
        self._trees = {self._real}

    @property
    def real(self) -> str:
        """The root module's folder with links resolved: where Terraform is run."""
        return self._real.as_posix()

    def manifest(self) -> bytes | None:
        """The list of installed modules, ``.terraform/modules/modules.json``; None without one."""
        try:
            return self._bytes(self._root / CACHE / "modules.json")
        except OSError:
            return None

    def folder(self, path: str, *, installed: bool = False, store: str = "") -> str | None:
        """A module's folder, as a path relative to the root module; None where it leaves the project.

        ``installed``: ``terraform init`` has noted it, so that it may be in the module cache, which may be
        a link to elsewhere, or in a store shared by projects: then its path ends in ``store``, the module's
        name and version in its registry. Nothing in the list of installed modules leads anywhere else.
        """
        found = _resolved(self._root / path)
        if found is None or not found.is_dir() or not _has_sources(found):
            return None
        if not self._inside(found) and not (installed and self._cached(found, store)):
            return None
        self._trees.add(found)
        return os.path.normpath(path)

    def sources(self, folder: str) -> Iterator[tuple[str, bytes | None]]:
        """(path to show, content) of every source file of a module's folder, in Terraform's order.

        The content is None where the file is a link that leads outside, is too large, or cannot be read.
        """
        place = self._root / folder
        names = [name for name in os.listdir(place) if is_source(name)]
        for name in sorted(names):
            found = _resolved(place / name)
            if found is not None and not found.is_file():
                continue
            yield self.shown_path(f"{folder}/{name}"), self._content(found)

    def shown_path(self, path: str) -> str:
        """A path relative to the root module, as the user would write it: from the current folder."""
        joined = os.path.normpath(path if self.shown in (".", "") else f"{self.shown}/{path}")
        if os.path.isabs(joined) and Path.cwd() in Path(joined).parents:
            joined = os.path.relpath(joined)
        return PurePosixPath(joined).as_posix()

    def own(self, name: str) -> bytes | None:
        """The content of a file in the root module's folder; None where it cannot be read."""
        return self._content(_resolved(self._root / name))

    def names(self) -> Iterator[str]:
        """The names of the files in the root module's folder, sorted (to find ``terraform.tfvars``)."""
        yield from sorted(os.listdir(self._root))

    # --- what Terraform's functions see ---------------------------------------------------------------------

    def read(self, path: str) -> bytes:
        """The content of a file inside the module tree. EvaluationError for any other."""
        found = self._inside_tree(path)
        if found is None or not found.is_file():
            raise EvaluationError(f"there is no file {path} inside the modules")
        content = self._content(found)
        if content is None:
            raise EvaluationError(f"the file {path} cannot be read")
        return content

    def exists(self, path: str) -> bool:
        """Whether a regular file is there. EvaluationError for a place outside the module tree."""
        found = self._inside_tree(path)
        if found is None and self._inside_tree(os.path.dirname(path) or ".") is None:
            raise EvaluationError(f"{path} is outside the modules")
        return found is not None and found.is_file()

    def fileset(self, folder: str, pattern: str) -> tuple[str, ...]:
        """The files below ``folder`` that match, relative to it. EvaluationError outside the module tree."""
        found = self._inside_tree(folder)
        if found is None or not found.is_dir():
            raise EvaluationError(f"there is no folder {folder} inside the modules")
        if ".." in PurePosixPath(pattern).parts or PurePosixPath(pattern).is_absolute():
            raise EvaluationError(f"the pattern {pattern} leaves the folder")
        matching: list[str] = []
        for looked_at, name in enumerate(_below(found)):
            if looked_at > MANY:
                raise EvaluationError(f"{folder} holds too many files")
            if _matches(name, pattern):
                matching.append(name)
        return tuple(sorted(matching))

    # --- inside or outside ----------------------------------------------------------------------------------

    def _inside(self, found: Path) -> bool:
        places = (self._real, self.project, *self._trees)
        return any(found == place or place in found.parents for place in places)

    def _cached(self, found: Path, store: str) -> bool:
        if store and found.as_posix().endswith(f"/{store}"):
            return True
        cache = _resolved(self._root / CACHE)
        return cache is not None and cache in found.parents and (cache / "modules.json").is_file()

    def _inside_tree(self, path: str) -> Path | None:
        found = _resolved(self._root / path)
        inside = found is not None and any(tree == found or tree in found.parents for tree in self._trees)
        return found if inside else None

    def _content(self, found: Path | None) -> bytes | None:
        if found is None or not self._inside(found):
            return None
        try:
            return self._bytes(found)
        except OSError:
            return None

    def _bytes(self, path: Path) -> bytes | None:
        if not path.is_file():
            return None  # a pipe or a device would keep us waiting
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        return content if len(content) <= LARGEST else None


def is_source(name: str) -> bool:
    """Whether Terraform reads a file of this name: not a hidden one, nor what editors keep beside a file."""
    return name.endswith(SOURCE_ENDINGS) and not name.startswith((".", "#"))


def file_of_variables(path: str) -> bytes:
    """The content of a file that ``--var-file`` names. InputError where it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be read ({reason})", where=path, hint="check --var-file") from error
    if len(content) > LARGEST:
        raise InputError(f"larger than {LARGEST} bytes", where=path, hint="check --var-file")
    return content


def usual_folders(plan: str) -> Iterator[str]:
    """Where a plan's sources usually are, as far as there are any: its own folder, then the current one."""
    own = Path(plan).parent if Path(plan).exists() else Path()
    for folder in dict.fromkeys((own, Path())):
        if folder.is_dir() and _has_sources(folder):
            yield folder.as_posix()


UP = 4
"""How far up an unpacked archive, which is no repository, may reach beyond its root module."""


def _project(root: Path) -> Path:
    """The repository a folder is in; without one, the highest folder near it that looks like a project.

    Examples of a module call it by ``source = "../.."``, and many are read out of an archive.
    """
    for place in (root, *root.parents):
        if (place / ".git").exists():
            return place
    here = Path.cwd().resolve()
    near = [place for place in list(root.parents)[:UP] if _looks_like_a_project(place)]
    around = [here] if here in root.parents else []
    own = [place for place in (*near, *around) if not _is_shared(place)]
    return min((root, *own), key=lambda place: len(place.parts))


def _is_shared(place: Path) -> bool:
    """Whether a folder holds all kinds of things: the top of a machine (``/``, ``/tmp``), or a home."""
    return len(place.parts) < 3 or place == Path.home()


def _looks_like_a_project(place: Path) -> bool:
    try:
        names = os.listdir(place)
    except OSError:
        return False
    marks = ("modules", "examples", "license", "readme", "terraform")
    return any(name.endswith(SOURCE_ENDINGS) or name.lower().partition(".")[0] in marks for name in names)


def _has_sources(folder: Path) -> bool:
    try:
        return any(name.endswith(SOURCE_ENDINGS) for name in os.listdir(folder))
    except OSError:
        return False


def _resolved(path: Path) -> Path | None:
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return None  # not there, or links that go round in a circle


def _below(folder: Path) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield (Path(place) / name).relative_to(folder).as_posix()


def _matches(name: str, pattern: str) -> bool:
    """Terraform's globs: ``**`` crosses folders, ``*`` and ``?`` do not, ``{a,b}`` is either."""
    import regex

    try:
        return regex.fullmatch(_glob(pattern), name, timeout=0.2) is not None
    except regex.error:
        return False
    except TimeoutError as error:
        raise EvaluationError(f"the pattern {pattern} takes too long") from error


def _glob(pattern: str) -> str:
    import regex

    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}
    depth, out = 0, []
    for word in regex.findall(r"\*\*/|\*\*|\[[^\]]*\]|.", pattern, regex.DOTALL):
        depth += {"{": 1, "}": -1}.get(word, 0)
        if word == "," and depth == 0:
            out.append(",")
        else:
            out.append(words.get(word) or (word if word[0] == "[" and len(word) > 2 else regex.escape(word)))
    return "".join(out)
