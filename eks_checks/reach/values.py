"""The values that something not known may take, in words, with what to settle for each."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.aws.vpc import BlockMode
from eks_checks.reach.answer import Answer, Source
from eks_checks.reach.trials import Choice, Held, Where
from eks_checks.sets import Family

_MOST = 6
"""Candidates that are tried one by one; of more, none is."""
_COVER = re.compile(r"cidr|prefix_list|entry|routes|destination")
_TRAFFIC = ("protocol", "ip_protocol", "from_port", "to_port", "icmp_type", "icmp_code")
_GROUPS = ("security_groups", "source_security_group_id", "referenced_security_group_id")

Value = tuple[Choice, str]


def values_of(estate: Estate, fact: Held, where: Where, answer: Answer, source: Source) -> Iterator[Value]:
    """(what to settle, words for the value) for one unknown, as far as it matters to one source."""
    attribute = re.sub(r"\[\d+\]", "", where[1]).rpartition(".")[2]
    words = next(((c.yes, c.no) for c in fact.causes if c.yes), None)
    if "BlockPublicAccess" in fact.types:
        if attribute == "internet_gateway_block_mode":
            known = (BlockMode.OFF, BlockMode.INGRESS, BlockMode.BIDIRECTIONAL)
            yield from ((mode.value, mode.value) for mode in known)
    elif words is not None:
        yield from ((True, words[0]), (False, words[1]))
    elif "Route" in fact.types:
        yield from _of_route(estate, attribute, answer, source)
    elif fact.numbers:
        yield from _of_places(fact.numbers)
    elif fact.types & {"Rule", "AclEntry"} and attribute in _TRAFFIC:
        traffic = f"{answer.protocol} {answer.port}" if answer.port else answer.protocol
        yield from ((True, f"it covers {traffic}"), (False, "not"))
    elif "AclEntry" in fact.types and _COVER.search(attribute):
        need = "both ends" if source.has_subnet else _addresses(estate, answer, source)
        yield from ((True, f"it covers {need}"), (False, "it covers none of it"))
    elif "Rule" in fact.types:
        yield from _of_rule(estate, fact, attribute, answer, source)
    else:
        yield from _of_link(estate, fact)


def _of_route(estate: Estate, attribute: str, answer: Answer, source: Source) -> Iterator[Value]:
    if source.scope != "internet":
        return
    if _COVER.search(attribute):
        everything = "0.0.0.0/0" if answer.family == "ipv4" else "::/0"
        yield from ((True, f"it is {everything}"), (False, f"it covers no address of {source.scope}"))
    elif attribute == "route_table_id":
        yield from ((True, f"it is the table of {answer.subnet or 'its subnet'}"), (False, "it is another"))
    elif len(estate.internet_gateways) <= _MOST:
        for key, gateway in estate.internet_gateways.items():
            yield key, f"it is {gateway.resource}"
        yield False, "it is no internet gateway"


def _of_places(numbers: tuple[int, ...]) -> Iterator[Value]:
    """A place before, between and behind the other entries (B2)."""
    if len(numbers) > _MOST:
        return
    first, last = numbers[0], numbers[-1]
    yield 0, f"below {first}"
    for low, high in itertools.pairwise(numbers):
        if high - low > 1:
            yield low + 1, f"between {low} and {high}"
    yield last + 1, f"above {last}"


def _of_rule(estate: Estate, fact: Held, attribute: str, answer: Answer, source: Source) -> Iterator[Value]:
    outward = fact.directions == {"egress"}
    if _COVER.search(attribute):
        needed = _target_addresses(estate, answer) if outward else _addresses(estate, answer, source)
        yield from ((True, f"it covers {needed}"), (False, "it covers none of it"))
    elif attribute == "security_group_id":
        owner = source.resource if outward else answer.resource
        yield from ((True, f"it is a group of {owner}"), (False, "it is another"))
    elif attribute in _GROUPS and not fact.candidates:
        far = answer.resource if outward else source.resource
        carried = _carried(estate, far) if outward or source.has_subnet else ()
        if len(carried) <= _MOST:
            yield from ((key, f"it is {_name(estate, key)}, which {far} carries") for key in carried)
        if 0 < len(carried) <= _MOST:
            yield False, "it is any other group"
    elif attribute != "type":
        yield from _of_link(estate, fact)


def _of_link(estate: Estate, fact: Held) -> Iterator[Value]:
    listed = "KeySet" in fact.types
    verb = "it holds" if listed else "it is"
    if fact.candidates and len(fact.candidates) <= _MOST:
        for key in fact.candidates:
            yield key, f"{verb} {_name(estate, key)}{' alone' if listed else ''}"
        # Where it may be something else, that may let the source in as well.
        if listed and not fact.elsewhere:
            yield False, f"{verb} none of these"
    elif listed and not fact.candidates:
        yield from ((True, "it holds a group that admits this"), (False, "it holds none more"))
    elif "SecurityGroup" in fact.types:
        yield from ((True, "it holds a rule that admits this"), (False, "it holds none"))
    elif "NetworkAcl" in fact.types:
        yield from ((True, "it lets this through"), (False, "it does not"))
    elif fact.types == {"Interface"}:
        yield from ((True, "it is there"), (False, "it is not"))


def _name(estate: Estate, key: str) -> str:
    group = estate.security_groups.get(key)
    if group is None:
        for objects in (estate.route_tables, estate.network_acls, estate.subnets, estate.vpcs):
            if key in objects:
                return str(objects[key].resource)
        return key
    role = {"cluster": "the cluster group of ", "default": "the default group of "}.get(group.kind, "")
    return f"{role}{group.resource}"


def _carried(estate: Estate, resource: str) -> tuple[str, ...]:
    """Keys of the groups that ``resource`` carries or may, sorted; none where not all are known."""
    everyone = (*estate.everyone, *estate.passive)
    mine: list[Interface] = [i for i in everyone if i.resource == resource]
    listed = [shape.groups for i in mine for shape in i.shapes]
    if any(groups.open for groups in listed):
        return ()
    return tuple(sorted({key for groups in listed for key in groups.candidates}))


def _addresses(estate: Estate, answer: Answer, source: Source) -> str:
    if source.cidrs:
        more = f" and {len(source.cidrs) - 2} more" if len(source.cidrs) > 3 else ""
        shown = source.cidrs[:2] if more else source.cidrs
        return ", ".join(shown) + more
    if source.cidrs_of:
        return " and ".join(source.cidrs_of)
    return _block(estate, source.subnet, (_family(answer),)) or f"the addresses of {source.resource}"


def _target_addresses(estate: Estate, answer: Answer) -> str:
    return _block(estate, answer.subnet, (_family(answer),)) or f"the addresses of {answer.resource}"


def _family(answer: Answer) -> Family:
    return "ipv4" if answer.family == "ipv4" else "ipv6"


def _block(estate: Estate, name: str | None, families: tuple[Family, ...]) -> str:
    """The block of a subnet as far as it is a real one."""
    found = [s for s in estate.subnets.values() if name is not None and name in (s.resource, s.key)]
    for subnet in found[:1]:
        for family in families:
            real = [b.addresses.family(family) for b in subnet.blocks if not b.symbol]
            told = [cidr for addresses in real if addresses for cidr in addresses.to_cidrs()]
            if told:
                return ", ".join(told)
    return ""
