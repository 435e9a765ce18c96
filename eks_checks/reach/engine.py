"""The exact engine: who reaches which interface on which port."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Truth
from eks_checks.errors import UsageError
from eks_checks.naming import Names
from eks_checks.reach.alike import Alike
from eks_checks.reach.answer import Answer, GroupOnInterface, Source, UnknownValue, Verdict
from eks_checks.reach.entries import Asked, Judged, entries, judge, latent
from eks_checks.reach.pieces import Target, has_address
from eks_checks.reach.ports import cells, flow_of, port_text
from eks_checks.reach.roster import Roster
from eks_checks.reach.selection import Selection, matches
from eks_checks.reach.sources import Sources
from eks_checks.reach.topology import Topology
from eks_checks.reach.transfer import Flow, Transfer
from eks_checks.sets import Family

SOURCES_ONLY = ("control_plane", "pods", "fargate", "service")
KUBELET = 10250
SSH = 22


@dataclass(frozen=True)
class Question:
    """What is asked: which ports of which targets, from where.

    ``protocol`` is ``tcp``, ``udp`` or ``icmp`` (echo request and its reply; ports are then ignored).
    ``ports`` is an inclusive range; ``targets`` are address prefixes (empty: the EKS nodes),
    ``everything`` asks of every interface. ``sources`` names sources (``internet``, an address or
    a CIDR), which are then listed even when blocked. ``explain`` fills each source's path. With
    ``only_from`` nothing but these sources (whole addresses, or ``internet``) is looked at: those that
    are blocked are left out, and so are targets that none of them gets into. ``not_to`` are targets
    (resource, subnet) of no interest; with ``only_to`` no others are of any.
    """

    protocol: str = "tcp"
    ports: tuple[int, int] = (22, 22)
    families: tuple[Family, ...] = ("ipv4", "ipv6")
    targets: tuple[str, ...] = ()
    everything: bool = False
    sources: tuple[str, ...] = ()
    explain: bool = False
    only_from: frozenset[str] | None = None
    not_to: frozenset[tuple[str, str | None]] = frozenset()
    only_to: frozenset[tuple[str, str | None]] | None = None


class Reachability:
    """Answers questions about one estate; keeps what it computed."""

    def __init__(self, estate: Estate, classes: Callable[[Transfer], Alike] = Alike) -> None:
        """The topology graph is built here; filters are computed when a question needs them.

        ``classes`` tells what is alike: a slower one must give the same answers.
        """
        self.estate = estate
        topology = Topology(estate)
        self._roster = Roster(topology)
        transfer = Transfer(topology)
        self._sources = Sources(transfer, self._roster, classes(transfer))
        self._answers: dict[object, tuple[Answer, ...]] = {}

    def answers(self, question: Question) -> tuple[Answer, ...]:
        """One Answer per target and port range: by resource, subnet, family, then port ascending.

        Raises UsageError where a named target or source matches nothing.
        """
        selection = _selection(question, self.estate.names)
        self._check_sources(selection)
        return tuple(
            answer
            for interface in self.targets(question)
            for family in question.families
            for answer in self._kept(interface, family, question, selection)
        )

    def _kept(
        self, interface: Interface, family: Family, question: Question, selection: Selection
    ) -> tuple[Answer, ...]:
        only = question.only_from
        asked = (question.protocol, question.ports, question.sources, question.explain, only)
        key = (id(interface), family, asked)
        if key not in self._answers:
            self._answers[key] = tuple(self._of_target(interface, family, question, selection))
        return self._answers[key]

    def targets(self, question: Question) -> tuple[Interface, ...]:
        """The interfaces that the question is about: never the control plane's, a pod's or a service's."""
        asked = [i for i in self.estate.interfaces if i.kind not in SOURCES_ONLY]
        if question.targets:
            for name in question.targets:
                if not any(self._matches(i.resource, name) for i in asked):
                    known = ", ".join(dict.fromkeys(i.resource for i in asked)) or "none"
                    raise UsageError(
                        f"no interface's address is or starts with {name!r}",
                        where="--to",
                        hint=f"the inputs have: {known}",
                    )
            return tuple(
                i for i in asked if any(self._matches(i.resource, name) for name in question.targets)
            )
        wanted = (i for i in asked if question.everything or i.node.possibly)
        if question.only_to is not None:
            return tuple(i for i in wanted if self._named(i) in question.only_to)
        return tuple(i for i in wanted if not question.not_to or self._named(i) not in question.not_to)

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
        yield from (answer for answer in run if answer.sources or not selection.known_only)

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
        asked = Asked(question.explain, bool(question.sources))
        sources = entries(judged, asked)
        verdict = max((s.verdict for s in sources), key=lambda v: v.strength, default=Verdict.BLOCKED)
        port = None if question.protocol == "icmp" else port_text(*ports)
        listener, note = _listener(interface, question.protocol, ports)
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
            listener=listener,
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
    return Selection(everything=False, internet=internet, exact=question.only_from, known_only=True)


def _alike(one: Answer, other: Answer) -> bool:
    """Whether two neighbouring port ranges have the same verdict and sources, paths aside."""
    return _bare(one) == _bare(other)


def _bare(answer: Answer) -> tuple[object, ...]:
    sources = tuple(replace(s, path=(), witness="", shape="") for s in answer.sources)
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


def _listener(interface: Interface, protocol: str, ports: tuple[int, int]) -> tuple[str, str]:
    if protocol == "tcp" and ports == (SSH, SSH):
        return str(interface.listener_ssh), interface.listener_note
    if protocol == "tcp" and ports == (KUBELET, KUBELET) and interface.node.surely:
        return str(Truth(True)), "the kubelet"
    return "unknown", ""


def _all_unknowns(sources: Iterable[Source]) -> tuple[UnknownValue, ...]:
    found = dict.fromkeys(unknown for source in sources for unknown in source.unknowns)
    return tuple(sorted(found, key=lambda u: (u.resource, u.attribute, u.effect)))
