"""The reach report as text: grouped by what creates the interfaces; who gets in, and by which rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from eks_checks.reach.answer import Answer, Cut, GroupOnInterface, Source, UnknownValue, Verdict
from eks_checks.render import alike, reach_sources, words
from eks_checks.render.page import Page, Piece
from eks_checks.render.reach_sources import NO_SUBNET
from eks_checks.reports import AttackPath, ReachReport

_MOST_UNKNOWNS = 6
_ROLES = {
    "cluster": "cluster group, made by EKS",
    "remote_access": "remote access group, made by EKS",
    "attached": "attached",
    "default": "default group",
}
_NODE_MAKERS = (
    "aws_eks_node_group",
    "aws_autoscaling_group",
    "aws_eks_cluster",
    "kubectl_manifest",
    "kubernetes_manifest",
    "helm_release",
)
_OWN_NODE = (
    "Not listed: a pod's traffic to the very node it runs on. It meets no security group and no network ACL."
)
_MISSING = {"public_address": "a public address", "route": "a route"}


@dataclass(frozen=True)
class _Look:
    """How much to show: ``fold`` tells many alike things once."""

    explain: bool
    quiet: bool
    fold: bool

    @property
    def most(self) -> int | None:
        return alike.MANY if self.fold else None


def page(report: ReachReport, *, explain: bool = False, verbose: bool = False, quiet: bool = False) -> Page:
    """The whole report; interfaces of one creator with the same answer are told together.

    ``explain`` shows every hop of every source's path; ``quiet`` leaves out the sources, but not what
    holds those asked for by name; many alike things are folded unless ``explain`` or ``verbose`` is set.
    """
    made = Page()
    look = _Look(explain, quiet, fold=not (explain or verbose))
    _resources(made, report.answers, look)
    _attack_paths(made, report.attack_paths, look)
    made.blank()
    if not quiet and any(map(_of_nodes, report.answers)):
        made.line((_OWN_NODE, "faint"), hang=2)
    _summary(made, report)
    if not quiet:
        words.coverage(made, report.coverage, verbose=verbose, deciding=_deciding(report.answers))
        words.notices(made, report.notices)
    return made


def _resources(made: Page, answers: Iterable[Answer], look: _Look) -> None:
    """One part for each resource; for those of which the same is to be said but for instance keys, one."""
    parts = []
    for resource, own in alike.gathered(answers, lambda answer: answer.resource).items():
        part = Page()
        _resource(part, own, look)
        parts.append((resource, own[0], part, alike.story(part.lines, resource)))
    for same in alike.gathered(parts, lambda part: part[3] if look.fold else part[0]).values():
        resource, first, part, _ = same[0]
        made.blank()
        made.line((resource, "resource"), (words.place(first.location), "faint"), hang=2)
        if len(same) > 1:
            places = words.Places(first.location)
            others = words.listed(f"{other}{places.told(at.location)}" for other, at, *_ in same[1:])
            made.line(("the same holds for ", "faint"), others, indent=2, hang=4)
        made.lines.extend(part.lines)


def _resource(made: Page, answers: Sequence[Answer], look: _Look) -> None:
    for block in _alike(answers):
        _block(made, block, look)
    if not look.quiet:
        _unknowns(made, dict.fromkeys(u for answer in answers for u in answer.unknowns), look)


def _alike(answers: Iterable[Answer]) -> list[list[Answer]]:
    """Answers that differ in their subnet alone (and the concrete packets of their paths) together."""
    blocks: dict[Answer, list[Answer]] = {}
    for answer in answers:
        sources = tuple(replace(s, path=reach_sources.rules(s), unknowns=()) for s in answer.sources)
        latent = tuple(replace(s, path=(), unknowns=()) for s in answer.latent)
        key = replace(answer, subnet="", sources=sources, latent=latent, unknowns=())
        blocks.setdefault(key, []).append(answer)
    return list(blocks.values())


def _block(made: Page, block: Sequence[Answer], look: _Look) -> None:
    first = block[0]
    verdict = first.verdict.value
    flow = f"{first.protocol} {first.port}" if first.port else first.protocol
    subnets = ", ".join(alike.instances((answer.subnet or NO_SUBNET for answer in block), look.most))
    made.line(
        (f"{verdict.upper():<9}", verdict), f"  {flow}, {first.family}, in {subnets}", indent=2, hang=13
    )
    if look.quiet:
        held = [source for source in first.sources if source.verdict is Verdict.BLOCKED]
        reach_sources.told(made, held, explain=False, most=look.most, near=first.location)
        return
    made.line(("groups ", "faint"), _groups(first.groups, look), indent=4, hang=11)
    made.line(*_address(first), indent=4, hang=6)
    reach_sources.told(made, first.sources, explain=look.explain, most=look.most, near=first.location)
    if not first.sources and first.verdict is Verdict.BLOCKED:
        made.line("nothing reaches it", indent=4)
    for source in first.latent:
        lack = _MISSING.get(source.missing, source.missing)
        made.line(
            (f"closed only for want of {lack}: ", "latent"), reach_sources.who([source]), indent=4, hang=6
        )
        if look.explain:
            reach_sources.latent(made, source)


def _of_nodes(answer: Answer) -> bool:
    """Whether pods may run on what is asked about: it is made by what makes nodes, or pods get in (I2)."""
    made = any(f".{type_}." in f".{answer.resource}" for type_ in _NODE_MAKERS)
    return made or any(source.scope == "pods" for source in answer.sources)


def _groups(groups: Iterable[GroupOnInterface], look: _Look) -> str:
    shapes = alike.gathered(groups, _role)
    named = [f"{name} ({role})" for role, same in shapes.items() for name in _names(same, look)]
    return ", ".join(named) or "none known"


def _role(group: GroupOnInterface) -> str:
    role = _ROLES.get(group.role, group.role)
    return role if group.certain else f"perhaps {role}"


def _names(groups: Iterable[GroupOnInterface], look: _Look) -> list[str]:
    return alike.instances((group.resource for group in groups), look.most)


def _address(answer: Answer) -> list[Piece]:
    kind = "global IPv6 address" if answer.family == "ipv6" else "public address"
    said: list[Piece] = [(f"{kind} ", "faint"), answer.public_address]
    if answer.listener == "no" or (answer.listener == "unknown" and answer.listener_note):
        note = f" ({answer.listener_note})" if answer.listener_note else ""
        said += [("; listens ", "faint"), answer.listener + note]
    return said


def _unknowns(made: Page, values: Iterable[UnknownValue], look: _Look) -> None:
    """What decides: attributes with the same effect together, and of many the first few."""
    shapes = alike.gathered(values, lambda u: (alike.pattern(u.resource), u.attribute, u.effect))
    lines = []
    for (_, attribute, effect), same in shapes.items():
        names = alike.instances((value.resource for value in same), look.most, attribute)
        lines += [f"{name}: {effect}" for name in names]
    shown = lines[:_MOST_UNKNOWNS] if look.fold else lines
    for line in shown:
        made.line(("depends on ", "possible"), line, indent=2, hang=4)
    if more := len(lines) - len(shown):
        made.line((f"and on {more} more (--verbose lists them)", "faint"), indent=2)


def _attack_paths(made: Page, paths: Iterable[AttackPath], look: _Look) -> None:
    """Each way once; of many that differ in instance keys alone, the first."""
    told = [(path, _way(path, subnets)) for path, subnets in _ways(paths)]
    most = look.most
    for (verdict, _), same in alike.gathered(
        told, lambda o: (o[0].verdict.value, alike.pattern(o[1]))
    ).items():
        shown = same if most is None or len(same) <= most else same[:1]
        for path, way in shown:
            made.blank()
            made.line((verdict, verdict), f" in several hops: {way}", hang=2)
            if path.cut is not None:
                _cut(made, path.cut)
        if more := len(same) - len(shown):
            made.line((f"and {more} more ways alike (--verbose lists them)", "faint"), indent=2)


def _cut(made: Page, cut: Cut) -> None:
    """The changes that cut every way there, one line each."""
    if not cut.changes:
        made.line("no change of the rules in the inputs cuts every way there", indent=2, hang=4)
        return
    few = "the fewest changes that cut" if cut.exact else "changes that cut"
    doubt = "" if cut.verified else " (not verified)"
    made.line(f"{few} every way there{doubt}:", indent=2)
    for change in cut.changes:
        place = (words.place(change.location), "faint")
        made.line(("- ", "faint"), (change.resource, "resource"), f": {change.text}", place, indent=4, hang=6)


def _ways(paths: Iterable[AttackPath]) -> Iterator[tuple[AttackPath, tuple[str, ...]]]:
    """Each way with the target's subnets, where its ways there differ from subnet to subnet."""
    ways = alike.gathered(paths, lambda path: (path.resource, path.verdict, path.port, path.hops, path.cut))
    places = {way: tuple(dict.fromkeys(p.subnet or NO_SUBNET for p in same)) for way, same in ways.items()}
    to_one = alike.gathered(ways, lambda way: way[0])
    for way, same in ways.items():
        differ = len({frozenset(places[other]) for other in to_one[way[0]]}) > 1
        yield same[0], places[way] if differ else ()


def _way(path: AttackPath, subnets: Sequence[str]) -> str:
    hops = " -> ".join([path.hops[0].source, *(f"{hop.target}:{hop.port}" for hop in path.hops)])
    return f"{hops} in {words.listed(subnets)}" if subnets else hops


def _deciding(answers: Iterable[Answer]) -> set[str]:
    """The resources that hold an attribute on which an answer depends."""
    found: set[str] = set()
    for answer in answers:
        sources: tuple[Source, ...] = answer.sources
        found.update(u.resource for u in answer.unknowns)
        found.update(u.resource for source in sources for u in source.unknowns)
    return found


def _summary(made: Page, report: ReachReport) -> None:
    counts: list[Piece] = []
    for verdict in (Verdict.REACHABLE, Verdict.POSSIBLE, Verdict.BLOCKED):
        number = sum(1 for answer in report.answers if answer.verdict is verdict)
        if number:
            counts += [", "] * bool(counts) + [(f"{number} {verdict.value}", verdict.value)]
    total = f"{words.counted(len(report.answers), 'target')}: " if report.answers else _no_targets(report)
    made.line(("Result: ", "heading"), total, *counts, hang=8)


def _no_targets(report: ReachReport) -> str:
    lost = sum(len(entry.resources) for entry in report.coverage.unmodelled)
    hidden = f"; {words.counted(lost, 'resource')} not modelled may hold some" if lost else ""
    return (
        "no targets: the inputs have no EKS nodes, or none with an address of the family asked for"
        f"{hidden} (--all asks of every interface)"
    )
