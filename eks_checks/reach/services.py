"""Whether hosts of a subnet reach an AWS service over 443: by NAT or the like, or by a VPC endpoint (F6).

Sound both ways, as the engine is: yes for every value of what is not known, no for none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import NO, YES, Cause, Truth, absent
from eks_checks.aws.vpc import Subnet
from eks_checks.aws.ways_out import GATEWAY, INTERFACE, VpcEndpoint
from eks_checks.reach.answer import Answer, Source, Verdict
from eks_checks.reach.engine import Question
from eks_checks.reach.outward import Outward

_HTTPS = (443, 443)
_FIRST = ("interface", "pods")
"""Scopes under which hosts are told, the first that is there: nodes are both, other pods are pods."""

Ask = Callable[[Question], "tuple[Answer, ...]"]


@dataclass(frozen=True)
class Shortfall:
    """An endpoint of the service that does not, or may not, serve the hosts, and why.

    ``resource`` is what keeps them out, ``attribute`` its argument where one alone does.
    """

    endpoint: str
    resource: str
    text: str
    attribute: str = ""


@dataclass(frozen=True)
class Access:
    """Whether the hosts reach ``service``; ``shortfalls`` are the endpoints that are there and do not do."""

    service: str
    truth: Truth
    shortfalls: tuple[Shortfall, ...] = ()


class ServiceAccess:
    """Ways from subnets of one estate to AWS services.

    ``ask`` asks the engine; ``services`` are those that will be asked for, ``hosts`` the
    resources whose interfaces will be asked about: one question covers all.
    """

    def __init__(self, estate: Estate, ask: Ask, services: Iterable[str], hosts: Iterable[Interface]) -> None:
        """Nothing is asked yet."""
        self._estate = estate
        self._ask = ask
        self._services = tuple(services)
        self._hosts = tuple(sorted({host.resource for host in hosts}))
        self._asked: dict[tuple[str, str, str | None], list[Source]] | None = None
        self._told: frozenset[str] = frozenset()
        self.outward = Outward(estate)

    def of(self, host: Interface, service: str) -> Access:
        """Whether the host, in its subnet, reaches the service."""
        subnet = self._estate.subnets.get(host.subnet or "")
        if subnet is None:
            return Access(service, Truth(None, host.causes))
        ways = [self.outward.of(host, subnet)]
        shortfalls: list[Shortfall] = []
        if not ways[0].surely:
            for endpoint in self._endpoints(subnet, service):
                truth, why = self._serves(endpoint, host, subnet)
                ways.append(_doubted(truth, endpoint, service, subnet))
                shortfalls.extend(why)
            ways.extend(self._beyond(subnet))
        return Access(service, one_of(ways), tuple(dict.fromkeys(shortfalls)))

    def _beyond(self, subnet: Subnet) -> Iterator[Truth]:
        """Endpoints that the inputs do not show: of a VPC that they do not manage, or under other names."""
        names = self._estate.particulars.foreign_names
        if names:
            yield Truth(None, names)
        for key in subnet.vpc.keys:
            vpc = self._estate.vpcs.get(key)
            if vpc is None or not vpc.managed:
                yield Truth(None, (absent(key, "endpoints"),))
        if subnet.vpc.open:
            why = Cause(subnet.resource, "vpc_id", "which endpoints its VPC has is not known")
            yield Truth(None, subnet.vpc.causes or (why,))

    def _endpoints(self, subnet: Subnet, service: str) -> list[VpcEndpoint]:
        found = self._estate.particulars.vpc_endpoints.values()
        here = [key for key in subnet.vpc.keys if key] or [""]
        return [
            each
            for each in found
            if each.may_serve(service) and (subnet.vpc.open or any(each.vpc.may_be(key) for key in here))
        ]

    def _serves(
        self, endpoint: VpcEndpoint, host: Interface, subnet: Subnet
    ) -> tuple[Truth, tuple[Shortfall, ...]]:
        if endpoint.kind == GATEWAY:
            return self._by_gateway(endpoint, subnet)
        if endpoint.kind not in (INTERFACE, ""):
            return NO, ()
        reached, shortfalls = self._by_interface(endpoint, host, subnet)
        if not reached.possibly:
            return NO, shortfalls
        if not endpoint.private_dns.possibly:
            why = "the service's name does not lead to it: private_dns_enabled is off"
            off = Shortfall(endpoint.resource, endpoint.resource, why, "private_dns_enabled")
            return NO, (*shortfalls, off)
        unknown = endpoint.kind == "" or not endpoint.private_dns.surely
        if unknown:
            open_kind = (Cause(endpoint.resource, "vpc_endpoint_type", "known after apply"),)
            causes = (*endpoint.private_dns.causes, *(() if endpoint.kind else open_kind))
            return Truth(None, (*causes, *reached.causes)), shortfalls
        return reached, shortfalls

    def _by_gateway(self, endpoint: VpcEndpoint, subnet: Subnet) -> tuple[Truth, tuple[Shortfall, ...]]:
        """A gateway endpoint serves the subnets whose tables it has put its routes into (C20)."""
        tables, listed = subnet.route_table, endpoint.route_tables
        if tables.keys and not tables.open and listed.sure.issuperset(tables.keys):
            return YES, ()
        perhaps = (
            tables.open or not tables.keys or listed.open or not listed.candidates.isdisjoint(tables.keys)
        )
        if perhaps:
            causes = (*tables.causes, *listed.causes)
            why = Cause(endpoint.resource, "route_table_ids", "which route tables it is associated with")
            return Truth(None, causes or (why,)), ()
        why_not = f"it is not associated with the route table of {subnet.resource}"
        return NO, (Shortfall(endpoint.resource, endpoint.resource, why_not, "route_table_ids"),)

    def _by_interface(
        self, endpoint: VpcEndpoint, host: Interface, subnet: Subnet
    ) -> tuple[Truth, tuple[Shortfall, ...]]:
        """An interface endpoint serves whoever gets to its interfaces: routes, ACLs, groups at both ends."""
        known = self._sources()
        if not endpoint.managed:
            why_open = Cause(
                endpoint.resource, "security_group_ids", "who gets to its interfaces is not told"
            )
            return Truth(None, (why_open,)), ()
        if endpoint.resource not in self._told:
            why = "it has no interface: subnet_ids names no subnet"
            return NO, (Shortfall(endpoint.resource, endpoint.resource, why, "subnet_ids"),)
        found = known.get((endpoint.resource, host.resource, subnet.resource), [])
        verdicts = {source.verdict for source in found}
        shortfalls = tuple(
            Shortfall(endpoint.resource, blocker.resource or endpoint.resource, blocker.text)
            for source in found
            for blocker in source.blocked_by
        )
        if verdicts == {Verdict.REACHABLE}:
            return YES, ()
        if not verdicts or verdicts == {Verdict.BLOCKED}:
            return NO, shortfalls
        causes = tuple(Cause(u.resource, u.attribute, u.reason) for source in found for u in source.unknowns)
        some = Cause(endpoint.resource, "subnet_ids", "the hosts get to some of its interfaces, not to all")
        return Truth(None, causes or (some,)), shortfalls

    def _sources(self) -> dict[tuple[str, str, str | None], list[Source]]:
        """(endpoint, host, host's subnet) to what the engine says, one entry for each of its interfaces."""
        if self._asked is None:
            wanted = {
                each.resource
                for each in self._estate.particulars.vpc_endpoints.values()
                if each.kind != GATEWAY and any(each.may_serve(service) for service in self._services)
            }
            self._told = frozenset(i.resource for i in self._estate.passive if i.resource in wanted)
            self._asked = _grouped(self._answers(tuple(sorted(self._told))))
        return self._asked

    def _answers(self, endpoints: tuple[str, ...]) -> tuple[Answer, ...]:
        if not endpoints or not self._hosts:
            return ()
        return self._ask(Question(ports=_HTTPS, families=("ipv4",), targets=endpoints, sources=self._hosts))


def one_of(ways: Iterable[Truth]) -> Truth:
    """Whether any of several ways is there."""
    found = tuple(ways)
    if any(way.surely for way in found):
        return YES
    causes = tuple(dict.fromkeys(cause for way in found if way.possibly for cause in way.causes))
    return Truth(None, causes) if any(way.possibly for way in found) else NO


def _doubted(truth: Truth, endpoint: VpcEndpoint, service: str, subnet: Subnet) -> Truth:
    """The same where the endpoint, its service or its VPC is not sure."""
    sure = endpoint.service == service and endpoint.vpc.exact is not None
    sure = sure and endpoint.vpc.exact == subnet.vpc.exact and not endpoint.doubts
    if sure or not truth.possibly:
        return truth
    return Truth(None, (*endpoint.doubts, *endpoint.causes, *endpoint.vpc.causes, *truth.causes))


def _grouped(answers: tuple[Answer, ...]) -> dict[tuple[str, str, str | None], list[Source]]:
    grouped: dict[tuple[str, str, str | None], list[Source]] = {}
    for answer in answers:
        here: dict[tuple[str, str | None], Source] = {}
        for scope in reversed(_FIRST):
            for source in answer.sources:
                if source.scope == scope:
                    here[source.resource, source.subnet] = source
        for (resource, subnet), source in here.items():
            grouped.setdefault((answer.resource, resource, subnet), []).append(source)
    return grouped
