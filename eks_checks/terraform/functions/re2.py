"""Regular expressions of Go's RE2 rewritten for the ``regex`` library.

The two agree on most, but what RE2 lacks must be refused (lookaround, backreferences,
possessive quantifiers), what ``regex`` adds must be made literal (fuzzy ``{e<=1}``, set
operations), and a few signs mean something else (``$``, ``\\s``, ``\\z``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.knowledge import UndeterminedError, bounded
from eks_checks.terraform.value import Unknown

_REPEAT = re.compile(r"\{(\d+)(,(\d*))?\}", re.ASCII)
_GROUP = re.compile(r"\(\?(?:P?<(?P<name>\w+)>|(?P<flags>[imsU]*(?:-[imsU]+)?)(?P<end>[:)]))", re.ASCII)
_POSIX = re.compile(r"\[:(?P<not>\^?)(?P<name>[a-z]+):\]")
_PROPERTY = re.compile(r"[pP](?:[A-Z]|\{\^?\w+\})", re.ASCII)
_HEXADECIMAL = re.compile(r"x(?:[0-9A-Fa-f]{2}|\{(?P<code>[0-9A-Fa-f]{1,6})\})")
_OCTAL = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")
_SIMPLE = frozenset("afnrtv")
_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
# RE2's classes hold ASCII only.
_POSIX_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-\\~",
    "lower": "a-z",
    "print": " -\\~",
    "punct": r"!-/:-@\[-`\{-\~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_WORD = "[0-9A-Za-z_]"
_EDGES = {
    "A": r"\A",
    "z": r"\Z",
    "b": f"(?:(?<!{_WORD})(?={_WORD})|(?<={_WORD})(?!{_WORD}))",
    "B": f"(?:(?<!{_WORD})(?!{_WORD})|(?<={_WORD})(?={_WORD}))",
}
_MOST_REPEATS = 1000
_MOST_REPEATS_IN_ALL = 5000


def translated(pattern: str) -> str:
    """``pattern`` for ``regex.compile``; raises EvaluationError where RE2 refuses it."""
    return _Translation(pattern).run()


@dataclass
class _Group:
    """A group that is open: its ``(?m)``, the most its inside repeats, whether it may match nothing."""

    multiline: bool = False
    captures: bool = False
    count: int = 1
    # For each alternative, whether each of its parts may match nothing.
    alternatives: list[list[bool]] = field(default_factory=lambda: [[]])

    def may_be_empty(self) -> bool:
        return any(map(all, self.alternatives))


@dataclass
class _Translation:
    pattern: str
    position: int = 0
    written: list[str] = field(default_factory=list)
    groups: list[_Group] = field(default_factory=lambda: [_Group()])
    # Whether what was written last can be repeated, and whether it already is.
    repeatable: bool = False
    repeated: bool = False
    # The group that was closed last, where nothing was written since.
    closed: _Group | None = None
    # How often counted repeats, one in another, repeat what was written last; and all of them in sum.
    count: int = 1
    total: int = 0

    def run(self) -> str:
        while self.position < len(self.pattern):
            self._step()
        if len(self.groups) > 1:
            raise EvaluationError("the pattern misses a closing parenthesis")
        bounded(self.total, _MOST_REPEATS_IN_ALL)
        return "".join(self.written)

    def _step(self) -> None:
        sign = self.pattern[self.position]
        if sign == "\\":
            self._escape()
        elif sign == "[":
            self._class()
        elif sign == "(":
            self._open_group()
        elif sign == ")":
            self._close_group()
        elif sign in "*+?" or (sign == "{" and _REPEAT.match(self.pattern, self.position)):
            self._repeat()
        elif sign == "|":
            self._write(sign, 1, repeatable=False)
            self.groups[-1].alternatives.append([])
        elif sign == "^":
            self._write(sign, 1, empty=True)
        elif sign == "$":
            # Python's $ also stands before a last line feed.
            self._write("$" if self.groups[-1].multiline else r"\Z", 1, empty=True)
        else:
            self._write(sign if sign == "." else re.escape(sign), 1)

    def _write(self, text: str, length: int, repeatable: bool = True, empty: bool = False) -> None:
        self.written.append(text)
        self.closed = None
        if repeatable:
            self.groups[-1].alternatives[-1].append(empty)
        self.position += length
        self.repeatable, self.repeated, self.count = repeatable, False, 1

    def _repeat(self) -> None:
        if not self.repeatable or self.repeated:
            raise EvaluationError("the pattern repeats nothing, or a repetition")
        found = _REPEAT.match(self.pattern, self.position)
        text = found.group() if found else self.pattern[self.position]
        count = self._counted(found) if found else self.count
        if self.pattern.startswith("?", self.position + len(text)):
            text += "?"
        if self.closed and self.closed.captures and self.closed.may_be_empty() and text[0] != "?":
            # Which round of an empty match a group keeps is not the same in Go.
            raise UndeterminedError(
                Unknown("regular expressions that repeat an empty group are not evaluated")
            )
        parts = self.groups[-1].alternatives[-1]
        parts[-1] = parts[-1] or text[0] in "*?" or (found is not None and int(found[1]) == 0)
        self.written.append(text)
        self.position += len(text)
        self.repeated, self.count, self.closed = True, count, None
        self.groups[-1].count = max(self.groups[-1].count, count)

    def _counted(self, found: re.Match[str]) -> int:
        """How often ``{2,5}`` makes its inside repeat; RE2 allows a thousand, of nested ones together."""
        low, high = int(found[1]), int(found[3] or found[1])
        count = self.count * max(1, high)
        if max(low, count) > _MOST_REPEATS or high < low:
            raise EvaluationError("the pattern repeats too often")
        self.total += count
        return count

    def _open_group(self) -> None:
        if not self.pattern.startswith("(?", self.position):
            self._write("(", 1, repeatable=False)
            self.groups.append(_Group(self.groups[-1].multiline, captures=True))
            return
        found = _GROUP.match(self.pattern, self.position)
        if not found:
            raise EvaluationError("the pattern has a group that RE2 does not know")
        if found["name"]:
            if found["name"][0].isdigit():
                raise UndeterminedError(Unknown("regular expressions with such names are not evaluated"))
            self._write(f"(?P<{found['name']}>", len(found.group()), repeatable=False)
            self.groups.append(_Group(self.groups[-1].multiline, captures=True))
        else:
            self._open_flags(found)

    def _open_flags(self, found: re.Match[str]) -> None:
        on, _, off = found["flags"].partition("-")
        if "U" in on:
            raise UndeterminedError(Unknown("regular expressions with (?U) are not evaluated"))
        multiline = ("m" in on or self.groups[-1].multiline) and "m" not in off
        text = found.group().replace("U", "").replace("-:", ":").replace("-)", ")")
        self._write("" if text == "(?)" else text, len(found.group()), repeatable=False)
        if found["end"] == ":":
            self.groups.append(_Group(multiline))
        else:
            self.groups[-1].multiline = multiline

    def _close_group(self) -> None:
        if len(self.groups) == 1:
            raise EvaluationError("the pattern has an unexpected closing parenthesis")
        closed = self.groups.pop()
        self._write(")", 1, empty=closed.may_be_empty())
        self.closed, self.count = closed, closed.count
        outer = self.groups[-1]
        outer.count = max(outer.count, closed.count)
        outer.captures = outer.captures or closed.captures

    def _escape(self) -> None:
        rest = self.pattern[self.position + 1 :]
        if rest[:1] in _CLASSES:
            self._write(f"[{_CLASSES[rest[0]]}]", 2)
        elif rest[:1].lower() in _CLASSES:
            self._write(f"[^{_CLASSES[rest[0].lower()]}]", 2)
        elif rest[:1] in _EDGES:
            self._write(_EDGES[rest[0]], 2, empty=True)
        elif rest[:1] == "Q":
            literal = rest[1:].partition(r"\E")[0]
            self._write(re.escape(literal), 2 + len(literal), repeatable=bool(literal))
        elif rest[:1] == "E":
            self.position += 2
        else:
            text, length = _character(rest)
            self._write(text, 1 + length)

    def _class(self) -> None:
        """A bracketed class: everything in it that ``regex`` would read as more is escaped."""
        text, start = ["["], self.position + 1
        if self.pattern.startswith("^", start):
            text.append("^")
            start += 1
        at = start
        while at < len(self.pattern) and (self.pattern[at] != "]" or at == start):
            piece, length = self._class_piece(at)
            text.append(piece)
            at += length
        if at >= len(self.pattern):
            raise EvaluationError("the pattern misses a closing bracket")
        self._write("".join([*text, "]"]), at + 1 - self.position)

    def _class_piece(self, at: int) -> tuple[str, int]:
        """A named class, a character or a range of them, and its length."""
        if posix := _POSIX.match(self.pattern, at):
            return _posix(posix["not"], posix["name"]), len(posix.group())
        name = self.pattern[at + 1 : at + 2] if self.pattern[at] == "\\" else ""
        if name and name in _CLASSES:
            return _CLASSES[name], 2
        if name and name.lower() in _CLASSES:
            # Nested sets are version 1's way of writing "or no digit".
            return f"[^{_CLASSES[name.lower()]}]", 2
        first, length = self._class_character(at)
        dash = at + length
        if self.pattern[dash : dash + 1] != "-" or self.pattern[dash + 1 : dash + 2] in ("]", ""):
            return first, length
        last, more = self._class_character(dash + 1)
        return f"{first}-{last}", length + 1 + more

    def _class_character(self, at: int) -> tuple[str, int]:
        if self.pattern[at] != "\\":
            return _literal(ord(self.pattern[at])), 1
        piece, length = _character(self.pattern[at + 1 :])
        return piece, 1 + length


def _posix(negated: str, name: str) -> str:
    if name not in _POSIX_CLASSES:
        raise EvaluationError(f"there is no class [:{name}:]")
    return f"[^{_POSIX_CLASSES[name]}]" if negated else _POSIX_CLASSES[name]


def _character(rest: str) -> tuple[str, int]:
    """One escaped character, of what stands behind the backslash: how ``regex`` writes it, and its length."""
    if found := _PROPERTY.match(rest):
        return "\\" + found.group(), len(found.group())
    if found := _HEXADECIMAL.match(rest):
        code = int(found["code"] or found.group()[1:], 16)
        return _literal(code), len(found.group())
    if found := _OCTAL.match(rest):
        return _literal(int(found.group(), 8)), len(found.group())
    sign = rest[:1]
    if sign in _SIMPLE:
        return "\\" + sign, 1
    if sign and sign.isascii() and not sign.isalnum():
        return re.escape(sign), 1
    raise EvaluationError("the pattern has an escape that RE2 does not know")


def _literal(code: int) -> str:
    if code > 0x10FFFF:
        raise EvaluationError("the pattern names a character beyond Unicode")
    return re.escape(chr(code))
