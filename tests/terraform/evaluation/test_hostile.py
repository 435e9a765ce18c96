"""Whatever a configuration holds, the command ends, says nothing of files outside, and has no fault."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eks_checks.terraform.value import Value
from tests.terraform.evaluation.asking import of_folder, written
from tests.terraform.evaluation.evaluating import value_of

CANARY = "canary-7f3e"
SECONDS = 60
Setup = Callable[[Path], object]


def network(expression: str, before: str = "") -> dict[str, str]:
    """A network whose tags need the expression."""
    return {
        "main.tf": f'{before}\nresource "aws_vpc" "v" {{\n  cidr_block = "10.0.0.0/16"\n'
        f'  tags       = {{ x = {expression} }}\n}}\noutput "all" {{\n  value = {expression}\n}}\n'
    }


def chain(length: int, first: str, following: str) -> str:
    """Locals, each made of the one before, which ``@`` stands for."""
    lines = [f"  a{n} = {following.replace('@', f'local.a{n - 1}')}" for n in range(1, length + 1)]
    return "\n".join(["locals {", f"  a0 = {first}", *lines, "}"])


def calls(*folders: str, count: int = 3) -> str:
    return "\n".join(
        f'module "m{n}" {{\n  source = "{folder}"\n  count  = {count}\n}}' for n, folder in enumerate(folders)
    )


TEN = "[" + ", ".join("@" * 10) + "]"
GROWING: dict[str, dict[str, str]] = {
    "brackets": network("(" * 50_000 + "1" + ")" * 50_000),
    "lists in lists": network("[" * 900 + "1" + "]" * 900),
    "conditionals": network(" ".join(["true ? 1 :"] * 5000) + " 2"),
    "operators": network("+".join("1" * 20_000)),
    "text of text": network("local.a60", chain(60, '"xxxxxxxxxx"', '"${@}${@}"')),
    "unknown text of text": network("local.a60", chain(60, "aws_vpc.v.id", '"${@}${@}"')),
    "lists of lists": network("local.a30", chain(30, '["x"]', TEN)),
    "maps of maps": network("local.a40", chain(40, "{ x = 1 }", "{ a = @, b = @ }")),
    "flattened": network("flatten(local.a30)", chain(30, '["x"]', TEN)),
    "choices": network("local.a40", chain(40, '["x"]', 'aws_vpc.v.id == "x" ? [@, @] : [@]')),
    "long chain": network("local.a3000", chain(3000, '["x"]', "[@]")),
    "cycle": network("local.a", "locals {\n  a = local.b\n  b = local.a\n}"),
    "loops in loops": network("[for i in range(900) : [for j in range(900) : [for k in range(900) : k]]]"),
    "products": network("setproduct(range(1000), range(1000), range(1000))"),
    "slow searches": network(f'[for i in range(1000) : regexall("(a|aa)+$", "{"a" * 60}!")]'),
    "itself": {"main.tf": calls("./", "./")},
    "each other": {"main.tf": calls("./x"), "x/main.tf": calls("../y"), "y/main.tf": calls("../x", "../x")},
    "nested modules": {
        **network("1", calls("./m1", count=10)),
        **{f"m{n}/main.tf": calls(f"../m{n + 1}", count=10) for n in range(1, 51)},
        "m51/main.tf": network("1")["main.tf"],
    },
    "many instances": network("1", 'resource "aws_vpc" "c" {\n  count = 1e12\n}'),
    "many keys": network(
        "1",
        'resource "aws_vpc" "c" {\n  for_each = toset([for i in setproduct(range(1000), range(1000)) : '
        'join("-", i)])\n}',
    ),
    "templates": {**network('templatefile("t", {})'), "t": '${templatefile("t", {})}' * 10},
    "variables": {
        **network("var.x", 'variable "x" {\n  type = any\n}'),
        "terraform.tfvars.json": '{"x": ' + "[" * 900 + "]" * 900 + "}",
    },
    "json": {**network("1"), "a.tf.json": '{"locals": ' + "[" * 100_000},
    "garbage": {**network("1"), "g.tf": '"${' * 100_000},
}


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The command on a folder; it has to end soon, without a fault and without telling of the canary."""
    command = [sys.executable, "-m", "eks_checks", "scan", str(folder), "--format", "json", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode in (0, 1, 2), done.stderr
    assert "Traceback" not in done.stderr
    assert CANARY not in done.stdout + done.stderr
    return done


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(GROWING))
def test_what_grows_ends(tmp_path: Path, name: str) -> None:
    run(written(tmp_path, GROWING[name]))


def pipe(name: str) -> Setup:
    def make(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(folder / name)

    return make


ODD: dict[str, Setup] = {
    "pipe of sources": pipe("x.tf"),
    "pipe of variables": pipe("terraform.tfvars"),
    "pipe of modules": pipe(".terraform/modules/modules.json"),
    "folder of sources": lambda folder: (folder / "x.tf").mkdir(),
    "folder of variables": lambda folder: (folder / "terraform.tfvars").mkdir(),
    "device": lambda folder: (folder / "x.tf").symlink_to("/dev/zero"),
    "link to itself": lambda folder: (folder / "x.tf").symlink_to("x.tf"),
    "link to the folder": lambda folder: (folder / "l").symlink_to("."),
    "huge variables": lambda folder: (folder / "terraform.tfvars").write_bytes(b"x" * 100_000_000),
}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
@pytest.mark.parametrize("name", sorted(ODD))
def test_what_is_no_file_of_sources_is_left_alone(tmp_path: Path, name: str) -> None:
    ODD[name](written(tmp_path, network("1")))
    assert run(tmp_path).returncode in (0, 1)


@pytest.mark.slow
def test_variables_without_end(tmp_path: Path) -> None:
    done = run(written(tmp_path, network("1")), "--var-file", "/dev/zero")
    assert done.returncode == 2
    assert "larger than" in done.stderr


# --- nothing outside ----------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root module in a repository of its own, beside a folder that is none of its business."""
    secret = tmp_path / "secret"
    written(secret, {"secret.txt": CANARY, "x.tf": f'output "o" {{\n  value = "{CANARY}"\n}}\n'})
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    return tmp_path / "repository"


@pytest.mark.parametrize(
    "expression",
    [
        'file("../secret/secret.txt")',
        'file("${path.root}/../secret/secret.txt")',
        'file("l/secret.txt")',
        'file("secret.txt")',
        'filebase64("../secret/secret.txt")',
        'filesha256("../secret/secret.txt")',
        'templatefile("../secret/secret.txt", {})',
        'fileset("..", "**")',
        'fileset("/", "*")',
        'fileset(".", "../**")',
        'file("/etc/passwd")',
        'file("/proc/self/environ")',
    ],
)
def test_functions_read_nothing_outside(root: Path, expression: str) -> None:
    written(root, network("1"))
    (root / "l").symlink_to("../secret")
    (root / "secret.txt").symlink_to("../secret/secret.txt")
    found: Value | str = value_of(of_folder(root), expression)
    assert isinstance(found, str), found
    assert CANARY not in found


SECRET_MODULE = 'module "m" {\n  source = "SOURCE"\n}\nlocals {\n  o = module.m.o\n}\n'


@pytest.mark.parametrize("source", ["../secret", "./l", "../repository/../secret"])
def test_no_module_is_outside(root: Path, source: str) -> None:
    written(root, {"main.tf": SECRET_MODULE.replace("SOURCE", source)})
    (root / "l").symlink_to("../secret")
    assert CANARY not in str(value_of(of_folder(root), "local.o"))


@pytest.mark.parametrize(
    "place", ["../secret", "SECRET", "/", "/etc", ".terraform/modules/m", "\0", ["x"], 1]
)
def test_the_list_of_installed_modules_leads_nowhere_else(root: Path, place: object) -> None:
    place = str(root.parent / "secret") if place == "SECRET" else place
    listed = {"Modules": [{"Key": "m", "Source": "a/b/c", "Dir": place}, 3, {"Key": ["m"]}]}
    files = {
        "main.tf": SECRET_MODULE.replace("SOURCE", "a/b/c"),
        ".terraform/modules/modules.json": json.dumps(listed),
    }
    written(root, files)
    (root / ".terraform" / "modules" / "m").symlink_to("../../../secret")
    evaluator = of_folder(root)
    assert CANARY not in str(value_of(evaluator, "local.o"))
    assert ("m",) in evaluator.tree.missing


def test_a_shared_store_of_registry_modules_is_read(root: Path) -> None:
    """Its folders are named for the module and its version; any other folder elsewhere is not read."""
    store = root.parent / "store" / "a" / "b" / "c"
    output = 'output "o" {\n  value = "here"\n}\n'
    written(store, {"1.2.3/x.tf": output, "1.2.4/x.tf": output})
    for version, read in (("1.2.3", True), ("1.2.4", False)):
        listed = {
            "Modules": [{"Key": "m", "Source": "a/b/c", "Version": version, "Dir": str(store / "1.2.3")}]
        }
        files = {
            "main.tf": SECRET_MODULE.replace("SOURCE", "a/b/c"),
            ".terraform/modules/modules.json": json.dumps(listed),
        }
        written(root, files)
        assert ("here" in str(value_of(of_folder(root), "local.o"))) is read


def test_installed_modules_are_read_where_the_cache_is_a_link(root: Path) -> None:
    cache = root.parent / "cache"
    listed = {"Modules": [{"Key": "m", "Source": "a/b/c", "Dir": ".terraform/modules/m"}]}
    written(
        cache,
        {"modules/modules.json": json.dumps(listed), "modules/m/x.tf": 'output "o" {\n  value = "here"\n}\n'},
    )
    written(root, {"main.tf": SECRET_MODULE.replace("SOURCE", "a/b/c")})
    (root / ".terraform").symlink_to("../cache")
    assert "here" in str(value_of(of_folder(root), "local.o"))


def test_a_link_to_sources_outside_is_said_and_skipped(root: Path) -> None:
    written(root, network("1"))
    (root / "x.tf").symlink_to("../secret/x.tf")
    evaluator = of_folder(root)
    found = evaluator.tree.module(())
    assert found is not None
    assert "o" not in found.outputs
    assert [problem.text for problem in evaluator.tree.problems()] == ["cannot be read, or is too large"]
