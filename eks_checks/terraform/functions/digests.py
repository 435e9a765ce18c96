"""Terraform's digests of strings."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.kinds import STRING
from eks_checks.terraform.functions.signature import Function, plain

_NAMESPACES = {
    "dns": uuid.NAMESPACE_DNS,
    "url": uuid.NAMESPACE_URL,
    "oid": uuid.NAMESPACE_OID,
    "x500": uuid.NAMESPACE_X500,
}


def hexadecimal(algorithm: str, content: bytes) -> str:
    """The digest of ``content`` in hexadecimal."""
    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()


def in_base64(algorithm: str, content: bytes) -> str:
    """The digest of ``content`` in base 64: of the bytes, not of their hexadecimal text."""
    return base64.b64encode(hashlib.new(algorithm, content, usedforsecurity=False).digest()).decode()


def _of_text(digest: Callable[[str, bytes], str], algorithm: str) -> Callable[[str], str]:
    return lambda text: digest(algorithm, text.encode())


def _uuidv5(namespace: str, name: str) -> str:
    try:
        space = _NAMESPACES.get(namespace) or uuid.UUID(namespace)
    except ValueError as error:
        raise EvaluationError(f'"{namespace}" is no namespace of UUIDs') from error
    return str(uuid.uuid5(space, name))


FUNCTIONS: tuple[Function, ...] = (
    plain("base64sha256", [STRING], _of_text(in_base64, "sha256")),
    plain("base64sha512", [STRING], _of_text(in_base64, "sha512")),
    *(plain(name, [STRING], _of_text(hexadecimal, name)) for name in ("md5", "sha1", "sha256", "sha512")),
    plain("uuidv5", [STRING, STRING], _uuidv5),
)
