"""EKS404: a network ACL is associated with no subnet."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.cluster_network import ClusterVpcs
from eks_checks.aws.firewall import NetworkAcl
from eks_checks.aws.knowledge import Cause, Truth
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import decided_by, open_questions
from eks_checks.findings import Evidence, Severity


@check(
    id="EKS404",
    name="nacl-unused",
    severity=Severity.INFO,
    summary="A network ACL is associated with no subnet, so its entries filter nothing.",
    resource_types=("aws_network_acl",),
)
def eks404(view: View) -> Iterator[Outcome]:
    """One outcome per network ACL of a cluster's VPC that is no default one (B5, B14, B18).

    ``fail``: nothing in the inputs puts any subnet under it.
    """
    associated = view.estate.particulars.associated
    for acl, doubts in ClusterVpcs(view.estate).acls(view.estate):
        used = associated.get(acl.key)
        if used is not None:
            yield _outcome(acl, used, doubts)


def _outcome(acl: NetworkAcl, used: Truth, doubts: tuple[Cause, ...]) -> Outcome:
    if used.surely:
        return Outcome(acl.resource, "pass", location=acl.location)
    causes = (*used.causes, *doubts)
    if used.possibly or doubts:
        message = f"Whether {acl.resource} is on any subnet cannot be told: {decided_by(causes)}."
        told = open_questions(causes)
        return Outcome(acl.resource, "possible", message, told, _REMEDIATION, location=acl.location)
    message = (
        f"{acl.resource} is associated with no subnet: it filters nothing, though whoever reads it takes the "
        "subnets for protected. A subnet without an association is under the VPC's default ACL, which admits "
        "everything unless it was changed."
    )
    evidence = (Evidence(acl.resource, "no subnet_ids, and no association names it", acl.location),)
    return Outcome(acl.resource, "fail", message, evidence, _REMEDIATION, location=acl.location)


_REMEDIATION = (
    "List the subnets in subnet_ids, or add an aws_network_acl_association for each; a subnet has one ACL, "
    "and an association replaces the one before. See first that its entries let through what nodes need "
    "(EKS403). If it is not wanted, remove it."
)
