"""The text of a configuration file as settings. Reads text, never files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from eks_checks.errors import ConfigError
from eks_checks.sets import AddressSet
from eks_checks.settings.model import PROFILES, CheckSetting, RequiredTag, Settings, is_cidr

if TYPE_CHECKING:
    from yaml.nodes import Node

Known: TypeAlias = Callable[[], Mapping[str, Sequence[str]]]
SEVERITIES = ("critical", "high", "medium", "low", "info")
MOST_PORT = 65535


def parse(text: str | bytes, *, file: str, checks: Known) -> Settings:
    """The settings that a configuration file's text makes; an empty file is all defaults.

    ``checks`` gives every check's id and the names of the parameters it takes; it is asked only where the
    text speaks of checks.

    Raises ConfigError, naming file, line and key, for whatever is not exactly as documented:
    a misspelt key must not silently leave a check as it was.
    """
    root = _compose(text, file)
    reader = _Reader(file, checks)
    return Settings(origin=file) if root is None else reader.settings(root)


_PATTERN = re.compile(r'(?:[A-Za-z0-9_*?.-]|\[[^\]"]*\]|\["(?:[^"\\]|\\.)*"\])+')
_ADDRESS = re.compile(r"\d+(\.\d+){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*")
_KEYS = (
    "profile",
    "bastions",
    "allowed_cidrs",
    "admin_principals",
    "required_tags",
    "checks",
    "strict",
    "login_ports",
)
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_TAG_KEYS = ("key", "pattern", "types")


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

    def __init__(self, file: str, checks: Known) -> None:
        self.file = file
        self.known = checks
        self.origins: list[tuple[str, str]] = []
        self.read: dict[str, Callable[[Node, str], Any]] = {
            "profile": self.profile,
            "bastions": self.bastions,
            "allowed_cidrs": self.allowed_cidrs,
            "admin_principals": self.admin_principals,
            "required_tags": self.required_tags,
            "checks": self.checks,
            "strict": self.boolean,
            "login_ports": self.ports,
            "ports": self.ports,
            "cluster_tag": self.tag_key,
            "allowed_policies": self.policies,
        }

    def settings(self, root: Node) -> Settings:
        if _kind(root) == "null":
            return Settings(origin=self.file)
        given = self.mapping(root, "", _KEYS)
        for key, node in given.items():
            self.note(node, key)
        values = {key: self.read[key](node, key) for key, node in given.items() if _kind(node) != "null"}
        return Settings(**values, origin=self.file, origins=tuple(self.origins))

    def profile(self, node: Node, key: str) -> str:
        return self.one_of(node, key, PROFILES, "profile")

    def one_of(self, node: Node, key: str, words: tuple[str, ...], noun: str) -> str:
        word = self.text(node, key)
        if word.lower() not in words:
            what = f"{word!r} is no {noun}; allowed are {', '.join(words)}"
            raise self.error(node, key, what, _did_you_mean(word, words))
        return word.lower()

    def allowed_cidrs(self, node: Node, key: str) -> tuple[str, ...]:
        return tuple(self.cidr(self.text(item, at), item, at) for item, at in self.items(node, key))

    def admin_principals(self, node: Node, key: str) -> tuple[str, ...]:
        return tuple(self.principal(item, place) for item, place in self.items(node, key))

    def principal(self, node: Node, key: str) -> str:
        text = self.text(node, key)
        if not set(".*?:") & set(text):
            what = f"{text!r} is neither an ARN nor a resource address pattern"
            raise self.error(node, key, what, "write arn:aws:iam::*:role/admin or aws_iam_role.admin")
        return text

    def policies(self, node: Node, key: str) -> tuple[str, ...]:
        return tuple(self.text(item, place) for item, place in self.items(node, key))

    def cidr(self, text: str, node: Node, key: str) -> str:
        if _ADDRESS.fullmatch(text):
            length = 128 if ":" in text else 32
            raise self.error(node, key, f"{text!r} is an address, not a CIDR", f"write {text}/{length}")
        try:
            AddressSet.from_cidr(text, strict=True)
        except ValueError as error:
            raise self.error(node, key, str(error)) from error
        return text

    def bastions(self, node: Node, key: str) -> tuple[str, ...]:
        return tuple(self.bastion(item, place) for item, place in self.items(node, key))

    def bastion(self, node: Node, key: str) -> str:
        text = self.text(node, key)
        if is_cidr(text) or _ADDRESS.fullmatch(text):
            return self.cidr(text, node, key)
        if not _PATTERN.fullmatch(text) or not set(".*?") & set(text):
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

    def tag_key(self, node: Node, key: str) -> str:
        return self.text(node, key, "the key of a tag")

    def checks(self, node: Node, key: str) -> tuple[tuple[str, CheckSetting], ...]:
        known = self.known()
        given = self.mapping(node, key, tuple(sorted(known)))
        for check_id, item in given.items():
            self.note(item, f"{key}.{check_id}")
        return tuple(
            (name, self.check(item, f"{key}.{name}", tuple(known[name])))
            for name, item in sorted(given.items())
        )

    def check(self, node: Node, place: str, names: tuple[str, ...]) -> CheckSetting:
        if _kind(node) == "bool":
            return CheckSetting(enabled=self.boolean(node, place))
        if _kind(node) != "map":
            shape = f"{{{', '.join(f'{name}: ...' for name in ('severity', *names))}}}"
            raise self.error(node, place, f"must be on, off or {shape}, not {_shown(node)}")
        given = self.mapping(node, place, ("severity", *names))
        severity = given.pop("severity", None)
        word = "" if severity is None else self.one_of(severity, f"{place}.severity", SEVERITIES, "severity")
        values = ((name, self.read[name](item, f"{place}.{name}")) for name, item in sorted(given.items()))
        return CheckSetting(severity=word, parameters=tuple(values))

    def ports(self, node: Node, key: str) -> tuple[int, ...]:
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
