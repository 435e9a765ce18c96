"""Whom a ClusterRoleBinding makes an administrator of the cluster, for EKS503."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.access import CLUSTER_ADMIN, MASTERS, BoundSubject, Principal, RoleBinding
from eks_checks.aws.knowledge import Cause
from eks_checks.checks.check import Outcome, View
from eks_checks.checks.phrases import capital, decided_by, listed, open_questions
from eks_checks.checks.principals import declared, shown
from eks_checks.findings import Evidence

_PEOPLE = ("User", "Group")
_OWN = ("eks:", "system:kube-", "system:node-")
"""What the names of Kubernetes' and EKS's own components start with."""


def binding_outcome(view: View, binding: RoleBinding) -> Outcome:
    """Whether it gives all rights to undeclared users or groups. Service accounts are no principals."""
    subjects = [
        one for one in binding.subjects if one.kind in (*_PEOPLE, "") and not one.name.startswith(_OWN)
    ]
    named = [one for one in subjects if one.name == MASTERS]
    if not binding.admin.possibly:
        subjects = named
    causes: list[Cause] = list(binding.hidden) if binding.admin.possibly else []
    told: list[Evidence] = []
    names: list[str] = []
    for one in subjects:
        sure, doubts = _judged(view, binding, one)
        causes += doubts
        if sure:
            names.append(_words(one))
            told += _evidence(view, binding, one)
    place = binding.location
    if names and binding.certain and (binding.admin.surely or not binding.admin.possibly):
        message = _message(binding, names)
        return Outcome(binding.resource, "fail", message, tuple(told), REMEDIATION, location=place)
    if names and not binding.certain:
        causes.append(Cause(binding.resource, binding.attribute or "subject", "the binding may not be there"))
    if not names and not causes:
        return Outcome(binding.resource, "pass", location=place)
    causes += binding.admin.causes
    message = f"Whether this binding gives somebody the whole cluster cannot be told: {decided_by(causes)}."
    evidence = (*told, *open_questions(causes))
    return Outcome(binding.resource, "possible", message, evidence, REMEDIATION, location=place)


def _judged(view: View, binding: RoleBinding, one: BoundSubject) -> tuple[bool, tuple[Cause, ...]]:
    """(whether it is surely somebody who is not declared, what decides where it is not sure)."""
    if not one.name or not one.kind:
        return False, one.causes
    meant = declared(view, Principal("", one.name, (one.name,), one.name), binding.resource)
    if meant.surely:
        return False, ()
    holders = [
        holder
        for _, _, holder in view.estate.particulars.access.holders(one.kind, one.name, binding.clusters)
    ]
    answers = [declared(view, holder) for holder in holders]
    if not answers or any(not answer.possibly for answer in answers):
        return True, ()
    causes = [cause for answer in answers for cause in answer.causes]
    perhaps = view.estate.particulars.access.perhaps_holders(one.kind, one.name, binding.clusters)
    for other, why in perhaps:
        if other is None or not declared(view, other).surely:
            causes += why
    return False, tuple(dict.fromkeys(causes))


def _evidence(view: View, binding: RoleBinding, one: BoundSubject) -> Iterator[Evidence]:
    at = binding.attribute or "subject"
    yield Evidence(binding.resource, f"binds {CLUSTER_ADMIN} to {_words(one)}", attribute=at)
    for resource, attribute, holder in view.estate.particulars.access.holders(
        one.kind, one.name, binding.clusters
    ):
        yield Evidence(resource, f"makes {shown(holder)} a member of {one.name}", attribute=attribute)


def _message(binding: RoleBinding, names: list[str]) -> str:
    if not binding.admin.possibly:
        return (
            f"This binding names {MASTERS}, a group that needs no role: its members may do everything, "
            "whatever is bound to it."
        )
    return (
        f"{capital(listed(names))} may do everything in the cluster: the role {CLUSTER_ADMIN} is bound to it "
        "cluster-wide, and the configuration names none of those behind it among admin_principals."
    )


def _words(one: BoundSubject) -> str:
    return f"the {one.kind.lower()} {one.name}"


REMEDIATION = (
    "Bind a role with what these people need (edit, view or one of your own), or bind it in a namespace by a "
    "RoleBinding. Where an administrator is meant, name the role behind it in admin_principals."
)
