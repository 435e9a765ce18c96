"""Expressions and what Terraform makes of them: the rows, and the way to ask the real one.

Each ``*.txt`` beside this file holds one row a line: the expression, `` => ``, and its value as
jsonencode() writes it, or ``error`` where Terraform refuses the expression. ``⏎`` stands for a line
feed inside an expression (heredocs need them). ``# `` starts a comment line.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SEPARATOR = " => "
LINE_FEED = "⏎"
ERROR = "error"
TERRAFORM = shutil.which("terraform")

_REFUSED = "refused"


@dataclass(frozen=True)
class Row:
    """One expression and its value: ``expected`` is JSON text, or ``error``."""

    file: str
    expression: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}: {self.expression}"


def read_rows(path: Path) -> list[Row]:
    """The rows of one file."""
    lines = path.read_text(encoding="utf-8").split("\n")
    parts = [line.rpartition(SEPARATOR) for line in lines if line and not line.startswith("# ")]
    return [Row(path.stem, left.replace(LINE_FEED, "\n"), right) for left, _, right in parts]


ROWS = [row for path in sorted(HERE.glob("*.txt")) for row in read_rows(path)]


def ask_terraform(expressions: Sequence[str]) -> list[str]:
    """What the real ``terraform console`` says of each: JSON text, or ``error``.

    All expressions go into one configuration, each within try(); those that Terraform cannot
    even load together with the others (syntax, unknown functions) are asked one by one.
    """
    found = _ask(expressions)
    if found is not None:
        return found
    if len(expressions) == 1:
        return [ERROR]
    middle = len(expressions) // 2
    return ask_terraform(expressions[:middle]) + ask_terraform(expressions[middle:])


def _ask(expressions: Sequence[str]) -> list[str] | None:
    lines = [
        f'  r{number} = try(base64encode(jsonencode({expression}\n)), "{_REFUSED}")'
        for number, expression in enumerate(expressions)
    ]
    everything = ", ".join(f"local.r{number}" for number in range(len(expressions)))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "main.tf").write_text("locals {\n" + "\n".join(lines) + "\n}\n", encoding="utf-8")
        for name, text in FILES.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "CHECKPOINT_DISABLE": "1"}
        asked = subprocess.run(
            [str(TERRAFORM), "console"],
            input=f'join(" ", [{everything}])\n',
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
    if asked.returncode or not asked.stdout.startswith('"'):
        return None
    return [_decoded(word) for word in asked.stdout.strip().strip('"').split(" ")]


def _decoded(word: str) -> str:
    return ERROR if word == _REFUSED else base64.b64decode(word).decode()


# Files that the expressions of files.txt read.
FILES = {"hello.txt": "Hello, wörld!\n", "empty.txt": ""}
