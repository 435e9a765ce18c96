"""The exact engine: who reaches which interface on which port."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from eks_checks.aws.eks import Cluster
from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.errors import UsageError
from eks_checks.naming import Names
from eks_checks.reach.alike import Alike
from eks_checks.reach.answer import Answer, GroupOnInterface, Source, UnknownValue, Verdict
from eks_checks.reach.endpoint import public_answer
from eks_checks.reach.entries import Asked, Judged, entries, judge, latent
from eks_checks.reach.layers import Crossing
from eks_checks.reach.pieces import Candidate, Target, has_address
from eks_checks.reach.ports import cells, flow_of, port_text
from eks_checks.reach.roster import Roster
from eks_checks.reach.selection import Selection, matches
from eks_checks.reach.sources import Sources
from eks_checks.reach.targets import API, Targets, listener
from eks_checks.reach.topology import Topology
from eks_checks.reach.transfer import Flow, Transfer
from eks_checks.sets import Family


@dataclass(frozen=True)
class Question:
    """What is asked: which ports of which targets, from where.

    ``protocol`` is ``tcp``, ``udp`` or ``icmp`` (echo request and its reply; ports are then ignored).
    ``ports`` is an inclusive range; ``targets`` are address prefixes (empty: the EKS nodes),
    ``everything`` asks of every interface. ``sources`` names sources (``internet``, an address or
    a CIDR), which are then listed even when blocked. ``explain`` fills each source's path. With
    ``only_from`` nothing but these sources (whole addresses, or ``internet``) is looked at: those that
    are blocked are left out, and so are targets that none of them gets into, unless ``latent`` asks of those
    too that lack a public address or a route alone. ``not_to`` are targets (resource, subnet) of no interest;
    with ``only_to`` no others are of any.
    """

    protocol: str = "tcp"
    ports: tuple[int, int] = (22, 22)
    families: tuple[Family, ...] = ("ipv4", "ipv6")
    targets: tuple[str, ...] = ()
    everything: bool = False
    sources: tuple[str, ...] = ()
    explain: bool = False
    only_from: frozenset[str] | None = None
    latent: bool = False
    not_to: frozenset[tuple[str, str | None]] = frozenset()
    only_to: frozenset[tuple[str, str | None]] | None = None


class Reachability:
    """Answers questions about one estate; keeps what it computed."""

    def __init__(
        self,
        estate: Estate,
        classes: Callable[[Transfer], Alike] = Alike,
        kept: dict[object, Any] | None = None,
    ) -> None:
        """The topology graph is built here; filters are computed when a question needs them.

        ``classes`` tells what is alike: a slower one must give the same answers. ``kept`` holds what was
        computed of subnets, network ACLs and routes that are the same as this estate's.
        """
        self.estate = estate
        self._classes = classes
        self._kept_between: dict[object, Any] = {} if kept is None else kept
        topology = Topology(estate)
        self._roster = Roster(topology)
        self.transfer = Transfer(topology, self._kept_between)
        self._sources = Sources(self.transfer, self._roster, classes(self.transfer))
        self._targets = Targets(estate)
        self._answers: dict[object, tuple[Answer, ...]] = {}

    def of_groups(self, estate: Estate) -> Reachability:
        """The same for an estate that differs in security groups alone, and in who carries them."""
        return Reachability(estate, self._classes, self._kept_between)

    def answers(self, question: Question) -> tuple[Answer, ...]:
        """One Answer per target and port range: by resource, subnet, family, then port ascending.

        Raises UsageError where a named target or source matches nothing.
        """
        selection = _selection(question, self.estate.names)
        self._check_sources(selection)
        told: dict[str, list[Callable[[Family], Iterable[Answer]]]] = {}
        for cluster in self.endpoints(question):
            ask = partial(self._public, cluster, question, selection)
            told.setdefault(cluster.resource, []).append(ask)
        for interface in self.targets(question):
            asked = partial(self._kept, interface, question, selection)
            told.setdefault(interface.resource, []).append(asked)
        return tuple(
            answer
            for resource in sorted(told)
            for about in told[resource]
            for family in question.families
            for answer in about(family)
        )

    def _kept(
        self, interface: Interface, question: Question, selection: Selection, family: Family
    ) -> tuple[Answer, ...]:
        only = (question.only_from, question.latent)
        asked = (question.protocol, question.ports, question.sources, question.explain, only)
        key = (id(interface), family, asked)
        if key not in self._answers:
            self._answers[key] = tuple(self._of_target(interface, family, question, selection))
        return self._answers[key]

    def pairs(
        self, source: Interface, target: Interface, family: Family
    ) -> Iterator[tuple[Candidate, Target]]:
        """Both ends in every shape they may come up in with their primary interface."""
        for goal in self._roster.targets(target, family):
            for start in self._roster.shapes(source, family):
                if goal.shape.primary and start.shape.primary:
                    yield start, goal

    def between(self, source: Candidate, target: Target, flow: Flow, *, shared: bool) -> Crossing:
        """What lies between two interfaces; one of alike pairs may be told for all where it is ``shared``."""
        return self._sources.between(source, target, flow, shared=shared)

    def targets(self, question: Question) -> tuple[Interface, ...]:
        """The interfaces that the question is about: see ``Targets``."""
        chosen = self._targets.chosen(question.targets, everything=question.everything)
        if question.only_to is not None:
            return tuple(i for i in chosen if self._named(i) in question.only_to)
        return tuple(i for i in chosen if not question.not_to or self._named(i) not in question.not_to)

    def endpoints(self, question: Question) -> tuple[Cluster, ...]:
        """The clusters whose public endpoint the question names."""
        return self._targets.clusters(question.targets)

    def _public(
        self, cluster: Cluster, question: Question, selection: Selection, family: Family
    ) -> Iterator[Answer]:
        """The answers about a cluster's public endpoint: 443 by itself, and the ports below and above."""
        low, high = question.ports
        spans = [(low, min(high, API - 1)), (max(low, API), min(high, API)), (max(low, API + 1), high)]
        for span in ((0, 0),) if question.protocol == "icmp" else spans:
            if span[0] <= span[1]:
                found = public_answer(
                    cluster, family, question.protocol, span, selection, explain=question.explain
                )
                yield from () if found is None else (found,)

    def _matches(self, resource: str, name: str) -> bool:
        return any(matches(spelling, name) for spelling in self.estate.names.spellings(resource))

    def _check_sources(self, selection: Selection) -> None:
        known = {i.resource for i in self.estate.interfaces} | {v.resource for v in self.estate.vpcs.values()}
        known |= {one.resource for one in self.estate.balancing.named()}
        gateways = {k for t in self.estate.route_tables.values() for r in t.routes for k in r.gateway.keys}
        gateways |= self.estate.connections.resources
        for name in selection.resources:
            if not any(self._matches(resource, name) for resource in known | gateways):
                shown = ", ".join(sorted(known)) or "none"
                raise UsageError(
                    f"{name!r} is no CIDR, and no interface, VPC, balancer or connection has that address",
                    where="--from",
                    hint=f"the inputs have: internet, {shown}",
                )

    def _of_target(
        self, interface: Interface, family: Family, question: Question, selection: Selection
    ) -> Iterator[Answer]:
        shapes = self._roster.targets(interface, family)
        if not shapes:
            return
        run: list[Answer] = []
        for low, high in self._cells(question):
            flow = flow_of(question.protocol, low, family)
            judged = self._judged(shapes, flow, question, selection)
            if selection.known_only and not judged and low == question.ports[0]:
                # Most targets, where a few sources are followed through a large network.
                continue
            answer = self._at(interface, shapes, judged, (low, high), question)
            if run and _alike(run[-1], answer):
                answer = _joined(run.pop(), answer, high)
            run.append(answer)
        for answer in run:
            if answer.sources or not selection.known_only or (question.latent and answer.latent):
                yield answer

    def _cells(self, question: Question) -> Iterable[tuple[int, int]]:
        if question.protocol == "icmp":
            return ((0, 0),)
        return cells(self.estate, question.protocol, question.ports)

    def _judged(
        self, shapes: tuple[Target, ...], flow: Flow, question: Question, selection: Selection
    ) -> list[Judged]:
        return [
            judge(shape, piece, own)
            for shape in shapes
            for own in (self._sources.own(shape),)
            for piece in self._sources.pieces(shape, flow, selection, explain=question.explain)
        ]

    def _at(
        self,
        interface: Interface,
        shapes: tuple[Target, ...],
        judged: list[Judged],
        ports: tuple[int, int],
        question: Question,
    ) -> Answer:
        protocol, places = question.protocol, self.estate.places
        asked = Asked(question.explain, bool(question.sources), protocol, ports[0], places)
        sources = entries(judged, asked)
        verdict = max((s.verdict for s in sources), key=lambda v: v.strength, default=Verdict.BLOCKED)
        port = None if question.protocol == "icmp" else port_text(*ports)
        listens, note = listener(interface, question.protocol, ports)
        subnet = shapes[0].subnet.resource or None
        return Answer(
            resource=interface.resource,
            subnet=subnet,
            family=shapes[0].family,
            protocol=question.protocol,
            port=port,
            verdict=verdict,
            groups=self._groups(shapes),
            public_address=_public(shapes),
            listener=listens,
            sources=tuple(self._with_subnet_name(s) for s in sources),
            latent=latent(judged, asked),
            unknowns=_all_unknowns(sources),
            listener_note=note,
            location=interface.location,
        )

    def _named(self, interface: Interface) -> tuple[str, str | None]:
        return (interface.resource, self._sources.topology.subnet_of(interface).resource or None)

    def _with_subnet_name(self, source: Source) -> Source:
        if source.subnet is None or source.subnet not in self.estate.subnets:
            return source
        name = self.estate.subnets[source.subnet].resource
        return source if name == source.subnet else replace(source, subnet=name)

    def _groups(self, shapes: tuple[Target, ...]) -> tuple[GroupOnInterface, ...]:
        found: dict[str, bool] = {}
        for target in shapes:
            for key in target.shape.groups.candidates:
                found[key] = found.get(key, False) or key in target.shape.groups.sure
        made = [self._group(key, certain) for key, certain in found.items()]
        return tuple(sorted(made, key=lambda group: (_ROLES.index(group.role), group.resource)))

    def _group(self, key: str, certain: bool) -> GroupOnInterface:
        group = self.estate.security_groups[key]
        role = group.kind if group.kind in _ROLES else "attached"
        return GroupOnInterface(group.resource, role, role != "attached", certain)


_ROLES = ("cluster", "remote_access", "attached", "default")


def _selection(question: Question, spelled: Names) -> Selection:
    if question.only_from is None:
        return Selection.of(question.sources, spelled)
    internet = "internet" in question.only_from
    return Selection(
        everything=False,
        internet=internet,
        exact=question.only_from,
        known_only=True,
        latent=question.latent,
    )


def _alike(one: Answer, other: Answer) -> bool:
    """Whether two neighbouring port ranges have the same verdict and sources, paths aside."""
    return _bare(one) == _bare(other)


def _bare(answer: Answer) -> tuple[object, ...]:
    sources = tuple(replace(s, path=(), shape="") for s in answer.sources)
    return (answer.verdict, sources)


def _joined(first: Answer, second: Answer, high: int) -> Answer:
    """Two neighbouring port ranges as one; what is latent on either is latent on some port of both."""
    start = int((first.port or "0").partition("-")[0])
    lacking = {(s.missing, s.cidrs): s for s in (*first.latent, *second.latent)}
    return replace(
        first,
        port=port_text(start, high),
        latent=tuple(lacking.values()),
        listener="unknown",
        listener_note="",
    )


def _public(shapes: tuple[Target, ...]) -> str:
    truths = [
        shape.shape.public_ipv4 if shape.family == "ipv4" else has_address(shape.shape, shape.family)
        for shape in shapes
    ]
    if any(truth.surely for truth in truths):
        return "yes"
    return "unknown" if any(truth.possibly for truth in truths) else "no"


def _all_unknowns(sources: Iterable[Source]) -> tuple[UnknownValue, ...]:
    found = dict.fromkeys(unknown for source in sources for unknown in source.unknowns)
    return tuple(sorted(found, key=lambda u: (u.resource, u.attribute, u.effect)))
