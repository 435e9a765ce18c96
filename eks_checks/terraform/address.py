"""Terraform's resource addresses: ``module.net["a"].aws_subnet.private[0]`` as data, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

Index: TypeAlias = "str | int | None"
"""An instance's key: a number (count), a string (for_each) or None (neither)."""

MODES = ("data", "ephemeral")
"""The modes an address spells out; a managed resource has no such word."""


class Step(NamedTuple):
    """One step of a traversal: ``.name`` or, with ``bracket``, ``[0]`` or ``["key"]``."""

    key: str | int
    bracket: bool


@dataclass(frozen=True)
class ModuleStep:
    """One module call on the way down, with its instance key."""

    name: str
    index: Index = None

    def __str__(self) -> str:
        """Terraform's text: ``module.net["a"]``."""
        return f"module.{self.name}{index_text(self.index)}"

    @property
    def sort_key(self) -> tuple[str, tuple[int, int, str]]:
        """Orders numeric keys by number, before keys that are text."""
        return (self.name, _index_order(self.index))


MODULE = "module"
"""The type, and in references the mode too, of an address that stands for a module instance."""


@dataclass(frozen=True)
class ResourceAddress:
    """One instance of one resource, anywhere in the module tree."""

    module: tuple[ModuleStep, ...]
    mode: str
    type: str
    name: str
    index: Index = None

    @classmethod
    def parse(cls, text: str) -> ResourceAddress:
        """Read Terraform's spelling; ValueError says what is wrong with any other text."""
        module, rest = split_module(traversal(text))
        mode = "managed"
        if rest and rest[0].key in MODES and not rest[0].bracket:
            mode, rest = str(rest[0].key), rest[1:]
        if len(rest) not in (2, 3) or rest[0].bracket or rest[1].bracket:
            raise ValueError(f"not a resource address: {text!r}")
        if len(rest) == 3 and not rest[2].bracket:
            raise ValueError(f"not a resource address but an attribute: {text!r}")
        index = rest[2].key if len(rest) == 3 else None
        return cls(module, mode, str(rest[0].key), str(rest[1].key), index)

    @cached_property
    def _text(self) -> str:
        # The hot path of every dictionary and message: built once.
        return f"{self.prefix}{self.local}{index_text(self.index)}"

    def __str__(self) -> str:
        """Terraform's text, exactly."""
        return self._text

    def __lt__(self, other: ResourceAddress) -> bool:
        """Natural order, see ``sort_key``."""
        return self.sort_key < other.sort_key

    @property
    def prefix(self) -> str:
        """The module path with its closing dot, or nothing: ``module.net["a"].``."""
        return "".join(f"{step}." for step in self.module)

    @property
    def local(self) -> str:
        """The address inside its module, without index: ``data.aws_vpc.this``."""
        mode = "" if self.mode == "managed" else f"{self.mode}."
        return f"{mode}{self.type}.{self.name}"

    @property
    def configuration(self) -> str:
        """The address of the resource block: every index dropped."""
        return "".join(f"module.{step.name}." for step in self.module) + self.local

    @property
    def module_path(self) -> str:
        """The module instance it is in, as text; empty for the root module."""
        return ".".join(str(step) for step in self.module)

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Natural order: by module, mode, type, name, and numbers as numbers (``[2]`` before ``[10]``)."""
        modules = tuple(step.sort_key for step in self.module)
        return (modules, self.mode != "managed", self.mode, self.type, self.name, _index_order(self.index))


def module_names(steps: Iterable[ModuleStep]) -> tuple[str, ...]:
    """The names of the calls that lead to a module instance: where its configuration is."""
    return tuple(step.name for step in steps)


def parse_local(text: str) -> tuple[str, str, str]:
    """(mode, type, name) out of ``TYPE.NAME`` or ``data.TYPE.NAME``, see ``ResourceAddress.local``."""
    words = text.split(".")
    return ("managed", words[0], words[1]) if len(words) == 2 else (words[0], words[1], words[2])


def parse_module(text: str) -> tuple[ModuleStep, ...]:
    """Read the address of a module instance (empty: the root); ValueError for any other text."""
    if not text:
        return ()
    module, rest = split_module(traversal(text))
    if rest:
        raise ValueError(f"not a module address: {text!r}")
    return module


def split_module(steps: tuple[Step, ...]) -> tuple[tuple[ModuleStep, ...], tuple[Step, ...]]:
    """Take the leading ``module.NAME[KEY]`` steps off a traversal."""
    module: list[ModuleStep] = []
    while len(steps) >= 2 and steps[0] == Step("module", False) and not steps[1].bracket:
        indexed = len(steps) > 2 and steps[2].bracket
        module.append(ModuleStep(str(steps[1].key), steps[2].key if indexed else None))
        steps = steps[3 if indexed else 2 :]
    return tuple(module), steps


_NAME = re.compile(r"[^\W\d][\w-]*")
_NUMBER = re.compile(r"\[(\d+)\]")
_KEY = re.compile(r'\["((?:[^"\\]|\\.)*)"\]', re.DOTALL)


def traversal(text: str) -> tuple[Step, ...]:
    """Cut ``a.b[0]["c.d"].e`` into its steps; ValueError where it is no traversal."""
    steps: list[Step] = []
    position = 0
    while position < len(text):
        if text[position] == "[" and steps:
            number, key = _NUMBER.match(text, position), _KEY.match(text, position)
            match = number or key
            if match is None:
                raise ValueError(f"unreadable index at column {position + 1} of {text!r}")
            steps.append(Step(int(match[1]) if number else _unquote(match[1]), True))
        else:
            if steps and text[position] != ".":
                raise ValueError(f"unexpected {text[position]!r} at column {position + 1} of {text!r}")
            match = _NAME.match(text, position + (1 if steps else 0))
            if match is None:
                raise ValueError(f"no name at column {position + 1} of {text!r}")
            steps.append(Step(match[0], False))
        position = match.end()
    if not steps:
        raise ValueError("an empty address")
    return tuple(steps)


def index_text(index: Index) -> str:
    """An instance key as Terraform writes it behind a name: ``[0]``, ``["a"]`` or nothing."""
    if index is None:
        return ""
    return f"[{index}]" if isinstance(index, int) else f"[{_quote(index)}]"


def _index_order(index: Index) -> tuple[int, int, str]:
    if index is None:
        return (0, 0, "")
    return (1, index, "") if isinstance(index, int) else (2, 0, index)


# --- quoting: Terraform's own rules for a string key --------------------------------------------------------

_PLAIN = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_ESCAPE = re.compile(
    r"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\x([0-9a-fA-F]{2})|\\(.)|([$%])[$%]\{", re.DOTALL
)
_TEMPLATE = re.compile(r"[$%](?=\{)")


def _quote(key: str) -> str:
    # A template's introducer is doubled, so that the text is a legal HCL string.
    doubled = _TEMPLATE.sub(lambda sign: sign[0] * 2, key)
    return '"' + "".join(_quoted_character(character) for character in doubled) + '"'


def _quoted_character(character: str) -> str:
    if character in _PLAIN:
        return _PLAIN[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _unquote(text: str) -> str:
    if "\\" not in text and "{" not in text:
        return text
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        return chr(min(int(code, 16), 0x10FFFF))
    if match[4]:
        return _ESCAPED.get(match[4], match[4])
    sign = match[5]
    return f"{sign}{{" if match[0] == f"{sign}{sign}{{" else match[0]
