"""How a function is declared: its name, what it takes, and how it is computed."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from eks_checks.terraform.functions.kinds import Kind


class Files(Protocol):
    """The files of the module tree, for the functions that read some."""

    def read(self, path: str) -> bytes:
        """The file's bytes; raises EvaluationError where there is none, or where it is outside the tree."""

    def exists(self, path: str) -> bool:
        """Whether ``path`` is a file of the tree."""

    def fileset(self, directory: str, pattern: str) -> tuple[str, ...]:
        """The paths under ``directory`` that match ``pattern``."""


class Form(enum.Enum):
    """What the body of a function takes and returns."""

    PLAIN = "Python values, all of them known"
    PARTIAL = "Values, known in part"
    READING = "the files, then Python values"


@dataclass(frozen=True)
class Function:
    """One of Terraform's functions.

    ``parameters`` come first, then any number of ``variadic`` ones. ``nullable``: null is an
    argument like another; elsewhere Terraform refuses it.
    """

    name: str
    parameters: tuple[Kind, ...]
    body: Callable[..., Any]
    form: Form
    variadic: Kind | None = None
    nullable: bool = False

    def kind(self, position: int) -> Kind | None:
        """What the argument at ``position`` has to be; None where there is none."""
        return self.parameters[position] if position < len(self.parameters) else self.variadic


def plain(
    name: str,
    parameters: Sequence[Kind],
    body: Callable[..., Any],
    variadic: Kind | None = None,
    nullable: bool = False,
) -> Function:
    """A function of known arguments: ``body`` takes and returns Python's values."""
    return Function(name, tuple(parameters), body, Form.PLAIN, variadic, nullable)


def partial(
    name: str,
    parameters: Sequence[Kind],
    body: Callable[..., Any],
    variadic: Kind | None = None,
    nullable: bool = False,
) -> Function:
    """A function that keeps what is sure of arguments known in part: ``body`` takes and returns Values."""
    return Function(name, tuple(parameters), body, Form.PARTIAL, variadic, nullable)


def reading(name: str, parameters: Sequence[Kind], body: Callable[..., Any]) -> Function:
    """A function of the module's files: ``body`` takes them first, then Python's values."""
    return Function(name, tuple(parameters), body, Form.READING)
