"""EKS303: one group of an interface restricts a port to some sources, another group on it admits others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from eks_checks.aws.estate import Estate
from eks_checks.aws.firewall import Rule, SecurityGroup
from eks_checks.aws.interface import Interface, Shape
from eks_checks.aws.knowledge import Cause, Origin
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.defeat_reach import DefeatReach
from eks_checks.checks.nodes import NODE_TYPES, node_groups
from eks_checks.checks.phrases import capital, decided_by, group_name, listed, open_questions, said_by, unique
from eks_checks.checks.ssh_sources import Entry, kinds, reach_verb, silence, targets, who, whom
from eks_checks.findings import Evidence, Severity
from eks_checks.reach.answer import Answer, Verdict
from eks_checks.reach.restriction import Defeat, Meant, Restrictions
from eks_checks.sets import AddressSet, union_of


@dataclass(frozen=True)
class _Asked:
    """One port, and what tells who is held back there and who gets in all the same."""

    port: int
    restrictions: Restrictions
    reach: DefeatReach


@dataclass(frozen=True)
class _Found:
    port: int
    defeats: tuple[Defeat, ...]
    entries: tuple[Entry, ...]
    causes: tuple[Cause, ...]


@check(
    id="EKS303",
    name="node-sg-restriction-defeated",
    severity=Severity.HIGH,
    summary="One security group restricts tcp 22 to some sources, another on the interface admits others.",
    resource_types=NODE_TYPES,
    parameters=("bastions", "ports"),
)
def eks303(view: View) -> Iterator[Outcome]:
    """One outcome per node group: the restricting rule, the wider one, and who gets in thereby (A1)."""
    meant = Meant(view.settings.bastion_addresses, view.is_bastion)
    asked = [
        _Asked(port, Restrictions(view.estate, port, meant), DefeatReach(view, port))
        for port in view.settings.ports
    ]
    for resource, interfaces in node_groups(view.estate):
        told = [
            _outcome(view, resource, interfaces, _found(view, each, interfaces), each.reach) for each in asked
        ]
        yield _together(told, resource, interfaces)


def _together(told: list[Outcome], resource: str, interfaces: tuple[Interface, ...]) -> Outcome:
    """What is said of several ports as one outcome: the worst first, each with its evidence."""
    bad = sorted((each for each in told if each.verdict != "pass"), key=_badness)
    if not bad:
        return Outcome(resource, "pass", location=interfaces[0].location)
    messages = " ".join(each.message for each in bad)
    return replace(bad[0], message=messages, evidence=unique(e for each in bad for e in each.evidence))


def _badness(outcome: Outcome) -> tuple[bool, int]:
    return (outcome.verdict != "fail", -(Severity.HIGH if outcome.severity is None else outcome.severity))


def _found(view: View, asked: _Asked, interfaces: tuple[Interface, ...]) -> _Found:
    restrictions = asked.restrictions
    defeats: list[Defeat] = []
    causes: set[Cause] = set()
    for interface in interfaces:
        for shape in _distinct(interface.shapes):
            made = list(restrictions.defeats(interface, shape))
            defeats.extend(made)
            causes.update(cause for defeat in made for cause in _causes(defeat, shape))
            causes.update(_hidden(view.estate, restrictions, interface, shape))
    told = sorted(defeats, key=_telling)
    return _Found(asked.port, tuple(told), asked.reach.entries(told), tuple(sorted(causes)))


def _distinct(shapes: tuple[Shape, ...]) -> Iterator[Shape]:
    """One shape for each list of groups and address family: they restrict and admit alike."""
    yield from {(shape.groups, shape.ipv6.possibly): shape for shape in shapes}.values()


def _telling(defeat: Defeat) -> tuple[bool, bool, str, str]:
    """The surest and most pointed first: a rule for the port itself before one for a wide range of ports."""
    ports = defeat.restricting.traffic.upper.ports(6).size()
    wider = defeat.wider.origin.resource if defeat.wider else defeat.opener.resource
    return (not defeat.sure, ports > _POINTED, defeat.restricting.origin.resource, wider)


_POINTED = 1024


def _hidden(
    estate: Estate, restrictions: Restrictions, interface: Interface, shape: Shape
) -> Iterator[Cause]:
    """What may hold a restriction that another group undoes, or undo one, and cannot be told."""
    known = {
        key: estate.security_groups[key] for key in shape.groups.candidates & set(estate.security_groups)
    }
    if shape.groups.open or len(known) < len(shape.groups.candidates):
        yield from shape.groups.causes or (_groups_not_known(interface),)
    for key, group in sorted(known.items()):
        others = (other for name, other in known.items() if name != key)
        if group.open and any(restrictions.admits(other) for other in others):
            fallback = Cause(group.resource, "ingress", "its rules are not in the inputs")
            yield from group.causes or (fallback,)


def _groups_not_known(interface: Interface) -> Cause:
    return Cause(interface.resource, "vpc_security_group_ids", "which other groups it carries is not known")


def _causes(defeat: Defeat, shape: Shape) -> Iterator[Cause]:
    if defeat.sure:
        return
    yield from defeat.restricting.causes
    yield from defeat.opener.causes
    yield from defeat.holder.group.causes
    yield from shape.groups.causes
    yield from defeat.interface.node.causes
    if defeat.wider is None:
        yield Cause(defeat.opener.resource, "ingress", "its rules are not in the inputs")
    else:
        yield from defeat.wider.causes
        yield from defeat.wider.group.causes if defeat.wider.group else ()


def _outcome(
    view: View, resource: str, interfaces: tuple[Interface, ...], found: _Found, reach: DefeatReach
) -> Outcome:
    location = interfaces[0].location
    if not found.defeats and not found.causes:
        return Outcome(resource, "pass", location=location)
    decided = bool(found.defeats) and found.defeats[0].sure
    told = unique([*_evidence(view.estate, found), *open_questions(() if decided else found.causes)])
    if not found.defeats:
        message = (
            f"Whether one group of the nodes holds tcp {found.port} to some sources, and another group on "
            f"the same interface undoes that, cannot be told: {decided_by(found.causes)}."
        )
        return Outcome(resource, "possible", message, told, _REMEDIATION, location=location)
    first = found.defeats[0]
    verdict = "fail" if first.sure else "possible"
    rated, reason = _rating(reach.answers(resource), found)
    message = _fail_message(first, found) if first.sure else _possible_message(first, found)
    return Outcome(resource, verdict, f"{message} {reason}".rstrip(), told, _REMEDIATION, rated, location)


def _fail_message(first: Defeat, found: _Found) -> str:
    gain = "the restriction holds nothing back"
    if found.entries:
        gain = f"{who(found.entries)} {reach_verb(found.entries)} tcp {found.port} all the same"
    return f"{capital(_pair(first, found.port))}. Groups add up and cannot deny, so {gain}."


def _possible_message(first: Defeat, found: _Found) -> str:
    pair = capital(_pair(first, found.port, "may admit"))
    return f"{pair}; {decided_by(found.causes)}. Groups add up and cannot deny."


def _pair(defeat: Defeat, port: int, admits: str = "admits") -> str:
    opener = f"{group_name(defeat.opener)} on the same interface"
    restricts = "restricts" if defeat.restricting.certain else "may restrict"
    rule = (
        f'"{defeat.wider.origin.text}"'
        if defeat.wider
        else "what its rules, which are not in the inputs, say"
    )
    return (
        f'{group_name(defeat.holder.group)} {restricts} tcp {port} by "{defeat.restricting.origin.text}", '
        f"but {opener} {admits} sources beyond that by {rule}"
    )


def _evidence(estate: Estate, found: _Found) -> Iterator[Evidence]:
    """One line for each restricting rule, each wider rule, and each kind of source that gets in thereby."""
    sure = [defeat for defeat in found.defeats if defeat.sure]
    told = sure or found.defeats
    for defeat, widens in zip(told, _widening(estate, told), strict=True):
        origin, holder = defeat.restricting.origin, _beside(defeat.restricting.origin, defeat.holder.group)
        yield said_by(origin, f"restricts tcp {found.port}{holder}", certain=defeat.restricting.certain)
        yield from widens
    for entries in _by_kinds(found.entries):
        gain = f"{whom(entries)} {_reaches(entries)} tcp {found.port} of the nodes {targets(entries)}"
        answer = entries[0].answer
        yield Evidence(answer.resource, f"by the wider rule alone, {gain}", answer.location)


def _reaches(entries: Sequence[Entry]) -> str:
    sure = entries[0].source.verdict is Verdict.REACHABLE
    return reach_verb(entries) if sure else "may reach"


def _widening(estate: Estate, defeats: Sequence[Defeat]) -> Iterator[tuple[Evidence, ...]]:
    """For each defeat its wider rule, with all that it admits on any interface besides a restriction."""
    alike: dict[tuple[Origin, str], list[Defeat]] = {}
    for defeat in defeats:
        if defeat.wider is not None:
            alike.setdefault((defeat.wider.origin, defeat.opener.key), []).append(defeat)
    made = {key: _widens(estate, rule, each) for key, each in alike.items() if (rule := each[0].wider)}
    for defeat in defeats:
        yield () if defeat.wider is None else (made[defeat.wider.origin, defeat.opener.key],)


def _widens(estate: Estate, wider: Rule, alike: Sequence[Defeat]) -> Evidence:
    opener = alike[0].opener
    keys = sorted(frozenset().union(*(defeat.groups for defeat in alike)))
    own = "its own members"
    members = (own if key == opener.key else f"members of {_name_of(estate, key)}" for key in keys)
    addresses = union_of((defeat.addresses for defeat in alike), AddressSet.empty())
    beyond = listed([*addresses.to_cidrs(), *members])
    verb = "admits" if any(defeat.sure for defeat in alike) else "may admit"
    effect = f"{verb} {beyond} besides{_beside(wider.origin, opener)}"
    return said_by(wider.origin, effect, certain=wider.certain)


def _beside(origin: Origin, group: SecurityGroup) -> str:
    """The group in brackets, unless the evidence has named it already."""
    return "" if origin.resource == group.resource else f" ({group_name(group)})"


def _name_of(estate: Estate, key: str) -> str:
    group = estate.security_groups.get(key)
    return group_name(group) if group is not None else key


def _by_kinds(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """The entries of targets that sources of the same kinds reach (or may reach), together."""
    by_answer: dict[tuple[int, Verdict], list[Entry]] = {}
    for entry in entries:
        by_answer.setdefault((id(entry.answer), entry.source.verdict), []).append(entry)
    alike: dict[tuple[Verdict, tuple[str, ...]], list[Entry]] = {}
    for (_, verdict), each in by_answer.items():
        alike.setdefault((verdict, kinds(each)), []).extend(each)
    yield from alike.values()


def _rating(answers: Sequence[Answer], found: _Found) -> tuple[Severity, str]:
    reasons = []
    if not any(entry.source.verdict is not Verdict.BLOCKED for entry in found.entries):
        reasons.append("nobody known gets in by it at present")
    if answers and all(answer.listener == "no" for answer in answers):
        reasons.append(silence(answers))
    if not reasons:
        return Severity.HIGH, ""
    lowered = Severity.HIGH.lowered()
    return lowered, f"Rated {lowered.label} instead of {Severity.HIGH.label}: {listed(reasons)}."


_REMEDIATION = (
    "Take the wider group off the nodes, or narrow its rule. The cluster security group comes off by a "
    "launch template whose vpc_security_group_ids name the nodes' own groups only (EKS restores its self "
    "rule, so deleting that does not last); a group of your own is narrowed to the ports that are needed. "
    "Nodes must keep: 443 to the control plane, 10250 and the webhooks' ports from it, tcp and udp 53 and "
    "tcp 1025-65535 among themselves. A source that is meant to get in belongs under `bastions` in "
    ".eks-checks.yaml."
)
