"""The built-in checks that we name are in the installed Checkov, and the configuration runs just these."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

checkov = pytest.importorskip("checkov")

from checkov.common.checks_infra.registry import get_graph_checks_registry  # noqa: E402
from checkov.runner_filter import RunnerFilter  # noqa: E402
from checkov.terraform.checks.data.registry import data_registry  # noqa: E402
from checkov.terraform.checks.provider.registry import provider_registry  # noqa: E402
from checkov.terraform.checks.resource.registry import resource_registry  # noqa: E402
from checkov.terraform.plan_runner import Runner  # noqa: E402

from eks_checks.checkov_builtin import REPLACED, TOPICS, Builtin, configuration  # noqa: E402
from eks_checks.checks import CHECKS  # noqa: E402
from tests.source_tree import ROOT  # noqa: E402

EXAMPLE = ROOT / "examples" / "bastion-story" / "plan.json"
FOLDER = str(ROOT / "eks_checks" / "checkov_plugin")
CHOSEN = tuple(one for topic in TOPICS for one in topic.builtin)
NAMED = (*CHOSEN, *(one.builtin for one in REPLACED))


@pytest.fixture(scope="module")
def installed() -> dict[str, set[str]]:
    """Id of every check of Terraform resources, data and providers in the installed Checkov, to its names."""
    Runner()  # registers the built-in ones
    found: dict[str, set[str]] = {}
    for registry in (resource_registry, data_registry, provider_registry):
        for checks in (*registry.checks.values(), *registry.wildcard_checks.values()):
            for check in checks:
                found.setdefault(check.id, set()).add(check.name)
    graph = get_graph_checks_registry("terraform")
    graph.load_checks()
    for check in graph.checks:
        found.setdefault(check.id, set()).add(check.name)
    return found


@pytest.mark.parametrize("one", NAMED, ids=lambda one: one.id)
def test_the_check_is_there_under_its_name(one: Builtin, installed: dict[str, set[str]]) -> None:
    assert one.name in installed[one.id]


def ran(*options: str) -> set[str]:
    """The ids of the records that Checkov writes of the example's plan."""
    command = [sys.executable, "-m", "checkov.main", "-f", str(EXAMPLE), "-o", "json", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode in (0, 1), done.stderr
    results: dict[str, Any] = json.loads(done.stdout)["results"]
    assert not results["parsing_errors"]
    return {record["check_id"] for kind in ("passed", "failed") for record in results[f"{kind}_checks"]}


def test_the_configuration_runs_just_what_it_lists(tmp_path: Path) -> None:
    ours = {check.id for check in CHECKS}
    file = tmp_path / "checkov.yaml"
    file.write_text(configuration(sorted(ours), FOLDER, "0"), encoding="utf-8")
    listed = ran("--config-file", str(file))
    everything = ran("--framework", "terraform_plan", "--skip-download", "--external-checks-dir", FOLDER)
    assert listed == everything & ({one.id for one in CHOSEN} | ours), "all that are listed, and no other"
    assert {"CKV_AWS_58", "CKV2_AWS_11", "CKV_AWS_41", "EKS201", "EKS303"} <= listed
    assert {"CKV_AWS_24", "CKV_AWS_100"} & everything, "what is left out does run without the file"


def test_a_check_that_is_off_does_not_run(tmp_path: Path) -> None:
    file = tmp_path / "checkov.yaml"
    file.write_text(configuration(["EKS201"], FOLDER, "0"), encoding="utf-8")
    assert {name for name in ran("--config-file", str(file)) if name.startswith("EKS")} == {"EKS201"}


@pytest.mark.parametrize(
    ("left_out", "resource"),
    [
        ("CKV2_AWS_1", "aws_network_acl.associated"),
        ("CKV_AWS_232", "aws_network_acl.closed"),
    ],
)
def test_what_is_left_out_answers_wrongly_on_a_plan(left_out: str, resource: str) -> None:
    """Both are as they should be: EKS404 and EKS401 pass them, see the truths of these fixtures."""
    folder = {"CKV2_AWS_1": "EKS404", "CKV_AWS_232": "EKS401"}[left_out]
    plan = ROOT / "tests" / "fixtures" / "checks" / folder / "none" / "plan.json"
    chosen = RunnerFilter(framework=["terraform_plan"], checks=[left_out])
    report = Runner().run(root_folder=None, files=[str(plan)], runner_filter=chosen)
    assert resource in {record.resource_address for record in report.failed_checks}
