"""The corpus as it is written down: its cases and their questions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.source_tree import ROOT

CORPUS = ROOT / "tests" / "fixtures" / "conformance"


@dataclass(frozen=True)
class Asked:
    """One question with its true answer.

    ``source`` is ``internet``, a resource's address, a CIDR, or a scope with the resource (and perhaps the
    subnet) it is about; ``cidrs`` are exactly the addresses of that source to which the verdict applies.
    ``latent`` are addresses that only lack what ``missing`` names. What is None is not judged.
    """

    to: str
    subnet: str | None
    source: str | tuple[str, str | None, str | None]
    family: str
    protocol: str
    port: str | None
    verdict: str
    cidrs: tuple[str, ...] | None
    mitigated_by: tuple[str, ...] | None
    latent: tuple[str, ...] | None
    missing: str | None
    listener: str | None
    public_address: str | None

    @property
    def said(self) -> str:
        """The question in one line."""
        source = " ".join(filter(None, self.source)) if isinstance(self.source, tuple) else self.source
        port = "ping" if self.port is None else f"{self.protocol} {self.port}"
        place = f" in {self.subnet}" if self.subnet else ""
        return f"{source} -> {self.to}{place} {port} over {self.family}"


@dataclass(frozen=True)
class Case:
    """One case: its folder, what it shows, the facts that decide it, and what is asked."""

    folder: Path
    title: str
    facts: tuple[str, ...]
    questions: tuple[Asked, ...]
    needs: str | None

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name


@cache
def cases() -> tuple[Case, ...]:
    """All cases, by name."""
    return tuple(_case(path) for path in sorted(CORPUS.glob("*/case.json")))


def _case(path: Path) -> Case:
    text = json.loads(path.read_text(encoding="utf-8"))
    questions = tuple(_asked(question) for question in text["questions"])
    return Case(path.parent, text["title"], tuple(text["facts"]), questions, text.get("needs"))


def _asked(question: dict[str, Any]) -> Asked:
    source = question["from"]
    if isinstance(source, dict):
        source = (source["scope"], source.get("resource"), source.get("subnet"))
    latent = question.get("latent") or {}
    return Asked(
        to=question["to"],
        subnet=question.get("subnet"),
        source=source,
        family=question["family"],
        protocol=question["protocol"],
        port=question["port"],
        verdict=question["verdict"],
        cidrs=_prefixes(question.get("cidrs")),
        mitigated_by=_prefixes(question.get("mitigated_by")),
        latent=_prefixes(latent.get("cidrs")),
        missing=latent.get("missing"),
        listener=question.get("listener"),
        public_address=question.get("public_address"),
    )


def _prefixes(given: list[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(given)
