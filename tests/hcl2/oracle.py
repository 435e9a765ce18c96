"""python-hcl2's reading of a file in canonical form, from its raw parse tree.

Its parser leaves heredocs as one text: they are cut at their sequences here, and each of those is
given to python-hcl2 as an expression.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import hcl2
from lark import LarkError, Token, Tree

from tests.hcl2 import canonical

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\(.)|\$\$\{|%%\{", re.DOTALL)


# A syntax error, and what python-hcl2 or the cutting below makes of some broken files.
CANNOT_READ = (LarkError, KeyError, ValueError, IndexError)


class TrimmedHeredocError(Exception):
    """A heredoc with ``~``, which goes by HCL's tokens: nothing here knows them."""


def body_of(content: str) -> list[Any]:
    """The canonical form of a file."""
    tree = hcl2.parses_to_tree(content)
    return _body(_trees(tree)[0])


def _body(tree: Tree[Token]) -> list[Any]:
    arguments: dict[str, str] = {}
    blocks = []
    for item in _trees(tree):
        if item.data == "attribute":
            name, value = _trees(item)
            arguments.setdefault(_word(name), _expression(value))
        else:
            *header, inside = _trees(item)
            labels = [_raw(part) if part.data == "string" else _word(part) for part in header]
            blocks.append([*labels, _body(inside)])
    return [*map(list, sorted(arguments.items())), *blocks]


def _trees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [
        child for child in tree.children if isinstance(child, Tree) and child.data != "new_line_or_comment"
    ]


def _tokens(tree: Tree[Token]) -> list[str]:
    return [child.strip() for child in tree.children if isinstance(child, Token)]


def _word(tree: Tree[Token]) -> str:
    return str(tree.children[0])


def _raw(tree: Tree[Token]) -> str:
    return _unescaped("".join(tree.scan_values(lambda token: token.type != "DBLQUOTE")))


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    short, long, named = match.groups()
    if short or long:
        return chr(int(short or long, 16))
    return _ESCAPES[named] if named else match[0][1:]


# --- expressions ----------------------------------------------------------------------------------


def _expression(tree: Tree[Token]) -> str:
    kind = tree.data
    if kind in _EXPRESSIONS:
        return _EXPRESSIONS[kind](tree)
    (inner,) = _trees(tree)  # expr_term, in parentheses or not
    return _expression(inner)


def _literal(tree: Tree[Token]) -> str:
    return str(tree.children[0])


def _number(tree: Tree[Token]) -> str:
    written = str(tree.children[0])
    number = float(written.lstrip("-"))
    whole = int(written.lstrip("-")) if written.lstrip("-").isdecimal() else int(number)
    shown = canonical.text(whole if number.is_integer() else number)
    return f"(-{shown})" if written.startswith("-") else shown


def _conditional(tree: Tree[Token]) -> str:
    condition, yes, no = map(_expression, _trees(tree))
    return f"({condition} ? {yes} : {no})"


def _binary(tree: Tree[Token]) -> str:
    left, term = _trees(tree)
    operator, right = _trees(term)
    return f"({_expression(left)} {_tokens(operator)[0]} {_expression(right)})"


def _unary(tree: Tree[Token]) -> str:
    return f"({_tokens(tree)[0]}{_expression(_trees(tree)[0])})"


def _tuple(tree: Tree[Token]) -> str:
    return f"[{', '.join(map(_expression, _trees(tree)))}]"


def _object(tree: Tree[Token]) -> str:
    pairs = (map(_object_part, _trees(element)) for element in _trees(tree))
    return f"{{{', '.join(' = '.join(pair) for pair in pairs)}}}"


def _object_part(tree: Tree[Token]) -> str:
    if tree.data != "object_elem_key":
        return _expression(tree)
    (inner,) = _trees(tree)
    while inner.data == "expr_term" and not _tokens(inner):
        (inner,) = _trees(inner)
    bare = inner.data in ("identifier", "keyword", "literal_value")
    return canonical.text(_word(inner)) if bare else _expression(inner)


def _call(tree: Tree[Token]) -> str:
    names = [part for part in _trees(tree) if part.data == "identifier"]
    arguments = [part for part in _trees(tree) if part.data == "arguments"]
    values = [_expression(part) for argument in arguments for part in _trees(argument)]
    expand = any("..." in _tokens(argument) for argument in arguments)
    return f"{'::'.join(map(_word, names))}({', '.join(values)}{'...' if expand else ''})"


def _steps(tree: Tree[Token]) -> str:
    of, step = _trees(tree)
    return _expression(of) + _step(step)


def _step(tree: Tree[Token]) -> str:
    match tree.data:
        case "get_attr":
            return f".{_word(_trees(tree)[0])}"
        case "short_index":
            return f"[{int(_tokens(tree)[1])}]"
        case "braces_index":
            return f"[{_expression(_trees(tree)[0])}]"
    return "[*]" + "".join(map(_step, _trees(tree)))


def _for(tree: Tree[Token]) -> str:
    intro, *values = _trees(tree)
    *names, collection = _trees(intro)
    condition = None
    if values[-1].data == "for_cond":
        condition = _expression(_trees(values.pop())[0])
    written = ",".join(["", *map(_word, names)][-2:])
    key = _expression(values[0]) if len(values) == 2 else None
    return canonical.for_(
        written, _expression(collection), key, _expression(values[-1]), condition, "..." in _tokens(tree)
    )


# --- templates ------------------------------------------------------------------------------------


def _string(tree: Tree[Token]) -> str:
    parts: list[str | Tree[Token]] = []
    for part in _trees(tree):
        (inside,) = part.children
        parts.append(canonical.text(_unescaped(inside)) if isinstance(inside, Token) else inside)
    if len(parts) == 1 and isinstance(parts[0], Tree) and parts[0].data == "interpolation":
        return _expression(parts[0])
    return _template(parts)


def _template(parts: list[str | Tree[Token]]) -> str:
    return canonical.template(_Nested(iter(parts)).read()[0])


class _Nested:
    """Puts flat directives into each other."""

    def __init__(self, parts: Iterator[str | Tree[Token]]) -> None:
        self._parts = parts

    def read(self) -> tuple[list[str], str]:
        """Parts up to the next directive that ends something, and which one that is."""
        found: list[str] = []
        for part in self._parts:
            if isinstance(part, str):
                found.append(part)
            elif part.data == "template_if_start":
                found.append(self._if(_expression(_trees(part)[0])))
            elif part.data == "template_for_start":
                *names, collection = _trees(part)
                written = ",".join(["", *map(_word, names)][-2:])
                inside, _ = self.read()
                found.append(f"%for {written} in {_expression(collection)}: {canonical.template(inside)}")
            elif part.data == "interpolation":
                found.append(_expression(part))
            else:
                return found, part.data
        return found, ""

    def _if(self, condition: str) -> str:
        yes, end = self.read()
        no: list[str] = []
        if end == "template_else":
            no, _ = self.read()
        return f"({condition} ? {canonical.template(yes)} : {canonical.template(no)})"


# --- heredocs -------------------------------------------------------------------------------------


def _heredoc(tree: Tree[Token]) -> str:
    first, *lines = str(tree.children[0]).rstrip("\r\n").split("\n")
    inside = "".join(line + "\n" for line in lines[:-1])
    parts = list(_cut(inside))
    if any("~" in (part[2:3], part[-2:-1]) for part, literal in parts if not literal):
        raise TrimmedHeredocError
    if first.startswith("<<-"):
        parts = _flushed(parts)
    found: list[str | Tree[Token]] = []
    for part, literal in parts:
        found.append(canonical.text(re.sub(r"([$%])\1\{", r"\1{", part)) if literal else _sequence(part))
    return _template(found)


def _sequence(written: str) -> Tree[Token]:
    """The tree of one ``${...}`` or ``%{...}``, as python-hcl2 reads it in a quoted string."""
    tree = hcl2.parses_to_tree(f'_ = "{written}"\n')
    while tree.data != "string":
        tree = _trees(tree)[-1]
    return _trees(_trees(tree)[0])[0]


def _cut(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces: each a sequence, or literal (true)."""
    start = position = 0
    while (match := _OPENING.search(text, position)) is not None:
        position = match.end()
        if len(match[0]) == 3:  # an escape
            continue
        yield text[start : match.start()], True
        start = position = _closing(text, position)
        yield text[match.start() : position], False
    yield text[start:], True


_OPENING = re.compile(r"\$\$\{|%%\{|[$%]\{")


def _closing(text: str, position: int) -> int:
    """Behind the brace that closes what was opened before ``position``; quoted strings may hold braces."""
    depth = 1
    quoted: list[int] = []
    while depth:
        sign = text[position]
        if quoted and quoted[-1] == depth:
            if sign == "\\":
                position += 1
            elif sign == '"':
                quoted.pop()
            elif text.startswith(("${", "%{"), position) and text[position - 1] != sign:
                depth += 1
                position += 1
        elif sign == '"':
            quoted.append(depth)
        elif sign in "{}":
            depth += 1 if sign == "{" else -1
        position += 1
    return position


def _flushed(parts: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Each line without the indent that all lines have; blank ones have none, but lose as much."""
    whole = "".join(part if literal else "x" for part, literal in parts)
    lines = [line for line in whole.split("\n")[:-1] if line.strip()]
    indent = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    flushed = []
    begins_line = True
    for part, literal in parts:
        if literal:
            head, *tail = part.split("\n")
            head = head[indent:] if begins_line and (head.strip() or not tail) else head
            tail = [
                line[indent:] if line.strip() or number == len(tail) else line
                for number, line in enumerate(tail, 1)
            ]
            part = "\n".join([head, *tail])
            begins_line = False
        begins_line = literal and not part
        flushed.append((part, literal))
    return flushed


_EXPRESSIONS: dict[str, Callable[[Tree[Token]], str]] = {
    "identifier": _literal,
    "keyword": _literal,
    "literal_value": _literal,
    "int_lit": _number,
    "float_lit": _number,
    "conditional": _conditional,
    "binary_op": _binary,
    "unary_op": _unary,
    "tuple": _tuple,
    "object": _object,
    "function_call": _call,
    "get_attr_expr_term": _steps,
    "index_expr_term": _steps,
    "attr_splat_expr_term": _steps,
    "full_splat_expr_term": _steps,
    "for_tuple_expr": _for,
    "for_object_expr": _for,
    "string": _string,
    "heredoc_template": _heredoc,
    "heredoc_template_trim": _heredoc,
}
