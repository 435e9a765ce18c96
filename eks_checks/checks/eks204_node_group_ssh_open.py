"""EKS204: ``remote_access`` has a key and no source groups, so EKS itself opens SSH to the world."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.eks import NodeGroup
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import decided_by, open_questions
from eks_checks.findings import Evidence, Severity
from eks_checks.reach.answer import Answer, Verdict
from eks_checks.reach.engine import Question

SSH, RDP = 22, 3389


@check(
    id="EKS204",
    name="node-group-ssh-open",
    severity=Severity.CRITICAL,
    summary="remote_access has a key and no source groups: EKS opens 22 (Windows: 3389) to 0.0.0.0/0.",
    resource_types=("aws_eks_node_group",),
)
def eks204(view: View) -> Iterator[Outcome]:
    """One outcome per node group (E6); one step lower where no internet address gets in at present."""
    for group in sorted(view.estate.node_groups, key=lambda each: each.resource):
        yield _outcome(view, group)


def _outcome(view: View, group: NodeGroup) -> Outcome:
    sources = group.remote_access_sources
    if not group.remote_access.possibly or sources.sure:
        return Outcome(group.resource, "pass", location=group.location)
    port = _port(group)
    if not (group.remote_access.surely and sources.exact):
        causes = (*group.remote_access.causes, *sources.causes)
        message = (
            f"Whether EKS opens {port} of the nodes to 0.0.0.0/0 cannot be told: {decided_by(causes)}. "
            "It does so where remote_access has a key and source_security_group_ids is empty."
        )
        told = open_questions(causes)
        return Outcome(group.resource, "possible", message, told, _REMEDIATION, location=group.location)
    severity, rating = _rating(view, group)
    message = (
        "remote_access has an SSH key and no source_security_group_ids, so EKS makes a security group "
        f"that opens {port} to 0.0.0.0/0 and attaches it to every node of the group. {rating}"
    ).rstrip()
    text = f"remote_access without source_security_group_ids: EKS opens {port} to 0.0.0.0/0"
    told = (Evidence(group.resource, text, attribute="remote_access"),)
    return Outcome(group.resource, "fail", message, told, _REMEDIATION, severity, group.location)


def _port(group: NodeGroup) -> str:
    if group.windows.surely:
        return "tcp 3389 (RDP, since the nodes run Windows)"
    return "tcp 22" if not group.windows.possibly else "tcp 22 (3389 if the nodes run Windows)"


def _rating(view: View, group: NodeGroup) -> tuple[Severity, str]:
    answers = _answers(view, group)
    open_now = [
        source
        for answer in answers
        for source in answer.sources
        if source.scope == "internet" and source.verdict is not Verdict.BLOCKED
    ]
    if not answers or open_now or group.windows.value is None:
        return Severity.CRITICAL, ""
    lowered = Severity.CRITICAL.lowered()
    reason = "no internet address gets in at present, for want of a public address or route"
    return lowered, f"Rated {lowered.label} instead of {Severity.CRITICAL.label}: {reason}."


def _answers(view: View, group: NodeGroup) -> tuple[Answer, ...]:
    if group.windows.surely:
        asked = view.answers(Question(ports=(RDP, RDP), targets=(group.resource,)))
    else:
        asked = view.ssh
    return tuple(answer for answer in asked if answer.resource == group.resource)


_REMEDIATION = (
    "Remove the remote_access block and log in with Session Manager; or name the bastion's security group "
    "in remote_access.source_security_group_ids. Either replaces the node group, so create the new one "
    "beside it first. Deleting the rule from the group that EKS made is no remedy: Terraform does not "
    "manage that group."
)
