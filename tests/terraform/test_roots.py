"""Which root modules a changed file concerns."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from eks_checks.terraform.sources.roots import ModuleFolder, Roots, root_modules

BACKEND = 'terraform {\n  backend "s3" {}\n}\n'


def call(source: str, name: str = "it") -> str:
    return f'module "{name}" {{\n  source = "{source}"\n}}\n'


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository, which is the current folder."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(top: Path, **files: str) -> None:
    """Write files; ``__`` stands for a slash, and each is a ``.tf`` unless it has an ending."""
    for name, text in files.items():
        path = top / (name.replace("__", "/") + ".tf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_a_folder_nobody_calls_is_a_root(top: Path) -> None:
    write(top, a__main="", b__main="")
    assert root_modules(["a/main.tf"]) == ("a",)
    assert root_modules(["b/main.tf", "a/main.tf", "b/variables.tf"]) == ("a", "b")
    write(top, main="")
    assert root_modules(["main.tf"]) == (".",)


def test_a_called_folder_means_its_callers_through_all_levels(top: Path) -> None:
    write(top, stage__main=call("../modules/eks"), prod__main=call("../modules/eks"), other__main="")
    write(top, modules__eks__main=call("./nodes"), modules__eks__nodes__main="resource x y {}")
    assert root_modules(["modules/eks/nodes/main.tf"]) == ("prod", "stage")
    assert root_modules(["modules/eks/main.tf", "other/main.tf"]) == ("other", "prod", "stage")


def test_a_library_is_analysed_by_its_examples(top: Path) -> None:
    write(top, main=call("./modules/net"), modules__net__main="")
    assert root_modules(["modules/net/main.tf"]) == (".",)
    write(top, examples__complete__main=call("../.."), examples__minimal__main=call("../../"))
    assert root_modules(["modules/net/main.tf"]) == ("examples/complete", "examples/minimal")
    assert root_modules(["main.tf"]) == ("examples/complete", "examples/minimal")
    assert root_modules(["examples/minimal/main.tf"]) == ("examples/minimal",)


@pytest.mark.parametrize(
    "mark",
    [
        {"versions.tf": BACKEND},
        {"versions.tf": 'terraform {\n  cloud {\n    organization = "x"\n  }\n}\n'},
        {"b.tf.json": '{"terraform": {"backend": {"s3": {}}}}'},
        {"terraform.tfvars": ""},
        {"prod.auto.tfvars.json": "{}"},
    ],
)
def test_a_called_folder_that_is_applied_itself_is_a_root_too(top: Path, mark: dict[str, str]) -> None:
    write(top, base__main="", top__main=call("../base"))
    assert root_modules(["base/main.tf"]) == ("top",)
    for name, text in mark.items():
        (top / "base" / name).write_text(text, encoding="utf-8")
    assert root_modules(["base/main.tf"]) == ("base", "top")


@pytest.mark.parametrize(
    "text",
    [
        'provisioner "file" {\n  source = "../base"\n}\n',
        '# module "x" { source = "../base" }\n',
        'locals {\n  text = "module ../base"\n}\n',
        'module "x" {\n  source = "git::https://example.com/base"\n}\n',
    ],
)
def test_only_module_blocks_call(top: Path, text: str) -> None:
    write(top, base__main="", user__main=text)
    assert root_modules(["base/main.tf"]) == ("base",)


def test_json_syntax_and_windows_slashes(top: Path) -> None:
    write(top, base__main="", b__main=call("..\\\\base"))
    (top / "a").mkdir()
    (top / "a" / "main.tf.json").write_text('{"module": {"x": {"source": "../base"}}}', encoding="utf-8")
    assert root_modules(["base/main.tf"]) == ("a", "b")


def test_values_concern_their_own_folder(top: Path) -> None:
    write(top, a__main="")
    (top / "a" / "terraform.tfvars").write_text("", encoding="utf-8")
    (top / "values").mkdir()
    (top / "values" / "prod.tfvars").write_text("", encoding="utf-8")
    assert root_modules(["a/terraform.tfvars"]) == ("a",)
    assert root_modules(["values/prod.tfvars"]) == ()


def test_folders_that_call_each_other_are_never_passed_over(top: Path) -> None:
    write(top, a__main=call("../b"), b__main=call("../a"), c__main=call("../c"))
    assert root_modules(["a/main.tf"]) == ("a",)
    assert root_modules(["c/main.tf"]) == ("c",)


def test_hidden_folders_are_not_entered(top: Path) -> None:
    write(top, base__main="")
    for folder in (".terraform/modules/x", ".cache", "node_modules/y"):
        (top / "user" / folder).mkdir(parents=True)
        back = os.path.relpath(top / "base", top / "user" / folder)
        (top / "user" / folder / "main.tf").write_text(call(back), encoding="utf-8")
    assert root_modules(["base/main.tf"]) == ("base",)
    assert root_modules(["user/.terraform/modules/x/main.tf"]) == ()
    assert root_modules(["user/.cache/main.tf"]) == ("user/.cache",), "changed, so somebody keeps it there"


@pytest.mark.skipif(os.name == "nt", reason="links need rights")
def test_links(top: Path) -> None:
    write(top, shared__net__main="", prod__main=call("../modules/net"), common__provider="", dev__main="")
    (top / "modules").mkdir()
    (top / "modules" / "net").symlink_to("../shared/net")
    (top / "dev" / "provider.tf").symlink_to("../common/provider.tf")
    (top / "loop").symlink_to(".")
    (top / "away.tf").symlink_to("/etc/hostname")
    assert root_modules(["shared/net/main.tf"]) == ("prod",)
    assert root_modules(["common/provider.tf"]) == ("common", "dev")


def test_a_syntax_error_hides_no_caller_beside_it(top: Path) -> None:
    write(top, base__main="", user__main='resource "x" {{{\n\n' + call("../base"))
    assert root_modules(["base/main.tf"]) == ("user",)


def test_from_a_folder_inside_or_outside(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(top, prod__main=call("../base"), base__main="")
    monkeypatch.chdir(top / "base")
    assert root_modules(["main.tf"]) == ("../prod",)
    monkeypatch.chdir("/")
    [found] = root_modules([str(top / "base" / "main.tf")])
    assert Path(found).resolve() == (top / "prod").resolve()


def test_without_a_repository(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (top / ".git").rmdir()
    write(top, prod__main=call("../base"), base__main="")
    assert root_modules(["base/main.tf"]) == ("prod",)


def test_the_order_is_by_path(top: Path) -> None:
    write(top, a__b__main="", a_b__main="", a__main="", z__main="")
    files = ["z/main.tf", "a_b/main.tf", "a/b/main.tf", "a/main.tf"]
    assert root_modules(files) == ("a", "a/b", "a_b", "z")


def test_users_of_users() -> None:
    known = {
        "a": ModuleFolder(calls=frozenset({"b"})),
        "b": ModuleFolder(calls=frozenset({"c"}), applied=True),
        "c": ModuleFolder(),
        "d": ModuleFolder(links=frozenset({"c"})),
    }
    roots = Roots(known)
    assert [path for path in known if roots.is_root(path)] == ["a", "b", "d"]
    assert roots.of("c") == {"a", "b", "d"}
    assert roots.of("a") == {"a"}


@pytest.mark.slow
def test_ten_thousand_files_take_seconds_at_most(top: Path) -> None:
    text = 'resource "aws_s3_bucket" "this" {\n  bucket = "cloudy"\n}\n' * 20
    for number in range(2_500):
        folder = top / f"team{number % 50}" / f"stack{number}"
        folder.mkdir(parents=True)
        for name in ("variables", "outputs", "bucket"):
            (folder / f"{name}.tf").write_text(text, encoding="utf-8")
        (folder / "main.tf").write_text(call(f"../../modules/m{number % 20}"), encoding="utf-8")
    write(top, **{f"modules__m{number}__main": "" for number in range(20)})
    started = time.perf_counter()
    assert len(root_modules(["modules/m7/main.tf"])) == 125
    assert time.perf_counter() - started < 15
