"""EKS503: somebody holds the whole cluster whom the configuration does not name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eks_checks.aws.access import ADMIN_POLICIES, MASTERS, AccessEntry, AuthConfigMap, PolicyAssociation
from eks_checks.aws.knowledge import Cause
from eks_checks.checks.bound_admins import binding_outcome
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import capital, decided_by, listed, open_questions, unique
from eks_checks.checks.principals import declared, is_read, shown
from eks_checks.checks.unbound_groups import unbound
from eks_checks.findings import Evidence, Severity
from eks_checks.kubernetes.reading import OBJECTS, TEXTS

GRANTING_TYPES = (
    "aws_eks_access_entry",
    "aws_eks_access_policy_association",
    "helm_release",
    "kubernetes_cluster_role_binding",
    "kubernetes_cluster_role_binding_v1",
    "kubernetes_config_map",
    "kubernetes_config_map_v1",
    "kubernetes_config_map_v1_data",
    *OBJECTS,
    *TEXTS,
)
"""The types of resources that may give access to a cluster."""


@check(
    id="EKS503",
    name="system-masters",
    severity=Severity.HIGH,
    summary="A principal holds the whole cluster, or aws-auth names groups that no binding uses.",
    resource_types=GRANTING_TYPES,
    parameters=("admin_principals",),
)
def eks503(view: View) -> Iterator[Outcome]:
    """One outcome per aws-auth, access entry, policy association and cluster-wide binding (G6)."""
    access = view.estate.particulars.access
    yield from _maps(view, access.maps)
    for entry in access.entries:
        yield _of_entry(view, entry)
    for association in access.associations:
        yield _of_association(view, association)
    by_resource: dict[str, list[Outcome]] = {}
    for binding in access.bindings:
        if binding.wide:
            by_resource.setdefault(binding.resource, []).append(binding_outcome(view, binding))
    for found in by_resource.values():
        yield _united(found)


def _maps(view: View, maps: Iterable[AuthConfigMap]) -> Iterator[Outcome]:
    """The config maps; one that several resources write is told once, where its data are set last."""
    told: set[tuple[object, ...]] = set()
    for map_ in sorted(maps, key=lambda each: ("_data." not in each.resource, each.resource)):
        key = (map_.clusters, tuple((e.principal, e.groups.names) for e in map_.entries), bool(map_.hidden))
        outcome = _of_map(view, map_)
        if outcome.verdict == "pass" or key not in told:
            yield outcome
        told.add(key)


def _of_map(view: View, map_: AuthConfigMap) -> Outcome:
    """Whom it puts into system:masters; then the groups that nobody uses."""
    read = is_read(view, map_)
    if not read.possibly:
        return Outcome(map_.resource, "pass", location=map_.location)
    surely: list[Evidence] = []
    names: list[str] = []
    doubts: list[Cause] = list(map_.hidden)
    for entry in map_.entries:
        masters = MASTERS in entry.groups.names
        if not masters and not entry.groups.open:
            continue
        meant = declared(view, entry.principal)
        if meant.surely:
            continue
        if masters and entry.certain and not meant.possibly:
            text = f"{entry.attribute} puts {shown(entry.principal)} into {MASTERS}"
            surely.append(Evidence(map_.resource, text, attribute=entry.attribute))
            names.append(shown(entry.principal))
        elif masters and not entry.certain:
            doubts.append(
                Cause(map_.resource, entry.attribute, f"may put {shown(entry.principal)} into {MASTERS}")
            )
        else:
            doubts += (*entry.groups.open, *meant.causes)
    loose = unbound(view, map_)
    if surely:
        message = f"aws-auth puts {listed(names)} into {MASTERS}. {_MASTERS}"
        told = (*surely, *(loose.evidence if loose else ()))
        return _judged(map_, message, told, (*read.causes,), Severity.HIGH)
    if doubts and (loose is None or loose.verdict != "fail" or read.causes):
        message = (
            f"Whether aws-auth puts anybody into {MASTERS} cannot be told: {decided_by(doubts)}. {_MASTERS}"
        )
        told = (*open_questions(doubts), *(loose.evidence if loose else ()))
        return Outcome(map_.resource, "possible", message, told, _REMEDIATION, location=map_.location)
    if loose is None:
        return Outcome(map_.resource, "pass", location=map_.location)
    causes = (*read.causes, *loose.causes)
    return _judged(map_, loose.message, (*loose.evidence, *open_questions(doubts)), causes, Severity.LOW)


def _judged(
    map_: AuthConfigMap, message: str, told: Iterable[Evidence], causes: tuple[Cause, ...], severity: Severity
) -> Outcome:
    """What the map says is so, unless something else decides whether it counts."""
    if not causes:
        return Outcome(map_.resource, "fail", message, unique(told), _REMEDIATION, severity, map_.location)
    message = f"{message} Whether that counts cannot be told: {decided_by(causes)}."
    told = unique((*told, *open_questions(causes)))
    return Outcome(map_.resource, "possible", message, told, _REMEDIATION, severity, map_.location)


def _of_entry(view: View, entry: AccessEntry) -> Outcome:
    """NOTE: EKS refuses groups that start with ``system:`` (G6), so what is not known cannot be that one."""
    if MASTERS not in entry.groups.names or declared(view, entry.principal, entry.resource).surely:
        return Outcome(entry.resource, "pass", location=entry.location)
    message = (
        f"This access entry means to put {shown(entry.principal)} into {MASTERS}. EKS refuses groups that "
        "start with system: in entries, so the apply will fail; and what is meant is the whole cluster."
    )
    told = (Evidence(entry.resource, f"kubernetes_groups names {MASTERS}", attribute="kubernetes_groups"),)
    return Outcome(entry.resource, "fail", message, told, _REMEDIATION, location=entry.location)


def _of_association(view: View, one: PolicyAssociation) -> Outcome:
    meant = declared(view, one.principal, one.resource)
    if not one.admin.possibly or not one.wide.possibly or meant.surely:
        return Outcome(one.resource, "pass", location=one.location)
    causes = (*one.admin.causes, *one.wide.causes, *meant.causes)
    who = shown(one.principal)
    if causes:
        message = (
            f"Whether {who} holds the whole cluster by an access policy cannot be told: {decided_by(causes)}."
        )
        told = open_questions(causes)
        return Outcome(one.resource, "possible", message, told, _REMEDIATION, location=one.location)
    rights = ADMIN_POLICIES.get(one.policy, "all rights")
    message = (
        f"{capital(who)} holds {one.policy or 'an administrator policy'} with the cluster as its scope: "
        f"{rights}. The configuration does not name it among admin_principals."
    )
    told = (
        Evidence(one.resource, f"policy_arn is {one.policy}", attribute="policy_arn"),
        Evidence(one.resource, "access_scope is the whole cluster", attribute="access_scope"),
        Evidence(one.resource, f"principal_arn is {who}", attribute="principal_arn"),
    )
    return Outcome(one.resource, "fail", message, told, _REMEDIATION, location=one.location)


def _united(found: list[Outcome]) -> Outcome:
    """One outcome for the bindings that one resource brings: the worst, with the evidence of all."""
    worst = min(found, key=lambda each: ("fail", "possible", "pass").index(each.verdict))
    same = [each for each in found if each.verdict == worst.verdict]
    message = " ".join(dict.fromkeys(each.message for each in same if each.message))
    told = unique(item for each in same for item in each.evidence)
    return Outcome(
        worst.resource, worst.verdict, message, told, worst.remediation, worst.severity, worst.location
    )


_MASTERS = (
    f"The API server asks no role of {MASTERS}: its members may do everything, and nothing but leaving the "
    "map takes it from them."
)

_REMEDIATION = (
    "Name those who are meant in admin_principals of the configuration, by ARN or Terraform address. For the "
    "others: map them to a group of your own and bind that to a role with what they need, or use an "
    "aws_eks_access_policy_association with AmazonEKSEditPolicy or AmazonEKSViewPolicy, or an access_scope "
    'of type "namespace". Keep one role that nobody assumes day by day as the administrator, and make it '
    "before you take rights away. For a group that nobody uses, make the binding or take it out of aws-auth."
)
