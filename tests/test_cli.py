"""The command line: options, refusals, exit codes. What the analysis says is other tests' business."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from eks_checks import __version__, analysis, checkov_builtin, hook
from eks_checks.checks import CHECKS
from eks_checks.checks.pages import COMPANIONS
from eks_checks.cli import main
from eks_checks.findings import Report, Severity, Status
from eks_checks.reach.engine import Question
from eks_checks.settings import Settings
from eks_checks.terraform.evaluation.given import Given
from tests.render import samples
from tests.source_tree import ROOT

STORIES = ROOT / "tests" / "fixtures" / "stories"
PLAN = str(STORIES / "node-group-in-public-subnet" / "plan.json")


class Console:
    """Runs the command in this process and keeps what it said."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys
        self.out = self.err = ""

    def run(self, *arguments: str, by: Callable[[Sequence[str]], int] = main) -> int:
        code = by(list(arguments))
        self.out, self.err = self.capsys.readouterr()
        return code

    def refused(self, *arguments: str) -> str:
        """What is said on standard error, one line; nothing is said on standard output."""
        assert self.run(*arguments) == 2
        assert self.out == ""
        assert self.err.startswith("eks-checks: ")
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1
        return self.err.removeprefix("eks-checks: ").rstrip("\n")


@pytest.fixture
def console(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Console:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return Console(capsys)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Lets the analysis answer with samples, and keeps what it was asked."""
    asked: dict[str, Any] = {"report": samples.SCAN}

    def scan(inputs: Any, settings: Settings, select: Sequence[str], ignore: Sequence[str]) -> Report:
        asked.update(settings=settings, select=select, ignore=ignore)
        report: Report = asked["report"]
        return report

    def reach(inputs: Any, question: Question, *_: Any, **__: Any) -> samples.ReachReport:
        asked["question"] = question
        return samples.REACH

    def load(paths: Sequence[str], stdin: Any, source: str | None, given: Given) -> list[str]:
        asked.update(paths=list(paths), source=source, given=given)
        return list(paths)

    monkeypatch.setattr(analysis, "load", load)
    monkeypatch.setattr(analysis, "scan", scan)
    monkeypatch.setattr(analysis, "reach", reach)
    return asked


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["diff", "graph", "fix", "baseline"])
@pytest.mark.parametrize("rest", [[], ["a.json", "b.json"], ["--help"], ["-o", "x.svg", "--write"]])
def test_later_commands_are_refused(console: Console, command: str, rest: list[str]) -> None:
    expected = f"the command {command} is not in this release ({__version__}); see `eks-checks --help`"
    assert console.refused(command, *rest) == expected


@pytest.mark.parametrize("command", ["scan", "reach", "interfaces"])
@pytest.mark.parametrize(
    ("rest", "what"),
    [
        (["a.json", "--format", "sarif"], "the format sarif"),
        (["a.json", "--format", "html"], "the format html"),
    ],
)
def test_later_formats_are_refused(console: Console, command: str, rest: list[str], what: str) -> None:
    expected = f"{what} is not in this release ({__version__}); see `eks-checks --help`"
    assert console.refused(command, *rest) == expected


@pytest.mark.parametrize(
    ("rest", "what"),
    [
        (["--new-only"], "the option --new-only"),
        (["--baseline", "b.json"], "the option --baseline"),
        (["-o", "sarif=x.sarif"], "the format sarif"),
    ],
)
def test_later_options_of_scan_are_refused(console: Console, rest: list[str], what: str) -> None:
    assert console.refused("scan", PLAN, *rest).startswith(f"{what} is not in this release")


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        (["scan"], ".: no resources and no modules in its .tf files; name a folder of .tf files, or a plan"),
        (["scan", ""], "PATH is empty; "),
        (["scan", "nope.json"], "nope.json: there is no such file"),
        (["scan", "*.json"], "*.json: there is no such file"),
        (["scan", PLAN, "--select", "EKS9"], "--select: no check is called 'EKS9'; "),
        (["scan", PLAN, "--select", "EKS202", "--ignore", "EKS2"], "no check is left to run; "),
        (
            ["scan", PLAN, "--ignore", "node-ssh-keys"],
            "--ignore: no check is called 'node-ssh-keys'; did you mean",
        ),
        (["scan", PLAN, "--fail-on", "bad"], "Invalid value for '--fail-on': 'bad' is not one of "),
        (["scan", PLAN, "--nope"], "No such option"),
        (["scan", PLAN, "--format", "xml"], "--format: there is no format 'xml'; use text or json"),
        (["scan", PLAN, "-o", "a", "-o", "b"], "-o: only one FILE without a format; "),
        (["scan", PLAN, "-o", "jsn=b"], "-o: there is no format 'jsn'; use text or json"),
        (["scan", PLAN, "-o", "json="], "-o: the name of a file is missing"),
        (["scan", PLAN, "--config", "nope.yaml"], "nope.yaml: the configuration file cannot be read: "),
        (["reach", PLAN, "--config", "nope.yaml"], "nope.yaml: the configuration file cannot be read: "),
        (["reach", PLAN, "-o", "a", "-o", "b"], "-o: one file is enough"),
        (["reach", PLAN, "--port", "ssh"], "--port: 'ssh' is no port range; write N or N-M, from 0 to 65535"),
        (["reach", PLAN, "--port", "25-20"], "--port: '25-20' is no port range; "),
        (["reach", PLAN, "--port", "65536"], "--port: '65536' is no port range; "),
        (["reach", PLAN, "--port", "-1"], "--port: '-1' is no port range; "),
        (["reach", PLAN, "--port", "²²"], "--port: '²²' is no port range; "),
        (["reach", PLAN, "--protocol", "icmp", "--port", "8"], "--port: icmp has no ports; "),
        (["reach", PLAN, "--protocol", "sctp"], "Invalid value for '--protocol': 'sctp' is not one of"),
        (["reach", PLAN, "--from", "aws_instance.bastoin"], "--from: 'aws_instance.bastoin' is "),
        (["reach", PLAN, "--from", "10.0.0.0/33"], "--from: "),
        (["reach", PLAN, "--from", ""], "--from: "),
        (["reach", PLAN, "--to", "aws_instance.nope"], "--to: no interface"),
        (["reach", PLAN, "--to", ""], "--to: "),
        (["explain"], "Missing argument 'ID'"),
        (["explain", "EKS999"], "no check is called 'EKS999'; "),
        (
            ["explain", "node-ssh-from-internt"],
            "no check is called 'node-ssh-from-internt'; did you mean EKS201? ",
        ),
        (["frobnicate"], "No such command 'frobnicate'"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(console: Console, arguments: list[str], start: str) -> None:
    assert console.refused(*arguments).startswith(start)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n",
        b"{",
        b"[]",
        b"{}",
        b"null",
        b"42",
        b'"text"',
        b"\x00" * 100,
        b"\xff\xfe\x00\xd8",
        b"PK\x03\x04binary",
        b"\x1f\x8b\x08broken",
        b'{"format_version": "9.0", "planned_values": {}}',
        b'{"format_version": "1.2", "planned_values": []}',
        b'{"format_version": "1.2", "planned_values": {"root_module": {"resources": [7]}}}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"resource aws_vpc this {}\n",
    ],
)
@pytest.mark.parametrize("command", ["scan", "reach", "interfaces"])
def test_garbage_is_said_in_one_line(console: Console, command: str, content: bytes) -> None:
    Path("plan.json").write_bytes(content)
    assert console.refused(command, "plan.json").startswith("plan.json: ")


def test_a_broken_configuration_is_said_in_one_line(console: Console) -> None:
    Path(".eks-checks.yaml").write_text("strict: true\nbastion: [a]\n", encoding="utf-8")
    line = console.refused("scan", PLAN)
    assert line.startswith(".eks-checks.yaml:2: unknown key 'bastion'; ")


def test_no_command_shows_the_help_and_is_no_success(console: Console) -> None:
    assert console.run() == 2
    assert console.out == ""
    assert "Usage: eks-checks" in console.err


# --- exit codes -----------------------------------------------------------------------------------


def report(*found: tuple[Severity, Status]) -> Report:
    findings = tuple(
        samples.finding(f"EKS20{index}", "n", severity, "a.b", status=status)
        for index, (severity, status) in enumerate(found)
    )
    return replace(samples.CLEAN, findings=findings)


@pytest.mark.parametrize(
    ("found", "options", "code"),
    [
        ([], [], 0),
        ([(Severity.MEDIUM, Status.FAIL)], [], 1),
        ([(Severity.LOW, Status.FAIL)], [], 0),
        ([(Severity.LOW, Status.FAIL)], ["--fail-on", "low"], 1),
        ([(Severity.INFO, Status.FAIL)], ["--fail-on", "INFO"], 1),
        ([(Severity.HIGH, Status.FAIL)], ["--fail-on", "critical"], 0),
        ([(Severity.CRITICAL, Status.FAIL)], ["--fail-on", "critical"], 1),
        ([(Severity.CRITICAL, Status.FAIL)], ["--fail-on", "never"], 0),
        ([(Severity.CRITICAL, Status.POSSIBLE)], [], 0),
        ([(Severity.CRITICAL, Status.POSSIBLE)], ["--strict"], 1),
        ([(Severity.LOW, Status.POSSIBLE)], ["--strict"], 0),
        ([(Severity.LOW, Status.POSSIBLE)], ["--strict", "--fail-on", "low"], 1),
        ([(Severity.CRITICAL, Status.SUPPRESSED)], ["--strict"], 0),
        ([(Severity.CRITICAL, Status.POSSIBLE)], ["--strict", "--fail-on", "never"], 0),
    ],
)
def test_exit_code_of_a_scan(
    console: Console, said: dict[str, Any], found: list[Any], options: list[str], code: int
) -> None:
    said["report"] = report(*found)
    assert console.run("scan", PLAN, *options) == code
    assert console.err == ""


def test_the_configuration_makes_a_scan_strict(console: Console, said: dict[str, Any]) -> None:
    said["report"] = report((Severity.HIGH, Status.POSSIBLE))
    Path(".eks-checks.yaml").write_text("strict: true\n", encoding="utf-8")
    assert console.run("scan", PLAN) == 1
    assert said["settings"].strict


def test_reach_has_answered_whatever_the_answer(console: Console, said: dict[str, Any]) -> None:
    assert console.run("reach", PLAN) == 0


def test_a_fault_of_ours_is_3_in_one_line(
    console: Console, said: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Report:
        raise KeyError("lost\nkey")

    monkeypatch.setattr(analysis, "scan", broken)
    assert console.run("scan", PLAN) == 3
    assert console.out == ""
    assert console.err == (
        "eks-checks: internal fault, KeyError: 'lost\\nkey'; please report it;"
        " rerun with --verbose for the traceback\n"
    )
    assert console.run("scan", PLAN, "--verbose") == 3
    assert "Traceback" in console.err


def test_an_interrupt_is_no_traceback(
    console: Console, said: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> Report:
        raise KeyboardInterrupt

    monkeypatch.setattr(analysis, "scan", interrupted)
    assert console.run("scan", PLAN) == 130
    assert "Traceback" not in console.err


# --- output ---------------------------------------------------------------------------------------


def test_text_goes_to_standard_output_without_colour(console: Console, said: dict[str, Any]) -> None:
    console.run("scan", PLAN)
    assert console.out == (ROOT / "tests/render/golden/scan.txt").read_text(encoding="utf-8")
    console.run("scan", PLAN, "--verbose")
    assert console.out == (ROOT / "tests/render/golden/scan-verbose.txt").read_text(encoding="utf-8")
    console.run("scan", PLAN, "--quiet")
    assert console.out == (ROOT / "tests/render/golden/scan-quiet.txt").read_text(encoding="utf-8")
    console.run("reach", PLAN, "--explain", "--verbose")
    assert console.out == (ROOT / "tests/render/golden/reach-explain.txt").read_text(encoding="utf-8")


def test_json_and_its_notices(console: Console, said: dict[str, Any]) -> None:
    assert console.run("scan", PLAN, "--format", "json") == 1
    assert json.loads(console.out)["tool"] == {"name": "eks-checks", "version": __version__}
    assert console.err == "note: plan.json: the plan is partial\n"
    console.run("scan", PLAN, "--format", "json", "--quiet")
    assert console.err == ""


def test_files(console: Console, said: dict[str, Any]) -> None:
    assert console.run("scan", PLAN, "-o", "json=a.json", "-o", "text=b.txt") == 1
    assert console.out == Path("b.txt").read_text(encoding="utf-8")
    assert json.loads(Path("a.json").read_text(encoding="utf-8"))["schema_version"] == 1
    console.run("scan", PLAN, "--format", "json", "-o", "c.json", "--quiet")
    assert console.out == ""
    assert Path("c.json").read_bytes() == Path("a.json").read_bytes()
    console.run("scan", PLAN, "-o", "-", "-o", "json=a=b.json")
    assert console.out == Path("b.txt").read_text(encoding="utf-8")
    assert Path("a=b.json").exists()
    console.run("reach", PLAN, "-o", "x=y.txt")
    assert Path("x=y.txt").exists()


def test_a_report_never_overwrites_its_input(console: Console, said: dict[str, Any]) -> None:
    Path("plan.json").write_text("precious", encoding="utf-8")
    assert "overwrite the input" in console.refused("scan", "plan.json", "-o", "./plan.json")
    assert Path("plan.json").read_text(encoding="utf-8") == "precious"


def test_a_file_that_cannot_be_written_is_said(console: Console, said: dict[str, Any]) -> None:
    assert console.refused("scan", PLAN, "-o", "no/such/folder.txt").startswith(
        "-o no/such/folder.txt: cannot write the report: "
    )


# --- options reach the analysis -------------------------------------------------------------------


def test_a_question_with_everything(console: Console, said: dict[str, Any]) -> None:
    arguments = [
        "--to",
        "a.b",
        "--to",
        "c.d",
        "--all",
        "--port",
        "20-25",
        "--protocol",
        "udp",
        "--family",
        "ipv6",
    ]
    console.run(
        "reach",
        "-",
        *arguments,
        "--from",
        "internet",
        "--from",
        "10.0.0.0/8",
        "--format",
        "json",
        "--explain",
    )
    assert said["paths"] == ["-"]
    assert said["question"] == Question(
        protocol="udp",
        ports=(20, 25),
        families=("ipv6",),
        targets=("a.b", "c.d"),
        everything=True,
        sources=("internet", "10.0.0.0/8"),
        explain=True,
    )
    assert '"path"' in console.out


def test_a_plain_question(console: Console, said: dict[str, Any]) -> None:
    console.run("reach", PLAN, "--format", "json")
    assert said["question"] == Question()
    assert '"path"' not in console.out
    console.run("reach", PLAN)
    assert said["question"] == Question(explain=True), "the text names the rules, which are on the paths"


def test_ids_come_with_commas_and_again(console: Console, said: dict[str, Any]) -> None:
    console.run("scan", PLAN, "--select", "EKS1, EKS2", "--select", "EKS301", "--ignore", "EKS205,")
    assert (said["select"], said["ignore"]) == (("EKS1", "EKS2", "EKS301"), ("EKS205",))


@pytest.mark.parametrize("where", ["plan", "here", "option"])
def test_where_the_configuration_is_found(console: Console, said: dict[str, Any], where: str) -> None:
    folder = Path("root") / "deep"
    folder.mkdir(parents=True)
    file = {
        "plan": Path("root") / ".eks-checks.yaml",
        "here": Path(".eks-checks.yaml"),
        "option": Path("c.yaml"),
    }
    file[where].write_text("bastions: [10.0.0.0/8]\n", encoding="utf-8")
    options = ["--config", "c.yaml"] if where == "option" else []
    console.run("scan", str(folder / "plan.json"), *options)
    assert said["settings"].bastions == ("10.0.0.0/8",)


# --- several inputs -------------------------------------------------------------------------------

NETWORK = ROOT / "tests" / "fixtures" / "several-inputs"
STATE = str(NETWORK / "network-and-cluster" / "network.state")
CLUSTER = str(NETWORK / "network-and-cluster" / "cluster" / "plan.json")
BLUE, GREEN = (str(NETWORK / "shared-addresses" / color / "plan.json") for color in ("blue", "green"))


@pytest.mark.parametrize("command", ["scan", "reach", "interfaces"])
def test_several_paths_are_one_world(console: Console, command: str) -> None:
    assert console.run(command, STATE, CLUSTER, "--format", "json") in (0, 1)
    document = json.loads(console.out)
    assert "aws_subnet.public" in console.out
    assert "none of the inputs" not in console.out
    assert document.get("inputs", [{}, {}])[0] in (
        {},
        {"path": STATE, "kind": "state", "terraform_version": "1.11.4", "resources": 14},
    )


def test_standard_input_may_be_among_them(console: Console) -> None:
    source = ["--source", os.path.dirname(CLUSTER)]
    console.run("reach", STATE, CLUSTER, *source)
    expected = console.out
    with open(CLUSTER, "rb") as plan:
        done = subprocess.run(
            [sys.executable, "-m", "eks_checks", "reach", STATE, "-", *source],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=plan,
            capture_output=True,
            check=True,
        )
    assert done.stdout.decode() == expected


def test_a_file_named_twice_is_one_input(console: Console) -> None:
    odd = os.path.join(os.path.dirname(CLUSTER), ".", "plan.json")
    assert console.run("scan", CLUSTER, odd, STATE, "--format", "json") == 1
    assert [entry["path"] for entry in json.loads(console.out)["inputs"]] == [CLUSTER, STATE]


def test_shared_addresses_are_told_with_their_input(console: Console) -> None:
    console.run("scan", BLUE, GREEN, "--select", "EKS201", "--format", "json")
    [finding] = json.loads(console.out)["findings"]
    assert (finding["resource"], finding["input"]) == ("aws_eks_node_group.workers", BLUE)
    assert {item["input"] for item in finding["evidence"]} == {BLUE}
    console.run("reach", BLUE, GREEN)
    assert re.search(r"^blue/plan.json:aws_eks_node_group.workers\n.*\n  REACHABLE", console.out, re.M)
    assert re.search(r"^green/plan.json:aws_eks_node_group.workers\n.*\n  BLOCKED", console.out, re.M)
    console.run("reach", STATE, CLUSTER, "--format", "json")
    assert '"input"' not in console.out


def test_each_of_several_paths_is_checked(console: Console) -> None:
    assert console.refused("scan", STATE, "none.json").startswith("none.json: there is no such file")
    assert console.refused("scan", STATE, "").startswith("PATH is empty")
    os.link(STATE, "network.json")
    assert "this would overwrite the input" in console.refused(
        "scan", CLUSTER, "network.json", "-o", "network.json"
    )


def test_two_plans_of_one_root_are_refused(console: Console) -> None:
    applied = str(Path(BLUE).parent / "applied.json")
    Path("again.json").write_bytes(Path(applied).read_bytes())
    expected = f"again.json: a plan of the same root as {applied}: only one of them can be applied"
    assert console.refused("reach", applied, "again.json").startswith(expected)


# --- sources and variables ------------------------------------------------------------------------


def write(name: str, text: str) -> str:
    """Write a file below the current folder and return its name."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")
    return name


def copied_story(name: str = "story") -> str:
    """The plan of a story, with its sources beside it in a folder below the current one."""
    shutil.copytree(Path(PLAN).parent, name, ignore=shutil.ignore_patterns("expected*", "applied*"))
    return f"{name}/plan.json"


def scanned(console: Console, *arguments: str) -> Any:
    assert console.run("scan", *arguments, "--format", "json") in (0, 1), console.err
    return json.loads(console.out)


def located(document: Any) -> set[str]:
    """The files that findings are placed in."""
    return {finding["location"]["file"] for finding in document["findings"] if finding["location"]}


def test_the_sources_beside_a_plan_are_found(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = copied_story()
    assert located(scanned(console, plan)) == {"story/main.tf"}
    Path("plan.json").write_bytes(Path(plan).read_bytes())
    assert located(scanned(console, "plan.json")) == set()
    assert located(scanned(console, "plan.json", "--source", "story")) == {"story/main.tf"}
    monkeypatch.chdir("story")
    assert located(scanned(console, "../plan.json")) == {"main.tf"}


@pytest.mark.parametrize("command", ["scan", "reach", "interfaces"])
def test_sources_that_cannot_be_used(console: Console, command: str) -> None:
    write("other/main.tf", 'resource "aws_s3_bucket" "this" {}\n')
    Path("empty").mkdir()
    strange = f"these are not the sources of {PLAN}; name the folder of the root module that was planned"
    assert console.refused(command, PLAN, "--source", "other") == f"other: {strange}"
    assert console.refused(command, PLAN, "--source", "empty") == f"empty: {strange}"
    assert console.refused(command, PLAN, "--source", "none").startswith("none: there is no such folder; ")
    assert console.refused(command, PLAN, "--source", PLAN).startswith(f"{PLAN}: there is no such folder; ")


def test_sources_that_changed_since_are_left_out_with_a_notice(console: Console) -> None:
    plan = copied_story()
    before = scanned(console, plan)
    assert console.err == ""
    main = Path("story/main.tf")
    more = '\nresource "aws_vpc" "second" {\n  cidr_block = "10.9.0.0/16"\n}\n'
    main.write_text(main.read_text(encoding="utf-8") + more, encoding="utf-8")
    after = scanned(console, plan)
    assert "aws_vpc.second (only in the sources)" in console.err
    assert [f["resource"] for f in after["findings"]] == [f["resource"] for f in before["findings"]]


def test_of_several_plans_the_sources_belong_to_the_one_they_fit(console: Console) -> None:
    copied_story()
    other = str(STORIES / "private-and-clean" / "plan.json")
    assert "story/main.tf" in located(scanned(console, PLAN, other, "--source", "story"))
    write("bucket/main.tf", 'resource "aws_s3_bucket" "this" {}\n')
    assert "not the sources of" in console.refused("scan", PLAN, other, "--source", "bucket")


def test_sources_without_a_plan_are_said_not_to_be_used(console: Console) -> None:
    console.run("reach", STATE, "--source", "nowhere")
    assert "Note: --source nowhere is not used: no input is a plan with a configuration\n" in console.out


SUBNET = """
variable "public" {}
variable "zones" {
  type    = list(string)
  default = ["a"]
}

resource "aws_subnet" "this" {
  for_each                = toset(var.zones)
  vpc_id                  = "vpc-1"
  map_public_ip_on_launch = var.public
}
"""


@pytest.mark.parametrize(
    ("options", "zones"),
    [
        ([], ["a"]),
        (["--var", 'zones=["b", "c"]'], ["b", "c"]),
        (["--var-file", "more.tfvars"], ["d"]),
        (["--var-file", "more.json"], ["e"]),
        (["--var-file", "more.tfvars", "--var-file", "more.json"], ["e"]),
        (["--var", 'zones=["b"]', "--var-file", "more.tfvars"], ["b"]),
        (["--var", 'zones=["b"]', "--var", 'zones=["c"]'], ["c"]),
    ],
)
def test_variables_of_a_folder(console: Console, options: list[str], zones: list[str]) -> None:
    write("net/main.tf", SUBNET)
    write("more.tfvars", 'zones = ["d"]\n')
    write("more.json", '{"zones": ["e"]}')
    assert scanned(console, "net", *options)["inputs"][0]["resources"] == len(zones)


@pytest.mark.parametrize("command", ["scan", "reach", "interfaces"])
@pytest.mark.parametrize("option", [["--var", "a=b"], ["--var-file", "x.tfvars"]])
def test_a_plan_takes_no_variables(console: Console, command: str, option: list[str]) -> None:
    for paths in ([PLAN], [STATE], [PLAN, STATE]):
        line = console.refused(command, *paths, *option)
        assert line.startswith(f"{option[0]}: only a folder of sources takes variables; ")


def test_variables_that_cannot_be_used(console: Console) -> None:
    write("net/main.tf", SUBNET)
    write("broken.tfvars", "zones = [\n")
    write("broken.json", "[]")
    assert console.refused("scan", "net", "--var", "zone=a").startswith("--var: net has no variable 'zone'; ")
    assert console.refused("scan", "net", "--var", "zones") == (
        "--var: 'zones' is not K=V; write --var name=value"
    )
    assert console.refused("scan", "net", "--var-file", "no.tfvars").startswith("no.tfvars: cannot be read ")
    assert console.refused("scan", "net", "--var-file", "broken.tfvars").startswith("broken.tfvars:1: ")
    assert console.refused("scan", "net", "--var-file", "broken.json").startswith("broken.json: not a JSON ")


# --- folders --------------------------------------------------------------------------------------


def test_a_folder_a_file_in_it_and_the_current_folder_are_one(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied_story()
    expected = scanned(console, "story")
    assert expected["inputs"][0]["path"] == "story"
    assert expected["inputs"][0]["kind"] == "folder"
    assert expected["inputs"][0]["terraform_version"] == ""
    assert expected["findings"]
    assert scanned(console, "story/main.tf") == expected
    assert scanned(console, "story/", "story/main.tf", "./story")["findings"] == expected["findings"]
    monkeypatch.chdir("story")
    here = scanned(console)
    assert here["inputs"][0]["path"] == "."
    assert located(here) == {"main.tf"}
    assert [f["fingerprint"] for f in here["findings"]] == [f["fingerprint"] for f in expected["findings"]]


@pytest.mark.parametrize("command", ["scan", "reach", "interfaces"])
def test_folders_that_cannot_be_used(console: Console, command: str) -> None:
    write("empty/readme.txt", "nothing")
    write("values/main.tf", 'variable "x" {}\n')
    write("broken/main.tf", '# one\n\nresource "aws_vpc" {{{\n')
    nothing = "no resources and no modules in its .tf files; name a folder of .tf files, or a plan written by"
    assert console.refused(command, "empty").startswith(f"empty: {nothing}")
    assert console.refused(command, "values").startswith(f"values: {nothing}")
    assert console.refused(command, "broken").startswith('broken/main.tf:3: `resource "aws_vpc" {{{` ')
    assert console.refused(command, "nowhere").startswith("nowhere: there is no such file; ")


def test_a_folder_of_which_only_missing_modules_are_left_says_so(console: Console) -> None:
    write("remote/main.tf", 'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n}\n')
    document = scanned(console, "remote")
    assert [entry["resource"] for entry in document["coverage"]["unresolved"]] == ["module.eks"]
    assert "note: no EKS nodes in these sources: those of modules that are not at hand" in console.err
    assert "is not installed: run `terraform init`" in console.err


def test_what_is_missing_of_a_folder_is_said_and_the_rest_used(console: Console) -> None:
    copied_story()
    write("story/remote.tf", 'module "net" {\n  source = "./net"\n}\n')
    write("story/broken.tf", '\nresource "aws_vpc" {{{\n')
    document = scanned(console, "story")
    assert document["findings"]
    missing = [entry for entry in document["coverage"]["unresolved"] if entry["resource"] == "module.net"]
    assert [entry["attribute"] for entry in missing] == ["source"]
    assert "note: story/broken.tf:2: `resource" in console.err
    assert "note: module.net: net is no folder of sources inside the project\n" in console.err
    console.run("reach", "story")
    assert "Coverage: 1 not resolved, " in console.out, "what a module holds that is missing may matter"


def test_several_folders_are_one_world(console: Console) -> None:
    copied_story("blue")
    copied_story("green")
    document = scanned(console, "blue", "green")
    assert [entry["path"] for entry in document["inputs"]] == ["blue", "green"]
    assert {finding["input"] for finding in document["findings"]} == {"blue", "green"}


def test_a_folder_beside_a_state(console: Console) -> None:
    """The cluster's sources name the network by ids that only the network's state explains."""
    network = json.loads(Path(STATE).read_text(encoding="utf-8"))
    subnets = [r for r in network["resources"] if r["type"] == "aws_subnet" and r["mode"] == "managed"]
    subnet = subnets[0]["instances"][0]["attributes"]["id"]
    write(
        "cluster/main.tf",
        f"""
resource "aws_eks_cluster" "this" {{
  name     = "it"
  role_arn = "arn:aws:iam::111122223333:role/it"
  vpc_config {{
    subnet_ids = ["{subnet}"]
  }}
}}
resource "aws_eks_node_group" "workers" {{
  cluster_name  = aws_eks_cluster.this.name
  node_role_arn = "arn:aws:iam::111122223333:role/it"
  subnet_ids    = ["{subnet}"]
}}
""",
    )
    console.run("reach", "cluster", STATE, "--format", "json")
    [target] = {target["subnet"] for target in json.loads(console.out)["targets"]}
    assert target.startswith("aws_subnet.")
    console.run("reach", "cluster", "--format", "json")
    [target] = {target["subnet"] for target in json.loads(console.out)["targets"]}
    assert target == subnet


def test_the_configuration_of_a_folder_is_found_upwards(console: Console) -> None:
    copied_story("live/prod")
    write("live/.eks-checks.yaml", "checks: {EKS101: off}\n")
    for path in ("live/prod", "live/prod/main.tf", "live/prod/plan.json"):
        found = scanned(console, path)
        assert not [finding for finding in found["findings"] if finding["check_id"] == "EKS101"]
        assert "note: live/.eks-checks.yaml turns off EKS101\n" in console.err
        assert console.run("config", path) == 0
        assert "Configuration: live/.eks-checks.yaml\n" in console.out


# --- commands that analyse nothing ----------------------------------------------------------------


def test_the_catalogue(console: Console) -> None:
    assert console.run("checks", "--format", "json") == 0
    listed = json.loads(console.out)["checks"]
    assert [entry["check_id"] for entry in listed] == sorted(analysis.check_ids())
    assert console.run("checks") == 0
    assert all(check_id in console.out for check_id in analysis.check_ids())
    assert max(map(len, console.out.splitlines())) <= 100


@pytest.mark.parametrize("check_id", analysis.check_ids())
def test_every_check_has_a_page(console: Console, check_id: str) -> None:
    assert console.run("explain", check_id.lower()) == 0
    page = (ROOT / "docs" / "checks" / f"{check_id}.md").read_text(encoding="utf-8")
    companion = COMPANIONS.get(check_id)
    below = f"\n{(ROOT / 'docs' / f'{companion}.md').read_text(encoding='utf-8')}" if companion else ""
    assert console.out == page + below


def test_a_page_by_name(console: Console) -> None:
    assert console.run("explain", "Node-SSH-from-internet") == 0
    assert "EKS201" in console.out


def test_the_configuration_in_force(console: Console) -> None:
    Path(".eks-checks.yaml").write_text("checks:\n  EKS205: off\n", encoding="utf-8")
    assert console.run("config") == 0
    assert "Configuration: .eks-checks.yaml\n" in console.out
    assert "  checks.EKS205: off  (.eks-checks.yaml:2)\n" in console.out
    assert console.run("config", "--format", "json") == 0
    assert {"key": "strict", "value": "false", "origin": "default"} in json.loads(console.out)["settings"]


def test_checkovs_folder(console: Console) -> None:
    assert console.run("checkov-dir") == 0
    folder = Path(console.out.rstrip("\n"))
    assert sorted(path.name for path in folder.glob("*.py")) == ["__init__.py", "eks_checks_plugin.py"]
    assert (folder / "__init__.py").read_text(encoding="utf-8") == ""


def listed(text: str) -> set[str]:
    """The ids that a Checkov configuration has under ``check``."""
    return set(yaml.safe_load(text)["check"])


def test_checkovs_configuration(console: Console) -> None:
    assert console.run("checkov-config") == 0
    made = yaml.safe_load(console.out)
    assert made["framework"] == ["terraform_plan"]
    assert made["skip-download"] is True
    [folder] = made["external-checks-dir"]
    assert (Path(folder) / "eks_checks_plugin.py").is_file()
    builtin = {one.id for topic in checkov_builtin.TOPICS for one in topic.builtin}
    assert listed(console.out) == builtin | {check.id for check in CHECKS}
    assert len(made["check"]) == len(listed(console.out))
    for one in checkov_builtin.REPLACED:
        assert f"#   {one.builtin.id} -> {', '.join(one.by)}: {one.why}\n" in console.out


def test_checkovs_configuration_leaves_out_what_is_off(console: Console) -> None:
    Path(".eks-checks.yaml").write_text("checks:\n  EKS205: off\n", encoding="utf-8")
    assert console.run("checkov-config", "-o", "checkov.yaml") == 0
    assert console.out == ""
    written = listed(Path("checkov.yaml").read_text(encoding="utf-8"))
    assert "EKS205" not in written
    assert {"EKS201", "CKV_AWS_35"} <= written
    Path("other.yaml").write_text("checks:\n  EKS201: off\n", encoding="utf-8")
    assert console.run("checkov-config", "--config", "other.yaml") == 0
    assert "EKS205" in listed(console.out)
    assert "EKS201" not in listed(console.out)
    assert console.run("checkov-config", "--profile", "minimal") == 0
    assert "EKS401" not in listed(console.out), "low checks are off"
    assert console.refused("checkov-config", "-o", "no/such/folder.yaml").startswith("-o no/such/folder.yaml")


@pytest.mark.parametrize(
    "command",
    ["scan", "reach", "interfaces", "checks", "explain", "config", "checkov-dir", "checkov-config"],
)
def test_every_command_has_help(console: Console, command: str) -> None:
    assert console.run(command, "--help") == 0
    assert console.out.startswith(f"Usage: eks-checks {command}")
    assert max(map(len, console.out.splitlines())) <= 100
    analysing = command in ("scan", "reach", "interfaces")
    assert all((option in console.out) is analysing for option in ("--source", "--var-file", "--var K=V"))


# --- the hook -------------------------------------------------------------------------------------


def test_the_hook_scans_each_file_alone(console: Console, said: dict[str, Any]) -> None:
    assert console.run("--fail-on", "never", "a.json", "b.json", by=hook.main) == 0
    golden = (ROOT / "tests/render/golden/scan.txt").read_text(encoding="utf-8")
    assert console.out == f"== a.json\n{golden}\n== b.json\n{golden}\n"


def test_the_hook_goes_on_after_a_bad_file(console: Console) -> None:
    Path("bad.json").write_text("{", encoding="utf-8")
    assert console.run("bad.json", "missing.json", by=hook.main) == 2
    assert console.out == "== bad.json\n== missing.json\n"
    assert [line.split(": ")[:2] for line in console.err.splitlines() if line] == [
        ["eks-checks-hook", "bad.json"],
        ["eks-checks-hook", "missing.json"],
    ]


def test_the_hooks_code_is_the_worst(
    console: Console, said: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = iter([samples.CLEAN, samples.SCAN, samples.CLEAN])
    monkeypatch.setattr(analysis, "scan", lambda *_: next(reports))
    assert console.run("a", "b", "c", by=hook.main) == 1
    assert console.run(by=hook.main) == 0


# --- as a process ---------------------------------------------------------------------------------


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "eks_checks", *arguments],
        cwd=ROOT,
        encoding="utf-8",
        capture_output=True,
        **options,
    )


def test_version_and_module() -> None:
    finished = process("--version")
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, f"eks-checks {__version__}\n", "")


def test_standard_input_that_is_no_plan() -> None:
    finished = process("scan", "-", input="{}")
    assert finished.returncode == 2
    assert finished.stderr.startswith("eks-checks: standard input: ")
    assert finished.stderr.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="shell")
@pytest.mark.parametrize(
    ("closed", "code"), [("scan - <&-", 2), ("checks >&-", 0), ("scan nope.json 2>&-", 2)]
)
def test_closed_streams_are_no_fault(closed: str, code: int) -> None:
    command = f"{sys.executable} -m eks_checks {closed}"
    finished = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, encoding="utf-8")
    assert finished.returncode == code
    assert "fault" not in finished.stderr


@pytest.mark.skipif(os.name == "nt", reason="shell")
def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m eks_checks checks | true; exit ${{PIPESTATUS[0]}}"
    finished = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, encoding="utf-8")
    assert (finished.returncode, finished.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_said() -> None:
    with open("/dev/full", "w") as full:
        finished = subprocess.run(
            [sys.executable, "-m", "eks_checks", "checks"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert finished.returncode == 2
    assert finished.stderr == "eks-checks: cannot write to standard output: No space left on device\n"


def test_an_ascii_console_is_no_error() -> None:
    finished = process("checks", env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert finished.returncode == 0


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_nothing_slow_is_loaded_for(argument: str) -> None:
    say = 'import sys\nfrom eks_checks.cli import main\nmain([%r])\nsys.stderr.write(" ".join(sys.modules))'
    code = say % argument
    finished = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8")
    loaded = set(finished.stderr.split())
    assert not loaded & {"networkx", "rich", "yaml", "eks_checks.terraform", "eks_checks.analysis", "json"}
