"""Every place that is told is the place that is meant: what is told stands on its line.

The sources are read here by a few regular expressions, not by the reader under test: fixtures are
formatted as ``terraform fmt`` does it, so that a block ends at the brace below its first letter.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from eks_checks import analysis
from eks_checks.reach.engine import Question
from eks_checks.render import json as rendered
from tests.stories.asking import FIXTURES, cases, settings_beside
from tests.stories.evaluation import EVALUATION
from tests.stories.truths import CHECKS

Json = dict[str, Any]


class Place(NamedTuple):
    """What a document says of one place: the lines of a file, and what stands there."""

    resource: str
    text: str
    file: str
    line: int
    end_line: int | None


HOLDERS = {
    "aws_security_group",
    "aws_default_security_group",
    "aws_network_acl",
    "aws_default_network_acl",
    "aws_route_table",
    "aws_default_route_table",
}
"""Types whose rules are written inside them: the whole of such a block is no place of a rule."""
RULE = re.compile(r"(perhaps )?(inbound|outbound|[0-9a-f.:]+/\d+ to) ")

CASES = [
    *(pytest.param(f"stories/{case}", "", id=case) for case in cases("stories")),
    *(pytest.param(f"evaluation/{name}", case.root, id=name) for name, case in sorted(EVALUATION.items())),
]


@pytest.fixture(autouse=True)
def _beside_the_fixtures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FIXTURES)


@pytest.mark.parametrize(("case", "root"), CASES)
def test_a_place_holds_what_is_told_of_it(case: str, root: str) -> None:
    found = list(places(case, root))
    assert found
    wrong = [place for place in found if not holds(place)]
    assert not wrong


@pytest.mark.parametrize(("case", "root"), CASES)
def test_nothing_that_is_written_lacks_a_place(case: str, root: str) -> None:
    lost = {
        told["resource"]
        for told in entries(case, root)
        if told["location"] is None and told["resource"] in written(case, root)
    }
    assert not lost


@pytest.mark.parametrize("name", sorted(name for name, case in EVALUATION.items() if case.folder))
def test_a_folder_alone_has_the_same_places(name: str) -> None:
    folder = f"evaluation/{name}/{EVALUATION[name].root}"
    found = list(places_in(told_of(analysis.load([folder]), folder)))
    assert found
    assert not [place for place in found if not holds(place)]


def test_lines_may_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment above everything moves every line, and no fingerprint."""
    shutil.copytree(FIXTURES / "stories" / "module-nested", tmp_path / "moved")
    for file in (tmp_path / "moved").rglob("*.tf"):
        file.write_text("# One.\n# Two.\n# Three.\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    _, before, _ = documents("stories/module-nested", "")
    monkeypatch.chdir(tmp_path)
    _, after, _ = made("moved", "")
    lines = [[told["location"]["line"] for told in within(document)] for document in (before, after)]
    assert lines[1] == [line + 3 for line in lines[0]]
    fingerprints = [[found["fingerprint"] for found in each["findings"]] for each in (before, after)]
    assert fingerprints[0] == fingerprints[1]


def test_the_calls_of_a_module_are_evidence() -> None:
    """Outermost first, each once, with the lines of the ``module`` blocks."""
    _, scan, _ = documents("stories/module-nested", "")
    found = next(finding for finding in scan["findings"] if finding["check_id"] == "EKS201")
    calls = {
        told[
            "resource"
        ]: f"{told['location']['file'].removeprefix('stories/module-nested/')}:{told['location']['line']}"
        for told in found["evidence"]
        if told["text"] == "the module is called here"
    }
    assert calls == {
        "module.platform": "main.tf:42",
        "module.platform.module.nodes": "modules/platform/main.tf:87",
        "module.platform.module.network": "modules/platform/main.tf:10",
        "module.platform.module.network.module.tier": "modules/network/main.tf:18",
        "module.platform.module.firewall": "modules/platform/main.tf:17",
    }


@pytest.mark.parametrize(("case", "root"), CASES)
def test_no_place_depends_on_the_current_folder(
    case: str, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An absolute path of an input gives the same places as a relative one."""
    relative = documents(case, root)
    absolute = [json.dumps(document) for document in made(str(FIXTURES / case), root)]
    assert [text.replace(f"{FIXTURES}/", "") for text in absolute] == [
        json.dumps(document) for document in relative
    ]


def holds(place: Place) -> bool:
    """Whether the line opens the block that the address names, or is a part of it that fits the text."""
    lines = Path(place.file).read_text(encoding="utf-8").splitlines()
    line = lines[place.line - 1]
    if place.file.endswith(".json"):
        return any(f'"{word}"' in line for word in (*header_words(place.resource)[1:], *parts(place.text)))
    kind, *labels = header_words(place.resource)
    header = " ".join((kind, *(f'"{label}"' for label in labels), "{"))
    start = lines.index(header)
    end = end_of(lines, start)
    if not start <= place.line - 1 <= end:
        return False
    if place.line - 1 == start:
        return place.end_line in (None, end + 1) and not (labels[0] in HOLDERS and RULE.match(place.text))
    named = re.match(r'\s+(?:dynamic ")?(\w+)', line)
    inside = "\n".join(lines[place.line - 1 : end_of(lines, place.line - 1) + 1])
    return named is not None and named.group(1) in parts(place.text) and says(inside, place.text)


def end_of(lines: list[str], start: int) -> int:
    """Where the block, list or object that a line opens ends: the line itself, if it opens none."""
    line = lines[start]
    if not line.rstrip().endswith(("{", "[", "(")):
        return start
    indent = line[: len(line) - len(line.lstrip())]
    return next(n for n in range(start + 1, len(lines)) if re.match(rf"{indent}[}}\])]", lines[n]))


def header_words(address: str) -> tuple[str, ...]:
    """``("resource", "aws_vpc", "this")`` of ``module.net["a"].aws_vpc.this[0]``; of a module its call."""
    plain = re.sub(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]', "", address)
    *calls, last = re.split(r"(module\.[\w-]+)(?:\.|$)", plain)
    words = (last or calls[-2 if calls[-1] == "" else -1]).split(".")
    return tuple(words) if words[0] in ("data", "module") else ("resource", *words)


def parts(text: str) -> set[str]:
    """The blocks and arguments that may say what the text says."""
    of = {
        "inbound": {"ingress"},
        "outbound": {"egress"},
        "remote_access": {"remote_access"},
        "the remote-access group": {"remote_access"},
        "SSH key": {"key_name", "ec2_ssh_key"},
        " to ": {"route"},
        "public IPv4": {"map_public_ip_on_launch", "associate_public_ip_address"},
        "come up with": {"vpc_security_group_ids", "security_groups"},
        "named by": {"vpc_security_group_ids", "security_groups"},
        "group": {"vpc_security_group_ids", "security_groups", "network_interfaces"},
        "access_config": {
            "access_config",
            "authentication_mode",
            "bootstrap_cluster_creator_admin_permissions",
        },
        "tags:": {"tags"},
        "propagated": {"propagating_vgws"},
    }
    named = set(re.findall(r"\w+", text.partition(":")[0]))
    return set().union(*(names for words, names in of.items() if words in text)) | named


def says(block: str, text: str) -> bool:
    """Whether a written rule is the one of the text, as far as literals tell."""
    number = re.search(r"rule_no\s+= (\d+)$", block, re.MULTILINE)
    told = re.search(r"\brule (\d+)", text)
    if number and told and number.group(1) != told.group(1):
        return False
    ranges = re.findall(r'cidr_blocks?\s+= \[?((?:"[^"$]*"(?:, )?)+)\]?$', block, re.MULTILINE)
    peer = re.search(r"(?:from|to) ([\d.]+/\d+|[0-9a-f:]*::?[0-9a-f:]*/\d+)", text)
    return not (ranges and peer) or any(f'"{peer.group(1)}"' in each for each in ranges)


def places(case: str, root: str) -> Iterator[Place]:
    """Every place that is told of a fixture's plan."""
    return places_in(documents(case, root))


def places_in(told_documents: tuple[Json, ...]) -> Iterator[Place]:
    """Every place in the documents."""
    for told in (entry for document in told_documents for entry in within(document)):
        at = told["location"]
        if at is not None:
            text = f"{told.get('rule', '')} {told.get('text', '')} {told.get('reason', '')}".strip()
            yield Place(told["resource"], text, at["file"], at["line"], at.get("end_line"))


def entries(case: str, root: str) -> Iterator[Json]:
    """Every object with a resource and a location, in reach with its paths, in scan and in interfaces."""
    for document in documents(case, root):
        yield from within(document)


def within(tree: Any) -> Iterator[Json]:
    """Every such object in a JSON tree; a group that is named somewhere is told as two."""
    if isinstance(tree, list):
        for item in tree:
            yield from within(item)
    elif isinstance(tree, dict):
        if "location" in tree and "resource" in tree:
            yield {**tree, "reason": tree.get("role", "")}
        if tree.get("named_at") is not None:
            yield {**tree, "resource": tree["origin"], "location": tree["named_at"]}
        for value in tree.values():
            yield from within(value)


@cache
def documents(case: str, root: str) -> tuple[Json, ...]:
    """What the tool says of a fixture's plan."""
    return made(case, root)


def made(folder: str, root: str) -> tuple[Json, ...]:
    """The documents of reach (all targets, with paths), scan and interfaces."""
    return told_of(
        analysis.load([f"{folder}/plan.json"], source=f"{folder}/{root}" if root else None), folder
    )


def told_of(inputs: analysis.Inputs, folder: str) -> tuple[Json, ...]:
    """The same, of any inputs."""
    question = Question(everything=True, explain=True)
    told = (
        rendered.reach(analysis.reach(inputs, question), explain=True),
        rendered.scan(
            analysis.scan(inputs, settings_beside(FIXTURES / folder / "plan.json"), sorted(CHECKS))
        ),
        rendered.interfaces(analysis.interfaces(inputs)),
    )
    return tuple(json.loads(document) for document in told)


@cache
def written(case: str, root: str) -> frozenset[str]:
    """The resources that the plan has of configuration."""
    inputs = analysis.load([f"{case}/plan.json"], source=f"{case}/{root}" if root else None)
    return frozenset(str(resource.address) for resource in inputs.world.resources())
