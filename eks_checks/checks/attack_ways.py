"""Ways from the internet to the nodes' tcp 22 over logins on the way, each step with what lets it through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from eks_checks.checks.check import View
from eks_checks.checks.ssh_sources import Entry, deciding
from eks_checks.reach.answer import Answer, Cut, Source, UnknownValue, Verdict
from eks_checks.reach.cut import MOST_SEEN, Cuts
from eks_checks.reach.engine import Question, Reachability
from eks_checks.reach.internet import globally_reachable
from eks_checks.reach.login import INTERNET, Logins, Meant, Step, Way, node_of
from eks_checks.reach.measures import Mark
from eks_checks.reach.paths import heard, surest
from eks_checks.sets import AddressSet

_FEWEST_ESTATES = 2
_PUBLIC = globally_reachable("ipv4") | globally_reachable("ipv6")


@dataclass(frozen=True)
class Passed:
    """One step of a way, and the source that stands for it; None for a step into a load balancer."""

    step: Step
    source: Source | None


@dataclass(frozen=True)
class Onward:
    """The way to one answered target: its steps, and how sure it is."""

    answer: Answer
    steps: tuple[Passed, ...]
    verdict: Verdict

    @property
    def entry(self) -> Entry:
        """The target, with whoever comes in there at the end of the way."""
        source = self.steps[-1].source
        return Entry(self.answer, source or Source("interface", self.verdict, self.steps[-1].step.source[0]))

    @property
    def names(self) -> tuple[str, ...]:
        """The hops in the contract's spelling: ``internet``, then each that is entered with its port."""
        return ("internet", *(f"{each.step.target[0]}:{each.step.port}" for each in self.steps))

    @property
    def unknowns(self) -> tuple[UnknownValue, ...]:
        """The attributes on which the steps depend that are not sure."""
        return tuple(
            unknown
            for each in self.steps
            if each.source is not None and each.source.verdict is Verdict.POSSIBLE
            for unknown in each.source.unknowns
        )


class AttackWays:
    """Finds the ways of one view, without those that are meant; and what cuts them.

    A way is meant where its first login is into a declared bastion that takes in no public address but
    those of ``allowed_cidrs``, or of the bastions' own ranges.
    """

    def __init__(self, view: View) -> None:
        """Nothing is looked for yet."""
        self._view = view
        self._logins = Logins(view.reachability, view.settings.login_ports, _meant(view))
        self._passed: dict[Step, Source | None] = {}
        most = max(_FEWEST_ESTATES, MOST_SEEN // max(1, len(view.estate.interfaces)))
        self._cuts = Cuts(self._logins, most, frozenset(_used_by_bastions(view)))

    def of(self, answer: Answer) -> Onward | None:
        """The surest of the shortest ways to one target of ``view.ssh``; None where there is none.

        What the internet surely reaches by itself has none, and a balancer in front of the nodes themselves
        is no login. Nor are other nodes of the same maker a way: the way to them is one of its own.
        """
        if any(s.scope == "internet" and s.verdict is Verdict.REACHABLE for s in answer.sources):
            return None
        target = _by_logins(answer)
        for way, verdict in surest(self._logins, target):
            steps = heard(self._logins.reachability, way)
            return Onward(target, tuple(self._told(target, steps)), verdict)
        return None

    def cut(self, onward: Onward) -> Cut:
        """The fewest changes that cut every such way to the target; few estates are tried for it."""
        return self._cuts.of(onward.answer)

    def _told(self, target: Answer, way: Way) -> Iterator[Passed]:
        *before, last = way
        for step in before:
            if step not in self._passed:
                self._passed[step] = None if step.balancer else _strongest(self._logins.reachability, step)
            yield Passed(step, self._passed[step])
        mine = [source for source in target.sources if node_of(source) == last.source]
        yield Passed(last, max(mine, key=lambda source: source.verdict.strength))


def declared(view: View, onward: Onward) -> tuple[str, Source] | None:
    """The declared bastion that the internet enters first, and how; None where that is something else."""
    for each in onward.steps:
        if each.source is not None and each.step.source in (INTERNET, onward.steps[0].step.target):
            name = each.step.target[0]
            if view.is_bastion(name) and each.source.scope in ("internet", "load_balancer"):
                return name, each.source
    return None


def _by_logins(answer: Answer) -> Answer:
    own = (s for s in answer.sources if s.scope == "interface" and s.resource != answer.resource)
    return replace(answer, sources=tuple(own))


def _meant(view: View) -> Meant:
    allowed = view.settings.allowed_addresses | view.settings.bastion_addresses

    def meant(answer: Answer, source: Source) -> bool:
        if source.scope not in ("internet", "load_balancer") or source.cidrs is None:
            return False
        public = AddressSet.from_cidrs(source.cidrs) & _PUBLIC
        return public <= allowed and view.is_bastion(answer.resource)

    return meant


def _used_by_bastions(view: View) -> Iterator[Mark]:
    """The rules by which declared bastions get in to the nodes."""
    if not view.settings.bastions:
        return
    for answer in view.ssh:
        for source in answer.sources:
            if view.is_bastion(source.resource, source.cidrs or ()):
                yield from ((hop.resource, hop.rule, hop.location) for hop in deciding(source))


def _strongest(reachability: Reachability, step: Step) -> Source | None:
    """The source that makes one step, with the rules that let it through."""
    low, _, high = step.port.partition("-")
    question = Question(
        ports=(int(low), int(high or low)),
        everything=True,
        only_from=frozenset({step.source[0]}),
        only_to=frozenset({step.target}),
        explain=True,
    )
    found = [s for a in reachability.answers(question) for s in a.sources if node_of(s) == step.source]
    return max(found, key=lambda source: source.verdict.strength, default=None)
