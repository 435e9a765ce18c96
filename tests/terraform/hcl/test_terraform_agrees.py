"""Terraform's own parser evaluates expressions of literals; a tiny evaluator of our trees must agree."""

from __future__ import annotations

import json
import operator
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eks_checks.terraform.hcl import expression as hcl
from eks_checks.terraform.hcl.read import read

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform binary is installed"),
]

EXPRESSIONS = [
    "-1 + 2 * 3 == 5 && true || false",
    "!true == false",
    "true || false && false",
    "2 - 1 - 1",
    "8 / 2 / 2",
    "7 % 4 * 2",
    "-(1 + 2) * 3",
    "- -1",
    "1 < 2 == true",
    "1 + 1 > 1 && 2 != 3",
    "true ? 1 : false ? 2 : 3",
    "false ? 1 : false ? 2 : 3",
    "false ? true ? 1 : 2 : true ? 3 : 4",
    "(false ? true : false) ? 1 : 2",
    "1e5",
    "1.5e-3",
    "[[1, 2], [3]][0][1]",
    "[[1, 2], [3, 4]].0",
    "[[1, 2], [3, 4]][*][0]",
    "[[1, 2], [3, 4]].*[0]",
    "[[[1, 2]], [[3]]][*][*][0]",
    "{ true = 1, null = 2, 80 = 3 }",
    '{\n  a = 1\n  ("b") = 2\n}',
    r'"a\n\t\"\\ \u00e9 $${x} %%{y} $ $$ % 100%"',
    '"$$$${x}|%%%{y}|$$${z}"',
    '" ${~ 1 ~} z"',
    '"%{ if true ~} a %{ else } b %{ endif } c"',
    '"%{ for i in [1, 2] ~} ${i} %{ endfor }"',
    "<<EOT\nEOT",
    "<<EOT\n\\n $$${x} ${1}\n%{ if true ~}\n  yes\n%{ endif ~}\nEOT",
    "<<EOT\n  a\n  ${~ 1 ~}  \n  b\nEOT",
    "<<-EOT\n    a\n      b\n\n    c\n  EOT",
    "<<-EOT\n    ${1}\n      a\n  EOT",
    "<<-EOT\n      a\n  ${1}\n  EOT",
    "<<-EOT\n      a\n    %{ for i in [1, 2] ~}\n      i${i}\n    %{ endfor ~}\n      z\n  EOT",
    "<<-EOT\n   a\n      %{ if true ~}\n      yes\n      %{ else ~}\n   no\n    %{~ endif }\n\n    b\n  EOT",
    "<<-EOT\n\ta\n\t  b\n  EOT",
]
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "&&": lambda a, b: a and b,
    "||": lambda a, b: a or b,
}


def test_terraform_agrees(tmp_path: Path) -> None:
    text = "locals {\n" + "".join(f"e{i} = {written}\n" for i, written in enumerate(EXPRESSIONS)) + "}\n"
    (tmp_path / "main.tf").write_text(text)
    names = ", ".join(f"local.e{i}" for i in range(len(EXPRESSIONS)))
    done = subprocess.run(
        ["terraform", "console", "-no-color"],
        input=f"jsonencode([{names}])\n",
        text=True,
        capture_output=True,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    terraform = json.loads(json.loads(done.stdout.strip().splitlines()[-1]))
    file = read(text.encode(), "main.tf")
    assert file.problems == ()
    arguments = file.body.blocks[0].body.arguments
    ours = [value(arguments[f"e{i}"].expression, {}) for i in range(len(EXPRESSIONS))]
    assert dict(zip(EXPRESSIONS, ours, strict=True)) == dict(zip(EXPRESSIONS, terraform, strict=True))


def value(node: hcl.Expression, names: dict[str, Any], item: Any = None) -> Any:
    """What an expression of literals comes to, in JSON's values."""
    match node:
        case hcl.Literal():
            return node.value
        case hcl.Name():
            return names[node.name]
        case hcl.Item():
            return item
        case hcl.Unary():
            inner = value(node.operand, names, item)
            return not inner if node.operator == "!" else -inner
        case hcl.Binary():
            return OPERATORS[node.operator](value(node.left, names, item), value(node.right, names, item))
        case hcl.Conditional():
            return value(node.yes if value(node.condition, names, item) else node.no, names, item)
        case hcl.Tuple():
            return [value(inner, names, item) for inner in node.items]
        case hcl.Object():
            return {str(value(key, names)): value(inner, names) for key, inner in node.items}
        case hcl.Index():
            return value(node.of, names, item)[value(node.key, names, item)]
        case hcl.Splat():
            return [value(node.each, names, member) for member in value(node.of, names, item)]
        case hcl.Template():
            return "".join(str(value(part, names, item)) for part in node.parts)
        case hcl.TemplateFor():
            members = value(node.collection, names, item)
            return "".join(value(node.body, {**names, node.value_name: member}) for member in members)
    raise AssertionError(node)
