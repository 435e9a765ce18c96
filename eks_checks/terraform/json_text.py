"""Bytes of unknown making to one JSON value: encodings, compression, and text around it (fact K15)."""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from typing import Any

from eks_checks.errors import InputError

SHOW = "write it with `terraform show -json tfplan > plan.json`"
SIZE_LIMIT = 1 << 30
"""Bytes a compressed input may unpack to: enough for any plan, too few to fill a machine."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16 LE, which begins the same
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECODER = json.JSONDecoder()
_STARTS = re.compile(r"^[^\S\n]*[{\[]|\{(?=\s*\"(?:format_version|version)\")", re.MULTILINE)
_STARTS_TRIED = 200
TOO_DEEP = "the JSON is nested too deeply to be a plan or a state"


def decode(content: bytes, path: str) -> Any:
    """The one JSON value in ``content``; an InputError in one line where there is none."""
    text = _text(_unpacked(content, path), path)
    if not text.strip().strip("\x00"):
        raise InputError("the file is empty", where=path, hint=SHOW)
    try:
        return json.loads(text)
    except RecursionError as error:
        raise InputError(TOO_DEEP, where=path) from error
    except ValueError as error:
        return _inside(text, path, error)


def _unpacked(content: bytes, path: str) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        unpacker = zlib.decompressobj(wbits=31)
        plain = unpacker.decompress(content, SIZE_LIMIT)
        if unpacker.unconsumed_tail:
            raise InputError(f"unpacks to more than {SIZE_LIMIT} bytes", where=path)
        return plain if unpacker.eof and not unpacker.unused_data else gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"the gzip data is damaged ({error})", where=path, hint=SHOW) from error


def _text(content: bytes, path: str) -> str:
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), None) or _guessed(content)
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        what = f"neither UTF-8 nor UTF-16 text (byte {error.start} does not fit {encoding.upper()})"
        raise InputError(what, where=path, hint=SHOW) from error


def _guessed(content: bytes) -> str:
    # Without a mark: JSON begins with ASCII, so that a zero byte beside it tells UTF-16.
    head = content[:2]
    if len(head) == 2 and (head[0] == 0) != (head[1] == 0):
        return "utf-16-be" if head[0] == 0 else "utf-16-le"
    return "utf-8"


def _inside(text: str, path: str, error: ValueError) -> Any:
    """The biggest JSON object that stands among other text, else the error in words."""
    best: tuple[int, int, Any] | None = None
    broken: list[tuple[int, json.JSONDecodeError]] = []
    position = 0
    for _ in range(_STARTS_TRIED):
        match = _STARTS.search(text, position)
        if match is None:
            break
        start = match.end() - 1
        try:
            value, position = _DECODER.raw_decode(text, start)
        except RecursionError as deep:
            raise InputError(TOO_DEEP, where=path) from deep
        except json.JSONDecodeError as fault:
            broken.append((start, fault))
            position = match.end()
            continue
        if isinstance(value, dict) and (best is None or position - start > best[1] - best[0]):
            best = (start, position, value)
    if best is not None and not any(start < best[0] and fault.pos >= best[1] for start, fault in broken):
        return best[2]
    # Of several broken starts, the one that came furthest is the one that was meant.
    raise _broken(text, path, max((fault for _, fault in broken), key=_position, default=error)) from error


def _position(fault: json.JSONDecodeError) -> int:
    return fault.pos


def _broken(text: str, path: str, error: ValueError) -> InputError:
    if not isinstance(error, json.JSONDecodeError):
        return InputError(f"not JSON: {error}", where=path, hint=SHOW)
    if "{" not in text and "[" not in text:
        return InputError("not JSON: there is no JSON object in it", where=path, hint=SHOW)
    place = f"line {error.lineno}, column {error.colno}"
    if not text[error.pos :].strip() or error.msg.startswith("Unterminated string"):
        return InputError(
            f"the JSON is cut off at {place}", where=path, hint="the file is not whole: " + SHOW
        )
    return InputError(f"not JSON: {error.msg} at {place}", where=path, hint=SHOW)
