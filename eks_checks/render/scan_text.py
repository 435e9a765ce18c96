"""The scan report as text: one story for each cause, worst first; where, why, and what to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eks_checks.findings import Evidence, Finding, InputSummary, Report, Status
from eks_checks.render import alike, words
from eks_checks.render.page import Page, Piece
from eks_checks.render.stories import Story, stories

_PLACES = 4
_BODY = 6
_MOST_PLACES = 10
_MOST_EVIDENCE = 5


def page(report: Report, *, verbose: bool = False, quiet: bool = False) -> Page:
    """The whole report; ``quiet`` keeps the findings alone, ``verbose`` adds what passed and all coverage."""
    made = Page()
    if not quiet:
        for entry in report.inputs:
            made.line((_input(entry), "faint"))
    told = _Told(made, mixed=len({finding.change for finding in report.findings}) > 1, verbose=verbose)
    for story in stories(report.findings, apart=verbose):
        told.story(story)
    if quiet:
        return made
    made.blank()
    _summary(made, report, verbose)
    deciding = {e.resource for f in report.findings if f.status is Status.POSSIBLE for e in f.evidence}
    words.coverage(made, report.coverage, verbose=verbose, deciding=deciding, depends="finding")
    words.notices(made, report.notices)
    return made


def _input(entry: InputSummary) -> str:
    version = f", Terraform {entry.terraform_version}" if entry.terraform_version else ""
    return f"{entry.path}: {entry.kind}{version}, {words.counted(entry.resources, 'resource')}"


class _Told:
    """Writes stories, and says a remedy that several share only once."""

    def __init__(self, made: Page, *, mixed: bool, verbose: bool) -> None:
        self.made = made
        self.mixed = mixed
        self.most = None if verbose else _MOST_EVIDENCE
        self.remedies: dict[str, str] = {}

    def story(self, story: Story) -> None:
        """What is wrong, at which places, why, and what to change."""
        finding = story.first
        self.made.blank()
        severity = finding.severity.label
        marks: list[Piece] = [f"  {finding.check_id} {finding.name}"]
        if finding.status is Status.POSSIBLE:
            marks.append(("  possible", "possible"))
        if self.mixed and finding.change == "new":
            marks.append(("  new in this plan", "latent"))
        if len(story.findings) > 1:
            marks.append((f"  {len(story.findings)} places", "faint"))
        self.made.line((severity, severity), *marks, hang=_PLACES)
        self.places(story)
        lead = "" if story.same_words else "Of the first: "
        self.made.line((lead, "faint"), finding.message, indent=_BODY)
        self.evidence(finding)
        if finding.remediation:
            self.fix(finding)

    def places(self, story: Story) -> None:
        """The resources, one on a line; of many, the first few, those alike but for keys together."""
        told = words.Places()
        names = [(each.resource, told.told(each.location)) for each in story.findings]
        if len(names) > _MOST_PLACES:
            names = [(name, "") for name in alike.instances(name for name, _ in names)]
        for name, spot in names[:_MOST_PLACES]:
            self.made.line((name, "resource"), (spot, "faint"), indent=_PLACES, hang=_BODY)
        if len(names) > _MOST_PLACES:
            more = f"and {len(names) - _MOST_PLACES} more (--verbose lists them)"
            self.made.line((more, "faint"), indent=_PLACES)

    def evidence(self, finding: Finding) -> None:
        """The evidence; unless all is to be listed, what differs in keys alone once, and the first few."""
        lines = [*finding.evidence] if self.most is None else _folded(finding.evidence)
        shown = lines[: self.most]
        places = words.Places(finding.location)
        for item in shown:
            self.made.line(*_evidence(item, places), indent=_BODY, hang=_BODY + 2)
        if more := len(lines) - len(shown):
            self.made.line((f"- and {more} more (--verbose lists them)", "faint"), indent=_BODY)

    def fix(self, finding: Finding) -> None:
        before = self.remedies.setdefault(finding.remediation, f"{finding.check_id} {finding.resource}")
        same = before == f"{finding.check_id} {finding.resource}"
        text = finding.remediation if same else f"as for {before}"
        self.made.line(("fix: ", "fix"), text, indent=_BODY, hang=_BODY + 5)


def _folded(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence; of three or more pieces that differ in instance keys alone, the first."""
    shapes = alike.gathered(
        evidence, lambda each: (alike.pattern(each.resource), alike.pattern(each.text), each.location)
    )
    folded: list[Evidence] = []
    for first, *others in shapes.values():
        few = len(others) < alike.MANY - 1
        more = replace(first, text=f"{first.text} (and {len(others)} alike)")
        folded += [first, *others] if few else [more]
    return folded


def _evidence(item: Evidence, places: words.Places) -> list[Piece]:
    place = (places.told(item.location), "faint")
    return [f"- {item.resource}: {item.text}" if item.resource else f"- {item.text}", place]


def _summary(made: Page, report: Report, verbose: bool) -> None:
    failed, possible = report.count(Status.FAIL), report.count(Status.POSSIBLE)
    clean = [run for run in report.checks if run.passed and not _found(report, run.check_id)]
    idle = [run.check_id for run in report.checks if run.not_applicable]
    pieces: list[Piece] = [("Result: ", "heading")]
    if failed:
        counts = [(f"{number} {word}", word) for word, number in report.by_severity().items() if number]
        pieces.append(f"{words.counted(failed, 'finding')} (")
        for index, count in enumerate(counts):
            pieces += [", "] * bool(index) + [count]
        pieces.append(")")
    else:
        pieces.append(("no findings", "good"))
    if possible:
        pieces += [", ", (f"{possible} possible", "possible")]
    changes = [finding.change for finding in report.findings]
    if new := changes.count("new"):
        pieces.append(", all new in this plan" if new == len(changes) else f", {new} new in this plan")
    if suppressed := report.count(Status.SUPPRESSED):
        pieces.append(f", {suppressed} suppressed")
    pieces.append(f"; {words.counted(len(clean), 'check')} passed")
    if idle:
        pieces.append(f", {len(idle)} had nothing to judge")
    made.line(*pieces, hang=8)
    if verbose:
        for run in clean:
            made.line((f"passed {run.check_id}: ", "good"), ", ".join(run.passed), indent=2, hang=4)
        if idle:
            made.line(("nothing to judge: ", "faint"), ", ".join(idle), indent=2, hang=4)


def _found(report: Report, check_id: str) -> bool:
    return any(finding.check_id == check_id for finding in report.findings)
