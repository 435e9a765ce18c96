"""One text form for what both readers read: every operator in brackets, every text quoted.

Steps behind a term are written in a row, ``x[*].a[0]``, whatever a reader nests: python-hcl2 has a
second splat outside the first, where Terraform's own parser has it inside (`[[1, 2]]` is what
``terraform console`` says of ``[{a = [{b = 1}, {b = 2}]}][*].a[*].b``). Unit tests hold that nesting.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from eks_checks.terraform.hcl import expression as hcl
from eks_checks.terraform.hcl.body import Body


def body(of: Body) -> list[Any]:
    """A body as nested lists of texts."""
    arguments = [[name, expression(argument.expression)] for name, argument in sorted(of.arguments.items())]
    return [*arguments, *([block.type, *block.labels, body(block.body)] for block in of.blocks)]


def text(value: object) -> str:
    """A literal."""
    return json.dumps(value)


def template(parts: Iterable[str]) -> str:
    """Parts of a template, literals that meet joined and empty ones left out."""
    joined: list[str] = []
    for part in parts:
        if joined and part.startswith('"') and joined[-1].startswith('"'):
            joined[-1] = text(json.loads(joined[-1]) + json.loads(part))
        elif part != '""':
            joined.append(part)
    if not joined:
        return '""'
    return joined[0] if len(joined) == 1 and joined[0].startswith('"') else f"<{'|'.join(joined)}>"


def for_(names: str, of: str, key: str | None, value: str, condition: str | None, grouping: bool) -> str:
    """A for expression."""
    inside = value if key is None else f"{key} => {value}"
    return f"[for {names} in {of}: {inside}{'...' if grouping else ''} if {condition}]"


def expression(node: hcl.Expression) -> str:
    """One expression of our reader."""
    match node:
        case hcl.Literal(value=value):
            return text(value)
        case hcl.Template(parts=parts):
            return template(map(expression, parts))
        case hcl.TemplateFor(key_name=key, value_name=value):
            return f"%for {key},{value} in {expression(node.collection)}: {expression(node.body)}"
        case hcl.Name(name=name):
            return name
        case hcl.Item():
            return "[*]"
        case hcl.GetAttribute(of=of, name=name):
            return f"{expression(of)}.{name}"
        case hcl.Index(of=of, key=key):
            return f"{expression(of)}[{expression(key)}]"
        case hcl.Splat(of=of, each=each):
            return f"{expression(of)}{expression(each)}"
        case hcl.Call(name=name, arguments=arguments, expand=expand):
            return f"{name}({', '.join(map(expression, arguments))}{'...' if expand else ''})"
        case hcl.Conditional():
            return f"({expression(node.condition)} ? {expression(node.yes)} : {expression(node.no)})"
        case hcl.Binary(operator=operator, left=left, right=right):
            return f"({expression(left)} {operator} {expression(right)})"
        case hcl.Unary(operator=operator, operand=operand):
            return f"({operator}{expression(operand)})"
        case hcl.Tuple(items=items):
            return f"[{', '.join(map(expression, items))}]"
        case hcl.Object(items=pairs):
            return f"{{{', '.join(f'{expression(key)} = {expression(value)}' for key, value in pairs)}}}"
        case hcl.For():
            key = None if node.key is None else expression(node.key)
            condition = None if node.condition is None else expression(node.condition)
            names = f"{node.key_name},{node.value_name}"
            of = expression(node.collection)
            return for_(names, of, key, expression(node.value), condition, node.grouping)
        case hcl.Unreadable(text=beginning):
            return f"!unreadable {beginning}"
