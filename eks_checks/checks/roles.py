"""The roles of clusters as checks see them: which they are, and what of them is evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eks_checks.aws.estate import Estate
from eks_checks.aws.iam import AWS_MANAGED, Attached, Iam, Policy, Role
from eks_checks.aws.iam_powers import Power
from eks_checks.aws.iam_trust import trusts
from eks_checks.aws.knowledge import Cause, KeySet, Pointer
from eks_checks.checks.check import View
from eks_checks.checks.phrases import listed
from eks_checks.findings import Evidence

CLUSTER_ROLE = "the cluster role"


@dataclass(frozen=True)
class Part:
    """A role in a part that it plays: ``words`` say which, ``causes`` why it is not sure that it does."""

    role: Role
    words: str
    causes: tuple[Cause, ...] = ()


def by_role(parts: Iterable[Part]) -> Iterator[tuple[Role, tuple[Part, ...]]]:
    """(role, its parts) in order of the address, for roles that an input manages."""
    found: dict[str, list[Part]] = {}
    for part in parts:
        if part.role.managed:
            found.setdefault(part.role.resource, []).append(part)
    for resource in sorted(found):
        yield found[resource][0].role, tuple(dict.fromkeys(found[resource]))


def parts_of(iam: Iam, link: Pointer | KeySet, words: str, service: str = "") -> Iterator[Part]:
    """The role, or roles, that a link names, each in the part of ``words``.

    Where nothing is known of it, every role that ``service`` may assume perhaps plays the part.
    """
    if isinstance(link, Pointer):
        sure = {link.exact} if link.exact is not None else set()
        keys = set(link.keys)
    else:
        sure, keys = set(link.sure), set(link.candidates)
    if link.open and not keys and service:
        keys = {key for key, role in iam.roles.items() if trusts(role, service).possibly}
    for key in sorted(keys):
        causes = () if key in sure else link.causes or (Cause(key, "role", "may be another role"),)
        yield Part(iam.role(key), words, causes)


def cluster_parts(estate: Estate) -> Iterator[Part]:
    """The service role of every cluster, and the role that creates it."""
    iam = estate.particulars.iam
    for cluster in sorted(estate.clusters.values(), key=lambda each: each.resource):
        words = f"{CLUSTER_ROLE} of {cluster.resource}"
        yield from parts_of(iam, iam.cluster_role(cluster.key), words, "eks.amazonaws.com")
        creating = iam.creating_roles.get(cluster.key)
        if creating is not None:
            yield from parts_of(iam, creating, f"the role that creates {cluster.resource}")


def doubts(parts: Iterable[Part]) -> tuple[Cause, ...]:
    """Why it is not sure that the role plays any of the parts; empty where it plays one."""
    given = tuple(parts)
    return () if any(not part.causes for part in given) else tuple(c for part in given for c in part.causes)


def meant(view: View, policy: Policy) -> bool:
    """Whether the configuration means a role to carry this policy."""
    return view.settings.is_allowed_policy(policy.name, policy.key, policy.resource)


def unread(view: View, role: Role) -> Iterator[Cause]:
    """Why it is not known all that a role carries, or what one of its own policies says."""
    yield from role.causes if role.open else ()
    for each in role.policies:
        if each.policy.kind != AWS_MANAGED and each.policy.document.open and not meant(view, each.policy):
            yield from each.policy.document.causes


def said(powers: Iterable[Power]) -> str:
    """What the powers come to: ``carries AdministratorAccess and allows iam:PassRole on ...``."""
    given = tuple(powers)
    carried = [power.attached.policy.name for power in given if power.statement is None]
    allowed = [power.text for power in given if power.statement is not None]
    parts = [f"carries {listed(carried)}"] if carried else []
    return " and ".join([*parts, f"allows {listed(allowed)}"] if allowed else parts)


def of_power(power: Power) -> Evidence:
    """The statement, or the attachment of a policy that AWS keeps, as evidence."""
    name = policy_name(power.attached.policy)
    if power.statement is None:
        text = f": {power.text}" if power.text else ""
        return of_attachment(power.attached, f"attaches {power.attached.policy.name}{text}")
    statement = power.statement
    text = f"{statement}, in {name}: {power.text}"
    return Evidence(statement.resource, text, statement.location, statement.attribute)


def of_attachment(attached: Attached, text: str) -> Evidence:
    """What puts a policy on a role, as evidence."""
    return Evidence(attached.by, text, attached.location, attached.attribute)


def policy_name(policy: Policy) -> str:
    """A policy as a reader knows it."""
    if policy.kind == "inline":
        return f"the inline policy {policy.name or policy.resource}"
    return f"the policy {policy.name or policy.resource or 'that is not known'}"
