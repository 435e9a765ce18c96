"""The contract's JSON documents as JSON Schemas: no key more, no key less, in any story."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
MAYBE: Schema = {"type": ["string", "null"], "minLength": 1}
ANY_TEXT: Schema = {"type": "string"}
YES_NO_UNKNOWN: Schema = {"enum": ["yes", "no", "unknown"]}
SEVERITY: Schema = {"enum": ["critical", "high", "medium", "low", "info"]}


def record(optional: dict[str, Schema] | None = None, **keys: Schema) -> Schema:
    """An object with just these keys, those of ``optional`` left out at will."""
    properties = {**keys, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(keys), "additionalProperties": False}


def many(items: Schema, least: int = 0) -> Schema:
    """A list."""
    return {"type": "array", "items": items, "minItems": least}


def or_null(schema: Schema) -> Schema:
    """The schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


LINE = or_null(record(file=TEXT, line={"type": "integer", "minimum": 1}))
SPAN = or_null(
    record(file=TEXT, line={"type": "integer", "minimum": 1}, end_line={"type": "integer", "minimum": 1})
)

COVERAGE = record(
    unmodelled=many(record(type=TEXT, resources=many(TEXT), effect=TEXT)),
    unresolved=many(record(resource=TEXT, attribute=TEXT, reason=TEXT)),
    assumptions=many(record(subject=TEXT, assumed=TEXT, fact=ANY_TEXT)),
)


def _source(verdicts: list[str], explain: bool, latent: bool = False) -> Schema:
    cidrs = {"anyOf": [many(TEXT, 1), {"type": "null"}]}
    path = many(
        record(
            layer={
                "enum": [
                    "source",
                    "egress",
                    "network_acl",
                    "route",
                    "gateway",
                    "address",
                    "security_group",
                    "reply",
                    "target",
                ]
            },
            resource=ANY_TEXT,
            rule=ANY_TEXT,
            text=ANY_TEXT,
            location=LINE,
        )
    )
    rest: dict[str, Schema] = {"verdict": {"enum": verdicts}}
    if latent:
        rest["missing"] = {"enum": ["public_address", "route"]}
    if explain:
        rest["path"] = path
    blocked = {
        "blocked_by": many(
            record(
                layer={"enum": ["route", "address", "nacl", "security_group", "egress"]},
                resource=ANY_TEXT,
                text=TEXT,
            )
        )
    }
    ranged = {"cidrs_of": many(TEXT, 1)}
    scopes: list[Schema] = [
        record({"via": TEXT, **blocked}, scope={"const": "internet"}, cidrs=many(TEXT, 1), **rest),
        record(
            {**ranged, **blocked},
            scope={"enum": ["vpc", "peering", "transit_gateway", "vpn", "client_vpn", "load_balancer"]},
            resource=MAYBE,
            cidrs=cidrs,
            **rest,
        ),
        record(
            {"mitigated_by": many(TEXT, 1), **blocked},
            scope={"enum": ["interface", "pods", "control_plane"]},
            resource=TEXT,
            subnet=MAYBE,
            **rest,
        ),
        record(blocked, scope={"const": "instance_connect_endpoint"}, resource=TEXT, **rest),
    ]
    return {"oneOf": scopes}


def reach(*, explain: bool) -> Schema:
    """``reach --format json``."""
    target = record(
        resource=TEXT,
        subnet=MAYBE,
        family={"enum": ["ipv4", "ipv6"]},
        protocol={"enum": ["tcp", "udp", "icmp"]},
        port={"type": ["string", "null"], "pattern": "^[0-9]+(-[0-9]+)?$"},
        verdict={"enum": ["reachable", "possible", "blocked"]},
        security_groups=many(
            record(
                resource=TEXT,
                role={"enum": ["cluster", "remote_access", "attached", "default"]},
                implicit={"type": "boolean"},
            )
        ),
        public_address=YES_NO_UNKNOWN,
        listener=YES_NO_UNKNOWN,
        sources=many(_source(["reachable", "possible", "blocked"], explain)),
        latent=many(_source(["blocked"], explain, latent=True)),
        unknowns=many(record(resource=TEXT, attribute=TEXT, effect=TEXT)),
    )
    change = record(resource=TEXT, rule=TEXT, text=TEXT, location=LINE)
    cut = record(exact={"type": "boolean"}, verified={"type": "boolean"}, changes=many(change))
    path = record(
        target=record(resource=TEXT, subnet=MAYBE, family={"enum": ["ipv4", "ipv6"]}),
        port={"type": "string", "pattern": "^[0-9]+(-[0-9]+)?$"},
        verdict={"enum": ["reachable", "possible"]},
        hops=many(record(**{"from": TEXT, "to": TEXT, "port": TEXT})),
        **({"cut": cut} if explain else {}),
    )
    return record(
        schema_version={"const": 1}, targets=many(target), attack_paths=many(path), coverage=COVERAGE
    )


SCAN = record(
    schema_version={"const": 1},
    tool=record(name={"const": "eks-checks"}, version=TEXT),
    inputs=many(
        record(path=TEXT, kind=TEXT, terraform_version=ANY_TEXT, resources={"type": "integer", "minimum": 0}),
        1,
    ),
    summary=record(
        fail={"type": "integer"},
        possible={"type": "integer"},
        suppressed={"type": "integer"},
        by_severity=record(**{word: {"type": "integer"} for word in SEVERITY["enum"]}),
    ),
    findings=many(
        record(
            check_id={"type": "string", "pattern": "^EKS[0-9]{3}$"},
            name={"type": "string", "pattern": "^[a-z0-9-]+$"},
            severity=SEVERITY,
            status={"enum": ["fail", "possible"]},
            resource=TEXT,
            location=SPAN,
            message=TEXT,
            evidence=many(record(resource=ANY_TEXT, text=TEXT, location=LINE)),
            remediation=TEXT,
            fingerprint=TEXT,
            change={"enum": ["new", "existing", "unknown"]},
        )
    ),
    checks=many(
        record(check_id=TEXT, passed=many(TEXT), not_applicable={"type": "boolean"}),
        1,
    ),
    coverage=COVERAGE,
)
