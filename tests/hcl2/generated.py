"""Random HCL: every construct in every other, as python-hcl2 and Terraform both can read it."""

from __future__ import annotations

import random

_OPERATORS = ("+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||")
_NAMES = ("a", "b_c", "d-e", "var", "local", "each", "x1", "_y")
_PLAIN = ("", "a", " ", "  b ", "é", "$", "%", "# c", "// d", "{}")
_ESCAPES = ("$${e}", "%%{f}", r"\n", r"\"", r"\\", r"\u00e9", "1e5")


class Generator:
    """One random file for each seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def file(self) -> str:
        """Some blocks and arguments."""
        return "".join(self._item(depth=0, number=number) for number in range(self._random.randint(1, 6)))

    def _item(self, depth: int, number: int) -> str:
        indent = "  " * depth
        if depth < 3 and self._random.random() < 0.4:
            labels = self._random.choice(("", ' "l"', ' "l" "m"', " l"))
            inside = "".join(self._item(depth + 1, i) for i in range(self._random.randint(0, 3)))
            return f"{indent}block{labels} {{\n{inside}{indent}}}{self._comment()}\n"
        if self._random.random() < 0.2:
            return f"{indent}heredoc{number} = {self._heredoc()}\n"
        return f"{indent}argument{number} = {self.expression(4)}{self._comment()}\n"

    def expression(self, depth: int) -> str:
        """One expression, at most so many levels deep."""
        if depth == 0:
            return self._leaf()
        inner = depth - 1
        kind = self._random.randrange(12)
        if kind < 2:
            return self._leaf()
        if kind == 2:
            return f"{self.expression(inner)} {self._random.choice(_OPERATORS)} {self.expression(inner)}"
        if kind == 3:
            parts = [self.expression(inner) for _ in range(3)]
            return "{} ? {} : {}".format(*parts)
        if kind == 4:
            return f"{self._random.choice('-!')}{self._term(inner)}"
        if kind == 5:
            return self._tuple(inner)
        if kind == 6:
            return self._object(inner)
        if kind == 7:
            return self._for(inner)
        if kind == 8:
            arguments = [self.expression(inner) for _ in range(self._random.randrange(3))]
            expand = "..." if arguments and self._random.random() < 0.2 else ""
            return f"{self._random.choice(('f', 'try', 'provider::p::g'))}({', '.join(arguments)}{expand})"
        if kind == 9:
            return f'"{self._template(inner)}"'
        return self._term(inner)

    def _leaf(self) -> str:
        text = self._random.choice(_PLAIN + _ESCAPES)
        literals = ("0", "7", "2.5", "65535", "1e5", "true", "false", "null", f'"{text}"')
        return self._random.choice((*literals, *_NAMES))

    def _term(self, depth: int) -> str:
        term = self._random.choice((self._name(), f"({self.expression(depth)})"))
        for _ in range(self._random.randrange(4)):
            step = self._random.choice((".b", ".c_d", "[0]", "[*]", ".*", ".0", "[key]"))
            term += f"[{self.expression(depth)}]" if step == "[key]" else step
        return term

    def _name(self) -> str:
        return self._random.choice(_NAMES)

    def _gap(self) -> str:
        return self._random.choice(("", " ", "\n", " # c\n", "\n  // d\n  "))

    def _comment(self) -> str:
        return self._random.choice(("", "", " # c", " // d"))

    def _tuple(self, depth: int) -> str:
        items = [self.expression(depth) for _ in range(self._random.randrange(4))]
        return f"[{self._gap()}{(',' + self._gap()).join(items)}{self._gap() if items else ''}]"

    def _object(self, depth: int) -> str:
        if self._random.random() < 0.5:
            items = ", ".join(self._pair(depth) for _ in range(self._random.randrange(3)))
            return f"{{{items}}}"
        lines = "".join(f"  {self._pair(depth)}{self._comment()}\n" for _ in range(self._random.randrange(3)))
        return f"{{\n{lines}}}"

    def _pair(self, depth: int) -> str:
        keys = (
            self._name(),
            '"q"',
            f'"{self._template(depth)}"',
            f"({self.expression(depth)})",
            "80",
            "null",
        )
        return f"{self._random.choice(keys)} {self._random.choice('=:')} {self.expression(depth)}"

    def _for(self, depth: int) -> str:
        names = self._random.choice(("v", "k, v"))
        condition = f" if {self.expression(depth)}" if self._random.random() < 0.3 else ""
        of, value = self.expression(depth), self.expression(depth)
        if self._random.random() < 0.5:
            return f"[for {names} in {of} : {value}{condition}]"
        grouping = self._random.choice(("", "..."))
        return f"{{for {names} in {of} : {self.expression(depth)} => {value}{grouping}{condition}}}"

    def _template(self, depth: int) -> str:
        return "".join(self._part(depth) for _ in range(self._random.randrange(4)))

    def _part(self, depth: int) -> str:
        if depth == 0 or self._random.random() < 0.5:
            return self._random.choice(_PLAIN) + self._random.choice(_ESCAPES)
        return f"${{{self._random.choice(('', ' '))}{self.expression(depth - 1)} }}"

    def _heredoc(self) -> str:
        lines = []
        for _ in range(self._random.randrange(4)):
            text = self._random.choice(("", "line", "two words", '"q" \\n', "$${e} %%{f} $ %"))
            inner = self._random.choice(("", "", f"${{{self._name()}.b}}"))
            lines.append(" " * self._random.randrange(6) + text + inner)
        opening = self._random.choice(("<<EOT", "<<-EOT"))
        return "\n".join([opening, *lines, "  EOT"])
