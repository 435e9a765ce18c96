"""Who reaches the nodes' tcp 22: answers gathered by what creates the nodes, and told as one outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from eks_checks.checks.check import Outcome, View
from eks_checks.checks.phrases import (
    PERHAPS,
    capital,
    families,
    listed,
    open_questions,
    subnet_name,
    unique,
    without_name,
)
from eks_checks.findings import Evidence, Severity
from eks_checks.location import SourceSpan
from eks_checks.reach.answer import Answer, Hop, Source, UnknownValue, Verdict

Select = Callable[[Answer, Source], "Source | None"]
"""What a check asks about: the source, narrowed or weakened where need be; None: not its business."""

_MISSING = {
    "public_address": "the nodes have no public address",
    "route": "no route leads there",
}


_MAKES_MANY = (
    "aws_eks_node_group",
    "aws_autoscaling_group",
    "aws_eks_cluster",
    "aws_batch_compute_environment",
    "aws_ec2_fleet",
    "aws_spot_fleet_request",
    "helm_release",
    "kubectl_manifest",
    "kubernetes_manifest",
)
_PLURAL = ("pods", "other nodes", "nodes")


@dataclass(frozen=True)
class Entry:
    """One source that reaches, may reach, or lacks little to reach, one target."""

    answer: Answer
    source: Source


@dataclass(frozen=True)
class Entries:
    """The chosen sources of everything one resource creates."""

    resource: str
    answers: tuple[Answer, ...]
    reachable: tuple[Entry, ...]
    possible: tuple[Entry, ...]
    latent: tuple[Entry, ...]

    @property
    def telling(self) -> tuple[Entry, ...]:
        """Those that make the verdict: the reachable ones, else the possible, else the latent."""
        return self.reachable or self.latent or self.possible

    @property
    def verdict(self) -> str:
        """``fail`` for a reachable or latent source, ``possible`` for a possible one, else ``pass``."""
        if self.reachable or self.latent:
            return "fail"
        return "possible" if self.possible else "pass"

    @property
    def only_latent(self) -> bool:
        """Whether nothing reaches the target yet, but little is missing."""
        return bool(self.latent) and not self.reachable

    @property
    def silent(self) -> tuple[Answer, ...]:
        """The telling targets, where on none of them anything listens; empty where something may."""
        targets = {id(entry.answer): entry.answer for entry in self.telling}
        quiet = tuple(answer for answer in targets.values() if answer.listener == "no")
        return quiet if len(quiet) == len(targets) else ()

    @property
    def unknowns(self) -> tuple[UnknownValue, ...]:
        """The attributes on which the possible sources depend."""
        own = [unknown for entry in self.possible for unknown in entry.source.unknowns]
        rest = [unknown for entry in self.possible for unknown in entry.answer.unknowns]
        return tuple(dict.fromkeys(own or rest))

    @property
    def location(self) -> SourceSpan | None:
        """Where the resource stands in the sources."""
        return next((answer.location for answer in self.answers if answer.location), None)


def entries(view: View, select: Select) -> Iterator[Entries]:
    """The selected sources of each resource that creates nodes, in order of its address."""
    ordered = sorted(view.ssh, key=lambda answer: answer.resource)
    for resource, group in groupby(ordered, key=lambda answer: answer.resource):
        answers = tuple(group)
        live = [entry for answer in answers for entry in _selected(select, answer, answer.sources)]
        latent = tuple(entry for answer in answers for entry in _selected(select, answer, answer.latent))
        reachable = tuple(e for e in live if e.source.verdict is Verdict.REACHABLE)
        possible = tuple(e for e in live if e.source.verdict is Verdict.POSSIBLE)
        yield Entries(resource, answers, reachable, possible, latent)


def outcome(found: Entries, severity: Severity, message: str, remediation: str) -> Outcome:
    """The outcome that ``found`` makes: one step less severe where nothing listens or gets in yet."""
    if found.verdict == "pass":
        return Outcome(found.resource, "pass", location=found.location)
    rated, reason = rating(found, severity)
    return Outcome(
        resource=found.resource,
        verdict=found.verdict,
        message=f"{message} {reason}".rstrip(),
        evidence=evidence(found),
        remediation=remediation,
        severity=rated,
        location=found.location,
    )


def rating(found: Entries, severity: Severity) -> tuple[Severity, str]:
    """The severity, one step lower where nothing listens or gets in yet, and the sentence that says so.

    The message of a latent source has said already that nothing gets in yet, and why.
    """
    if not (found.only_latent or found.silent):
        return severity, ""
    lowered = severity.lowered()
    changed = f"rated {lowered.label} instead of {severity.label}"
    if not found.silent:
        return lowered, f"Therefore {changed}."
    reason = silence(found.silent)
    if found.only_latent:
        return lowered, f"Therefore, and as {reason}, {changed}."
    return lowered, f"{capital(changed)}: {reason}."


def silence(silent: Iterable[Answer]) -> str:
    """That nothing listens on the port, and why, as a clause."""
    note = next((answer.listener_note for answer in silent if answer.listener_note), "")
    return f"nothing listens on the port ({note})" if note else "nothing listens on the port"


def missing(latent: Iterable[Entry]) -> str:
    """What latent sources lack, as a clause: ``the nodes have no public address``."""
    words = (_MISSING.get(entry.source.missing, entry.source.missing) for entry in latent)
    return listed(word for word in words if word) or "an address or a route is missing"


def evidence(found: Entries) -> tuple[Evidence, ...]:
    """The rules, routes and addresses that let the telling sources in, each with whom and where."""
    pieces: dict[tuple[str, str, str, SourceSpan | None], list[Entry]] = {}
    for entry in (*found.telling, *(found.latent if found.reachable else ())):
        for hop in deciding(entry.source):
            text = without_name(hop.text or hop.rule, hop.resource)
            rule = text if hop.layer == "security_group" else ""
            pieces.setdefault((hop.resource, text, rule, hop.location), []).append(entry)
    told = [
        Evidence(
            resource,
            f"{text}: {_lets(each)} {whom(each)} reach the nodes {targets(each)}",
            location,
            rule=rule,
        )
        for (resource, text, rule, location), each in pieces.items()
    ]
    bare = [entry for entry in found.telling if not deciding(entry.source)]
    if bare:
        told.append(Evidence(found.resource, f"{whom(bare)} {_reaches(bare)} tcp 22 {targets(bare)}"))
    return unique([*told, *open_questions(found.unknowns if found.possible else ())])


def _lets(of: Iterable[Entry]) -> str:
    strongest = _strongest(of)
    return {Verdict.REACHABLE: "lets", Verdict.POSSIBLE: "may let", Verdict.BLOCKED: "would let"}[strongest]


def _reaches(of: Sequence[Entry]) -> str:
    weaker = {Verdict.POSSIBLE: "may reach", Verdict.BLOCKED: "would reach"}
    return weaker.get(_strongest(of)) or reach_verb(of)


def _strongest(of: Iterable[Entry]) -> Verdict:
    return max((entry.source.verdict for entry in of), key=lambda verdict: verdict.strength)


def deciding(source: Source) -> tuple[Hop, ...]:
    """The rules, routes, listeners and addresses that let the source in: the sure ones, if that is sure.

    Routes are told of the internet alone: inside a VPC none is needed, and elsewhere the source is one.
    """
    wanted: tuple[str, ...] = ("security_group", "address", "gateway", "forward")
    if source.scope == "internet":
        wanted = (*wanted, "route")
    hops = tuple(hop for hop in source.path if hop.layer in wanted)
    if source.verdict is Verdict.POSSIBLE:
        return hops
    sure = {hop.layer for hop in hops if not _doubtful(hop)}
    return tuple(hop for hop in hops if hop.layer not in sure or not _doubtful(hop))


def _doubtful(hop: Hop) -> bool:
    return hop.text.startswith(PERHAPS) or (hop.layer == "address" and " may get " in hop.text)


def who(of: Iterable[Entry]) -> str:
    """The sources in short, like ones together: the internet, pods of a group, addresses of a VPC."""
    return listed(
        what if placed else f"{what}{_ranges(sources)}" for (what, placed), sources in _alike(of).items()
    )


def whom(of: Iterable[Entry]) -> str:
    """The sources in full: with the subnets they sit in, where these are not just the targets' own."""
    entries_ = tuple(of)
    here = {entry.answer.subnet for entry in entries_}
    return listed(
        f"{what}{_places(sources, here)}" if placed else f"{what}{_ranges(sources)}"
        for (what, placed), sources in _alike(entries_).items()
    )


def kinds(of: Iterable[Entry]) -> tuple[str, ...]:
    """What the sources are, without the subnets and ranges they sit in."""
    return tuple(what for what, _ in _alike(of))


def reach_verb(of: Iterable[Entry]) -> str:
    """``reaches`` after one source in the singular, else ``reach``."""
    named = [what for what, _ in _alike(of)]
    return "reaches" if len(named) == 1 and not named[0].startswith(_PLURAL) else "reach"


def targets(of: Iterable[Entry]) -> str:
    """``in aws_subnet.a and aws_subnet.b over IPv4``."""
    chosen = list(of)
    subnets = listed(subnet_name(entry.answer.subnet) for entry in chosen)
    return f"in {subnets} over {families(entry.answer.family for entry in chosen)}"


def _alike(of: Iterable[Entry]) -> dict[tuple[str, bool], list[Source]]:
    """(what the source is, whether it sits in a subnet) to all sources of that description."""
    alike: dict[tuple[str, bool], list[Source]] = {}
    for entry in of:
        own = entry.answer.resource == entry.source.resource and entry.source.scope == "interface"
        alike.setdefault((_what(entry.source, own=own), entry.source.has_subnet), []).append(entry.source)
    return alike


def _what(source: Source, *, own: bool) -> str:
    if source.scope == "internet":
        return "the internet"
    if source.scope == "vpc":
        return f"any address of {source.resource or 'the VPC'}"
    if source.scope == "pods":
        return f"pods of {source.resource}"
    if source.scope == "control_plane":
        return f"the control plane of {source.resource}"
    if source.scope == "load_balancer":
        return f"clients of {source.resource}"
    if source.scope == "instance_connect_endpoint":
        return f"tunnels through {source.resource}"
    if own:
        return f"other nodes of {source.resource}"
    if not source.has_subnet:
        return f"{source.scope.replace('_', ' ')} {source.resource}".strip()
    many = any(f".{type_}." in f".{source.resource}" for type_ in _MAKES_MANY)
    return f"nodes of {source.resource}" if many else source.resource


def _places(sources: Iterable[Source], here: set[str | None]) -> str:
    subnets = list(dict.fromkeys(source.subnet for source in sources))
    return "" if set(subnets) == here else f" ({listed(map(subnet_name, subnets))})"


def _ranges(sources: Iterable[Source]) -> str:
    ranges = listed(cidr for source in sources for cidr in source.cidrs or source.cidrs_of)
    return f" ({ranges})" if ranges else ""


def _selected(select: Select, answer: Answer, sources: Iterable[Source]) -> Iterator[Entry]:
    for source in sources:
        chosen = select(answer, source)
        if chosen is not None:
            yield Entry(answer, chosen)
