"""Binary plan files: shown by the terraform or tofu that is installed, or refused in one clear line."""

from __future__ import annotations

import io
import json
import os
import stat
import zipfile
from pathlib import Path

import pytest

from eks_checks.errors import InputError
from eks_checks.terraform import plan
from eks_checks.terraform.binary_plan import reason
from tests.source_tree import ROOT

SHOWN = ROOT / "tests" / "fixtures" / "several-inputs" / "shared-addresses" / "blue" / "plan.json"
BOX = """There are some problems with the CLI configuration:
\x1b[31m╷\x1b[0m
\x1b[31m│\x1b[0m \x1b[1m\x1b[31mError: \x1b[0mFailed to load plugin schemas\x1b[0m
\x1b[31m│\x1b[0m
\x1b[31m│\x1b[0m Error while loading schemas for plugin components: Failed to obtain
\x1b[31m│\x1b[0m provider schema.
\x1b[31m│\x1b[0m
\x1b[31m│\x1b[0m Something else.
\x1b[31m╵\x1b[0m
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")


@pytest.fixture
def bin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder with programs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def plan_file(tmp_path: Path) -> str:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("tfplan", "opaque")
    place = tmp_path / "stack" / "-odd name.tfplan"
    place.parent.mkdir()
    place.write_bytes(content.getvalue())
    return str(place)


def install(folder: Path, name: str, script: str) -> None:
    """A stand-in for terraform or tofu."""
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def refusal(path: str) -> str:
    with pytest.raises(InputError) as caught:
        plan.read(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("tool", ["terraform", "tofu"])
def test_the_plan_is_shown_by_what_is_installed(bin: Path, plan_file: str, tool: str) -> None:
    said = Path(plan_file).parent / "said"
    install(
        bin, tool, f'echo "$PWD|$TF_IN_AUTOMATION|$*" > said; while read -r l; do echo "$l"; done < {SHOWN}'
    )
    found = plan.read(plan_file)
    assert (found.kind, found.path) == ("plan", plan_file)
    assert found.after == plan.read(str(SHOWN)).after
    folder = os.path.dirname(plan_file)
    assert said.read_text(encoding="utf-8") == f"{folder}|1|show -json -no-color {plan_file}\n"


def test_without_either_it_is_refused(bin: Path, plan_file: str) -> None:
    assert refusal(plan_file) == (
        f"{plan_file}: a binary plan file, and neither terraform nor tofu is installed to read it; "
        "where one is, write it with `terraform show -json tfplan > plan.json`"
    )


def test_what_terraform_says_is_said(bin: Path, plan_file: str) -> None:
    install(bin, "terraform", f"echo '{BOX}' >&2; exit 1")
    said = refusal(plan_file)
    assert said.startswith(
        f"{plan_file}: a binary plan file that cannot be shown (terraform: Failed to load "
    )
    assert "plugin schemas: Error while loading schemas for plugin components: Failed to obtain" in said
    assert "provider schema.); run `terraform init` in its folder first, or there write it with" in said


def test_tofu_may_read_what_terraform_cannot(bin: Path, plan_file: str) -> None:
    install(bin, "terraform", "exit 3")
    install(bin, "tofu", "exit 4")
    assert "(terraform: exit code 3; tofu: exit code 4)" in refusal(plan_file)
    install(bin, "tofu", f'while read -r l; do echo "$l"; done < {SHOWN}')
    assert plan.read(plan_file).kind == "plan"


def test_what_is_shown_must_be_json(bin: Path, plan_file: str) -> None:
    install(bin, "terraform", "echo nothing of use")
    assert "not JSON" in refusal(plan_file)
    install(bin, "terraform", "echo '{}'")
    assert "no plan or state" in refusal(plan_file)


def test_it_does_not_wait_for_ever(bin: Path, plan_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "SHOW_SECONDS", 0.1)
    install(bin, "terraform", "exec /bin/sleep 20")
    assert "no answer within 0.1 seconds" in refusal(plan_file)


def test_a_tool_that_cannot_be_started_is_said(bin: Path, plan_file: str) -> None:
    (bin / "terraform").write_bytes(b"\x00garbage")
    (bin / "terraform").chmod(0o755)
    assert "(terraform: " in refusal(plan_file)


def test_other_archives_and_standard_input_are_refused(plan_file: str, tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("readme", json.dumps({}))
    assert "a zip archive, but no plan file" in refusal(str(other))
    with pytest.raises(InputError, match="which Terraform must read itself"):
        plan.read("-", io.BytesIO(Path(plan_file).read_bytes()))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"", ""),
        (b"\n  \nsegfault\nmore", "segfault"),
        (b"Error: bad plan\n", "bad plan"),
        (b"Warning: w\n\nError: a\n\n  b\n  c\n\n  d", "a: b c"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"Error: " + b"word " * 200, "word " * 59 + "..."),
    ],
)
def test_the_reason_is_one_line(said: bytes, expected: str) -> None:
    assert reason(said) == expected
