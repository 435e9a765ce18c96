"""EKS305: one security group has inline rules and separate ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.knowledge import Cause, Truth
from eks_checks.aws.rule_forms import DIRECTIONS, RuleForms, SeparateRule
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import PERHAPS, decided_by, listed, open_questions, plural
from eks_checks.findings import Evidence, Severity


@dataclass(frozen=True)
class _Mix:
    """Inline rules of one direction and separate ones of the same or the other: whether both are there."""

    inline: str
    separate: str
    truth: Truth

    @property
    def same(self) -> bool:
        return self.inline == self.separate


@check(
    id="EKS305",
    name="sg-rules-mixed",
    severity=Severity.LOW,
    summary="A security group lists rules itself and has separate rule resources as well.",
    resource_types=("aws_security_group", "aws_default_security_group"),
)
def eks305(view: View) -> Iterator[Outcome]:
    """One outcome per group that the inputs manage: how its rules are written (A19, A20, A22, K14)."""
    for forms in view.estate.particulars.rule_forms:
        yield _outcome(forms)


def _outcome(forms: RuleForms) -> Outcome:
    mixes = [_mix(forms, inline, separate) for inline in DIRECTIONS for separate in DIRECTIONS]
    for mix in (
        next((mix for mix in mixes if mix.same and mix.truth.surely), None),
        next((mix for mix in mixes if mix.truth.surely), None),
        next((mix for mix in mixes if mix.same and mix.truth.possibly), None),
        next((mix for mix in mixes if mix.truth.possibly), None),
    ):
        if mix is not None:
            return _found(forms, mix, [one for one in mixes if one.truth.possibly and one.same == mix.same])
    return Outcome(forms.resource, "pass", location=forms.location)


def _mix(forms: RuleForms, inline: str, separate: str) -> _Mix:
    if not forms.written_inline(inline).possibly:
        return _Mix(inline, separate, Truth(False))
    truths = [forms.written_inline(inline), _any(forms, separate)]
    if truths[1].value is False:
        return _Mix(inline, separate, Truth(False))
    causes = tuple(cause for truth in truths for cause in truth.causes)
    return _Mix(inline, separate, Truth(True if all(truth.surely for truth in truths) else None, causes))


def _any(forms: RuleForms, direction: str) -> Truth:
    """Whether a separate rule of the direction is of the group."""
    here = [rule.of_it for rule in forms.rules if rule.direction == direction]
    sure = next((truth for truth in here if truth.surely), None)
    if sure is not None or not here:
        return sure or Truth(False)
    return Truth(None, tuple(dict.fromkeys(cause for truth in here for cause in truth.causes)))


def _found(forms: RuleForms, worst: _Mix, mixes: list[_Mix]) -> Outcome:
    sure = worst.truth.surely
    told = [mix for mix in mixes if mix.truth.surely] if sure else mixes
    severity = Severity.LOW if worst.same else Severity.INFO
    causes = [] if sure else [cause for mix in told for cause in mix.truth.causes]
    evidence = (*dict.fromkeys(e for mix in told for e in _evidence(forms, mix)), *open_questions(causes))
    verdict = "fail" if sure else "possible"
    message = _message(forms, told) if sure else _undecided(forms, causes)
    if not worst.same:
        message += f" {_APART}"
    return Outcome(forms.resource, verdict, message, evidence, _REMEDIATION, severity, forms.location)


def _message(forms: RuleForms, told: list[_Mix]) -> str:
    inline = listed(DIRECTIONS[mix.inline] for mix in told)
    rules = {rule.resource for mix in told for rule in _rules(forms, mix) if rule.of_it.surely}
    add = plural(len(rules), "adds one", "add more")
    text = f"{forms.resource} lists its {inline} rules itself, and {listed(sorted(rules))} {add}"
    if told[0].same:
        text += ": the next apply takes the separate rules away, the one after that puts them back"
    return f"{text}."


def _undecided(forms: RuleForms, causes: list[Cause]) -> str:
    why = decided_by(causes)
    return f"Whether {forms.resource} has inline rules and separate ones cannot be told: {why}."


def _rules(forms: RuleForms, mix: _Mix) -> list[SeparateRule]:
    """Those that name the group; what may be of any group is among the open questions."""
    return [rule for rule in forms.separate if rule.direction == mix.separate]


def _evidence(forms: RuleForms, mix: _Mix) -> Iterator[Evidence]:
    argument = DIRECTIONS[mix.inline]
    yield Evidence(forms.resource, f"{argument} is written in the group itself", attribute=argument)
    for rule in _rules(forms, mix):
        if rule.of_it.surely or not mix.truth.surely:
            doubt = "" if rule.of_it.surely else PERHAPS
            yield Evidence(rule.resource, f"{doubt}a separate {rule.direction} rule of {forms.resource}")


_APART = (
    "Rated info instead of low: inline and separate rules are of different directions, so that neither takes "
    "the other away until one more is added."
)

_REMEDIATION = (
    "Write all rules of the group as aws_vpc_security_group_ingress_rule and _egress_rule, one range or "
    "group each, and remove its ingress and egress arguments; or write all of them inline. Import the rules "
    "that exist into the new resources, so that none is away for a moment."
)
