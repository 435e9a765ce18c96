"""What variables are set to: the order of precedence, texts and expressions, and one line for faults."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eks_checks.errors import EksChecksError, InputError, UsageError
from eks_checks.terraform.evaluation.given import NOTHING_GIVEN, Given
from eks_checks.terraform.evaluation.variables import root_variables
from eks_checks.terraform.files import ModuleFiles
from eks_checks.terraform.sources.tree import ModuleTree
from tests.terraform.evaluation.asking import of_folder, written
from tests.terraform.evaluation.evaluating import said
from tests.terraform.readable import text

DECLARED = 'variable "v" { default = "declared" }\n'


def given(tmp_path: Path, files: dict[str, str], choice: Given = NOTHING_GIVEN) -> dict[str, str]:
    """Each variable that is given a value, as short text."""
    tree = ModuleTree(ModuleFiles(str(written(tmp_path, files))))
    return {name: text(value) for name, value in root_variables(tree, choice).items()}


STEPS: list[tuple[str, dict[str, str], Given]] = [
    ("environment", {}, Given(environment={"v": "environment"})),
    ("terraform.tfvars", {"terraform.tfvars": 'v = "terraform.tfvars"\n'}, Given()),
    ("terraform.tfvars.json", {"terraform.tfvars.json": '{"v": "terraform.tfvars.json"}'}, Given()),
    ("a.auto.tfvars", {"a.auto.tfvars": 'v = "a.auto.tfvars"\n'}, Given()),
    ("a.auto.tfvars.json", {"a.auto.tfvars.json": '{"v": "a.auto.tfvars.json"}'}, Given()),
    ("b.auto.tfvars", {"b.auto.tfvars": 'v = "b.auto.tfvars"\n'}, Given()),
    ("z.tfvars", {"z.tfvars": 'v = "z.tfvars"\n'}, Given(files=("z.tfvars",))),
    ("a.tfvars", {"a.tfvars": 'v = "a.tfvars"\n'}, Given(files=("z.tfvars", "a.tfvars"))),
    ("first option", {}, Given(options=("v=first option",))),
    ("second option", {}, Given(options=("v=first option", "v=second option"))),
]
"""From the weakest to the strongest; each is tried together with all before it."""


@pytest.mark.parametrize("strongest", range(len(STEPS)), ids=[name for name, _, _ in STEPS])
def test_the_order_of_precedence(strongest: int, tmp_path: Path) -> None:
    files = {"main.tf": DECLARED}
    environment: dict[str, str] = {}
    named: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    for _, more, choice in STEPS[: strongest + 1]:
        files |= more
        environment |= choice.environment
        named = tuple(str(tmp_path / name) for name in choice.files) or named
        options = choice.options or options
    found = given(tmp_path, files, Given(environment, named, options))
    assert found == {"v": repr(STEPS[strongest][0])}


def test_what_nothing_sets_has_its_default(tmp_path: Path) -> None:
    assert given(tmp_path, {"main.tf": DECLARED}) == {}
    assert said(of_folder(tmp_path), "var.v") == "'declared'"


def test_a_file_of_values_that_nobody_names_is_not_read(tmp_path: Path) -> None:
    files = {"main.tf": DECLARED, "prod.tfvars": 'v = "p"\n', "sub/terraform.tfvars": 'v = "s"\n'}
    assert given(tmp_path, files) == {}


def test_each_variable_comes_from_its_own_place(tmp_path: Path) -> None:
    files = {
        "main.tf": 'variable "v" {}\nvariable "w" {}\nvariable "u" {}\n',
        "terraform.tfvars": 'v = "file"\nw = "file"\n',
    }
    choice = Given(environment={"v": "env", "u": "env", "gone": "env"}, options=("w=option",))
    assert given(tmp_path, files, choice) == {"v": "'file'", "w": "'option'", "u": "'env'"}


TYPED = [
    ("", "22", "'22'"),
    ("type = string", '["a"]', "'[\"a\"]'"),
    ("type = string", "a = b", "'a = b'"),
    ("type = string", "", "''"),
    ("type = number", "22", "22"),
    ("type = bool", "true", "True"),
    ("type = list(string)", '["a", "b"]', "['a', 'b']"),
    ("type = set(number)", "[2, 1, 2]", "[1, 2]"),
    ("type = map(string)", '{ a = 1, "b" = "x" }', "{a: '1', b: 'x'}"),
    ("type = map(string)", '{"a": "json too"}', "{a: 'json too'}"),
    ("type = object({ n = number })", '{ n = "7", more = 1 }', "{n: 7}"),
    ("type = tuple([string, bool])", '["a", "false"]', "['a', False]"),
    ("type = any", '["a", 1]', "['a', 1]"),
    ("type = any", '"a"', "'a'"),
    ("type = list(string)", "null", "null"),
    ("type = list(string)", '["a"', "?"),
]


@pytest.mark.parametrize(("declared", "value", "expected"), TYPED)
@pytest.mark.parametrize("option", [True, False], ids=["option", "environment"])
def test_text_or_expression_by_the_type(
    declared: str, value: str, expected: str, option: bool, tmp_path: Path
) -> None:
    folder = written(tmp_path, {"main.tf": f'variable "v" {{\n  {declared}\n}}\n'})
    choice = Given(options=(f"v={value}",)) if option else Given(environment={"v": value})
    assert said(of_folder(folder, choice), "var.v") == expected


FILES = [
    ("terraform.tfvars", 'v = ["a", { b = true }]\n', "['a', {b: True}]"),
    ("terraform.tfvars", "v = <<EOT\nlong\nEOT\n", "'long\\n'"),
    ("terraform.tfvars.json", '{"v": ["a", {"b": true}]}', "['a', {b: True}]"),
    ("terraform.tfvars.json", '{"v": "${not.a.template}"}', "'${not.a.template}'"),
    ("terraform.tfvars.json", '{"v": null}', "null"),
]


@pytest.mark.parametrize(("name", "content", "expected"), FILES)
def test_values_in_files(name: str, content: str, expected: str, tmp_path: Path) -> None:
    assert given(tmp_path, {"main.tf": 'variable "v" {}\n', name: content}) == {"v": expected}


FAULTS: list[tuple[dict[str, str], Given, type[EksChecksError], str]] = [
    ({}, Given(options=("typo=1",)), UsageError, "--var: . has no variable 'typo'; see its variable blocks"),
    ({}, Given(options=("v",)), UsageError, "--var: 'v' is not K=V; write --var name=value"),
    ({}, Given(options=("=1",)), UsageError, "--var: '=1' is not K=V; write --var name=value"),
    ({"terraform.tfvars": 'v = "a"\nv = \n'}, Given(), InputError, "terraform.tfvars:2: "),
    ({"a.auto.tfvars.json": '{\n"v" 1}'}, Given(), InputError, "a.auto.tfvars.json: not JSON ("),
    ({"terraform.tfvars.json": "[]"}, Given(), InputError, "terraform.tfvars.json: not a JSON object; "),
    ({"x.tfvars": "v = (\n"}, Given(files=("x.tfvars",)), InputError, "x.tfvars:1: "),
    ({}, Given(files=("none.tfvars",)), InputError, "none.tfvars: "),
]


@pytest.mark.parametrize(("files", "choice", "kind", "begins"), FAULTS, ids=lambda value: str(value)[:40])
def test_a_fault_is_told_in_one_line(
    files: dict[str, str],
    choice: Given,
    kind: type[EksChecksError],
    begins: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written(tmp_path, {"main.tf": DECLARED, **files})
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind) as caught:
        root_variables(ModuleTree(ModuleFiles(".")), choice)
    assert str(caught.value).startswith(begins)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_values_nested_too_deeply_are_refused(tmp_path: Path) -> None:
    deep = json.dumps({"v": 1}).replace("1", "[" * 5000 + "]" * 5000)
    with pytest.raises(InputError, match=r"nested too deeply|not JSON"):
        given(tmp_path, {"main.tf": DECLARED, "terraform.tfvars.json": deep})
