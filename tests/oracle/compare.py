"""Holds an answer of `reach --format json` against the oracle.

    summary = run(range(300), reach)            # reach: plan (dict) -> reach document (dict)
    for each in summary.disagreements[:5]: print(each)

`check` looks at the structure the contract promises and at every answer: sources left out are
`blocked`; of `internet` only globally reachable addresses outside the VPC count.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .cidrs import CidrList
from .delivery import cidr
from .model import World
from .oracle import (
    BLOCKED,
    FAMILY_NAME,
    POSSIBLE,
    REACHABLE,
    Expected,
    expectations,
    is_global,
    strongest,
    text_of,
)
from .plan import to_plan
from .world import random_world

KNOWN_SCOPES = ("interface", "control_plane", "pods")
PORTS_TRIED = 14  # at most, in one sub-range of `--port N-M`


@dataclass(frozen=True)
class Disagreement:
    seed: int
    kind: str
    target: str
    source: str
    expected: str
    actual: str

    def __str__(self) -> str:
        return (
            f"seed {self.seed} [{self.kind}] {self.target} <- {self.source}: "
            f"expected {self.expected}, got {self.actual}"
        )


@dataclass
class Summary:
    worlds: int = 0
    targets: int = 0
    answers: Counter = field(default_factory=Counter)
    disagreements: list[Disagreement] = field(default_factory=list)
    oracle_seconds: float = 0.0
    reach_seconds: float = 0.0

    def shares(self) -> list[str]:
        """One line per scope and family: how many answers, and which."""
        lines = []
        for scope, family in sorted({key[:2] for key in self.answers}):
            counts = [self.answers[(scope, family, verdict)] for verdict in (REACHABLE, POSSIBLE, BLOCKED)]
            total = sum(counts)
            parts = ", ".join(
                f"{verdict} {count / total:.0%}"
                for verdict, count in zip((REACHABLE, POSSIBLE, BLOCKED), counts, strict=False)
            )
            lines.append(f"{scope:14} {family}  {total:7}  {parts}")
        return lines


def run(
    seeds: Iterable[int],
    reach: Callable[[dict], dict],
    *,
    protocol: str = "tcp",
    port: str = "22",
    all_interfaces: bool = False,
    stop_after: int | None = None,
) -> Summary:
    """`protocol` and `port` say what `reach` was asked for, as on its command line ("22", "20-25")."""
    summary = Summary()
    for seed in seeds:
        world = random_world(seed)
        plan = to_plan(world)
        started = time.perf_counter()
        document = reach(plan)
        answered = time.perf_counter()
        summary.disagreements += check(
            world,
            document,
            protocol=protocol,
            port=port,
            all_interfaces=all_interfaces,
            tally=summary.answers,
        )
        summary.reach_seconds += answered - started
        summary.oracle_seconds += time.perf_counter() - answered
        summary.worlds += 1
        summary.targets += len(document.get("targets", []))
        if stop_after is not None and len(summary.disagreements) >= stop_after:
            break
    return summary


def check(
    world: World,
    document: dict,
    protocol: str = "tcp",
    port: str = "22",
    all_interfaces: bool = False,
    tally: Counter | None = None,
) -> list[Disagreement]:
    return Comparison(world, document, protocol, port, all_interfaces, tally).disagreements


class Comparison:
    def __init__(
        self,
        world: World,
        document: dict,
        protocol: str,
        port: str,
        all_interfaces: bool,
        tally: Counter | None,
    ) -> None:
        self.world, self.document, self.all_interfaces = world, document, all_interfaces
        self.tally = tally if tally is not None else Counter()
        self.disagreements: list[Disagreement] = []
        if document.get("schema_version") != 1:
            self._differ("document", "", "schema_version", "1", repr(document.get("schema_version")))
        entries = defaultdict(list)
        for entry in document.get("targets", []):
            entries[(entry["resource"], entry["subnet"], entry["family"], entry["protocol"])].append(entry)
        for name in ("tcp", "udp", "icmp") if protocol == "all" else (protocol,):
            self._protocol(name, port, entries)
        for key, found in entries.items():
            self._differ(
                "unexpected target", " ".join(map(str, key)), "", "no such target", f"{len(found)} entries"
            )

    def _differ(self, kind: str, target: str, source: str, expected: str, actual: str) -> None:
        self.disagreements.append(Disagreement(self.world.seed, kind, target, source, expected, actual))

    # --- targets and their ports -----------------------------------------------------------------------

    def _protocol(self, protocol: str, port: str, entries: dict) -> None:
        low, high = (None, None) if protocol == "icmp" else _bounds(port)
        for probe in expectations(self.world, protocol, low, self.all_interfaces):
            key = (probe.resource, probe.subnet, FAMILY_NAME[probe.family], protocol)
            found = entries.pop(key, [])
            name = " ".join(key)
            if not found:
                self._differ("missing target", name, "", "a target", "none")
                continue
            if protocol == "icmp":
                if len(found) != 1 or found[0]["port"] is not None:
                    self._differ(
                        "port", name, "", "one entry, port null", str([item["port"] for item in found])
                    )
                self._target(name, found[0], probe)
                continue
            if self._sub_ranges_fit(name, found, low, high):
                for entry in found:
                    for tried in self._ports_to_try(*_bounds(entry["port"])):
                        self._target(f"{name} {tried}", entry, self._expected(key, protocol, tried))

    def _expected(self, key: tuple, protocol: str, port: int) -> Expected:
        cache = self.__dict__.setdefault("_asked", {})
        if (protocol, port) not in cache:
            cache[(protocol, port)] = {
                (item.resource, item.subnet, FAMILY_NAME[item.family], protocol): item
                for item in expectations(self.world, protocol, port, self.all_interfaces)
            }
        return cache[(protocol, port)][key]

    def _sub_ranges_fit(self, name: str, found: list[dict], low: int, high: int) -> bool:
        next_port, previous = low, None
        for entry in found:
            first, last = _bounds(entry["port"])
            canonical = str(first) if first == last else f"{first}-{last}"
            if first != next_port or last < first or entry["port"] != canonical:
                self._differ("port", name, "", f"ascending without gaps from {next_port}", entry["port"])
                return False
            answer = (entry["verdict"], entry["sources"])
            if previous is not None and answer == previous:
                self._differ("port", name, "", "alike neighbours merged", f"two entries around {first}")
            next_port, previous = last + 1, answer
        if next_port != high + 1:
            self._differ("port", name, "", f"answers up to {high}", f"up to {next_port - 1}")
            return False
        return True

    def _ports_to_try(self, low: int, high: int) -> list[int]:
        edges = {low, high}
        for group in self.world.groups:
            for rule in group.rules:
                edges.update((rule.from_port or 0, (rule.to_port or 0) + 1))
        for acl in self.world.acls:
            for entry in acl.entries:
                edges.update((entry.from_port or 0, (entry.to_port or 0) + 1))
        inside = sorted(edge for edge in edges if low <= edge <= high)
        step = max(1, len(inside) // PORTS_TRIED)
        return sorted({low, high, *inside[::step]})

    # --- one target --------------------------------------------------------------------------------------

    def _target(self, name: str, entry: dict, expected: Expected) -> None:
        family = FAMILY_NAME[expected.family]
        if entry["verdict"] not in expected.verdicts():
            self._differ("verdict", name, "", " or ".join(sorted(expected.verdicts())), entry["verdict"])
        stated = strongest(source["verdict"] for source in entry["sources"])
        if entry["verdict"] != stated:
            self._differ("verdict", name, "", f"its strongest source's, {stated}", entry["verdict"])
        if entry["public_address"] not in expected.public_address:
            self._differ("public_address", name, "", str(expected.public_address), entry["public_address"])
        self._security_groups(name, entry, expected)
        self.tally[("target", family, strongest(expected.verdicts()))] += 1
        self._sources(name, entry, expected)

    def _security_groups(self, name: str, entry: dict, expected: Expected) -> None:
        found = {(item["resource"], item["role"]): item["implicit"] for item in entry["security_groups"]}
        alternatives = [
            {(resource, role) for resource, role, _ in groups} for groups in expected.security_groups
        ]
        if set(found) not in alternatives or len(found) != len(entry["security_groups"]):
            self._differ("security_groups", name, "", str(sorted(alternatives[0])), str(sorted(found)))
        for resource, role, implicit in expected.security_groups[0]:
            if implicit is not None and found.get((resource, role), implicit) is not implicit:
                self._differ(
                    "security_groups",
                    name,
                    f"{resource} {role}",
                    f"implicit {implicit}",
                    f"implicit {not implicit}",
                )

    def _sources(self, name: str, entry: dict, expected: Expected) -> None:
        wide: dict[str, list[dict]] = {"internet": [], "vpc": []}
        known: dict[tuple, str] = {}
        for source in entry["sources"]:
            if source["verdict"] == BLOCKED:
                self._differ("sources", name, str(source), "blocked sources left out", "listed")
            if source["scope"] in wide:
                wide[source["scope"]].append(source)
                continue
            key = (source["scope"], source.get("resource"), source.get("subnet"))
            if key in known:
                self._differ("sources", name, str(key), "one entry", "two")
            known[key] = source["verdict"]
        self._known(name, known, expected)
        self._wide(name, "internet", wide["internet"], expected)
        self._wide(name, "vpc", wide["vpc"], expected)

    def _known(self, name: str, known: dict[tuple, str], expected: Expected) -> None:
        for key, verdict in expected.known.items():
            actual = known.pop(key, BLOCKED)
            self.tally[(key[0], FAMILY_NAME[expected.family], verdict)] += 1
            if actual != verdict and not (key in expected.optional and actual == BLOCKED):
                self._differ(f"answer: {key[0]}", name, " ".join(key), verdict, actual)
        for key, verdict in known.items():
            self._differ("unexpected source", name, str(key), "no such source", verdict)

    # --- internet and VPC addresses ----------------------------------------------------------------------

    def _wide(self, name: str, scope: str, sources: list[dict], expected: Expected) -> None:
        family = expected.family
        lists: dict[str, CidrList] = {}
        for source in sources:
            verdict = source["verdict"]
            if verdict in lists:
                self._differ("sources", name, scope, f"one {verdict} entry", "two")
                continue
            if not source.get("cidrs"):
                self._differ("sources", name, scope, "cidrs", repr(source.get("cidrs")))
                continue
            lists[verdict] = CidrList(source["cidrs"], family)
            for fault in lists[verdict].faults():
                self._differ("cidrs", name, scope, "minimal, sorted, non-overlapping", fault)
            self._labels(name, scope, source, lists[verdict], family)
        answers = expected.internet_verdicts if scope == "internet" else expected.vpc_verdicts
        ask = expected.ask_internet if scope == "internet" else expected.ask_vpc
        for verdict in answers.values():
            self.tally[(scope, FAMILY_NAME[family], verdict)] += 1
        extra = {
            address: ask(address)
            for item in lists.values()
            for address in item.borders()
            if address not in answers and self._counts(scope, address, family)
        }
        wrong = []
        for address, verdict in {**answers, **extra}.items():
            stated = [listed for listed, item in lists.items() if item.holds(address)]
            if len(stated) > 1:
                self._differ(
                    "cidrs", name, f"{scope} {text_of(address, family)}", "disjoint entries", str(stated)
                )
            if verdict != (stated[0] if stated else BLOCKED):
                wrong.append((address, verdict, stated[0] if stated else BLOCKED))
        if wrong:  # one line for all of them: they are one mistake
            address, verdict, actual = wrong[0]
            self._differ(
                f"answer: {scope}",
                name,
                f"{text_of(address, family)} and {len(wrong) - 1} more",
                verdict,
                actual,
            )

    def _counts(self, scope: str, address: int, family: int) -> bool:
        own = any(cidr(text).holds(address) for text in self.world.vpc.blocks(family))
        return own if scope == "vpc" else is_global(address, family) and not own

    def _labels(self, name: str, scope: str, source: dict, listed: CidrList, family: int) -> None:
        if scope == "vpc":
            if source.get("resource") != self.world.vpc.address:
                self._differ("sources", name, scope, self.world.vpc.address, repr(source.get("resource")))
            if not listed.within([cidr(text) for text in self.world.vpc.blocks(family)]):
                self._differ("cidrs", name, scope, "only the VPC's own blocks", str(source["cidrs"]))
            return
        gateway = next(
            (
                item.address
                for item in self.world.gateways
                if item.kind == "internet" and item.vpc_id == self.world.vpc.id
            ),
            None,
        )
        if source.get("via") != gateway:
            self._differ("sources", name, scope, f"via {gateway}", repr(source.get("via")))
        if not any(self._counts(scope, address, family) for address in listed.samples()):
            self._differ("cidrs", name, scope, "a globally reachable address", str(source["cidrs"]))


def _bounds(port: str) -> tuple[int, int]:
    low, _, high = str(port).partition("-")
    return int(low), int(high or low)
