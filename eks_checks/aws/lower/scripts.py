"""User data as text: plain, in base 64, compressed, in several parts, or rendered by a data source.

What is not known of a text stands in it as a mark, so that the rest can be read all the same.
"""

from __future__ import annotations

import base64
import binascii
import email
import itertools
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eks_checks.aws.lower.context import Lowering
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.text import text_of
from eks_checks.terraform.value import Known, Reference, Unknown, Value, alternatives, is_null

LARGEST = 1 << 20
"""Bytes of user data that are unpacked; AWS takes 16 KiB."""

MARK = "\ue000"
"""Stands on both sides of the number of what is not known."""

NAME = rf"(?:[\w-]|{MARK}\d+{MARK})+"
"""Pattern of a name in a script; parts of it may be marks."""


@dataclass(frozen=True)
class Script:
    """A text; ``pieces`` are the values that its marks stand for, by their number."""

    text: str
    pieces: tuple[Value, ...] = ()

    def value(self, found: str) -> Value:
        """A piece of the text as a value again."""
        numbers = found.split(MARK)
        return text_of(
            self.pieces[int(part)] if position % 2 else Known(part) for position, part in enumerate(numbers)
        )


Reading = Sequence["Script | None"]
"""The parts of one user data; None for a part of which nothing is known."""


def readings(run: Lowering, value: Value) -> Iterator[Reading]:
    """Every reading of user data: several where it is one of several values; an empty one says nothing."""
    for option in alternatives(value):
        yield from itertools.islice(_readings(run, option), _MOST)


_MOST = 16


def _readings(run: Lowering, value: Value) -> Iterator[Reading]:
    if isinstance(value, Unknown) and value.encodes is not None:
        yield from readings(run, value.encodes)
        return
    if is_null(value) or (isinstance(value, Unknown) and value.computed):
        yield ()
    elif isinstance(value, Known):
        yield tuple(map(Script, _unpacked(str(value.value))))
    elif isinstance(value, Unknown) and value.parts:
        script = _marked(value.parts)
        yield tuple(Script(text, script.pieces) for text in _parts(script.text))
    elif isinstance(value, Reference) and (rendered := _rendered(run, value)) is not None:
        yield from rendered
    else:
        yield (None,)


def _marked(parts: Sequence[Value]) -> Script:
    pieces: list[Value] = []
    text = ""
    for part in parts:
        if isinstance(part, Known):
            text += str(part.value)
        else:
            text += f"{MARK}{len(pieces)}{MARK}"
            pieces.append(part)
    return Script(text, tuple(pieces))


def _unpacked(text: str) -> Iterator[str]:
    """The texts of user data: out of base 64, unzipped, in parts."""
    if not text:
        return
    packed = "".join(text.split())
    if re.fullmatch(r"[A-Za-z0-9+/]{8,}={0,2}", packed):
        try:
            yield from _parts(_text(base64.b64decode(packed, validate=True)))
        except (binascii.Error, ValueError):
            pass
        else:
            return
    yield from _parts(text)


def _text(content: bytes) -> str:
    if content[:2] == b"\x1f\x8b":
        try:
            content = zlib.decompressobj(31).decompress(content, LARGEST)
        except zlib.error as error:
            raise ValueError("not compressed") from error
    return content.decode("utf-8", "replace")


def _parts(text: str) -> Iterator[str]:
    """The parts of a MIME message, each decoded; any other text is itself."""
    if not re.match(r"\s*(?:MIME-Version|Content-Type):", text, re.IGNORECASE):
        yield text
        return
    message = email.message_from_string(text.lstrip())
    for part in message.walk():
        if part.is_multipart():
            continue
        packed = str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64"
        found = part.get_payload(decode=True) if packed else part.get_payload()
        yield _text(found) if isinstance(found, bytes) else str(found)


def _rendered(run: Lowering, value: Reference) -> Iterator[Reading] | None:
    """What a data source that is read at apply will render; None for another reference."""
    resource = run.world.target(value)
    if resource is None or not value.path or value.path[-1] != "rendered":
        return None
    if resource.type in ("cloudinit_config", "template_cloudinit_config"):
        return _of_parts(run, resource)
    return _of_template(resource) if resource.type == "template_file" else None


def _of_parts(run: Lowering, resource: Resource) -> Iterator[Reading]:
    blocks = resource.blocks("part")
    unclear: Reading = () if blocks.open is None else (None,)
    each = [tuple(readings(run, block.value("content"))) for block in blocks.items]
    for way in itertools.islice(itertools.product(*each), _MOST):
        yield (*itertools.chain.from_iterable(way), *unclear)


def _of_template(resource: Resource) -> Iterator[Reading]:
    """A template whose variables may not be known yet."""
    template = resource.value("template")
    if not isinstance(template, Known):
        yield (None,)
        return
    variables = resource.mapping("vars")
    words = re.split(r"\$\{\s*(\w+)\s*\}", str(template.value))
    parts = [variables.get(word) if position % 2 else Known(word) for position, word in enumerate(words)]
    script = _marked(parts)
    yield tuple(Script(text, script.pieces) for text in _parts(script.text))
