"""How many unknown links of a plan are resolved, without and with the sources beside it: a table.

    python -m benchmarks.resolution [CASE ...] [--list {with,without,none}]

A CASE is a folder with a ``plan.json`` (its ``.tf`` beside it, ``applied.json`` where there is one), or a
file of tab-separated lines: name, plan, applied plan (may be empty), source folder. Without a CASE:
``$RESOLUTION_CASES`` (the same, separated by the path separator), and the fixtures.

*exact*: one object, or a list of just these; *set*: one of several, or a list that may hold others;
*none*: not known. *wrong*: what apply made is not among what was said. What the provider computes because
the configuration leaves it out is no link.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.links import is_read, is_whole_block, unknown_links
from eks_checks.analysis import CONVENTIONS
from eks_checks.terraform import plan
from eks_checks.terraform.document import Document
from eks_checks.terraform.evaluation.beside import Beside
from eks_checks.terraform.references import References
from eks_checks.terraform.resource import Block, Blocks, Resource
from eks_checks.terraform.value import (
    Choice,
    Collection,
    Known,
    Mapping,
    Reference,
    Unknown,
    Value,
    path_text,
    unknowns,
)
from eks_checks.terraform.value import Path as Steps
from eks_checks.terraform.world import Resolving, World
from tests.terraform.twins import agrees

ROOT = Path(__file__).resolve().parents[1]
FAMILIES = ("evaluation", "stories", "terraform")

Sources = Callable[[Document, Path], Resolving]
"""Makes the resolver that reads the sources in a folder beside a plan."""


def with_sources(document: Document, folder: Path) -> Resolving:
    """Evaluates the configuration."""
    return Beside(str(folder), CONVENTIONS)


EXACT, SET, NONE = "exact", "set", "none"
EQUAL = "whether members are equal is known after apply"


@dataclass(frozen=True)
class Case:
    """A plan, its twin after the apply if there is one, and the folder it was made of."""

    name: str
    plan: Path
    applied: Path | None
    source: Path


@dataclass
class Tally:
    """What became of the links of one case in one way of reading."""

    counts: Counter[str] = field(default_factory=Counter)
    unresolved: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many unknown links there are."""
        return sum(self.counts.values())

    def add(self, other: Tally) -> None:
        """Count the other's too."""
        self.counts.update(other.counts)
        self.unresolved += other.unresolved
        self.wrong += other.wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; exit status 1 where something is wrong."""
    options = _options(arguments)
    sums = (Tally(), Tally())
    width = max((len(case.name) for case in options.cases), default=10) + 2
    columns = "exact   set  none wrong"
    print(f"{'':{width}} links   without sources (%): {columns}   with (%): {columns}")
    for case in options.cases:
        tallies = measure(case, with_sources)
        for total, tally in zip(sums, tallies, strict=True):
            total.add(tally)
        print(_row(case.name, width, tallies))
    print(_row("all", width, sums))
    chosen = {"without": sums[0], "with": sums[1]}.get(options.list, Tally())
    for title, lines in (("not resolved exactly", chosen.unresolved), ("wrong", chosen.wrong)):
        if lines:
            print(f"\n{title}, {len(lines)}:", *lines, sep="\n  ")
    return 1 if any(total.wrong for total in sums) else 0


def measure(case: Case, sources: Sources | None) -> tuple[Tally, Tally]:
    """The links of one case without and with sources (these empty where nobody reads them)."""
    document = plan.read(str(case.plan))
    applied = World.after([plan.read(str(case.applied))]) if case.applied else None
    without = World.after([document], resolving=References)
    told = World.after([document], resolving=sources(document, case.source)) if sources else None
    tallies = (Tally(), Tally())
    for resource in without.resources():
        if not is_read(resource):
            continue
        twin = told.get(str(resource.address)) if told else None
        for path in unknown_links(resource):
            deciding = twin or resource  # whether it is a link at all, the sources know best
            if _is_computed(deciding.value(*path)) or (twin is None and is_whole_block(path)):
                continue
            for tally, one in zip(tallies, (resource, twin), strict=True):
                if one is not None:
                    _count(tally, case.name, one, path, applied)
    return tallies


def _count(tally: Tally, case: str, resource: Resource, path: Steps, applied: World | None) -> None:
    value = resource.value(*path)
    kind = _of_blocks(resource, path) if is_whole_block(path) else classify(value)
    where = f"{case}: {resource.address}{path_text(path)}"
    tally.counts[kind] += 1
    if kind != EXACT:
        tally.unresolved.append(f"{where}: {kind}: {_reason(value)}")
    twin = applied.get(str(resource.address)) if applied else None
    if twin is None or applied is None or is_whole_block(path):
        return
    if not agrees(value, twin.value(*path), applied):
        tally.wrong.append(f"{where}: {value}, but {twin.value(*path)}")


def classify(value: Value) -> str:
    """Whether a link is resolved exactly, as a set, or not at all."""
    if isinstance(value, Known):
        return EXACT
    if isinstance(value, Reference):
        return EXACT if value.resource.mode == "managed" else NONE  # K10: data that apply will read
    if isinstance(value, Choice):
        return SET
    if isinstance(value, Collection):
        return _of_members(value)
    if isinstance(value, Mapping):
        return SET if value.entries else NONE
    return NONE


def _of_blocks(resource: Resource, path: Steps) -> str:
    """Blocks that the plan leaves open as a whole are resolved once it is told how many there are."""
    block: Block | None = resource
    for name, position in zip(path[::2], (*path[1::2], None), strict=True):
        found = block.blocks(str(name)) if block is not None else Blocks()
        if position is None:
            return EXACT if block is not None and found.open is None else NONE
        block = found.items[position] if isinstance(position, int) and position < len(found) else None
    return NONE


def _of_members(value: Collection) -> str:
    kinds = {classify(item) for item in (*value.items, *value.maybe)}
    if value.exact and kinds <= {EXACT}:
        return EXACT
    return SET if kinds - {NONE} else NONE


def _is_computed(value: Value) -> bool:
    """Whether the configuration certainly leaves it to the provider."""
    if isinstance(value, Collection) and not value.items and not value.maybe and value.open is not None:
        return value.open.computed
    return isinstance(value, Unknown) and value.computed


def _reason(value: Value) -> str:
    reasons = dict.fromkeys(unknown.reason for unknown in unknowns(value))
    if reasons:
        return "; ".join(reasons)
    if isinstance(value, Reference):
        return f"{value} is read at apply"
    if isinstance(value, Choice):
        return f"one of {len(value.options)}: {', '.join(map(str, value.options[:3]))}"
    if isinstance(value, Collection):
        members = (*value.items, *value.maybe)
        read = dict.fromkeys(str(item) for item in members if classify(item) == NONE)
        return f"{' and '.join(read)} read at apply" if read else EQUAL
    return "its members are not certain"


def _row(name: str, width: int, tallies: tuple[Tally, Tally]) -> str:
    links = max(tally.total for tally in tallies)
    return f"{name:{width}} {links:5}{'':23}{_shares(tallies[0])}{'':12}{_shares(tallies[1])}"


def _shares(tally: Tally) -> str:
    if not tally.total:
        return "     -     -     -     -"
    shares = " ".join(f"{100 * tally.counts[kind] / tally.total:5.1f}" for kind in (EXACT, SET, NONE))
    return f" {shares} {len(tally.wrong):5}"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How many unknown links of plans are resolved.")
    parser.add_argument("cases", nargs="*", help="folders with a plan.json, or lists of cases")
    parser.add_argument("--list", choices=("with", "without", "none"), default="with")
    options = parser.parse_args(arguments)
    more = [part for part in os.environ.get("RESOLUTION_CASES", "").split(os.pathsep) if part]
    named = [*options.cases, *([] if options.cases else more)]
    options.cases = [case for name in named for case in _named(Path(name))]
    if len(named) == len(more) and named == more:
        options.cases += _fixtures()
    return options


def _named(path: Path) -> Iterator[Case]:
    if path.is_dir():
        yield _folder(path.name, path)
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, planned, applied, source = line.split("\t")
        yield Case(name, Path(planned), Path(applied) if applied else None, Path(source))


def _fixtures() -> list[Case]:
    plans = (ROOT / "tests" / "fixtures" / family for family in FAMILIES)
    folders = sorted(file.parent for family in plans for file in family.glob("*/plan.json"))
    return [_folder(f"{folder.parent.name}/{folder.name}", folder) for folder in folders]


def _folder(name: str, folder: Path) -> Case:
    applied = folder / "applied.json"
    example = folder / "examples" / "complete"
    source = example if example.is_dir() else folder
    return Case(name, folder / "plan.json", applied if applied.is_file() else None, source)


if __name__ == "__main__":
    raise SystemExit(main())
