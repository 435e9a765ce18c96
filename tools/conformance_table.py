"""Writes docs/conformance.md: `python3 tools/conformance_table.py [--checkov COMMAND]`.

The table is made of the cases in tests/fixtures/conformance and of checkov.json there, which holds what
Checkov said of each plan. With --checkov, Checkov is run anew on all plans and that file is written
first, for example `--checkov .venvs/checkov/bin/checkov`. Without it nothing but this Python is needed.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "fixtures" / "conformance"
RECORD = CORPUS / "checkov.json"
PAGE = ROOT / "docs" / "conformance.md"

# Checkov's built-in checks that speak of a way in from the internet, and the tcp ports they speak of.
SPEAKS = {
    "CKV_AWS_24": (range(22, 23), "a security group admits 0.0.0.0/0 or ::/0 to port 22"),
    "CKV_AWS_25": (range(3389, 3390), "the same to port 3389"),
    "CKV_AWS_260": (range(80, 81), "the same to port 80"),
    "CKV_AWS_277": (range(65536), "the same to every port"),
    "CKV_AWS_100": (range(22, 23), "a node group's remote access names no source groups"),
    "CKV_AWS_38": (range(0), "a cluster's public endpoint admits 0.0.0.0/0 (for a cluster's port 443)"),
}
ANSWERED = (22, 80, 3389)
ENDPOINT = "CKV_AWS_38"

SECTIONS = {
    "a": "Security groups",
    "b": "Network ACLs",
    "c": "Routes and edges",
    "d": "Addresses",
    "e": "What EKS makes by itself",
    "f": "Managed node groups and images",
    "g": "The API endpoint",
    "h": "Karpenter, Auto Mode, Fargate",
    "i": "Pods and Instance Connect Endpoints",
    "x": "Load balancers and combinations",
}

HEAD = """\
# Conformance

<!-- Written by tools/conformance_table.py; edit that, or the cases. -->

Small worlds with one known answer each, for any tool that claims to tell who reaches what: `main.tf`, the
plan that Terraform makes of it, and questions with the answers that hold in AWS. They were derived from
AWS's rules (the ids are those of [model.md](model.md)) and are in `tests/fixtures/conformance/`, with a
README on the format and on how to put them to another tool.

**eks-checks** answers every question right, from the plan alone, from the plan with its sources, and from
the sources alone; `tests/conformance/` runs all three on every change. A case marked *sources* is asked of
the last two only: its plan does not keep what decides.

**Checkov** {version} was run on each plan with those of its built-in checks that speak of a way in from the
internet:

{checks}

For a question that starts on the internet and asks for tcp {answered}, or a cluster's 443, it "says
exposed" if one of these checks for that port fails on any resource of the case. That is *right* where the
truth is `reachable`, and not saying so is right where it is `blocked`; where the truth is `possible`, or
`reachable` from a part of the internet only, either counts for nothing, for these checks speak of
everybody. All other questions have no check that speaks of them: *silent*. Its checks of network ACLs alone
are left out: an ACL that allows is no exposure by itself, and counting them would only make more answers
wrong.

{summary}
"""


def main() -> None:
    """Write the page, after a run of Checkov if one is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkov", help="the command that runs Checkov")
    command = parser.parse_args().checkov
    if command:
        RECORD.write_text(json.dumps(run_checkov(command), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


def run_checkov(command: str) -> dict[str, Any]:
    """What Checkov says: its version and, for each case, which of the checks failed."""
    options = ["-d", str(CORPUS), "--framework", "terraform_plan", "--check", ",".join(SPEAKS)]
    options += ["-o", "json", "--quiet", "--compact", "--skip-download", "--soft-fail"]
    run = subprocess.run([*shlex.split(command), *options], capture_output=True, text=True, check=True)
    report = json.loads(run.stdout)
    failed: dict[str, set[str]] = {case: set() for case in cases()}
    for result in report["results"]["failed_checks"]:
        failed[Path(result["file_path"]).parent.name].add(result["check_id"])
    told = {case: sorted(checks) for case, checks in failed.items()}
    return {"version": report["summary"]["checkov_version"], "failed": told}


def cases() -> dict[str, dict[str, Any]]:
    """Every case's text, by name."""
    paths = sorted(CORPUS.glob("*/case.json"))
    return {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def page() -> str:
    """The whole page."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    every = cases()
    checks = "\n".join(f"* `{check}`: {text}" for check, (_, text) in SPEAKS.items())
    words = {name: checkov_word(case, set(record["failed"].get(name, ()))) for name, case in every.items()}
    ports = ", ".join(map(str, ANSWERED[:-1])) + f" or {ANSWERED[-1]}"
    summary = "\n".join(_summary(every, words))
    head = HEAD.format(version=record["version"], checks=checks, answered=ports, summary=summary)
    return head + "".join(_section(letter, title, every, words) for letter, title in SECTIONS.items())


def checkov_word(case: dict[str, Any], failed: set[str]) -> str:
    """``right``, ``silent``, or what is wrong about what Checkov says of a case."""
    wrong: set[str] = set()
    judged = False
    for question in case["questions"]:
        port = int(question["port"]) if str(question["port"]).isdigit() else -1
        api = question["to"].startswith("aws_eks_cluster.") and port == 443
        if question["from"] != "internet" or question["protocol"] != "tcp":
            continue
        if port not in ANSWERED and not api:
            continue
        if question["verdict"] == "possible" or not _whole(question):
            continue
        judged = True
        exposed = any(port in ports for check, (ports, _) in SPEAKS.items() if check in failed)
        exposed = ENDPOINT in failed if api else exposed
        if exposed != (question["verdict"] == "reachable"):
            wrong.add("says exposed" if exposed else "sees nothing")
    if wrong:
        return "wrong: " + ", ".join(sorted(wrong))
    return "right" if judged else "silent"


def _whole(question: dict[str, Any]) -> bool:
    """Whether the verdict is about the whole internet."""
    return question.get("cidrs") in (None, ["0.0.0.0/0"], ["::/0"])


def _summary(every: dict[str, dict[str, Any]], words: dict[str, str]) -> Iterator[str]:
    yield "| section | cases | questions | eks-checks right | Checkov right | wrong | silent |"
    yield "|---|---|---|---|---|---|---|"
    letters = [letter for letter in SECTIONS if any(name.startswith(f"{letter}-") for name in every)]
    for title, names in [
        *((SECTIONS[letter], [n for n in every if n.startswith(f"{letter}-")]) for letter in letters),
        ("**all**", list(every)),
    ]:
        asked = sum(len(every[name]["questions"]) for name in names)
        right, silent = ([words[n] for n in names].count(word) for word in ("right", "silent"))
        wrong = len(names) - right - silent
        yield f"| {title} | {len(names)} | {asked} | {len(names)} | {right} | {wrong} | {silent} |"


def _section(letter: str, title: str, every: dict[str, dict[str, Any]], words: dict[str, str]) -> str:
    named = {name: case for name, case in every.items() if name.startswith(f"{letter}-")}
    if not named:
        return ""
    rows = [
        f"| `{name}` | {case['title']} | {' '.join(case['facts'])} | {_truths(case)} | {words[name]} |"
        for name, case in named.items()
    ]
    top = f"\n## {title}\n\n| case | what it shows | facts | truths | Checkov |\n|---|---|---|---|---|\n"
    return top + "\n".join(rows) + "\n"


def _truths(case: dict[str, Any]) -> str:
    counted = [question["verdict"] for question in case["questions"]]
    kinds = [kind for kind in ("reachable", "possible", "blocked") if kind in counted]
    told = ", ".join(kind if counted.count(kind) == 1 else f"{counted.count(kind)} {kind}" for kind in kinds)
    return f"{told} (sources)" if case.get("needs") == "sources" else told


if __name__ == "__main__":
    main()
