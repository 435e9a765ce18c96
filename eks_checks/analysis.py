"""The whole pipeline: documents, worlds, estates, who reaches what, checks, findings, report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from eks_checks.aws.attributes import FILLED, NAMED, SAME_ATTRIBUTES
from eks_checks.aws.estate import Coverage, Estate
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.lower import lower
from eks_checks.errors import UsageError
from eks_checks.findings import CheckRun, Evidence, Finding, InputSummary, Report, Status
from eks_checks.reach.answer import Answer
from eks_checks.reach.endpoint import not_followed
from eks_checks.reach.engine import Question, Reachability
from eks_checks.reach.flips import Flips
from eks_checks.reach.paths import attack_paths
from eks_checks.reports import CatalogueEntry, InterfacesReport, ReachReport
from eks_checks.settings import PROFILES, Settings
from eks_checks.terraform import plan
from eks_checks.terraform.document import Document
from eks_checks.terraform.evaluation.beside import Beside
from eks_checks.terraform.evaluation.facts import Conventions
from eks_checks.terraform.evaluation.given import NOTHING_GIVEN, Given
from eks_checks.terraform.world import InputInfo, World

if TYPE_CHECKING:
    from eks_checks.checks.check import Check

# NOTE: the checks are imported where they are used: `reach` and `interfaces` answer sooner without them.


CONVENTIONS = Conventions(SAME_ATTRIBUTES, FILLED, NAMED)


@dataclass(frozen=True)
class Inputs:
    """Documents that make one world. What is worked out of them is kept.

    ``source``: the folder of the root module that was planned; None: looked for where it usually is.
    """

    documents: tuple[Document, ...]
    source: str | None = None

    @cached_property
    def world(self) -> World:
        """The world after the plan is applied; of a state, the one there is."""
        world = World.after(self.documents, self._beside)
        self._beside.check()
        return world

    @cached_property
    def _beside(self) -> Beside:
        return Beside(self.source, CONVENTIONS)

    @cached_property
    def estate(self) -> Estate:
        """What AWS will hold in ``world``."""
        return lower(self.world)

    @cached_property
    def prior(self) -> Estate | None:
        """The estate before the plan is applied; None where the plan starts from nothing."""
        before = World.before(self.documents)
        return lower(before) if before.resources() else None

    @cached_property
    def reachability(self) -> Reachability:
        """Who reaches what in ``estate``."""
        return Reachability(self.estate)

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know of the inputs before believing an answer."""
        missing = [module.key for module in self.world.missing_modules]
        own = self.world.notices
        if self.source is not None and not self._beside.used:
            own = (*own, f"--source {self.source} is not used: no input is a plan with a configuration")
        if not missing or self.estate.node_interfaces():
            return own
        unseen = "no EKS nodes in these sources: those of modules that are not at hand are not judged at all"
        return (f"{unseen} ({', '.join(missing)})", *own)

    @property
    def planned(self) -> bool:
        """Whether a plan is among the documents: only then there are a before and an after."""
        return any(document.kind == "plan" for document in self.documents)


def load(
    paths: Iterable[str],
    stdin: BinaryIO | None = None,
    source: str | None = None,
    given: Given = NOTHING_GIVEN,
) -> Inputs:
    """Read every PATH; ``-`` is ``stdin``. Raises InputError for one that cannot be used.

    ``source`` is the folder of the root module that was planned, ``given`` the variables of folders:
    UsageError where options set some and no PATH is a folder.
    """

    def folder(path: str) -> Document:
        from eks_checks.aws.schema import PROVIDER
        from eks_checks.terraform.evaluation.folder import read_folder

        return read_folder(path, PROVIDER, CONVENTIONS, given)

    documents = plan.read_all(paths, stdin, folder)
    unused = "--var-file" if given.files else "--var" if given.options else None
    if unused and not any(document.kind == "folder" for document in documents):
        hint = "a plan has its variables' values; name the folder instead, or plan again"
        raise UsageError("only a folder of sources takes variables", where=unused, hint=hint)
    return Inputs(documents, source)


def scan(
    inputs: Inputs, settings: Settings, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> Report:
    """Run the chosen checks. Raises UsageError where the choice is none."""
    from eks_checks.checks import CHECKS
    from eks_checks.checks.choose import choose

    checks = choose(CHECKS, settings, select, ignore)
    findings, runs = _run(checks, inputs.estate, inputs.reachability, settings)
    return Report(
        inputs=tuple(_summary(entry) for entry in inputs.world.inputs),
        findings=tuple(sorted(_dated(findings, checks, inputs, settings), key=lambda f: f.sort_key)),
        checks=runs,
        coverage=inputs.estate.coverage,
        notices=(*inputs.notices, *_left_out(settings, checks)),
        names=inputs.world.names,
    )


def reach(
    inputs: Inputs, question: Question, settings: Settings | None = None, *, cuts: bool = False
) -> ReachReport:
    """Answer one question; the protocol ``all`` asks of tcp, udp and icmp.

    With ``cuts`` every attack path says which changes cut it, which may take a while. Raises UsageError for
    a target or source that the inputs do not have.
    """
    protocols = ("tcp", "udp", "icmp") if question.protocol == "all" else (question.protocol,)
    by_target: dict[tuple[str, str | None, str], list[Answer]] = {}
    for protocol in protocols:
        for answer in inputs.reachability.answers(replace(question, protocol=protocol)):
            target = (answer.resource, answer.subnet, answer.family)
            by_target.setdefault(target, []).append(answer)
    answers = tuple(answer for group in by_target.values() for answer in group)
    ports = (settings or Settings()).login_ports
    sought = () if question.sources else answers
    paths = attack_paths(inputs.reachability, question, sought, ports, cuts=cuts)
    answers = Flips(inputs.estate).told(answers)
    coverage = _with_endpoints(inputs.estate, answers)
    return ReachReport(answers, coverage, paths, inputs.notices, inputs.world.names)


def _with_endpoints(estate: Estate, answers: Iterable[Answer]) -> Coverage:
    """The estate's coverage, with what answers about public endpoints take for granted besides."""
    public = {a.resource for a in answers if a.subnet is None and not a.groups}
    more = {not_followed(cluster) for cluster in estate.clusters.values() if cluster.resource in public}
    known = estate.coverage
    return replace(known, assumptions=tuple(sorted({*known.assumptions, *more}))) if more else known


def interfaces(inputs: Inputs) -> InterfacesReport:
    """Every node interface with its security groups."""
    from eks_checks import inventory

    found = inventory.interfaces(inputs.estate)
    return replace(found, notices=inputs.notices, names=inputs.world.names)


def catalogue() -> tuple[CatalogueEntry, ...]:
    """Every check there is, in order of id."""
    from eks_checks.checks import CHECKS

    return tuple(CatalogueEntry(c.id, c.name, c.severity.label, c.summary) for c in CHECKS)


def check_ids() -> tuple[str, ...]:
    """The ids of all checks."""
    return tuple(check_parameters())


def check_parameters() -> Mapping[str, tuple[str, ...]]:
    """The id of every check, in order, to the names of the parameters that its configuration takes."""
    from eks_checks.checks import CHECKS

    return {check.id: check.parameters for check in CHECKS}


def configured(config: str | None, near: Iterable[Path], profile: str | None = None) -> Settings:
    """The settings in force: of the file ``config``, else of the one found upwards from one of ``near``.

    ``profile``: the one named by an option, which wins over the file's. Raises ConfigError.
    """
    from eks_checks import settings_file

    found = settings_file.load(None if config is None else Path(config), near, check_parameters)
    chosen = found.in_profile(profile, "--profile") if profile else found
    if chosen.profile == PROFILES[0]:
        return chosen  # it changes nothing, and `reach` needs no checks
    from eks_checks.checks import CHECKS
    from eks_checks.checks.profiles import in_force

    return in_force(chosen, CHECKS)


def check_id(name: str) -> str:
    """The id of the check with this id or name, in any case. UsageError where there is none."""
    from eks_checks.checks import CHECKS
    from eks_checks.checks.choose import named

    return named(CHECKS, name).id


def _run(
    checks: Sequence[Check],
    estate: Estate,
    reachability: Reachability,
    settings: Settings,
    *,
    brief: bool = False,
) -> tuple[list[Finding], tuple[CheckRun, ...]]:
    from eks_checks.checks.check import View
    from eks_checks.checks.gather import gather

    # A check that raises is a fault of this program: it goes through to the front door, never a pass.
    view = View(estate, reachability, settings, brief)
    ran = [
        gather(check, check.run(view.of(check)), settings, estate.previous, estate.places) for check in checks
    ]
    findings = [_if_it_exists(finding, estate) for found, _ in ran for finding in found]
    return findings, tuple(run for _, run in ran)


def _if_it_exists(finding: Finding, estate: Estate) -> Finding:
    """The finding; of a resource that may not exist, a possible one that names what decides."""
    causes = estate.uncertain.get(finding.resource, ())
    if not causes or finding.status is not Status.FAIL:
        return finding
    why = tuple(_decides(cause, estate) for cause in causes)
    return replace(finding, status=Status.POSSIBLE, evidence=(*finding.evidence, *why))


def _decides(cause: Cause, estate: Estate) -> Evidence:
    text = f"{cause.attribute} decides whether there is one: {cause.reason}"
    return Evidence(cause.resource, text, estate.places(cause.resource, cause.attribute), cause.attribute)


def _dated(
    findings: Sequence[Finding], checks: Sequence[Check], inputs: Inputs, settings: Settings
) -> Iterator[Finding]:
    """The findings with their ``change``: whether the world before the plan has one at least as bad."""
    if not findings or not inputs.planned:
        yield from findings
        return
    found = {finding.check_id for finding in findings}
    again = [check for check in checks if check.id in found]
    before = _before(again, inputs.prior, settings)
    for finding in findings:
        # NOTE: Terraform's prior state already has a moved resource at its new address.
        former = inputs.estate.previous.get(finding.resource, finding.resource)
        at_its_own = before.get((finding.check_id, finding.resource))
        known = at_its_own or before.get((finding.check_id, former))
        as_bad = known is Status.FAIL or known is finding.status
        yield replace(finding, change="existing" if as_bad else "new")


def _before(
    checks: Sequence[Check], prior: Estate | None, settings: Settings
) -> Mapping[tuple[str, str], Status]:
    if prior is None:
        return {}
    findings, _ = _run(checks, prior, Reachability(prior), settings, brief=True)
    return {(finding.check_id, finding.resource): finding.status for finding in findings}


def _summary(entry: InputInfo) -> InputSummary:
    return InputSummary(entry.path, entry.kind, entry.terraform_version, entry.resources)


def _left_out(settings: Settings, checks: Sequence[Check]) -> Iterator[str]:
    running = {check.id for check in checks}
    said = dict(settings.origins)
    off = [name for name, setting in settings.checks if not setting.enabled and name not in running]
    by_profile = [name for name in off if settings.profile != "guide" and f"checks.{name}" not in said]
    by_file = [name for name in off if name not in by_profile]
    if by_file:
        yield f"{settings.origin} turns off {', '.join(by_file)}"
    if by_profile:
        yield f"the profile {settings.profile} leaves out {', '.join(by_profile)}"
