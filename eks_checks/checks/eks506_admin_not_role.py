"""EKS506: cluster administration goes to an IAM user or to root, not to a role."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.access import (
    MASTERS,
    AccessEntry,
    AuthConfigMap,
    MappedPrincipal,
    PolicyAssociation,
    RoleBinding,
)
from eks_checks.aws.knowledge import Cause
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.eks503_system_masters import GRANTING_TYPES
from eks_checks.checks.phrases import capital, decided_by, listed, open_questions, unique
from eks_checks.checks.principals import EVERYBODY, admin_bindings, is_read, perhaps_admin, shown
from eks_checks.findings import Evidence, Severity

_WRONG = ("user", "root")


@check(
    id="EKS506",
    name="admin-not-role",
    severity=Severity.MEDIUM,
    summary="Cluster administration goes to an IAM user or to root instead of a role.",
    resource_types=GRANTING_TYPES,
)
def eks506(view: View) -> Iterator[Outcome]:
    """One outcome per aws-auth, policy association, and entry or binding that makes an administrator (G6)."""
    access = view.estate.particulars.access
    told: set[tuple[object, ...]] = set()
    for map_ in sorted(access.maps, key=lambda each: ("_data." not in each.resource, each.resource)):
        key = (map_.clusters, tuple((each.principal, each.groups.names) for each in map_.entries))
        outcome = _of_map(view, map_)
        if outcome.verdict == "pass" or key not in told:
            yield outcome
        told.add(key)
    for one in access.associations:
        yield _of_association(one)
    for entry in access.entries:
        yield from _of_entry(view, entry)
    for resource in dict.fromkeys(binding.resource for binding in access.bindings):
        yield from _of_bindings([each for each in access.bindings if each.resource == resource])


def _of_map(view: View, map_: AuthConfigMap) -> Outcome:
    """The users in mapUsers, and those of whole accounts, that become administrators."""
    read = is_read(view, map_)
    if not read.possibly:
        return Outcome(map_.resource, "pass", location=map_.location)
    told: list[Evidence] = []
    names: list[str] = []
    doubts: list[Cause] = []
    for entry in map_.entries:
        how = _how(view, map_, entry)
        if how and entry.certain and (entry.principal.kind in _WRONG or entry.principal.kind == "account"):
            names.append(shown(entry.principal))
            text = f"{entry.attribute} makes {shown(entry.principal)} an administrator {how}"
            told.append(Evidence(map_.resource, text, attribute=entry.attribute))
        else:
            doubts += _doubts(view, map_, entry, how)
    doubts += [cause for cause in map_.hidden if not cause.attribute.endswith("mapRoles")]
    if names:
        return _judged(map_.resource, names, told, read.causes, map_)
    if doubts:
        return _possible(map_.resource, "aws-auth", tuple(doubts), map_)
    return Outcome(map_.resource, "pass", location=map_.location)


def _how(view: View, map_: AuthConfigMap, entry: MappedPrincipal) -> str:
    """By what an entry surely gives the whole cluster; empty where it does not."""
    if MASTERS in entry.groups.names:
        return f"by the group {MASTERS}"
    asked = [("Group", name) for name in (*entry.groups.names, EVERYBODY)] + [("User", entry.username)]
    for kind, name in asked:
        for binding in admin_bindings(view, map_.clusters, kind, name):
            return f"by {binding.resource}, which binds cluster-admin to the {kind.lower()} {name}"
    return ""


def _doubts(view: View, map_: AuthConfigMap, entry: MappedPrincipal, how: str) -> tuple[Cause, ...]:
    """Why an entry may make a user or root an administrator."""
    principal = entry.principal
    if principal.kind == "role":
        return ()
    if principal.kind == "account":
        if any(view.estate.particulars.access.bindings_near(map_.clusters)):
            return ()  # who binds roles here does not bind them to these users
        reason = (
            f"{shown(principal)} gets in by their ARN, and bindings, none of which is in the inputs, decide"
        )
        return (Cause(map_.resource, entry.attribute, f"{reason} how far"),)
    if how:
        return principal.causes or (Cause(map_.resource, entry.attribute, "the entry may not be there"),)
    perhaps = perhaps_admin(view, map_.clusters, entry.groups, entry.username)
    return tuple(dict.fromkeys((*entry.groups.open, *perhaps)))


def _of_association(one: PolicyAssociation) -> Outcome:
    if not one.admin.possibly or not one.wide.possibly or one.principal.kind == "role":
        return Outcome(one.resource, "pass", location=one.location)
    causes = (*one.admin.causes, *one.wide.causes)
    if one.principal.kind not in _WRONG:
        causes = (*causes, *(one.principal.causes or (_unclear(one.resource),)))
        return _possible(one.resource, f"{shown(one.principal)}", causes, one)
    text = f"principal_arn is {shown(one.principal)}, which holds {one.policy or 'the policy'} cluster-wide"
    told = [Evidence(one.resource, text, attribute="principal_arn")]
    return _judged(one.resource, [shown(one.principal)], told, causes, one)


def _of_entry(view: View, entry: AccessEntry) -> Iterator[Outcome]:
    """An entry whose group or user name is bound to cluster-admin; others alone make no administrator."""
    asked = [*(("Group", name) for name in entry.groups.names), ("User", entry.username)]
    clusters = () if entry.cluster.open else entry.cluster.keys
    found = [(kind, name) for kind, name in asked if admin_bindings(view, clusters, kind, name)]
    if not found:
        perhaps = perhaps_admin(view, clusters, entry.groups, entry.username)
        if perhaps and entry.principal.kind != "role":
            causes = (*entry.principal.causes, *perhaps)
            yield _possible(entry.resource, shown(entry.principal), causes, entry)
        return
    kind, name = found[0]
    if entry.principal.kind == "role":
        yield Outcome(entry.resource, "pass", location=entry.location)
    elif entry.principal.kind in _WRONG:
        text = (
            f"principal_arn is {shown(entry.principal)}; cluster-admin is bound to its {kind.lower()} {name}"
        )
        told = [Evidence(entry.resource, text, attribute="principal_arn")]
        yield _judged(entry.resource, [shown(entry.principal)], told, (), entry)
    else:
        causes = entry.principal.causes or (_unclear(entry.resource),)
        yield _possible(entry.resource, shown(entry.principal), causes, entry)


def _of_bindings(bindings: list[RoleBinding]) -> Iterator[Outcome]:
    """Bindings of cluster-admin to a user by ARN, as mapAccounts and entries without a user name have it."""
    admin = [one for one in bindings if one.wide and one.admin.surely and one.certain]
    users = [
        (one, subject.name)
        for one in admin
        for subject in one.subjects
        if subject.kind == "User" and subject.name.startswith("arn:")
    ]
    wrong = [(one, name) for one, name in users if ":user/" in name or name.endswith(":root")]
    if not users:
        return
    if not wrong:
        yield Outcome(bindings[0].resource, "pass", location=bindings[0].location)
        return
    told = [
        Evidence(one.resource, f"binds cluster-admin to {name}", attribute=one.attribute or "subject")
        for one, name in wrong
    ]
    yield _judged(bindings[0].resource, [f"the IAM user {name}" for _, name in wrong], told, (), bindings[0])


_Placed = AuthConfigMap | PolicyAssociation | AccessEntry | RoleBinding


def _judged(
    resource: str, names: list[str], told: list[Evidence], causes: tuple[Cause, ...], at: _Placed
) -> Outcome:
    message = f"{capital(listed(names))} may do everything in the cluster. {_WHY}"
    if not causes:
        return Outcome(resource, "fail", message, unique(told), _REMEDIATION, location=at.location)
    message = f"{message} Whether that is so cannot be told: {decided_by(causes)}."
    evidence = unique((*told, *open_questions(causes)))
    return Outcome(resource, "possible", message, evidence, _REMEDIATION, location=at.location)


def _possible(resource: str, who: str, causes: tuple[Cause, ...], at: _Placed) -> Outcome:
    message = (
        f"Whether {who} makes an IAM user or root an administrator of the cluster cannot be told: "
        f"{decided_by(causes)}. {_WHY}"
    )
    told = open_questions(causes)
    return Outcome(resource, "possible", message, told, _REMEDIATION, location=at.location)


def _unclear(resource: str) -> Cause:
    return Cause(resource, "principal_arn", "whether it is a role is not known")


_WHY = (
    "A user has passwords and keys that last until somebody takes them away, and root cannot be held back at "
    "all; a role is assumed for an hour, by those its trust policy names, and each time is in CloudTrail."
)

_REMEDIATION = (
    "Make an aws_iam_role that those people may assume (best with MFA, or through IAM Identity Center), give "
    "the role the access entry or the line in mapRoles, try it, and then take the user, root or the account "
    "out of aws-auth or the entries. A changed principal_arn replaces the aws_eks_access_entry: make the new "
    "one first."
)
