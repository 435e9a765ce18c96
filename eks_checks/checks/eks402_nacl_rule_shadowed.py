"""EKS402: an entry of a network ACL never decides, or an earlier one admits what it means to deny."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eks_checks.aws.acl_shadow import Shadowed, shadowed
from eks_checks.aws.cluster_network import ClusterVpcs
from eks_checks.aws.firewall import AclEntry, NetworkAcl
from eks_checks.aws.knowledge import Cause
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import acl_name, decided_by, listed, open_questions, plural, said_by, unique
from eks_checks.findings import Evidence, Severity
from eks_checks.sets import AddressSet, TrafficSet

_SHOWN = 3


@check(
    id="EKS402",
    name="nacl-rule-shadowed",
    severity=Severity.LOW,
    summary="A network ACL entry can never decide, or an earlier one admits what it means to deny.",
    resource_types=("aws_network_acl", "aws_default_network_acl", "aws_vpc", "aws_default_vpc"),
)
def eks402(view: View) -> Iterator[Outcome]:
    """One outcome per network ACL with entries of its own in a cluster's VPC, by its walk (B2, B8, B16, B19).

    ``fail``: some entry surely never decides, or a denial is surely taken back in part. The severity is low
    where an entry does the opposite of what stands before it, info where it only repeats it.
    """
    for acl, doubts in ClusterVpcs(view.estate).acls(view.estate):
        entries = (*acl.inbound, *acl.outbound)
        if any(not entry.origin.implicit for entry in entries):
            found = [*shadowed(acl, acl.inbound), *shadowed(acl, acl.outbound)]
            yield _outcome(view, acl, found, doubts)


def _outcome(view: View, acl: NetworkAcl, found: Sequence[Shadowed], doubts: tuple[Cause, ...]) -> Outcome:
    if not found:
        return Outcome(acl.resource, "pass", location=acl.location)
    sure = [each for each in found if not each.causes]
    verdict = "fail" if sure and not doubts else "possible"
    telling = sure or found
    causes = [*doubts, *(cause for each in telling for cause in each.causes)]
    if verdict == "possible" and not causes:
        causes = [Cause(acl.resource, "", "its entries are not all known")]
    told = unique([*(item for each in telling for item in _evidence(each)), *open_questions(causes)])
    message = _message(acl_name(view.estate, acl), telling, causes, verdict)
    opposed = any(each.opposed.possibly for each in telling)
    severity = Severity.LOW if opposed else Severity.INFO
    return Outcome(acl.resource, verdict, message, told, _REMEDIATION, severity, acl.location)


def _message(name: str, found: Sequence[Shadowed], causes: Sequence[Cause], verdict: str) -> str:
    if verdict == "possible":
        return (
            f"Whether every entry of {name} has a say cannot be told: {listed(map(_short, found), _SHOWN)} "
            f"may stand behind entries that decide first; {decided_by(causes)}."
        )
    parts = []
    never = [each for each in found if each.never]
    opposed = [each for each in never if each.opposed.possibly]
    repeated = [each for each in never if not each.opposed.possibly]
    if opposed:
        parts.append(f"{_sayings(opposed)}, which {plural(len(opposed), 'does', 'do')} the opposite.")
    parts += [_taken_back(each) for each in found if not each.never][:_SHOWN]
    if repeated:
        parts.append(f"{_sayings(repeated)} with the same action: nothing changes without it.")
    ending = "" if opposed or len(parts) > bool(repeated) else " Rated info instead of low: it is only idle."
    return f"In {name}, {' '.join(parts)} The first entry that matches decides.{ending}"


def _sayings(found: Sequence[Shadowed]) -> str:
    behind = listed((_short(entry) for each in found for entry in each.before), _SHOWN)
    verb = plural(len(found), "never decides", "never decide")
    return f"{listed(map(_short, found), _SHOWN)} {verb}: all of it is decided before by {behind}"


def _taken_back(each: Shadowed) -> str:
    ranges = listed(each.admitted.keys(AddressSet.empty()).to_cidrs())
    traffic = each.admitted.values(TrafficSet.empty()).describe()
    before = listed(map(_short, each.before), _SHOWN)
    verb = plural(len(each.before), "lets", "let")
    return f"{before} {verb} {traffic} of {ranges} pass before {_short(each)} is read."


def _evidence(each: Shadowed) -> Iterator[Evidence]:
    doubt = "" if not each.causes else "perhaps "
    effect = f"{doubt}never decides" if each.never else f"{doubt}comes too late"
    yield said_by(each.entry.origin, effect, certain=each.entry.certain)
    for entry in each.before:
        yield said_by(entry.origin, f"is read before {_short(each)}", certain=entry.certain)


def _short(of: Shadowed | AclEntry) -> str:
    """``inbound rule 200 deny tcp 22``: the entry without its range."""
    origin = of.entry.origin if isinstance(of, Shadowed) else of.origin
    return origin.text


_REMEDIATION = (
    "Number each denial lower than the allowing entries that it is to narrow, and each exception lower than "
    "its denial: allow the bastion, deny the rest of 22, then allow the rest. Remove an entry that only "
    "repeats an earlier one. After a reordering nodes must still get tcp 443 and 10250, udp and tcp 53 and "
    "their replies on 1024-65535 (EKS403)."
)
