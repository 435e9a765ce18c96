"""The configuration file: finds it and reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from eks_checks.errors import ConfigError
from eks_checks.settings import FILE_NAME, Settings, parse

_LARGEST_BYTES = 1 << 20


def load(
    path: Path | None, near: Iterable[Path], checks: Callable[[], Mapping[str, Sequence[str]]]
) -> Settings:
    """The settings of ``path``, else of the file found upwards from one of ``near``, else the defaults.

    ``checks`` gives every check's id and the names of the parameters it takes; asked only where there is a
    file.

    Raises ConfigError for a file that cannot be read or is not as documented.
    """
    file = path if path is not None else find(near)
    if file is None:
        return Settings()
    try:
        with file.open("rb") as stream:
            text = stream.read(_LARGEST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"the configuration file cannot be read: {reason}", where=str(file)) from error
    if len(text) > _LARGEST_BYTES:
        raise ConfigError("this is not a configuration: it is larger than 1 MiB", where=str(file))
    return parse(text, file=str(file), checks=checks)


def find(near: Iterable[Path]) -> Path | None:
    """The nearest configuration file at or above the first of ``near`` that has one.

    The way up ends with the folder that holds ``.git``, or the root.
    """
    for start in near:
        nearest = start.resolve()
        for folder in (nearest, *nearest.parents):
            if (folder / FILE_NAME).is_file():
                return _short(folder / FILE_NAME)
            if (folder / ".git").exists():
                break
    return None


def _short(path: Path) -> Path:
    """The path as seen from the current folder, where it lies below that."""
    here = Path.cwd().resolve()
    return path.relative_to(here) if path.is_relative_to(here) else path
