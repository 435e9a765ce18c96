"""EKS207: SSH is closed and nodes have no Session Manager path either."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Cause, Truth
from eks_checks.aws.lower.auto_mode import SILENT
from eks_checks.aws.node_facts import Image
from eks_checks.aws.session_manager import (
    MANAGED_POLICY,
    OLDER_AGENTS,
    SERVICES,
    node_roles,
    sessions_by_role,
    ships_agent,
)
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.kinship import Kinship
from eks_checks.checks.nodes import NODE_TYPES, doubts, node_groups, subnet_of
from eks_checks.checks.phrases import decided_by, listed, open_questions, unique
from eks_checks.checks.services import lacking_evidence, lacking_words, no_way_out
from eks_checks.findings import Evidence, Severity
from eks_checks.reach.answer import Answer, Source, Verdict
from eks_checks.reach.engine import Question
from eks_checks.reach.services import Access, ServiceAccess, one_of

_IMAGE = "ami_type"
_INSIDE = frozenset({"interface", "pods", "control_plane"})
_REMOTE_DESKTOP = Question(ports=(3389, 3389))


@dataclass(frozen=True)
class _Network:
    """Whether the nodes of one interface reach what the agent calls; ``lacking`` are services they do not."""

    interface: Interface
    truth: Truth
    lacking: tuple[Access, ...] = ()


@check(
    id="EKS207",
    name="node-no-session-manager",
    severity=Severity.LOW,
    summary="SSH is closed and nodes have no Session Manager path either.",
    resource_types=NODE_TYPES,
)
def eks207(view: View) -> Iterator[Outcome]:
    """One outcome per node group: is SSH open to anybody outside the cluster; if not, is there a path (I11).

    A path takes the role, the agent in the image, and a way to the service. Auto Mode nodes have neither by
    design (H5) and are not judged.
    """
    groups = [
        (resource, tuple(i for i in interfaces if i.listener_note != SILENT))
        for resource, interfaces in node_groups(view.estate)
    ]
    hosts = [interface for _, interfaces in groups for interface in interfaces]
    access = ServiceAccess(view.estate, view.answers, (*SERVICES, OLDER_AGENTS), hosts)
    kinship = Kinship.of(view.estate)
    for resource, interfaces in groups:
        if interfaces:
            yield _outcome(view, access, resource, interfaces, _closed(view, kinship, resource))


def _closed(view: View, kinship: Kinship, resource: str) -> Truth:
    """Whether nobody outside the cluster logs in to its nodes over the network, or nothing listens."""
    windows = any(g.windows.surely for g in view.estate.node_groups if g.resource == resource)
    asked = view.answers(_REMOTE_DESKTOP) if windows else view.ssh
    answers = [answer for answer in asked if answer.resource == resource and answer.listener != "no"]
    told = [(answer, source) for answer in answers for source in answer.sources]
    outside = [each for each in told if each[1].verdict is not Verdict.BLOCKED and _outside(kinship, *each)]
    if not outside:
        return Truth(True)
    strangers = [s for answer, s in outside if answer.listener == "yes" and _surely(kinship, answer, s)]
    if any(source.verdict is Verdict.REACHABLE for source in strangers):
        return Truth(False)
    unknowns = (unknown for _, source in outside for unknown in source.unknowns)
    kin = (
        Cause(source.resource, "cluster", "whether it belongs to the same cluster is not known")
        for answer, source in outside
        if not _surely(kinship, answer, source)
    )
    if all(answer.listener != "yes" for answer, _ in outside):
        return Truth(None, (Cause(resource, _IMAGE, "whether an SSH server listens there is not known"),))
    why = (*(Cause(u.resource, u.attribute, u.reason or u.effect) for u in unknowns), *kin)
    return Truth(None, tuple(dict.fromkeys(why)))


def _outside(kinship: Kinship, answer: Answer, source: Source) -> bool:
    return source.scope not in _INSIDE or kinship.same(answer.resource, source.resource) is not True


def _surely(kinship: Kinship, answer: Answer, source: Source) -> bool:
    """Whether the source, if it gets in, is none of the cluster's for certain."""
    return source.scope not in _INSIDE or kinship.same(answer.resource, source.resource) is False


def _outcome(
    view: View, access: ServiceAccess, resource: str, interfaces: tuple[Interface, ...], closed: Truth
) -> Outcome:
    location = interfaces[0].location
    if not closed.possibly:
        return Outcome(resource, "pass", location=location)
    role = one_of(
        (sessions_by_role(view.estate.particulars.iam, resource), view.estate.particulars.host_management)
    )
    facts = view.estate.particulars.node_facts.get(resource)
    agent = ships_agent(resource, facts.image if facts else Image())
    networks = [_network(view, access, interface) for interface in interfaces]
    cut = [each for each in networks if not each.truth.possibly]
    parts = (role, agent, *(each.truth for each in networks))
    if all(part.surely for part in parts):
        return Outcome(resource, "pass", location=location)
    lost = [each for each in cut if not doubts(each.interface)]
    unsure = _unsure(view, resource, interfaces)
    missing = not role.possibly or bool(lost)
    if missing and closed.surely and not unsure:
        told = unique(_evidence(view, access, resource, role, lost))
        message = _message(view, resource, role, lost)
        return Outcome(resource, "fail", message, told, _REMEDIATION, location=location)
    causes = [*closed.causes, *(c for part in parts for c in part.causes), *unsure]
    causes += [cause for each in cut for cause in doubts(each.interface)]
    message = (
        f"Whether there is any way to log in to nodes of {resource}, by SSH or by Session Manager, cannot be "
        f"told: {decided_by(causes)}."
    )
    told = unique([*_evidence(view, access, resource, role, cut), *open_questions(causes)])
    return Outcome(resource, "possible", message, told, _REMEDIATION, location=location)


def _unsure(view: View, resource: str, interfaces: tuple[Interface, ...]) -> tuple[Cause, ...]:
    """Why it is not sure that there are such nodes; in which subnets does not matter to their role."""
    why = view.estate.uncertain.get(resource, ())
    if any(interface.node.surely for interface in interfaces):
        return why
    return (*interfaces[0].node.causes, *why) or doubts(interfaces[0])


def _network(view: View, access: ServiceAccess, interface: Interface) -> _Network:
    """Whether the agent there gets to the service; older ones need one endpoint more."""
    told = [access.of(interface, service) for service in SERVICES]
    lacking = tuple(each for each in told if not each.truth.possibly)
    if lacking:
        return _Network(interface, Truth(False), lacking)
    older = access.of(interface, OLDER_AGENTS)
    open_ = [each.truth for each in told if each.truth.value is None]
    if older.truth.possibly:
        open_ += [older.truth] if older.truth.value is None else []
    else:
        named = "ami_type" if interface.kind == "node_group" else "image_id"
        why = f"before 3.3.40 its agent needs a way to {OLDER_AGENTS} as well"
        open_.append(Truth(None, (Cause(interface.resource, named, why),)))
    causes = tuple(cause for truth in open_ for cause in truth.causes)
    return _Network(interface, Truth(None, causes) if open_ else Truth(True))


def _message(view: View, resource: str, role: Truth, lost: list[_Network]) -> str:
    reasons = []
    if not role.possibly:
        roles = [each.resource for each in node_roles(view.estate.particulars.iam, resource)]
        named = f"their role ({listed(roles)}) does not let the agent open sessions"
        reasons.append(named if roles else "they have no role")
    reasons.extend(dict.fromkeys(_cut(view, each) for each in lost))
    return (
        f"Nobody outside the cluster logs in to nodes of {resource} over the network, and Session Manager "
        f"does not reach them either: {'; '.join(reasons)}. When something is wrong on a node, the quick way "
        "in will be a rule for tcp 22."
    )


def _cut(view: View, network: _Network) -> str:
    subnet = subnet_of(view.estate, network.interface)
    name = subnet.resource if subnet else "an unknown subnet"
    return f"in {name} no route leads out, and {'; '.join(lacking_words(network.lacking))}"


def _evidence(
    view: View, access: ServiceAccess, resource: str, role: Truth, cut: list[_Network]
) -> Iterator[Evidence]:
    if not role.possibly:
        roles = node_roles(view.estate.particulars.iam, resource)
        for each in roles:
            text = f"the role of the nodes: carries neither {MANAGED_POLICY} nor the same permissions"
            yield Evidence(each.resource, text, each.location)
        if not roles:
            yield Evidence(resource, "its nodes have no instance profile", attribute="iam_instance_profile")
    for network in cut:
        subnet = subnet_of(view.estate, network.interface)
        if subnet is not None:
            yield from no_way_out(access, subnet)
            yield from lacking_evidence(view.estate, subnet, network.lacking)


_REMEDIATION = (
    f"Attach the policy {MANAGED_POLICY} to the nodes' role (aws_iam_role_policy_attachment; in the "
    "community module iam_role_additional_policies), and give the subnet a way to the service: NAT, or "
    "interface endpoints for ssm, ssmmessages and, for older agents, ec2messages, with private_dns_enabled "
    "and a group that admits tcp 443 from the nodes. No node is replaced, and no port is opened. Who may "
    "start sessions is then IAM's to say."
)
