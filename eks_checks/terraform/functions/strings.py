"""Terraform's string functions, regular expressions and formatting apart."""

from __future__ import annotations

import unicodedata

import regex

from eks_checks.terraform import text as text_parts
from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.kinds import NUMBER, STRING, STRINGS
from eks_checks.terraform.functions.knowledge import CHARACTERS, MEMBERS, as_collection, bounded, is_text
from eks_checks.terraform.functions.native import native
from eks_checks.terraform.functions.number import Number
from eks_checks.terraform.functions.patterns import replace_pattern
from eks_checks.terraform.functions.signature import Function, partial, plain
from eks_checks.terraform.value import NULL, Choice, Collection, Known, Value

_GRAPHEME = regex.compile(r"\X")
# What Go's unicode.IsSpace holds, which is a little less than what str.strip() takes.
_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


def graphemes(text: str) -> list[str]:
    """The characters as a reader counts them: an accent belongs to its letter."""
    found: list[str] = _GRAPHEME.findall(text)
    return found


def whole(number: Number, what: str) -> int:
    """A number that has to be whole."""
    if not isinstance(number, int):
        raise EvaluationError(f"{what} must be a whole number")
    return number


def normalized(text: str) -> str:
    """Every string of Terraform's is in Unicode's normal form C."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _upper(text: str) -> str:
    # Go maps letter by letter: what grows under Python's rules ("ß" to "SS") stays as it is.
    return "".join(upper if len(upper := one.upper()) == 1 else one for one in text)


def _lower(text: str) -> str:
    # And so does lower(), where "İ" loses its dot, and a final sigma is one like another.
    return "".join(one.lower()[0] for one in text)


def _chomp(text: str) -> str:
    return text.rstrip("\r\n")


def _indent(spaces: Number, text: str) -> str:
    width = whole(spaces, "the number of spaces")
    if width < 0:
        raise EvaluationError("the number of spaces must not be negative")
    bounded(len(text) + text.count("\n") * width, CHARACTERS)
    return text.replace("\n", "\n" + " " * width)


def _join(separator: Value, *lists: Value) -> Value:
    if not lists:
        raise EvaluationError("join() wants at least one list")
    collections = [as_collection(one) for one in lists]
    items = [item for one in collections for item in one.items]
    if len(items) == 1 and all(one.exact for one in collections) and is_text(items[0]):
        return items[0]
    certain = all(one.exact and one.ordered for one in collections)
    if isinstance(separator, Known) and certain and not any(isinstance(item, Choice) for item in items):
        return _joined(str(separator.value), items)
    texts = [native(Collection(one.items, one.maybe, one.open)) for one in collections]
    words = [word for one in texts for word in one]
    if None in words:
        raise EvaluationError("join() takes no null")
    glue = native(separator)
    bounded(sum(map(len, words)) + len(glue) * len(words), CHARACTERS)
    return Known(glue.join(words))


def _replace(text: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return replace_pattern(text, old[1:-1], new)
    bounded(len(text) + text.count(old) * len(new), CHARACTERS)
    return text.replace(old, new)


def _joined(glue: str, items: list[Value]) -> Value:
    if NULL in items:
        raise EvaluationError("join() takes no null")
    known = sum(len(str(item.value)) for item in items if isinstance(item, Known))
    bounded(known + len(glue) * len(items), CHARACTERS)
    parts = [part for item in items for part in (Known(glue), item)]
    return text_parts.text_of(parts[1:])


def _split(separator: Value, text: Value) -> Value:
    glue = native(separator)
    if not isinstance(text, Known):
        pieces = text_parts.split(text, glue)
        if pieces is not None:
            return Collection(pieces)
    known = native(text)
    bounded(known.count(glue) if glue else len(known), MEMBERS)
    return Collection(tuple(map(Known, known.split(glue) if glue else known)))


def _strrev(text: str) -> str:
    return "".join(reversed(graphemes(text)))


def _substr(text: str, offset: Number, length: Number) -> str:
    characters = graphemes(text)
    start, count = whole(offset, "the offset"), whole(length, "the length")
    if start < 0:
        start = max(0, start + len(characters))
    # An offset from the end and no length at all: Terraform gives the rest.
    if count < 0 or (count == 0 and offset < 0):
        return "".join(characters[start:])
    return "".join(characters[start : start + count])


def _title(text: str) -> str:
    # Go's strings.Title asks of each letter what stands before it.
    titled: list[str] = []
    before = " "
    for one in text:
        starts = _separates(before)
        upper = one.title()
        titled.append(upper if starts and len(upper) == 1 else one)
        before = one
    return "".join(titled)


def _separates(one: str) -> bool:
    if one.isascii():
        return not (one.isalnum() or one == "_")
    return not (one.isalpha() or one.isdigit()) and one in _SPACE


def _trim(text: str, characters: str) -> str:
    return text.strip(characters) if characters else text


def _trimspace(text: str) -> str:
    return text.strip(_SPACE)


def _contains(text: str, part: str) -> bool:
    return part in text


FUNCTIONS: tuple[Function, ...] = (
    plain("chomp", [STRING], _chomp),
    plain("endswith", [STRING, STRING], str.endswith),
    plain("indent", [NUMBER, STRING], _indent),
    partial("join", [STRING], _join, variadic=STRINGS),
    plain("lower", [STRING], _lower),
    plain("replace", [STRING, STRING, STRING], _replace),
    partial("split", [STRING, STRING], _split),
    plain("startswith", [STRING, STRING], str.startswith),
    plain("strcontains", [STRING, STRING], _contains),
    plain("strrev", [STRING], _strrev),
    plain("substr", [STRING, NUMBER, NUMBER], _substr),
    plain("title", [STRING], _title),
    plain("trim", [STRING, STRING], _trim),
    plain("trimprefix", [STRING, STRING], str.removeprefix),
    plain("trimspace", [STRING], _trimspace),
    plain("trimsuffix", [STRING, STRING], str.removesuffix),
    plain("upper", [STRING], _upper),
)
