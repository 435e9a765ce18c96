"""Holds the sources of one target entry against the oracle: known interfaces, and scopes of addresses."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Protocol

from .cidrs import CidrList
from .endpoints import ENDPOINT
from .oracle import FAMILY_NAME, Expected, Wide
from .packets import text_of
from .verdicts import BLOCKED, options

KNOWN = ("interface", "control_plane", "pods", ENDPOINT)


class Ledger(Protocol):
    """Where disagreements, and counts of what was asked, are written down."""

    tally: Any

    def differ(self, kind: str, target: str, source: str, expected: str, actual: str) -> None: ...


class SourcesOfOne:
    def __init__(self, ledger: Ledger, name: str, expected: Expected) -> None:
        self.ledger, self.name, self.expected = ledger, name, expected
        self.family = expected.family

    def _differ(self, kind: str, source: str, expected: str, actual: str) -> None:
        self.ledger.differ(kind, self.name, source, expected, actual)

    def _count(self, scope: str, answer: str) -> None:
        if len(options(answer)) == 1:
            self.ledger.tally[(scope, FAMILY_NAME[self.family], answer)] += 1

    def compare(self, entry: dict) -> None:
        wide: dict[tuple, list[dict]] = defaultdict(list)
        known: dict[tuple, str] = {}
        for source in entry["sources"]:
            scope, resource = source["scope"], source.get("resource")
            if source["verdict"] == BLOCKED:
                self._differ("sources", str(source), "blocked sources left out", "listed")
            if scope not in KNOWN:
                wide[(scope, resource)].append(source)
                continue
            # An endpoint is one entry; whether it also says its subnet is left open by the contract.
            key = (scope, resource, "" if scope == ENDPOINT else source.get("subnet"))
            if key in known:
                self._differ("sources", str(key), "one entry", "two")
            known[key] = source["verdict"]
        self._known(known)
        for item in self.expected.wide:
            self._wide(item, wide.pop((item.scope, item.resource), []))
        for (scope, resource), sources in wide.items():
            for source in sources:
                said = f"{source['verdict']} {source.get('cidrs')}"
                self._differ("unexpected source", f"{scope} {resource}", "no such source", said)

    def _known(self, known: dict[tuple, str]) -> None:
        for key, answer in self.expected.known.items():
            actual = known.pop(key, BLOCKED)
            self._count(key[0], answer)
            if actual not in options(answer) and not (key in self.expected.optional and actual == BLOCKED):
                self._differ(f"answer: {key[0]}", " ".join(map(str, key)), answer, actual)
        for key, verdict in known.items():
            self._differ("unexpected source", str(key), "no such source", verdict)

    # --- scopes of addresses -----------------------------------------------------------------------------

    def _wide(self, wide: Wide, sources: list[dict]) -> None:
        scope = f"{wide.scope} {wide.resource or ''}".rstrip()
        lists = self._lists(scope, wide, sources)
        for answer in wide.counted():
            self._count(wide.scope, answer)
        extra = {
            address: wide.ask(address)
            for item in lists.values()
            for address in item.borders()
            if address not in wide.verdicts and wide.counts(address)
        }
        wrong = []
        for address, answer in {**wide.verdicts, **extra}.items():
            if not wide.counts(address):
                continue
            stated = [listed for listed, item in lists.items() if item.holds(address)]
            if len(stated) > 1:
                self._differ(
                    "cidrs", f"{scope} {text_of(address, self.family)}", "disjoint entries", str(stated)
                )
            if (stated[0] if stated else BLOCKED) not in options(answer):
                wrong.append((address, answer, stated[0] if stated else BLOCKED))
        if wrong:  # one line for all of them: they are one mistake
            address, answer, actual = wrong[0]
            self._differ(
                f"answer: {wide.scope}",
                f"{wide.resource or ''} {text_of(address, self.family)} and {len(wrong) - 1} more".strip(),
                answer,
                actual,
            )

    def _lists(self, scope: str, wide: Wide, sources: list[dict]) -> dict[str, CidrList]:
        lists: dict[str, CidrList] = {}
        for source in sources:
            verdict = source["verdict"]
            if verdict in lists:
                self._differ("sources", scope, f"one {verdict} entry", "two")
                continue
            if not source.get("cidrs"):
                self._differ("sources", scope, "cidrs", repr(source.get("cidrs")))
                continue
            lists[verdict] = CidrList(source["cidrs"], self.family)
            for fault in lists[verdict].faults():
                self._differ("cidrs", scope, "minimal, sorted, non-overlapping", fault)
            self._labels(scope, wide, source, lists[verdict])
        return lists

    def _labels(self, scope: str, wide: Wide, source: dict, listed: CidrList) -> None:
        if wide.inside is not None:
            if not listed.within(wide.inside):
                self._differ("cidrs", scope, "only blocks of that network", str(source["cidrs"]))
            return
        if wide.scope == "internet":
            if source.get("via") != wide.via:
                self._differ("sources", scope, f"via {wide.via}", repr(source.get("via")))
            if not any(wide.counts(address) for address in listed.samples()):
                self._differ("cidrs", scope, "a globally reachable address", str(source["cidrs"]))
