"""Small estates and answers, made by hand: one VPC, one cluster, one node group, and what a test adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from eks_checks.aws.eks import Cluster, NodeGroup
from eks_checks.aws.estate import Coverage, Estate
from eks_checks.aws.firewall import AclEntry, NetworkAcl, Rule, SecurityGroup
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import NO, YES, Cause, KeySet, Origin, Pointer, Truth, exactly
from eks_checks.aws.node_facts import Image, Metadata, NodeFacts, Setting, Template
from eks_checks.aws.particulars import Particulars
from eks_checks.aws.tags import Tagging
from eks_checks.aws.vpc import (
    Attached,
    BlockPublicAccess,
    CidrBlock,
    Route,
    RouteTable,
    Subnet,
    TargetKind,
    Vpc,
)
from eks_checks.checks.check import Check, Outcome, View
from eks_checks.findings import Severity
from eks_checks.location import SourceSpan
from eks_checks.reach.answer import Answer, Hop, Source, UnknownValue, Verdict
from eks_checks.reach.engine import Question, Reachability
from eks_checks.sets import AddressSet, Bounds, TrafficSet
from eks_checks.settings import Settings

VPC, CLUSTER, NODES = "aws_vpc.this", "aws_eks_cluster.this", "aws_eks_node_group.workers"
CLUSTER_SG = f"{CLUSTER}#cluster_security_group"
NODE_SG, BASTION_SG = "aws_security_group.node", "aws_security_group.bastion"
SUBNET, OTHER_SUBNET, BASTION_SUBNET = "aws_subnet.private[0]", "aws_subnet.private[1]", "aws_subnet.bastion"
BASTION = "aws_instance.bastion"
TABLE, ACL = "aws_route_table.private", "aws_network_acl.nodes"
HERE = SourceSpan("main.tf", 7, 9)
WHY = Cause("aws_launch_template.this", "vpc_security_group_ids", "known after apply")
MAYBE = Truth(None, (WHY,))
CIDRS = {SUBNET: "10.0.10.0/24", OTHER_SUBNET: "10.0.11.0/24", BASTION_SUBNET: "10.0.0.0/24"}


class FakeReachability(Reachability):
    """Gives the answers it was made with, to any question."""

    def __init__(
        self,
        answers: Iterable[Answer],
        rdp: Iterable[Answer] = (),
        others: Mapping[int, Iterable[Answer]] | None = None,
    ) -> None:
        self._answers = {22: tuple(answers), 3389: tuple(rdp)}
        self._answers |= {port: tuple(told) for port, told in (others or {}).items()}

    def answers(self, question: Question) -> tuple[Answer, ...]:
        """The canned answers of the first port asked for."""
        return self._answers.get(question.ports[0], ())


def addresses(*cidrs: str) -> Bounds[AddressSet]:
    """A known address range."""
    return Bounds.exact(AddressSet.from_cidrs(cidrs))


def anything() -> Bounds[AddressSet]:
    """A range of which nothing is known."""
    return Bounds(AddressSet.empty(), AddressSet.everything())


def ports(lo: int, hi: int) -> Bounds[TrafficSet]:
    """Known TCP ports."""
    return Bounds.exact(TrafficSet.tcp(lo, hi))


SSH = ports(22, 22)
ALL = Bounds.exact(TrafficSet.everything())


def rule(
    peer: Bounds[AddressSet] | Pointer | str,
    traffic: Bounds[TrafficSet] = SSH,
    at: str = "aws_security_group_rule.x",
    *,
    certain: bool = True,
) -> Rule:
    """An inbound rule from an address range, a group's key, or a pointer to one."""
    name = peer if isinstance(peer, str) else "somewhere"
    origin = Origin(at, f"inbound {traffic.upper.describe()} from {name}", HERE)
    causes = () if certain else (WHY,)
    if isinstance(peer, Bounds):
        causes = causes or (() if peer.decided else (WHY,))
        return Rule(traffic, origin, peer, None, certain, causes)
    pointer = Pointer((peer,)) if isinstance(peer, str) else peer
    return Rule(traffic, origin, None, pointer, certain, causes)


def group(
    key: str, *ingress: Rule, kind: str = "managed", resource: str = "", open_: bool = False
) -> SecurityGroup:
    """A security group of the VPC."""
    causes = (Cause(key, "ingress", "not in the inputs"),) if open_ else ()
    return SecurityGroup(key, kind, resource or key, Pointer((VPC,)), ingress, (), open_, causes, HERE)


def cluster_group(*more: Rule) -> SecurityGroup:
    """The group EKS makes: its self rule, and what is added."""
    own = Rule(
        ALL, Origin(CLUSTER, "inbound all traffic from itself", implicit=True), None, Pointer((CLUSTER_SG,))
    )
    return group(CLUSTER_SG, own, *more, kind="cluster", resource=CLUSTER)


def subnet(key: str, cidr: str = "", *, ipv6: str = "", **changes: object) -> Subnet:
    """A subnet with the private table and the nodes' ACL."""
    blocks = [CidrBlock(AddressSet.from_cidr(cidr or CIDRS[key]))]
    blocks += [CidrBlock(AddressSet.from_cidr(ipv6))] if ipv6 else []
    made = Subnet(
        key,
        key,
        Pointer((VPC,)),
        tuple(blocks),
        route_table=Attached((TABLE,)),
        network_acl=Attached((ACL,)),
        location=HERE,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def route(destination: str, kind: TargetKind, *, certain: bool = True) -> Route:
    """One route of the private table."""
    origin = Origin(TABLE, f"{destination} to {kind.value}", HERE)
    causes = () if certain else (WHY,)
    untold = kind is TargetKind.UNKNOWN
    return Route(
        addresses(destination),
        0,
        kind,
        Pointer(open=True) if untold else Pointer(("aws_internet_gateway.this",)),
        origin,
        certain,
        causes=causes,
    )


def table(*routes: Route, open_: bool = False) -> RouteTable:
    """The private route table."""
    return RouteTable(TABLE, TABLE, Pointer((VPC,)), routes, open_, (WHY,) if open_ else ())


def entry(number: int | None, allow: bool, cidr: str, lo: int = 0, hi: int = 65535) -> AclEntry:
    """A NACL entry for TCP ports; without a number its place is not known."""
    traffic = ALL if (lo, hi) == (0, 65535) else ports(lo, hi)
    causes = (Cause(ACL, "rule_number", "known after apply"),) if number is None else ()
    words = f"rule {number} {'allow' if allow else 'deny'} {traffic.upper.describe()} from {cidr}"
    return AclEntry(number, Truth(allow), addresses(cidr), traffic, Origin(ACL, words, HERE), causes=causes)


OUT = (entry(100, True, "0.0.0.0/0"), entry(101, True, "::/0"))


def acl(*inbound: AclEntry, outbound: tuple[AclEntry, ...] = OUT, open_: bool = False) -> NetworkAcl:
    """The nodes' network ACL."""
    causes = (Cause(ACL, "ingress", "not in the inputs"),) if open_ else ()
    return NetworkAcl(ACL, ACL, Pointer((VPC,)), inbound, outbound, open=open_, causes=causes)


def shape(*groups: str, keys: KeySet | None = None, **changes: object) -> Shape:
    """How a node comes up: with these groups, without public addresses."""
    made = Shape(keys or exactly(*groups), NO, NO, origin="aws_launch_template.this")
    return replace(made, **changes)  # type: ignore[arg-type]


def node(*shapes: Shape, at: str | None = SUBNET, resource: str = NODES, **changes: object) -> Interface:
    """A node interface of the cluster."""
    made = Interface(resource, "node_group", at, shapes, Pointer((CLUSTER,)), YES, location=HERE)
    return replace(made, **changes)  # type: ignore[arg-type]


def control_plane(*groups: str) -> Interface:
    """The control plane's interface in the second private subnet."""
    made = shape(CLUSTER_SG, *groups, origin=CLUSTER)
    return Interface(CLUSTER, "control_plane", OTHER_SUBNET, (made,), Pointer((CLUSTER,)))


def stranger(
    *groups: str, resource: str = BASTION, at: str = BASTION_SUBNET, keys: KeySet | None = None
) -> Interface:
    """An instance that is no node."""
    return Interface(resource, "instance", at, (shape(*groups, keys=keys, origin=resource),), many=False)


def cluster(**changes: object) -> Cluster:
    """A well-kept cluster."""
    made = Cluster(
        key=CLUSTER,
        resource=CLUSTER,
        name="prod",
        security_group=CLUSTER_SG,
        additional_groups=KeySet(),
        subnets=exactly(SUBNET, OTHER_SUBNET),
        vpc=Pointer((VPC,)),
        ip_family="ipv4",
        authentication_mode="API",
        creator_admin=NO,
        location=HERE,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def node_group(**changes: object) -> NodeGroup:
    """A managed group without SSH."""
    made = NodeGroup(
        NODES, "managed", Pointer((CLUSTER,)), exactly(SUBNET), NO, NO, KeySet(), NO, KeySet(), HERE
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def setting(*values: str, at: str = "aws_launch_template.this", causes: tuple[Cause, ...] = ()) -> Setting:
    """One option of the metadata service, as the launch template says it."""
    why = causes or (() if len(values) == 1 else (Cause(at, "metadata_options", "known after apply"),))
    return Setting(values, at, "metadata_options", f"it is {' or '.join(values) or 'not known'}", why)


def metadata(tokens: Setting, hops: Setting, endpoint: str = "enabled") -> Metadata:
    """The metadata service of nodes that come up in one way."""
    return Metadata(setting(endpoint), tokens, hops)


CLOSED = metadata(setting("required"), setting("1"))


def node_facts(**changes: object) -> NodeFacts:
    """Nodes of a launch template that has no key and closes the metadata service to pods."""
    template = Template("aws_launch_template.this", "$Latest")
    made = NodeFacts(Image(("AL2023",)), (template,), YES, (CLOSED,))
    return replace(made, **changes)  # type: ignore[arg-type]


class Told(Particulars):
    """Particulars of which some parts are given."""

    def __init__(self, **parts: Any) -> None:
        """The parts by name."""
        vars(self).update(parts)


@dataclass
class World:
    """What a test sets; the rest is a private, quiet estate."""

    interfaces: tuple[Interface, ...] = ()
    groups: tuple[SecurityGroup, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    table: RouteTable = field(default_factory=table)
    acls: tuple[NetworkAcl, ...] = (acl(),)
    clusters: tuple[Cluster, ...] = ()
    node_groups: tuple[NodeGroup, ...] = ()
    facts: NodeFacts = field(default_factory=node_facts)
    tagging: Tagging = field(default_factory=Tagging)
    answers: tuple[Answer, ...] = ()
    rdp: tuple[Answer, ...] = ()
    others: Mapping[int, tuple[Answer, ...]] = field(default_factory=dict)
    pods: tuple[Interface, ...] = ()
    particulars: Mapping[str, Any] = field(default_factory=dict)
    vpc_cidrs: tuple[str, ...] = ("10.0.0.0/16",)
    ipv6_symbol: str = ""
    settings: Settings = field(default_factory=Settings)

    def view(self) -> View:
        """The view a check gets."""
        blocks = tuple(CidrBlock(AddressSet.from_cidr(cidr)) for cidr in self.vpc_cidrs)
        if self.ipv6_symbol:
            blocks += (CidrBlock(AddressSet.from_cidr("3fff::/56"), self.ipv6_symbol),)
        subnets = {key: subnet(key) for key in CIDRS} | {each.key: each for each in self.subnets}
        estate = Estate(
            vpcs={VPC: Vpc(VPC, VPC, blocks)},
            subnets=subnets,
            route_tables={TABLE: self.table},
            internet_gateways={},
            network_acls={each.key: each for each in self.acls},
            security_groups={each.key: each for each in self.groups},
            prefix_lists={},
            interfaces=self.interfaces,
            clusters={each.key: each for each in self.clusters},
            node_groups=self.node_groups,
            block_public_access=BlockPublicAccess(),
            coverage=Coverage(),
            pods=self.pods,
            particulars=Told(
                node_facts={group.resource: self.facts for group in self.node_groups},
                tagging=lambda _: self.tagging,
                **self.particulars,
            ),
        )
        return View(estate, FakeReachability(self.answers, self.rdp, self.others), self.settings)

    def outcomes(self, check: Check) -> dict[str, Outcome]:
        """What the check says, by resource; a second word on a resource is an error."""
        made = list(check.run(self.view()))
        assert len({outcome.resource for outcome in made}) == len(made), "one outcome per resource"
        for outcome in made:
            assert outcome.verdict in {"pass", "fail", "possible"}
            if outcome.verdict != "pass":
                assert outcome.message
                assert outcome.evidence, "no finding without a witness or a named attribute"
                assert outcome.remediation
        return {outcome.resource: outcome for outcome in made}

    def only(self, check: Check) -> Outcome:
        """The one outcome."""
        [outcome] = self.outcomes(check).values()
        return outcome


def severity_of(check: Check, outcome: Outcome) -> Severity:
    """The severity that counts."""
    return check.severity if outcome.severity is None else outcome.severity


def answer(*sources: Source, **changes: object) -> Answer:
    """What the engine says of the nodes' tcp 22 in the first private subnet."""
    strongest = max((s.verdict for s in sources), key=lambda v: v.strength, default=Verdict.BLOCKED)
    made = Answer(NODES, SUBNET, "ipv4", "tcp", "22", strongest, (), "no", "yes", sources, location=HERE)
    return replace(made, **changes)  # type: ignore[arg-type]


def source(scope: str, resource: str = "", verdict: Verdict = Verdict.REACHABLE, **changes: object) -> Source:
    """One source with a witness path through the node group's security group."""
    hop = Hop("security_group", NODE_SG, "rule", "inbound tcp 22 from 0.0.0.0/0", HERE)
    unknown = (UnknownValue(WHY.resource, WHY.attribute, "which groups the node carries"),)
    made = Source(
        scope, verdict, resource, path=(hop,), unknowns=() if verdict is Verdict.REACHABLE else unknown
    )
    return replace(made, **changes)  # type: ignore[arg-type]


INTERNET = source("internet", cidrs=("0.0.0.0/0",), via="aws_internet_gateway.this")
PODS = source("pods", NODES, subnet=OTHER_SUBNET, cidrs=("10.0.11.0/24",))
CONTROL_PLANE = source("control_plane", CLUSTER, subnet=OTHER_SUBNET, cidrs=("10.0.11.0/24",))
FROM_VPC = source("vpc", VPC, cidrs=("10.0.0.0/16",))
FROM_BASTION = source("interface", BASTION, subnet=BASTION_SUBNET, cidrs=("10.0.0.0/24",))
