"""Random configurations of Terraform's own resource type: what the differential test of this folder asks.

Expressions are made by type, so that Terraform accepts nearly all of them. Nothing here knows of the
evaluator that is tested.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

TEXT, NUMBER, TRUTH, TEXTS, MAP, SET, THING, THINGS = (
    "string",
    "number",
    "bool",
    "list(string)",
    "map(string)",
    "set(string)",
    "thing",
    "list(thing)",
)
SHAPE = (
    "object({ name = string, on = optional(bool, true), ports = optional(list(number), [22]), "
    'tags = optional(map(string), { from = "default" }), note = optional(string) })'
)
CONSTRAINTS = {THING: SHAPE, THINGS: f"list({SHAPE})"}
WORDS = ("a", "b", "c", "web", "node-1", "x y", "10.0.0.0/16", "7", "true", "")
Names = dict[str, list[str]]


@dataclass
class Environment:
    """The names an expression may use: ``known`` ones have a value when Terraform plans."""

    known: Names = field(default_factory=dict)
    later: Names = field(default_factory=dict)

    def add(self, type_: str, name: str, *, known: bool) -> None:
        """Make a name usable."""
        (self.known if known else self.later).setdefault(type_, []).append(name)

    def having(self, names: Names) -> Environment:
        """The same with further known names."""
        merged = {key: [*self.known.get(key, []), *names.get(key, [])] for key in {*self.known, *names}}
        return Environment(merged, self.later)


class Writer:
    """Writes expressions and modules from one seed."""

    def __init__(self, seed: int) -> None:
        """The same seed writes the same configuration."""
        self.random = random.Random(seed)
        self._count = 0

    # --- expressions ----------------------------------------------------------------------------------------

    def expression(self, type_: str, at: Environment, depth: int, *, known: bool = False) -> str:
        """An expression of a type."""
        names = list(at.known.get(type_, []))
        if not known:
            names += at.later.get(type_, [])
        if names and self.random.random() < (0.35 if depth > 0 else 0.75):
            return self.random.choice(names)
        if depth <= 0:
            return self._literal(type_)
        if self.random.random() < 0.12 and type_ not in (THING, THINGS):  # Terraform rarely finds them alike
            return self._conditional(type_, at, depth - 1, known)
        return self._made(
            type_, lambda wanted: self.expression(wanted, at, depth - 1, known=known), at, known
        )

    def _conditional(self, type_: str, at: Environment, depth: int, known: bool) -> str:
        parts = [self.expression(wanted, at, depth, known=known) for wanted in (TRUTH, type_, type_)]
        return f"({parts[0]} ? {parts[1]} : {parts[2]})"

    def _literal(self, type_: str) -> str:
        pick, number = self.random.choice, self.random.randint
        texts = ", ".join(f'"{pick(WORDS)}"' for _ in range(number(1, 3)))
        entries = ", ".join(f'{key} = "{pick(WORDS)}"' for key in self.random.sample("abcd", number(1, 3)))
        thing = (
            f'{{ name = "{pick(WORDS)}", on = {pick(("true", "false"))}, ports = tolist([{number(1, 9)}]), '
        )
        thing += (
            f"tags = tomap({{ {entries} }}), note = tostring({pick(('null', chr(34) + 'n' + chr(34)))}) }}"
        )
        return {
            TEXT: f'"{pick(WORDS)}"',
            NUMBER: str(number(0, 5)),
            TRUTH: pick(("true", "false")),
            TEXTS: f"tolist([{texts}])",
            MAP: f"tomap({{ {entries} }})",
            SET: f"toset([{texts}])",
            THING: thing,
            THINGS: f"[{thing}]",
        }[type_]

    def _made(self, type_: str, of: Callable[[str], str], at: Environment, known: bool) -> str:
        makers: dict[str, Callable[[], str]] = {
            TEXT: lambda: self._text(of, at, known),
            NUMBER: lambda: self._number(of),
            TRUTH: lambda: self._truth(of),
            TEXTS: lambda: self._texts(of, at, known),
            MAP: lambda: self._map(of, at, known),
            SET: lambda: f"toset(distinct({of(TEXTS)}))",
            THING: lambda: self._thing(of),
            THINGS: lambda: self._things(of, at, known),
        }
        return makers[type_]()

    def _inside(self, type_: str, names: Names, at: Environment, known: bool) -> str:
        """An expression inside a loop."""
        return self.expression(type_, at.having(names), 1, known=known)

    def _text(self, of: Callable[[str], str], at: Environment, known: bool) -> str:
        v = self._name()
        return self.random.choice(
            [
                lambda: f'"${{{of(TEXT)}}}-${{{of(NUMBER)}}}"',
                lambda: f'"%{{ if {of(TRUTH)} }}${{{of(TEXT)}}}%{{ else }}no%{{ endif }}"',
                lambda: f'"(%{{ for {v} in {of(TEXTS)} }}<${{{v}}}>%{{ endfor }})"',
                lambda: f"try({of(TEXTS)}[{self.random.randint(0, 3)}], {of(TEXT)})",
                lambda: f'try({of(MAP)}["{self.random.choice("abcd")}"], {of(TEXT)})',
                lambda: f"{of(THING)}.name",
                lambda: f'lookup({of(MAP)}, "{self.random.choice("abcd")}", {of(TEXT)})',
                lambda: f'element(concat({of(TEXTS)}, ["z"]), abs({of(NUMBER)}))',
                lambda: f'join("+", {of(TEXTS)})',
                lambda: f"upper({of(TEXT)})",
                lambda: f'coalesce({of(TEXT)}, "filled")',
                lambda: f'concat({of(THINGS)}[*].name, ["none"])[0]',
                lambda: f'try(sort({of(SET)})[0], "empty")',
                lambda: f'format("%s/%d", {of(TEXT)}, {of(NUMBER)})',
                lambda: f'coalesce({of(THING)}.note, {of(TEXT)}, "noted")',
                lambda: f"[for {v} in [{of(TEXT)}] : {self._inside(TEXT, {TEXT: [v]}, at, known)}][0]",
            ]
        )()

    def _number(self, of: Callable[[str], str]) -> str:
        return self.random.choice(
            [
                lambda: f"({of(NUMBER)} + {of(NUMBER)})",
                lambda: f"({of(NUMBER)} * 2 - {of(NUMBER)})",
                lambda: f"length({of(TEXTS)})",
                lambda: f"length({of(MAP)})",
                lambda: f"max({of(NUMBER)}, {of(NUMBER)})",
                lambda: f"try({of(THING)}.ports[0], 0)",
                lambda: f"length({of(THINGS)})",
            ]
        )()

    def _truth(self, of: Callable[[str], str]) -> str:
        return self.random.choice(
            [
                lambda: f"({of(TEXT)} == {of(TEXT)})",
                lambda: f"({of(NUMBER)} > {of(NUMBER)})",
                lambda: f"(!{of(TRUTH)})",
                lambda: f"({of(TRUTH)} && {of(TRUTH)})",
                lambda: f"({of(TRUTH)} || {of(TRUTH)})",
                lambda: f"contains({of(TEXTS)}, {of(TEXT)})",
                lambda: f"can({of(TEXTS)}[1])",
                lambda: f"({of(THING)}.note == null)",
                lambda: f"{of(THING)}.on",
            ]
        )()

    def _texts(self, of: Callable[[str], str], at: Environment, known: bool) -> str:
        v, k = self._name(), self._name()
        inner = {TEXT: [v]}
        return self.random.choice(
            [
                lambda: f"tolist([{of(TEXT)}, {of(TEXT)}])",
                lambda: f"tolist([for {v} in {of(TEXTS)} : {self._inside(TEXT, inner, at, known)}])",
                lambda: f'tolist([for {k}, {v} in {of(MAP)} : "${{{k}}}:${{{v}}}"])',
                lambda: f"tolist([for {v} in {of(SET)} : {v} if {self._inside(TRUTH, inner, at, known)}])",
                lambda: f"concat({of(TEXTS)}, {of(TEXTS)})",
                lambda: f"tolist({of(THINGS)}[*].name)",
                lambda: f"tolist({of(SET)})",
                lambda: (
                    f"concat({of(SET)}[*], [for {v} in {of(SET)} : {self._inside(TEXT, inner, at, known)}])"
                ),
                lambda: f"keys({of(MAP)})",
                lambda: f"values({of(MAP)})",
                lambda: f"compact({of(TEXTS)})",
                lambda: f"distinct({of(TEXTS)})",
                lambda: f"tolist(flatten([{of(TEXTS)}, [[{of(TEXT)}]]]))",
                lambda: f"tolist([for {v} in {of(THINGS)} : {v}.name if {v}.on])",
                lambda: f"tolist({of(TEXT)}[*])",
                lambda: f"try(slice({of(TEXTS)}, 0, 1), {of(TEXTS)})",
            ]
        )()

    def _map(self, of: Callable[[str], str], at: Environment, known: bool) -> str:
        v, k = self._name(), self._name()
        return self.random.choice(
            [
                lambda: f'tomap({{ a = {of(TEXT)}, ("k-${{{of(NUMBER)}}}") = {of(TEXT)} }})',
                lambda: f"merge({of(MAP)}, {of(MAP)})",
                lambda: (
                    f"tomap({{ for {v} in {of(SET)} : {v} => {self._inside(TEXT, {TEXT: [v]}, at, known)} }})"
                ),
                lambda: f'tomap({{ for {k}, {v} in {of(MAP)} : "${{{k}}}x" => {v} if {v} != "a" }})',
                lambda: (
                    f'tomap({{ for {v} in {of(TEXTS)} : {v} => "n"... }} != null ? {of(MAP)} : {of(MAP)})'
                ),
                lambda: (
                    f"tomap({{ for {k}, {v} in {{ for {v} in {of(TEXTS)} : {v} => {v}... }} : "
                    f'{k} => join(",", {v}) }})'
                ),
                lambda: f"{of(THING)}.tags",
                lambda: f'tomap(zipmap(["p", "q"], [{of(TEXT)}, {of(TEXT)}]))',
            ]
        )()

    def _thing(self, of: Callable[[str], str]) -> str:
        made = (
            f"{{ name = {of(TEXT)}, on = {of(TRUTH)}, ports = tolist([{of(NUMBER)}]), tags = {of(MAP)}, "
            f"note = tostring({self.random.choice(('null', of(TEXT)))}) }}"
        )
        return self.random.choice([made, f"try({of(THINGS)}[0], {made})"])

    def _things(self, of: Callable[[str], str], at: Environment, known: bool) -> str:
        v = self._name()
        body = (
            f"{{ name = {v}, on = {self._inside(TRUTH, {TEXT: [v]}, at, known)}, ports = tolist([1]), "
            f"tags = tomap({{ t = {v} }}), note = tostring(null) }}"
        )
        return self.random.choice(
            [
                f"[{of(THING)}, {of(THING)}]",
                f"[for {v} in {of(TEXTS)} : {body}]",
                f"[for {v} in {of(THINGS)} : {v} if {v}.on]",
            ]
        )

    def _name(self) -> str:
        self._count += 1
        return f"v{self._count}"

    # --- modules --------------------------------------------------------------------------------------------

    def configuration(self, outputs: int) -> dict[str, str]:
        """The files of a root module, two modules below it and one below both."""
        files: dict[str, str] = {}
        leaf = self._module(files, "modules/leaf", [], outputs=3)
        middle = self._module(files, "modules/middle", [("leaf", "../leaf", leaf)], outputs=4)
        calls = [("left", "./modules/middle", middle), ("right", "./modules/leaf", leaf)]
        self._module(files, "", calls, outputs=outputs)
        return files

    def _module(
        self, files: dict[str, str], folder: str, calls: list[tuple[str, str, _Interface]], outputs: int
    ) -> _Interface:
        at = Environment()
        lines: list[str] = []
        variables = list(self._variables(files, folder, lines, at))
        for number in range(4):
            self._local(lines, at, number, known=number < 2)
        for number in range(3):
            self._resource(lines, at, number)
        for name, source, interface in calls:
            self._call(lines, at, name, source, interface)
        for number in range(4, 8):
            self._local(lines, at, number, known=False)
        made: dict[str, str] = {}
        for number in range(outputs):
            made[f"out{number}"] = type_ = self._type()
            value = self.expression(type_, at, 3)
            lines.append(f'output "out{number}" {{\n  value = {value}\n}}')
        files[f"{folder}/main.tf".lstrip("/")] = "\n".join(lines) + "\n"
        return _Interface(variables, made)

    def _type(self) -> str:
        return self.random.choice((TEXT, NUMBER, TRUTH, TEXTS, MAP, SET, THING, THINGS))

    def _variables(
        self, files: dict[str, str], folder: str, lines: list[str], at: Environment
    ) -> Iterator[tuple[str, str]]:
        given: list[str] = []
        for number, type_ in enumerate((TEXT, NUMBER, TEXTS, MAP, THING, THINGS)):
            name = f"var{number}"
            default = self._default(type_)
            nullable = self.random.choice(("", "\n  nullable = false"))
            constraint = CONSTRAINTS.get(type_, type_)
            lines.append(f'variable "{name}" {{\n  type = {constraint}\n  default = {default}{nullable}\n}}')
            # A module's variable may be passed what only apply tells: then it is no key.
            at.add(type_, f"var.{name}", known=not folder)
            if not folder and self.random.random() < 0.5:
                given.append(f"{name} = {self._default(type_)}")
            yield name, type_
        if given:
            files["terraform.tfvars"] = "\n".join(given) + "\n"

    def _default(self, type_: str) -> str:
        if type_ == THING:
            return self.random.choice(('{ name = "short" }', '{ name = 5, on = "false", ports = ["80"] }'))
        if type_ == THINGS:
            return self.random.choice(("[]", '[{ name = "one" }, { name = "two", on = false }]'))
        literal = self._literal(type_)
        for word in ("tolist(", "tomap("):
            literal = literal.removeprefix(word)
        return literal.removesuffix(")") if type_ in (TEXTS, MAP) else literal

    def _local(self, lines: list[str], at: Environment, number: int, *, known: bool) -> None:
        type_ = self._type()
        lines.append(f"locals {{\n  local{number} = {self.expression(type_, at, 3, known=known)}\n}}")
        at.add(type_, f"local.local{number}", known=known)

    def _resource(self, lines: list[str], at: Environment, number: int) -> None:
        name = f"terraform_data.r{number}"
        kind = self.random.choice(("count", "for_each", "for_each_map", "none"))
        inside = at.having(_INSIDE.get(kind, {}))
        value = self.expression(TEXT, inside, 2)
        lines.append(
            f'resource "terraform_data" "r{number}" {{\n{self._repeated(kind, at)}  input = {value}\n}}'
        )
        one = {"count": f"{name}[0]", "none": name}.get(kind)
        for attribute in ("id", "output", "input"):
            if one is not None:
                at.add(TEXT, f'try({one}.{attribute}, "absent")', known=False)
            if kind == "count":
                at.add(TEXTS, f"tolist({name}[*].{attribute})", known=False)
                at.add(TEXTS, f"tolist({name}.*.{attribute})", known=False)
            elif kind == "none":
                at.add(TEXTS, f"tolist({name}[*].{attribute})", known=False)
            else:
                at.add(MAP, f"tomap({{ for k, r in {name} : k => r.{attribute} }})", known=False)
                at.add(TEXTS, f"tolist(values({name})[*].{attribute})", known=False)

    def _repeated(self, kind: str, at: Environment) -> str:
        if kind == "count":
            return f"  count = {self.random.choice(('0', '1', '2', '3'))}\n"
        if kind == "for_each":
            return f"  for_each = {self.expression(SET, at, 2, known=True)}\n"
        return f"  for_each = {self.expression(MAP, at, 2, known=True)}\n" if kind == "for_each_map" else ""

    def _call(self, lines: list[str], at: Environment, name: str, source: str, interface: _Interface) -> None:
        kind = self.random.choice(("count", "for_each", "for_each_map", "none", "none"))
        inside = at.having(_INSIDE.get(kind, {}))
        passed = [
            f"  {variable} = {self.expression(type_, inside, 2)}\n"
            for variable, type_ in interface.variables
            if self.random.random() < 0.6
        ]
        lines.append(
            f'module "{name}" {{\n  source = "{source}"\n{self._repeated(kind, at)}{"".join(passed)}}}'
        )
        for output, type_ in interface.outputs.items():
            if kind == "none":
                at.add(type_, f"module.{name}.{output}", known=False)
            elif kind == "count":
                at.add(type_, f"try(module.{name}[0].{output}, {self._literal(type_)})", known=False)
                if type_ == TEXT:
                    at.add(TEXTS, f"tolist(module.{name}[*].{output})", known=False)
            elif type_ == TEXT:
                at.add(MAP, f"tomap({{ for k, m in module.{name} : k => m.{output} }})", known=False)
                at.add(TEXTS, f"tolist([for m in module.{name} : m.{output}])", known=False)


@dataclass(frozen=True)
class _Interface:
    variables: list[tuple[str, str]]
    outputs: dict[str, str]


_INSIDE: dict[str, Names] = {
    "count": {NUMBER: ["count.index"]},
    "for_each": {TEXT: ["each.key", "each.value"]},
    "for_each_map": {TEXT: ["each.key", "each.value"]},
}
