"""What checks of access share: whether a principal is declared, and how to speak of one."""

from __future__ import annotations

from collections.abc import Iterable

from eks_checks.aws.access import AuthConfigMap, Groups, Principal, RoleBinding
from eks_checks.aws.knowledge import NO, YES, Cause, Truth
from eks_checks.checks.check import View

EVERYBODY = "system:authenticated"
"""The group that everybody who gets in is in."""
_API = "API"
_MODE = "access_config[0].authentication_mode"
_KINDS = {
    "role": "the role",
    "user": "the IAM user",
    "root": "the root user",
    "account": "everybody in",
}


def declared(view: View, principal: Principal, *more: str) -> Truth:
    """Whether the configuration declares a principal as an administrator; ``more`` are other names of it.

    Where its ARN is known after apply only, a pattern of ARNs may still turn out to mean it; one of whom
    nothing is known may be any of those declared.
    """
    patterns = view.settings.admin_principals
    spelled = [*principal.names, *more, *(view.estate.names.address(name) for name in more)]
    if view.settings.is_admin_principal(*spelled):
        return YES
    if patterns and not principal.names:
        reason = "who it is, which may be one of admin_principals, is not known"
        return Truth(None, principal.causes or (Cause("".join(more[:1]), "principal_arn", reason),))
    if principal.arn or not any(_may_mean(pattern, principal) for pattern in patterns):
        return NO
    reason = "its ARN, which may be one of admin_principals, is not known yet"
    return Truth(None, principal.causes or (Cause(principal.name, "arn", reason),))


def shown(principal: Principal) -> str:
    """``the role aws_iam_role.admin``: a principal in words."""
    kind = _KINDS.get(principal.kind, "")
    if not principal.name:
        return {"role": "a role", "user": "an IAM user"}.get(principal.kind, "a principal") + " not known yet"
    return f"{kind or 'the principal'} {principal.name.removeprefix('account ')}" if kind else principal.name


def is_read(view: View, map_: AuthConfigMap) -> Truth:
    """Whether a cluster reads this aws-auth: in authentication mode API none does (G4).

    A cluster outside the inputs is taken to.
    """
    every = [view.estate.clusters[key] for key in map_.clusters if key in view.estate.clusters]
    if every and all(cluster.authentication_mode == _API for cluster in every):
        return NO
    causes = list(() if map_.certain else (Cause(map_.resource, "metadata", "may be another config map"),))
    for cluster in every:
        if cluster.authentication_mode == _API:
            causes.append(
                Cause(cluster.resource, _MODE, "it may be the map of this cluster, which reads none")
            )
        elif cluster.managed and not cluster.authentication_mode:
            causes += cluster.mode_causes
    return Truth(None, tuple(causes)) if causes else YES


def admin_bindings(view: View, clusters: Iterable[str], kind: str, name: str) -> list[RoleBinding]:
    """The bindings that surely give cluster-admin to a user or group of these clusters."""
    near = view.estate.particulars.access.bindings_near(clusters)
    return [
        one
        for one in near
        if one.wide and one.certain and one.admin.surely and name and one.names(kind, name)
    ]


def perhaps_admin(view: View, clusters: Iterable[str], groups: Groups, username: str) -> tuple[Cause, ...]:
    """Why a binding may give cluster-admin to who has these groups and this user name; none: none does."""
    causes: list[Cause] = []
    names = [("Group", name) for name in (*groups.names, EVERYBODY)] + [("User", username)]
    for one in view.estate.particulars.access.bindings_near(clusters):
        if not one.wide or not one.admin.possibly:
            continue
        people = [subject for subject in one.subjects if subject.kind != "ServiceAccount"]
        open_ = (*one.hidden, *(cause for subject in people if not subject.name for cause in subject.causes))
        causes += open_
        if open_ or any(subject.kind == "Group" for subject in people):
            causes += groups.open
        if any(name and one.names(kind, name) for kind, name in names):
            causes += one.admin.causes
            if not one.certain:
                causes.append(Cause(one.resource, one.attribute or "subject", "the binding may not be there"))
    return tuple(dict.fromkeys(causes))


def _may_mean(pattern: str, principal: Principal) -> bool:
    """Whether an ARN of which at most the end is known may fit a pattern."""
    if not pattern.startswith(("arn:", "*")):
        return False
    end = pattern.rpartition("/")[2].rpartition("*")[2].rpartition("?")[2]
    tail = principal.tail
    return not tail or tail.endswith(end) or end.endswith(tail)
