"""Pods that take roles: by their service account's token (IRSA), or by EKS Pod Identity."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from eks_checks.aws.iam import Role, Workload
from eks_checks.aws.iam_documents import Statement
from eks_checks.aws.knowledge import Pointer, pointer
from eks_checks.aws.lower.context import Lowering, text
from eks_checks.aws.lower.iam_links import role_of
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import Reference, Unknown, Value, alternatives, scalar

PROVIDER = "aws_iam_openid_connect_provider"
_ISSUER = re.compile(r"oidc\.eks\.[a-z0-9-]+\.[a-z0-9.-]+/id/[0-9A-Fa-f]+")
_SUBJECT = re.compile(r"system:serviceaccount:([^:]+:[^:]+)")


def workloads(run: Lowering, roles: Mapping[str, Role]) -> tuple[Workload, ...]:
    """Every role of the inputs that pods of a cluster take, with how."""
    found = [*_associations(run), *_addons(run), *_trusting(run, roles)]
    return tuple(sorted(set(found), key=lambda one: (one.by, one.role.keys, one.kind, one.account)))


def _associations(run: Lowering) -> Iterator[Workload]:
    for resource in run.world.resources("aws_eks_pod_identity_association"):
        account = f"{text(resource, 'namespace')}:{text(resource, 'service_account')}"
        role = role_of(run, resource, "role_arn")
        yield Workload(_cluster(run, resource), role, "pod_identity", resource.key, account)


def _addons(run: Lowering) -> Iterator[Workload]:
    for resource in run.world.resources("aws_eks_addon"):
        cluster = _cluster(run, resource)
        for block in resource.blocks("pod_identity_association"):
            role = role_of(run, block, "role_arn")
            yield Workload(cluster, role, "pod_identity", resource.key, text(block, "service_account"))
        role = role_of(run, resource, "service_account_role_arn")
        if not role.unset:
            yield Workload(cluster, role, "addon", resource.key, text(resource, "addon_name"))


def _cluster(run: Lowering, resource: Resource) -> Pointer:
    return run.identity.find(resource.value("cluster_name"), "cluster", resource.key, "cluster_name")


def _trusting(run: Lowering, roles: Mapping[str, Role]) -> Iterator[Workload]:
    """Roles whose trust names the identity provider of a cluster."""
    issuers = _issuers(run)
    for role in roles.values():
        for statement in role.trust.statements:
            if not statement.allows.possibly:
                continue
            clusters = {key for each in _federated(statement) for key in _of_issuer(each, issuers)}
            if clusters:
                yield Workload(
                    pointer(clusters), Pointer((role.key,)), "irsa", role.resource, _account(statement)
                )


def _federated(statement: Statement) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(text, the attributes in it) of each federated principal."""
    for principal in statement.principals:
        if principal.kind == "Federated":
            yield principal.pattern.text, principal.pattern.names


def _of_issuer(principal: tuple[str, tuple[str, ...]], issuers: Mapping[str, str]) -> Iterator[str]:
    text_, names = principal
    found = _ISSUER.search(text_)
    words = {found[0]} if found else set()
    for word in (*words, *names):
        # An attribute may be one of the provider's (its ARN) or of the cluster's (its issuer).
        for name in (word, word.rpartition(".arn")[0]):
            if name in issuers:
                yield issuers[name]


def _issuers(run: Lowering) -> dict[str, str]:
    """What names a cluster's identity provider (address, issuer without scheme) to the cluster's key."""
    found: dict[str, str] = {}
    for cluster in (*run.world.resources("aws_eks_cluster"), *run.world.data("aws_eks_cluster")):
        key = run.identity.key(cluster)
        found.setdefault(f"{cluster.key}.identity[0].oidc[0].issuer", key)
        issuer = scalar(cluster.value("identity", 0, "oidc", 0, "issuer"))
        if isinstance(issuer, str) and issuer:
            found.setdefault(issuer.partition("://")[2] or issuer, key)
    for provider in run.world.resources(PROVIDER):
        for word in _words(run, provider.value("url")):
            if word in found:
                found.setdefault(provider.key, found[word])
    return found


def _words(run: Lowering, value: Value) -> Iterator[str]:
    """What a URL is made of: its text without scheme, or the attribute that it will be."""
    for option in alternatives(value):
        parts = option.parts if isinstance(option, Unknown) and option.parts else (option,)
        for part in parts:
            if isinstance(part, Reference):
                yield run.world.written(part)
            elif isinstance(known := scalar(part), str):
                yield known.partition("://")[2] or known


def _account(statement: Statement) -> str:
    """``NAMESPACE:NAME`` of the service account that a condition asks for; empty where it is not one."""
    for condition in statement.conditions:
        if condition.key.endswith(":sub"):
            found = [_SUBJECT.fullmatch(one.text) for one in condition.values.patterns]
            if len(found) == 1 and found[0] is not None:
                return found[0][1]
    return ""
