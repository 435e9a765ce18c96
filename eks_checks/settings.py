"""Settings: what the configuration file says, each value with its origin. Reads text, never files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from eks_checks.errors import ConfigError
from eks_checks.reach.answer import LOGIN_PORTS
from eks_checks.sets import AddressSet

if TYPE_CHECKING:
    from yaml.nodes import Node

FILE_NAME = ".eks-checks.yaml"
SEVERITIES = ("critical", "high", "medium", "low", "info")
DEFAULT = "default"
MOST_PORT = 65535


@dataclass(frozen=True)
class RequiredTag:
    """A tag that resources of the cluster must carry: value ``pattern`` and resource ``types`` are optional.

    ``pattern`` is a regular expression for the whole value; ``types`` are Terraform types, ``*``
    and ``?`` allowed (empty: every type).
    """

    key: str
    pattern: str = ""
    types: tuple[str, ...] = ()

    def accepts(self, value: str) -> bool:
        """Whether ``value`` is a good value of this tag."""
        return not self.pattern or re.fullmatch(self.pattern, value) is not None

    def applies_to(self, type_: str) -> bool:
        """Whether resources of this Terraform type must carry the tag."""
        return not self.types or any(_matches(pattern, type_) for pattern in self.types)


@dataclass(frozen=True)
class CheckSetting:
    """What the configuration says of one check: off, another severity (empty: the check's own)."""

    enabled: bool = True
    severity: str = ""


@dataclass(frozen=True)
class Settings:
    """The configuration in force.

    ``bastions`` are Terraform address patterns or CIDRs from which SSH is meant to come;
    ``login_ports`` are the TCP ports over which one logs in, on the way of an attack path.
    ``origin`` is the configuration file, empty where there is none; ``origins`` has, for every value
    that is not the default, its key and where it was set (``FILE:LINE`` or an option).
    """

    bastions: tuple[str, ...] = ()
    required_tags: tuple[RequiredTag, ...] = ()
    checks: tuple[tuple[str, CheckSetting], ...] = ()
    strict: bool = False
    login_ports: tuple[int, ...] = LOGIN_PORTS
    origin: str = ""
    origins: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @cached_property
    def bastion_cidrs(self) -> tuple[str, ...]:
        """Those bastions that are CIDRs, as written."""
        return tuple(entry for entry in self.bastions if _is_cidr(entry))

    @cached_property
    def bastion_addresses(self) -> AddressSet:
        """Every address that the bastions' CIDRs cover."""
        return AddressSet.from_cidrs(self.bastion_cidrs)

    @cached_property
    def bastion_patterns(self) -> tuple[str, ...]:
        """Those bastions that are address patterns."""
        return tuple(entry for entry in self.bastions if not _is_cidr(entry))

    def is_bastion(self, resource: str, cidrs: Iterable[str] = ()) -> bool:
        """Whether a source is a declared bastion: by its address, or because all its CIDRs lie in theirs.

        A pattern without instance keys means every instance: ``aws_instance.bastion`` is also
        ``aws_instance.bastion[0]``.
        """
        names = (resource, _LAST_KEY.sub("", resource), _KEY.sub("", resource))
        if any(_matches(pattern, name) for pattern in self.bastion_patterns for name in names):
            return True
        addresses = AddressSet.from_cidrs(cidrs)
        return bool(addresses) and addresses <= self.bastion_addresses

    def check(self, check_id: str) -> CheckSetting:
        """What is configured for one check."""
        return dict(self.checks).get(check_id, CheckSetting())

    def made_strict(self, origin: str) -> Settings:
        """The same settings with ``strict`` on, because ``origin`` said so."""
        kept = tuple(pair for pair in self.origins if pair[0] != "strict")
        return replace(self, strict=True, origins=(*kept, ("strict", origin)))

    def entries(self) -> Iterator[tuple[str, str, str]]:
        """Every setting as (key, value in words, origin), those left at their default included."""
        origins = dict(self.origins)
        lists: dict[str, list[str]] = {
            "bastions": list(self.bastions),
            "required_tags": [_tag_text(tag) for tag in self.required_tags],
            "login_ports": [str(port) for port in self.login_ports],
        }
        for key, items in lists.items():
            for index, item in enumerate(items):
                yield f"{key}[{index}]", item, origins.get(f"{key}[{index}]", DEFAULT)
            if not items:
                yield key, "none", origins.get(key, DEFAULT)
        for check_id, setting in self.checks:
            text = (
                (f"severity {setting.severity}" if setting.severity else "on") if setting.enabled else "off"
            )
            yield f"checks.{check_id}", text, origins.get(f"checks.{check_id}", DEFAULT)
        if not self.checks:
            yield "checks", "all on, at their own severity", origins.get("checks", DEFAULT)
        yield "strict", "true" if self.strict else "false", origins.get("strict", DEFAULT)


def parse(text: str | bytes, *, file: str, check_ids: Iterable[str]) -> Settings:
    """The settings that a configuration file's text makes; an empty file is all defaults.

    Raises ConfigError, naming file, line and key, for whatever is not exactly as documented:
    a misspelt key must not silently leave a check as it was.
    """
    root = _compose(text, file)
    reader = _Reader(file, tuple(sorted(check_ids)))
    return Settings(origin=file) if root is None else reader.settings(root)


_KEY = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_LAST_KEY = re.compile(_KEY.pattern + "$")
_PATTERN = re.compile(r'(?:[A-Za-z0-9_*?.-]|\[[^\]"]*\]|\["(?:[^"\\]|\\.)*"\])+')
_ADDRESS = re.compile(r"\d+(\.\d+){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*")
_KEYS = ("bastions", "required_tags", "checks", "strict", "login_ports")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_TAG_KEYS = ("key", "pattern", "types")


def _is_cidr(entry: str) -> bool:
    # An instance key may hold a slash: aws_subnet.this["10.0.0.0/24"].
    return "/" in entry and "[" not in entry


def _matches(pattern: str, text: str) -> bool:
    # `[0]` is an instance key here, not one of fnmatch's character classes.
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _tag_text(tag: RequiredTag) -> str:
    pattern = f", value matches {tag.pattern}" if tag.pattern else ""
    return tag.key + pattern + (f", on {', '.join(tag.types)}" if tag.types else "")


def _compose(text: str | bytes, file: str) -> Node | None:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root: Node | None = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}:{mark.line + 1}" if mark else file
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        hint = "put values with brackets, or that start with *, in quotes"
        raise ConfigError(f"this is not YAML: {problem}", where=where, hint=hint) from error
    except RecursionError as error:
        raise ConfigError("this is not a configuration: it is nested too deeply", where=file) from error
    return root


class _Reader:
    """Turns YAML nodes into settings; every complaint names the line and the key."""

    def __init__(self, file: str, check_ids: tuple[str, ...]) -> None:
        self.file = file
        self.check_ids = check_ids
        self.origins: list[tuple[str, str]] = []

    def settings(self, root: Node) -> Settings:
        if _kind(root) == "null":
            return Settings(origin=self.file)
        given = self.mapping(root, "", _KEYS)
        read = {
            "bastions": self.bastions,
            "required_tags": self.required_tags,
            "checks": self.checks,
            "strict": self.boolean,
            "login_ports": self.login_ports,
        }
        for key, node in given.items():
            self.note(node, key)
        values = {key: read[key](node, key) for key, node in given.items() if _kind(node) != "null"}
        return Settings(**values, origin=self.file, origins=tuple(self.origins))  # type: ignore[arg-type]

    def bastions(self, node: Node, key: str) -> tuple[str, ...]:
        return tuple(self.bastion(item, place) for item, place in self.items(node, key))

    def bastion(self, node: Node, key: str) -> str:
        text = self.text(node, key)
        if _is_cidr(text):
            try:
                AddressSet.from_cidr(text, strict=True)
            except ValueError as error:
                raise self.error(node, key, str(error)) from error
        elif _ADDRESS.fullmatch(text):
            length = 128 if ":" in text else 32
            raise self.error(node, key, f"{text!r} is an address, not a CIDR", f"write {text}/{length}")
        elif not _PATTERN.fullmatch(text) or not set(".*?") & set(text):
            what = f"{text!r} is neither a CIDR nor a resource address pattern"
            raise self.error(node, key, what, "write 10.0.0.0/24, aws_instance.bastion or *bastion*")
        return text

    def required_tags(self, node: Node, key: str) -> tuple[RequiredTag, ...]:
        return tuple(self.required_tag(item, place) for item, place in self.items(node, key))

    def required_tag(self, node: Node, key: str) -> RequiredTag:
        if _kind(node) != "map":
            return RequiredTag(self.text(node, key, "a tag key, or a mapping with key, pattern, types"))
        given = self.mapping(node, key, _TAG_KEYS)
        if "key" not in given:
            raise self.error(node, key, "a required tag needs its key", "write {key: Owner, pattern: ...}")
        pattern = self.text(given["pattern"], f"{key}.pattern") if "pattern" in given else ""
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            what = f"{pattern!r} is not a regular expression: {error}"
            raise self.error(given["pattern"], f"{key}.pattern", what) from error
        types = given.get("types")
        named = self.items(types, f"{key}.types", noted=False) if types is not None else ()
        return RequiredTag(
            self.text(given["key"], f"{key}.key"), pattern, tuple(self.text(*pair) for pair in named)
        )

    def checks(self, node: Node, key: str) -> tuple[tuple[str, CheckSetting], ...]:
        given = self.mapping(node, key, self.check_ids)
        for check_id, item in given.items():
            self.note(item, f"{key}.{check_id}")
        return tuple((name, self.check(item, f"{key}.{name}")) for name, item in sorted(given.items()))

    def check(self, node: Node, key: str) -> CheckSetting:
        if _kind(node) == "bool":
            return CheckSetting(enabled=self.boolean(node, key))
        if _kind(node) != "map":
            raise self.error(node, key, f"must be on, off or {{severity: ...}}, not {_shown(node)}")
        given = self.mapping(node, key, ("severity",))
        if "severity" not in given:
            return CheckSetting()
        place = f"{key}.severity"
        word = self.text(given["severity"], place)
        if word.lower() not in SEVERITIES:
            what = f"{word!r} is no severity; allowed are {', '.join(SEVERITIES)}"
            raise self.error(given["severity"], place, what, _did_you_mean(word, SEVERITIES))
        return CheckSetting(severity=word.lower())

    def login_ports(self, node: Node, key: str) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self.port(item, place) for item, place in self.items(node, key)))

    def port(self, node: Node, key: str) -> int:
        # YAML also takes 0x16 and 026 for numbers.
        if _kind(node) != "int" or not _PORT.fullmatch(node.value) or int(node.value) > MOST_PORT:
            raise self.error(node, key, f"must be a port from 1 to {MOST_PORT}, not {_shown(node)}")
        return int(node.value)

    def boolean(self, node: Node, key: str) -> bool:
        if _kind(node) != "bool":
            raise self.error(node, key, f"must be true or false, not {_shown(node)}")
        return str(node.value).lower() in ("true", "yes", "on")

    def text(self, node: Node, key: str, wanted: str = "text") -> str:
        if _kind(node) in ("bool", "int", "float", "null", "timestamp"):
            hint = "" if _kind(node) == "null" else f'write it in quotes: "{node.value}"'
            raise self.error(node, key, f"must be {wanted}, not {_shown(node)}", hint)
        if _kind(node) != "str" or not str(node.value).strip():
            raise self.error(node, key, f"must be {wanted}, not {_shown(node)}")
        return str(node.value)

    def items(self, node: Node, key: str, *, noted: bool = True) -> list[tuple[Node, str]]:
        if _kind(node) != "seq":
            raise self.error(node, key, f"must be a list, not {_shown(node)}", "write it as [a, b]")
        found = [(item, f"{key}[{index}]") for index, item in enumerate(node.value)]
        for item, place in found if noted else ():
            self.note(item, place)
        return found

    def mapping(self, node: Node, key: str, allowed: tuple[str, ...]) -> dict[str, Node]:
        if _kind(node) != "map":
            raise self.error(node, key, f"must be a mapping of key: value, not {_shown(node)}")
        given: dict[str, Node] = {}
        for name, value in node.value:
            word = str(name.value)
            if _kind(name) != "str" or word not in allowed:
                known = f"unknown key {_shown(name)}; allowed are {', '.join(allowed)}"
                raise self.error(name, key, known, _did_you_mean(word, allowed))
            if word in given:
                raise self.error(name, key, f"key {word!r} is set twice", "keep one of them")
            given[word] = value
        return given

    def note(self, node: Node, key: str) -> None:
        self.origins.append((key, f"{self.file}:{node.start_mark.line + 1}"))

    def error(self, node: Node, key: str, what: str, hint: str = "") -> ConfigError:
        where = f"{self.file}:{node.start_mark.line + 1}"
        return ConfigError(f"{key}: {what}" if key else what, where=where, hint=hint)


def _kind(node: Node) -> str:
    return str(node.tag).rpartition(":")[2]


def _shown(node: Node) -> str:
    words = {"map": "a mapping", "seq": "a list", "null": "nothing"}
    return words.get(_kind(node)) or repr(node.value)


def _did_you_mean(word: str, allowed: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    folded = {name.lower(): name for name in allowed}
    close = get_close_matches(word.lower(), folded, n=1)
    return f"did you mean {folded[close[0]]!r}?" if close else ""
