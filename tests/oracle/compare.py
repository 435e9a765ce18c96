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

from .compare_sources import SourcesOfOne
from .model import World
from .oracle import FAMILY_NAME, Expected, expectations
from .plan import to_plan
from .verdicts import BLOCKED, POSSIBLE, REACHABLE, strongest
from .world import random_world

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
            lines.append(f"{scope:25} {family}  {total:7}  {parts}")
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
            self.differ("document", "", "schema_version", "1", repr(document.get("schema_version")))
        entries = defaultdict(list)
        for entry in document.get("targets", []):
            entries[(entry["resource"], entry["subnet"], entry["family"], entry["protocol"])].append(entry)
        for name in ("tcp", "udp", "icmp") if protocol == "all" else (protocol,):
            self._protocol(name, port, entries)
        for key, found in entries.items():
            self.differ(
                "unexpected target", " ".join(map(str, key)), "", "no such target", f"{len(found)} entries"
            )

    def differ(self, kind: str, target: str, source: str, expected: str, actual: str) -> None:
        self.disagreements.append(Disagreement(self.world.seed, kind, target, source, expected, actual))

    # --- targets and their ports -----------------------------------------------------------------------

    def _protocol(self, protocol: str, port: str, entries: dict) -> None:
        low, high = (None, None) if protocol == "icmp" else _bounds(port)
        for probe in expectations(self.world, protocol, low, self.all_interfaces):
            key = (probe.resource, probe.subnet, FAMILY_NAME[probe.family], protocol)
            found = entries.pop(key, [])
            name = " ".join(key)
            if not found:
                self.differ("missing target", name, "", "a target", "none")
                continue
            if protocol == "icmp":
                if len(found) != 1 or found[0]["port"] is not None:
                    self.differ(
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
                self.differ("port", name, "", f"ascending without gaps from {next_port}", entry["port"])
                return False
            answer = (entry["verdict"], entry["sources"])
            if previous is not None and answer == previous:
                self.differ("port", name, "", "alike neighbours merged", f"two entries around {first}")
            next_port, previous = last + 1, answer
        if next_port != high + 1:
            self.differ("port", name, "", f"answers up to {high}", f"up to {next_port - 1}")
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
        if entry["verdict"] not in expected.verdicts:
            self.differ("verdict", name, "", " or ".join(sorted(expected.verdicts)), entry["verdict"])
        stated = strongest(source["verdict"] for source in entry["sources"])
        if entry["verdict"] != stated:
            self.differ("verdict", name, "", f"its strongest source's, {stated}", entry["verdict"])
        if entry["public_address"] not in expected.public_address:
            self.differ("public_address", name, "", str(expected.public_address), entry["public_address"])
        self._security_groups(name, entry, expected)
        self.tally[("target", family, strongest(expected.verdicts))] += 1
        SourcesOfOne(self, name, expected).compare(entry)

    def _security_groups(self, name: str, entry: dict, expected: Expected) -> None:
        found = {(item["resource"], item["role"]): item["implicit"] for item in entry["security_groups"]}
        alternatives = [
            {(resource, role) for resource, role, _ in groups} for groups in expected.security_groups
        ]
        if set(found) not in alternatives or len(found) != len(entry["security_groups"]):
            self.differ("security_groups", name, "", str(sorted(alternatives[0])), str(sorted(found)))
        for resource, role, implicit in expected.security_groups[0]:
            if implicit is not None and found.get((resource, role), implicit) is not implicit:
                self.differ(
                    "security_groups",
                    name,
                    f"{resource} {role}",
                    f"implicit {implicit}",
                    f"implicit {not implicit}",
                )


def _bounds(port: str) -> tuple[int, int]:
    low, _, high = str(port).partition("-")
    return int(low), int(high or low)
