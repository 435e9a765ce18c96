"""JSON syntax: a ``.tf.json`` file to the same bodies as a ``.tf`` file.

Only a provider's schema says which member of a resource is a block and which an argument. So
what Terraform itself defines becomes blocks (``resource``, ``module``, ``dynamic`` and the like),
and everything inside those an argument.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from functools import partial
from json import JSONDecodeError

from eks_checks.terraform.hcl.body import Argument, Body, HclBlock, Problem, SourceFile
from eks_checks.terraform.hcl.expression import Expression, Literal, Object, Place, Tuple
from eks_checks.terraform.hcl.json_values import (
    Json,
    JsonArray,
    JsonMember,
    JsonObject,
    read_values,
)
from eks_checks.terraform.hcl.read import read_expression, read_template
from eks_checks.terraform.hcl.source import Source
from eks_checks.terraform.hcl.syntax import SIZE_LIMIT

_LABELS = {
    "action": 2,
    "check": 1,
    "data": 2,
    "ephemeral": 2,
    "import": 0,
    "locals": 0,
    "module": 1,
    "moved": 0,
    "output": 1,
    "provider": 1,
    "removed": 0,
    "resource": 2,
    "terraform": 0,
    "variable": 1,
}
# Blocks that Terraform defines inside other blocks, by the block around them.
_INNER_LABELS = {"dynamic": {"content": 0}}
_ANYWHERE_LABELS = {"dynamic": 1}
_COMMENT = "//"


class _Texts(enum.Enum):
    """What the strings of a value are."""

    TEMPLATES = "templates, as in most places"
    LITERAL = "just text"
    REFERENCES = "expressions: addresses, or types"
    LIFECYCLE = "references under the keys in _LIFECYCLE_REFERENCES, else templates"


_LIFECYCLE_REFERENCES = frozenset({"ignore_changes", "replace_triggered_by"})
_TEXTS: dict[tuple[str, str], _Texts] = {
    ("data", "provider"): _Texts.REFERENCES,
    ("dynamic", "iterator"): _Texts.REFERENCES,
    ("ephemeral", "provider"): _Texts.REFERENCES,
    ("import", "provider"): _Texts.REFERENCES,
    ("import", "to"): _Texts.REFERENCES,
    ("module", "providers"): _Texts.REFERENCES,
    ("moved", "from"): _Texts.REFERENCES,
    ("moved", "to"): _Texts.REFERENCES,
    ("removed", "from"): _Texts.REFERENCES,
    ("resource", "lifecycle"): _Texts.LIFECYCLE,
    ("resource", "provider"): _Texts.REFERENCES,
    ("variable", "default"): _Texts.LITERAL,
    ("variable", "type"): _Texts.REFERENCES,
}


def read_json(content: bytes, path: str) -> SourceFile:
    """The blocks and arguments of a file; what cannot be read becomes a Problem."""
    if len(content) > SIZE_LIMIT:
        text = f"the file has {len(content)} bytes; files over {SIZE_LIMIT} are not read"
        return SourceFile(path, Body(json=True), (Problem(path, 1, text),))
    try:
        text = content.decode("utf-8-sig")
        root = read_values(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return SourceFile(path, Body(json=True), (Problem(path, line, "not UTF-8 text"),))
    except JSONDecodeError as error:
        return SourceFile(path, Body(json=True), (Problem(path, error.lineno, f"not JSON: {error.msg}"),))
    reader = _FileReader(text, path)
    return SourceFile(path, reader.body("", reader.members(root)), tuple(reader.problems))


class _FileReader:
    """Makes bodies of one file's values and collects the problems."""

    def __init__(self, text: str, path: str) -> None:
        # One byte for each character: so the offsets of characters are those of bytes.
        self._source = Source(text.encode("ascii", "replace"), path)
        self._path = path
        self.problems: list[Problem] = []

    def body(self, of: str, members: Iterator[JsonMember]) -> Body:
        """The body of a block of type ``of``, or of the file where that is empty."""
        arguments: dict[str, Argument] = {}
        blocks: list[HclBlock] = []
        known = _INNER_LABELS.get(of, _ANYWHERE_LABELS) if of else _LABELS
        for member in members:
            if member.key in known:
                blocks += self._blocks(member.key, known[member.key], (), member)
            elif of:
                arguments.setdefault(member.key, self._argument(of, member))
            else:
                self._problem(member.start, f"`{member.key}` is no block of Terraform and is left out")
        return Body(arguments, tuple(blocks), json=True)

    def members(self, value: Json) -> Iterator[JsonMember]:
        """The members of an object, or of an array of objects, without comments."""
        for part in value.items if isinstance(value, JsonArray) else (value,):
            if isinstance(part, JsonObject):
                yield from (member for member in part.members if member.key != _COMMENT)
            else:
                self._problem(part.start, "an object is expected here; what is written is left out")

    def _blocks(
        self, type_: str, missing: int, labels: tuple[str, ...], of: JsonMember
    ) -> Iterator[HclBlock]:
        if missing:
            for member in self.members(of.value):
                yield from self._blocks(type_, missing - 1, (*labels, member.key), member)
            return
        several = isinstance(of.value, JsonArray)
        for value in of.value.items if isinstance(of.value, JsonArray) else (of.value,):
            body = self.body(type_, self.members(value))
            span = self._source.span(value.start if several else of.start, value.end)
            yield HclBlock(type_, labels, body, span)

    def _argument(self, of: str, member: JsonMember) -> Argument:
        texts = _TEXTS.get((of, member.key), _Texts.TEMPLATES)
        if member.key == "depends_on":
            texts = _Texts.REFERENCES
        span = self._source.span(member.start, member.value.end)
        return Argument(member.key, span, partial(_expression, member.value, texts, self._source))

    def _problem(self, offset: int, text: str) -> None:
        self.problems.append(Problem(self._path, self._source.line(offset), text))


def _expression(value: Json, texts: _Texts, source: Source) -> Expression:
    place = source.place(value.start, value.end)
    if isinstance(value, JsonArray):
        return Tuple(tuple([_expression(item, texts, source) for item in value.items]), place=place)
    if isinstance(value, JsonObject):
        items = []
        for member in value.members:
            key = _key(member.key, texts, source.place(member.start, member.key_end))
            items.append((key, _expression(member.value, _inner(texts, member.key), source)))
        return Object(tuple(items), place=place)
    if isinstance(value.value, str):
        return _text(value.value, texts, place)
    return Literal(value.value, place=place)


def _inner(texts: _Texts, key: str) -> _Texts:
    if texts is not _Texts.LIFECYCLE:
        return texts
    return _Texts.REFERENCES if key in _LIFECYCLE_REFERENCES else _Texts.LIFECYCLE


def _key(key: str, texts: _Texts, place: Place) -> Expression:
    # `providers = {"aws.west": ...}` names a configuration; a bare word is a key in native syntax too.
    if texts is _Texts.REFERENCES and key.isidentifier():
        return Literal(key, place=place)
    return _text(key, texts, place)


def _text(text: str, texts: _Texts, place: Place) -> Expression:
    if texts is _Texts.LITERAL:
        return Literal(text, place=place)
    if texts is _Texts.REFERENCES and "${" not in text:
        return read_expression(text, at=place)
    return read_template(text, at=place)
