"""The pipeline: which checks run, how outcomes become findings, and what of them is new in a plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from eks_checks import analysis
from eks_checks.aws.estate import Coverage
from eks_checks.checks.check import Check, Outcome, View
from eks_checks.checks.choose import choose
from eks_checks.checks.gather import gather
from eks_checks.errors import UsageError
from eks_checks.findings import Evidence, Finding, Severity, Status, fingerprint
from eks_checks.location import SourceSpan
from eks_checks.reach.answer import Answer, Verdict
from eks_checks.reach.engine import Question
from eks_checks.settings import CheckSetting, Settings
from tests.source_tree import ROOT

STORY = ROOT / "tests" / "fixtures" / "stories" / "node-group-in-public-subnet"


def nothing(view: View) -> Iterator[Outcome]:
    yield from ()


def of(check_id: str, name: str = "", severity: Severity = Severity.HIGH) -> Check:
    return Check(check_id, name or check_id.lower(), severity, "Says something.", ("aws_vpc",), nothing)


CATALOGUE = (of("EKS101", "node-public-subnet"), of("EKS201"), of("EKS205"), of("EKS301"))


# --- choice ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("select", "ignore", "off", "expected"),
    [
        ([], [], [], ["EKS101", "EKS201", "EKS205", "EKS301"]),
        (["EKS2"], [], [], ["EKS201", "EKS205"]),
        (["eks2"], ["EKS205"], [], ["EKS201"]),
        (["EKS301", "EKS101"], [], [], ["EKS101", "EKS301"]),
        ([], ["EKS2", "EKS1"], [], ["EKS301"]),
        ([], [], ["EKS205"], ["EKS101", "EKS201", "EKS301"]),
        (["EKS2"], [], ["EKS205"], ["EKS201"]),
        (["EKS205"], [], ["EKS205"], ["EKS205"]),
    ],
)
def test_choice(select: list[str], ignore: list[str], off: list[str], expected: list[str]) -> None:
    settings = Settings(checks=tuple((name, CheckSetting(enabled=False)) for name in off))
    assert [check.id for check in choose(CATALOGUE, settings, select, ignore)] == expected


@pytest.mark.parametrize(
    ("select", "ignore", "message"),
    [
        (["EKS9"], [], "--select: no check is called 'EKS9'; "),
        (["EKS2011"], [], "did you mean EKS201?"),
        (["node-public-subnets"], [], "did you mean EKS101?"),
        ([], ["XYZ"], "--ignore: no check is called 'XYZ'; `eks-checks checks` lists them"),
        ([""], [], "no check is called ''"),
        (["EKS2"], ["EKS2"], "no check is left to run"),
        ([], ["EKS"], "no check is left to run"),
    ],
)
def test_a_choice_that_means_nothing_is_an_error(select: list[str], ignore: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        choose(CATALOGUE, Settings(), select, ignore)
    assert message in str(caught.value)


# --- outcomes to findings -------------------------------------------------------------------------


def gathered(*outcomes: Outcome, settings: Settings | None = None, **previous: str) -> tuple[Finding, ...]:
    found, _ = gather(of("EKS201"), outcomes, settings or Settings(), previous)
    return found


A, B, C = (Evidence("aws_x.y", text) for text in "abc")


def test_one_finding_for_each_resource_with_all_evidence() -> None:
    first = Outcome("r", "possible", "perhaps", (B, A), "Look.")
    second = Outcome("r", "fail", "surely", (A, C), "Mend.", location=SourceSpan("f", 1, 2))
    third = Outcome("r", "pass")
    [finding] = gathered(first, second, third, Outcome("q", "pass"))
    assert finding == Finding(
        check_id="EKS201",
        name="eks201",
        severity=Severity.HIGH,
        status=Status.FAIL,
        resource="r",
        message="surely",
        evidence=(A, C, Evidence("r", "perhaps"), B),
        remediation="Mend. Look.",
        fingerprint=fingerprint("EKS201", "r"),
        location=SourceSpan("f", 1, 2),
    )


def test_the_worst_severity_wins_among_like_verdicts() -> None:
    low = Outcome("r", "fail", "low", (A,), severity=Severity.LOW)
    [finding] = gathered(low, Outcome("r", "fail", "high", (B,)))
    assert (finding.severity, finding.message) == (Severity.HIGH, "high")
    assert finding.evidence == (B, Evidence("r", "low"), A)


def test_passed_and_not_applicable() -> None:
    check = of("EKS201")
    said = [
        Outcome("b", "pass"),
        Outcome("a", "pass"),
        Outcome("a", "pass"),
        Outcome("c", "fail"),
        Outcome("c", "pass"),
    ]
    _, run = gather(check, said, Settings(), {})
    assert (run.check_id, run.passed, run.not_applicable) == ("EKS201", ("a", "b"), False)
    _, idle = gather(check, [], Settings(), {})
    assert (idle.passed, idle.not_applicable) == ((), True)


@pytest.mark.parametrize(
    ("own", "configured", "expected"),
    [
        (None, "", Severity.HIGH),
        (Severity.MEDIUM, "", Severity.MEDIUM),
        (None, "low", Severity.LOW),
        (Severity.MEDIUM, "critical", Severity.HIGH),
        (Severity.MEDIUM, "info", Severity.INFO),
        (Severity.CRITICAL, "low", Severity.LOW),
    ],
)
def test_a_configured_severity_keeps_what_lowers_it(
    own: Severity | None, configured: str, expected: Severity
) -> None:
    settings = Settings(checks=(("EKS201", CheckSetting(severity=configured)),))
    [finding] = gathered(Outcome("r", "fail", severity=own), settings=settings)
    assert finding.severity is expected


def test_the_fingerprint_survives_a_move() -> None:
    [moved] = gathered(Outcome("new", "fail"), new="old")
    [before] = gathered(Outcome("old", "fail"))
    assert moved.fingerprint == before.fingerprint
    assert moved.resource == "new"


# --- a whole scan, with checks made by hand -------------------------------------------------------


def use(monkeypatch: pytest.MonkeyPatch, *checks: Check) -> None:
    monkeypatch.setattr("eks_checks.checks.CHECKS", checks)


def judge(verdicts: dict[str, str], view: View) -> Iterator[Outcome]:
    """A predicate that judges the VPCs there are, as told."""
    for vpc in view.estate.vpcs.values():
        yield Outcome(vpc.resource, verdicts.get(vpc.resource, "fail"), "m")


def scanned(path: Path, **verdicts: str) -> list[tuple[str, str]]:
    report = analysis.scan(analysis.load([str(path)]), Settings())
    return [(finding.resource, finding.change) for finding in report.findings]


def test_all_is_new_in_a_plan_that_starts_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, replace(of("EKS201"), run=partial(judge, {})))
    assert scanned(STORY / "plan.json") == [("aws_vpc.this", "new")]


def test_what_was_there_before_is_existing(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, replace(of("EKS201"), run=partial(judge, {})))
    assert scanned(STORY / "applied.json") == [("aws_vpc.this", "existing")]


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("pass", "fail", "new"),
        ("possible", "fail", "new"),
        ("fail", "possible", "existing"),
        ("possible", "possible", "existing"),
    ],
)
def test_what_got_worse_is_new(monkeypatch: pytest.MonkeyPatch, before: str, after: str, change: str) -> None:
    moments = iter([after, before])

    def run(view: View) -> Iterator[Outcome]:
        yield Outcome("aws_vpc.this", next(moments), "m")

    use(monkeypatch, replace(of("EKS201"), run=run))
    assert scanned(STORY / "applied.json") == [("aws_vpc.this", change)]


def test_a_moved_resource_is_existing(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = analysis.load([str(STORY / "applied.json")])
    prior = inputs.prior
    assert prior is not None
    old = {"old": replace(next(iter(prior.vpcs.values())), resource="aws_vpc.old")}
    inputs.__dict__["prior"] = replace(prior, vpcs=old)
    inputs.__dict__["estate"] = replace(inputs.estate, previous={"aws_vpc.this": "aws_vpc.old"})
    use(monkeypatch, replace(of("EKS201"), run=partial(judge, {})))
    [finding] = analysis.scan(inputs, Settings()).findings
    assert (finding.resource, finding.change) == ("aws_vpc.this", "existing")
    assert finding.fingerprint == fingerprint("EKS201", "aws_vpc.old")


def test_a_state_has_no_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text('{"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": {}}}')

    def run(view: View) -> Iterator[Outcome]:
        yield Outcome("aws_vpc.this", "fail")

    use(monkeypatch, replace(of("EKS201"), run=run))
    assert scanned(state) == [("aws_vpc.this", "unknown")]


def test_order_and_frame_of_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(view: View) -> Iterator[Outcome]:
        yield Outcome("b", "fail")
        yield Outcome("a", "fail", severity=Severity.LOW)

    use(monkeypatch, replace(of("EKS205"), run=run), replace(of("EKS201"), run=run), of("EKS301"))
    settings = Settings(checks=(("EKS301", CheckSetting(enabled=False)),), origin="c.yaml")
    report = analysis.scan(analysis.load([str(STORY / "plan.json")]), settings)
    assert [(f.severity.label, f.check_id, f.resource) for f in report.findings] == [
        ("high", "EKS201", "b"),
        ("high", "EKS205", "b"),
        ("low", "EKS201", "a"),
        ("low", "EKS205", "a"),
    ]
    assert [(entry.kind, entry.resources) for entry in report.inputs] == [("plan", 17)]
    assert report.inputs[0].path.endswith("plan.json")
    assert "c.yaml turns off EKS301" in report.notices
    assert [run.check_id for run in report.checks] == ["EKS205", "EKS201"]


def test_a_check_that_raises_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(view: View) -> Iterator[Outcome]:
        yield Outcome("a", "pass")
        raise RuntimeError("lost")

    use(monkeypatch, replace(of("EKS201"), run=broken))
    with pytest.raises(RuntimeError, match="lost"):
        analysis.scan(analysis.load([str(STORY / "plan.json")]), Settings())


# --- questions ------------------------------------------------------------------------------------


class Oracle:
    """Answers every question with one target, and keeps the protocols it was asked about."""

    def __init__(self) -> None:
        self.protocols: list[str] = []

    def answers(self, question: Question) -> tuple[Answer, ...]:
        self.protocols.append(question.protocol)
        port = None if question.protocol == "icmp" else "22"
        return tuple(
            Answer(
                "aws_eks_node_group.a",
                subnet,
                "ipv4",
                question.protocol,
                port,
                Verdict.BLOCKED,
                (),
                "no",
                "yes",
                (),
            )
            for subnet in ("aws_subnet.a", "aws_subnet.b")
        )


@pytest.fixture
def asked() -> analysis.Inputs:
    inputs = analysis.load([str(STORY / "plan.json")])
    inputs.__dict__["reachability"] = Oracle()
    return inputs


def test_all_protocols_make_one_target_each(asked: analysis.Inputs) -> None:
    report = analysis.reach(asked, Question(protocol="all"))
    assert [(a.subnet, a.protocol, a.port) for a in report.answers] == [
        ("aws_subnet.a", "tcp", "22"),
        ("aws_subnet.a", "udp", "22"),
        ("aws_subnet.a", "icmp", None),
        ("aws_subnet.b", "tcp", "22"),
        ("aws_subnet.b", "udp", "22"),
        ("aws_subnet.b", "icmp", None),
    ]
    assert isinstance(report.coverage, Coverage)
