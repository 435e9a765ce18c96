"""Terraform's functions of files and paths: nothing is read but through ``Files``."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Callable

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.digests import hexadecimal, in_base64
from eks_checks.terraform.functions.kinds import STRING
from eks_checks.terraform.functions.knowledge import CHARACTERS, MEMBERS, UndeterminedError, bounded
from eks_checks.terraform.functions.signature import Files, Function, plain, reading
from eks_checks.terraform.functions.strings import normalized
from eks_checks.terraform.value import Unknown


def _file(files: Files, path: str) -> str:
    content = files.read(path)
    bounded(len(content), CHARACTERS)
    try:
        return normalized(content.decode())
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path} is not UTF-8: filebase64() reads such files") from error


def _filebase64(files: Files, path: str) -> str:
    content = files.read(path)
    bounded(len(content), CHARACTERS)
    return base64.b64encode(content).decode()


def _fileexists(files: Files, path: str) -> bool:
    return files.exists(path)


def _fileset(files: Files, directory: str, pattern: str) -> frozenset[str]:
    found = files.fileset(directory, pattern)
    bounded(len(found), MEMBERS)
    return frozenset(found)


def _digest(digest: Callable[[str, bytes], str], algorithm: str) -> Callable[[Files, str], str]:
    return lambda files, path: digest(algorithm, files.read(path))


def _basename(path: str) -> str:
    stripped = path.rstrip("/")
    if not stripped:
        return "/" if path else "."
    return posixpath.basename(stripped)


def _dirname(path: str) -> str:
    # Go cleans the folder's path; "//" at the front means nothing to it.
    folder = posixpath.normpath(posixpath.dirname(path) or ".")
    return "/" + folder.lstrip("/") if folder.startswith("//") else folder


def _abspath(path: str) -> str:
    if not path.startswith("/"):
        raise UndeterminedError(Unknown("abspath() depends on the folder Terraform runs in"))
    return "/" + posixpath.normpath(path).lstrip("/")


def _pathexpand(path: str) -> str:
    if path.startswith("~"):
        raise UndeterminedError(Unknown("pathexpand() depends on who runs Terraform"))
    return path


_DIGESTS = ("md5", "sha1", "sha256", "sha512")

FUNCTIONS: tuple[Function, ...] = (
    plain("abspath", [STRING], _abspath),
    plain("basename", [STRING], _basename),
    plain("dirname", [STRING], _dirname),
    reading("file", [STRING], _file),
    reading("filebase64", [STRING], _filebase64),
    reading("fileexists", [STRING], _fileexists),
    reading("fileset", [STRING, STRING], _fileset),
    *(reading(f"file{name}", [STRING], _digest(hexadecimal, name)) for name in _DIGESTS),
    *(reading(f"filebase64{name}", [STRING], _digest(in_base64, name)) for name in _DIGESTS[2:]),
    plain("pathexpand", [STRING], _pathexpand),
)
