"""Time whole processes on one plan: ours, and Checkov's where it is installed; print medians and the ratio.

    python -m benchmarks.run [--plan PLAN] [--runs N] [--checkov PATH]

Each command is run once to warm the disk cache, then N times in turn (ours, theirs, ours, ...), so
that a machine whose speed drifts favours neither. Output is thrown away.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLANS = (
    ROOT / "examples" / "bastion-story" / "plan.json",
    ROOT / "tests" / "fixtures" / "sizes" / "hundred" / "plan.json",
)
"""A plan whose links it can follow, and one whose links run through each.value: every answer open."""
CHECKOV_OPTIONS = ("--framework", "terraform_plan", "--skip-download", "--quiet", "--compact")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit status 0 also where Checkov is missing, which is said."""
    options = _options(arguments)
    for plan in options.plan or PLANS:
        _measure(Path(plan), options)
    return 0


def _measure(plan: Path, options: argparse.Namespace) -> None:
    commands = _commands(plan, options.checkov)
    for command in commands.values():
        _seconds(command)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(options.runs):
        for name, command in commands.items():
            times[name].append(_seconds(command))
    resources = len(json.loads(plan.read_text(encoding="utf-8"))["resource_changes"])
    python = platform.python_version()
    print(
        f"{plan.parent.name} with {resources} resources, Python {python}, "
        f"{os.cpu_count()} processors, {options.runs} runs"
    )
    for name, taken in times.items():
        middle, low, high = statistics.median(taken), min(taken), max(taken)
        print(f"  {name:<28} median {middle:6.3f} s   (from {low:.3f} to {high:.3f})")
    _print_ratio(times)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--plan", action="append", help="a plan to read, repeatable (default: two of ours)")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each command (default 5)")
    parser.add_argument("--checkov", default=_checkov(), help="the checkov command (default: the one found)")
    return parser.parse_args(arguments)


def _checkov() -> str:
    made = sorted(ROOT.glob(".venvs/checkov-*/bin/checkov"))
    return str(made[-1]) if made else shutil.which("checkov") or ""


def _commands(plan: Path, checkov: str) -> dict[str, list[str]]:
    ours = [sys.executable, "-m", "eks_checks"]
    found = {
        "eks-checks reach": [*ours, "reach", str(plan), "--format", "json"],
        "eks-checks scan": [*ours, "scan", str(plan), "--format", "json"],
    }
    if checkov:
        found["checkov"] = [checkov, "-f", str(plan), *CHECKOV_OPTIONS]
    else:
        print("checkov is not installed here: measuring ours alone (python3 tools/dev.py env checkov)")
    return found


def _seconds(command: Sequence[str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    taken = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} failed: {done.stderr.decode(errors='replace')[-500:]}")
    return taken


def _print_ratio(times: dict[str, list[float]]) -> None:
    if "checkov" not in times:
        return
    for name, taken in times.items():
        if name != "checkov":
            pairs = [theirs / ours for ours, theirs in zip(taken, times["checkov"], strict=True)]
            print(f"  checkov takes {statistics.median(pairs):.1f} times as long as {name}")


if __name__ == "__main__":
    sys.exit(main())
