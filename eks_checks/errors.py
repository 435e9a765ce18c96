"""Errors a person can act on: each says what is wrong, where, and what to do next."""

from __future__ import annotations


class EksChecksError(Exception):
    """Base of every error this package raises on purpose.

    ``what`` names the fault, ``where`` the file, option or address it was met at,
    ``hint`` the next step. ``str()`` joins them to one line without a trailing newline.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        """Keep the three parts; line breaks inside them are folded to blanks."""
        self.what = " ".join(what.split())
        self.where = " ".join(where.split())
        self.hint = " ".join(hint.split())
        super().__init__(str(self))

    def __str__(self) -> str:
        """The whole error on one line: ``where: what; hint``."""
        line = f"{self.where}: {self.what}" if self.where else self.what
        return f"{line}; {self.hint}" if self.hint else line


class InputError(EksChecksError):
    """A plan, state or folder cannot be read, or is not what it should be (exit code 2)."""


class EmptyInputError(InputError):
    """A folder of sources that declares nothing to analyse."""


class ConfigError(EksChecksError):
    """The configuration file is wrong (exit code 2)."""


class UsageError(EksChecksError):
    """An option or argument cannot be used as given (exit code 2)."""
