"""The contract's JSON documents. Keys come in the contract's order; equal reports give equal bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from eks_checks import __version__
from eks_checks.findings import Evidence, Finding, Report, Status
from eks_checks.naming import Names
from eks_checks.reach.answer import Answer, GroupOnInterface, Hop, Source, Verdict
from eks_checks.render.interfaces_json import interface, nodes
from eks_checks.render.json_places import Object, line, span
from eks_checks.reports import (
    AttackPath,
    CatalogueEntry,
    Coverage,
    InterfacesReport,
    ReachReport,
)

SCHEMA_VERSION = 1

_WITHOUT_CIDRS = frozenset({"interface", "pods", "control_plane", "instance_connect_endpoint"})


def scan(report: Report) -> str:
    """The document of ``scan --format json``."""
    return _told(
        {
            "schema_version": SCHEMA_VERSION,
            "tool": {"name": "eks-checks", "version": __version__},
            "inputs": [
                {
                    "path": entry.path,
                    "kind": entry.kind,
                    "terraform_version": entry.terraform_version,
                    "resources": entry.resources,
                }
                for entry in report.inputs
            ],
            "summary": {
                **{status.value: report.count(status) for status in Status},
                "by_severity": report.by_severity(),
            },
            "findings": [_finding(finding) for finding in report.findings],
            "checks": [
                {"check_id": run.check_id, "passed": list(run.passed), "not_applicable": run.not_applicable}
                for run in report.checks
            ],
            "coverage": _coverage(report.coverage),
        },
        report.names,
    )


def reach(report: ReachReport, *, explain: bool = False) -> str:
    """The document of ``reach --format json``; with ``explain`` every source carries its path."""
    sources = _Sources(report.names, explain)
    document = {
        "schema_version": SCHEMA_VERSION,
        "targets": [_target(answer) for answer in report.answers],
        "attack_paths": [_attack_path(path) for path in report.attack_paths],
        "coverage": _coverage(report.coverage),
    }
    return sources.put_into(_told(document, report.names), report.answers)


def interfaces(report: InterfacesReport) -> str:
    """The document of ``interfaces --format json``."""
    return _told(
        {
            "schema_version": SCHEMA_VERSION,
            "interfaces": [interface(entry) for entry in report.interfaces],
            "nodes": [nodes(entry) for entry in report.nodes],
            "coverage": _coverage(report.coverage),
        },
        report.names,
    )


def catalogue(entries: Iterable[CatalogueEntry]) -> str:
    """The document of ``checks --format json``."""
    checks = [
        {"check_id": e.check_id, "name": e.name, "severity": e.severity, "summary": e.summary}
        for e in entries
    ]
    return _text({"schema_version": SCHEMA_VERSION, "checks": checks})


def settings(file: str, entries: Iterable[tuple[str, str, str]]) -> str:
    """The document of ``config --format json``: the file in force, and every (key, value, origin)."""
    values = [{"key": key, "value": value, "origin": origin} for key, value, origin in entries]
    return _text({"schema_version": SCHEMA_VERSION, "file": file or None, "settings": values})


def _told(document: Object, names: Names) -> str:
    return _text(_with_inputs(document, names) if names else document)


_BESIDE = {"resource": "input", "subnet": "subnet_input", "via": "via_input"}
"""Keys that hold one resource, and the key beside it that names its input where inputs share an address."""


def _with_inputs(tree: Any, names: Names) -> Any:
    """The tree with every resource by its address, and its input beside; in lists and texts by its key."""
    if isinstance(tree, list):
        return [_with_inputs(item, names) for item in tree]
    if not isinstance(tree, dict):
        return tree
    made: Object = {}
    for key, value in tree.items():
        made[key] = _with_inputs(value, names)
        if key in _BESIDE and not isinstance(value, (dict, list)):
            named = value or ""
            made[key], made[_BESIDE[key]] = names.address(named) or value, names.input(named)
    return made


def _text(document: Object) -> str:
    return _dumped(document) + "\n"


def _dumped(document: Object) -> str:
    # ASCII only: right whatever code page the console or a redirection uses.
    return json.dumps(document, indent=2, ensure_ascii=True)


def _finding(finding: Finding) -> Object:
    return {
        "check_id": finding.check_id,
        "name": finding.name,
        "severity": finding.severity.label,
        "status": finding.status.value,
        "resource": finding.resource,
        "location": span(finding.location),
        "message": finding.message,
        "evidence": [_evidence(item) for item in (*finding.evidence, *finding.module_calls)],
        "remediation": finding.remediation,
        "fingerprint": finding.fingerprint,
        "change": finding.change,
    }


def _evidence(item: Evidence) -> Object:
    return {"resource": item.resource, "text": item.text, "location": line(item.location)}


class _Sources:
    """The text of each source: written once, since an answer's sources are most often another's too."""

    def __init__(self, names: Names, explain: bool) -> None:
        self._names = names
        self._explain = explain
        self._written: dict[int, str] = {}

    def put_into(self, text: str, answers: Iterable[Answer]) -> str:
        """The document with each target's sources in the places that ``_target`` keeps for them."""
        parts = text.split(_PLACE)
        filled = (self._list(listed) for answer in answers for listed in (answer.sources, answer.latent))
        return "".join((parts[0], *(part for pair in zip(filled, parts[1:], strict=True) for part in pair)))

    def _list(self, sources: tuple[Source, ...]) -> str:
        if not sources:
            return "[]"
        return "[\n        " + ",\n        ".join(map(self._one, sources)) + "\n      ]"

    def _one(self, source: Source) -> str:
        key = id(source)
        if key not in self._written:
            shown = _source(source, self._explain)
            tree = _with_inputs(shown, self._names) if self._names else shown
            self._written[key] = _dumped(tree).replace("\n", "\n        ")
        return self._written[key]


_KEPT = "\0 sources"
_PLACE = json.dumps(_KEPT)
"""Stands for a list of sources until they are put in: no text of a report has such a character."""


def _target(answer: Answer) -> Object:
    return {
        "resource": answer.resource,
        "subnet": answer.subnet,
        "family": answer.family,
        "protocol": answer.protocol,
        "port": answer.port,
        "verdict": answer.verdict.value,
        "security_groups": [_group(group) for group in answer.groups if group.certain],
        "public_address": answer.public_address,
        "listener": answer.listener,
        "sources": _KEPT,
        "latent": _KEPT,
        "unknowns": [
            {"resource": u.resource, "attribute": u.attribute, "effect": u.effect} for u in answer.unknowns
        ],
    }


def _group(group: GroupOnInterface) -> Object:
    return {"resource": group.resource, "role": group.role, "implicit": group.implicit}


def _source(source: Source, explain: bool) -> Object:
    shown: Object = {"scope": source.scope}
    if source.scope != "internet":
        shown["resource"] = source.resource or None
    if source.has_subnet:
        shown["subnet"] = source.subnet
    if source.scope not in _WITHOUT_CIDRS:
        shown["cidrs"] = None if source.cidrs is None else list(source.cidrs)
        if source.cidrs is None:
            shown["cidrs_of"] = list(source.cidrs_of)
    shown["verdict"] = source.verdict.value
    if source.scope == "internet" and source.via:
        shown["via"] = source.via
    if source.mitigated_by:
        shown["mitigated_by"] = list(source.mitigated_by)
    if source.missing:
        shown["missing"] = source.missing
    if source.verdict is Verdict.BLOCKED and not source.missing:
        shown["blocked_by"] = [
            {"layer": b.layer, "resource": b.resource, "text": b.text} for b in source.blocked_by
        ]
    if explain:
        shown["path"] = [_hop(hop) for hop in source.path]
    return shown


def _hop(hop: Hop) -> Object:
    return {
        "layer": hop.layer,
        "resource": hop.resource,
        "rule": hop.rule,
        "text": hop.text,
        "location": line(hop.location),
    }


def _attack_path(path: AttackPath) -> Object:
    shown: Object = {
        "target": {"resource": path.resource, "subnet": path.subnet, "family": path.family},
        "port": path.port,
        "verdict": path.verdict.value,
        "hops": [{"from": hop.source, "to": hop.target, "port": hop.port} for hop in path.hops],
    }
    if path.cut is not None:
        shown["cut"] = {
            "exact": path.cut.exact,
            "verified": path.cut.verified,
            "changes": [
                {
                    "resource": change.resource,
                    "rule": change.rule,
                    "text": change.text,
                    "location": line(change.location),
                }
                for change in path.cut.changes
            ],
        }
    return shown


def _coverage(coverage: Coverage) -> Object:
    return {
        "unmodelled": [
            {"type": u.type, "resources": list(u.resources), "effect": u.effect} for u in coverage.unmodelled
        ],
        "unresolved": [
            {"resource": u.resource, "attribute": u.attribute, "reason": u.reason}
            for u in coverage.unresolved
        ],
        "assumptions": [
            {"subject": a.subject, "assumed": a.assumed, "fact": a.fact} for a in coverage.assumptions
        ],
    }
