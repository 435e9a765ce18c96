"""Which interfaces a question is about: the nodes, everything, or what ``--to`` names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from eks_checks.aws.eks import Cluster
from eks_checks.aws.estate import Estate
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import Truth
from eks_checks.errors import UsageError
from eks_checks.reach.selection import matches

NAMED_ONLY = ("control_plane", "pods", "fargate", "service", "passive")
"""Kinds of interfaces that are targets only where a question names them."""
_MOST_NAMES = 12
KUBELET, READ_ONLY_KUBELET, API = 10250, 10255, 443
NODE_PORTS = (30000, 32767)
SSH = 22


class Targets:
    """The targets of one estate."""

    def __init__(self, estate: Estate) -> None:
        """Nothing is looked at yet."""
        self._estate = estate
        self._doubtful: dict[int, Interface] = {}

    def chosen(self, names: Sequence[str], *, everything: bool) -> tuple[Interface, ...]:
        """The interfaces: those that are or may be EKS nodes, with ``everything`` all that one can log in to.

        With ``names`` (addresses, or prefixes of them) those alone; what never runs code of the user's,
        as a database, only where a name has its type. Raises UsageError for a name that fits nothing.
        """
        if not names:
            known = (i for i in self._estate.interfaces if i.kind not in NAMED_ONLY)
            return tuple(i for i in known if everything or i.node.possibly)
        for name in names:
            if not any(self._named(i, name) for i in self._all()) and not self.clusters([name]):
                raise self._nothing(name)
        return tuple(i for i in self._all() if any(self._named(i, name) for name in names))

    def clusters(self, names: Sequence[str]) -> tuple[Cluster, ...]:
        """The clusters that ``names`` name, whose public endpoint is there or may be."""
        found = (c for c in self._estate.clusters.values() if c.endpoint.public.possibly)
        return tuple(c for c in found if any(self._by_type(c.resource, name) for name in names))

    def _all(self) -> Iterator[Interface]:
        yield from (i for i in self._estate.interfaces if i.kind != "control_plane")
        yield from (self._private(i) for i in self._estate.interfaces if self._answers(i))
        yield from self._estate.passive

    def _answers(self, interface: Interface) -> bool:
        # NOTE: the API is on the control-plane interfaces only with a private endpoint (G1, G2).
        return interface.kind == "control_plane" and self._endpoint(interface).possibly

    def _private(self, interface: Interface) -> Interface:
        """The interface as a target: there for clients only as surely as the private endpoint is."""
        private = self._endpoint(interface)
        if private.surely:
            return interface
        if id(interface) not in self._doubtful:
            causes = (*interface.causes, *private.causes)
            self._doubtful[id(interface)] = replace(interface, certain=False, causes=causes)
        return self._doubtful[id(interface)]

    def _endpoint(self, interface: Interface) -> Truth:
        clusters = (self._estate.clusters.get(key) for key in interface.cluster.keys)
        return next((c.endpoint.private for c in clusters if c is not None), Truth(None))

    def _named(self, interface: Interface, name: str) -> bool:
        if interface.kind in NAMED_ONLY:
            return self._by_type(interface.resource, name)
        return any(matches(spelling, name) for spelling in self._estate.names.spellings(interface.resource))

    def _by_type(self, resource: str, name: str) -> bool:
        """Whether ``name`` is the resource or a prefix of its address that says its type."""
        for spelling in self._estate.names.spellings(resource):
            types = _TYPE.findall(spelling) or [spelling]
            if matches(spelling, name) and types[-1] in re.split(r"[.:\[]", name):
                return True
        return False

    def _nothing(self, name: str) -> UsageError:
        if any(self._by_type(cluster.resource, name) for cluster in self._estate.clusters.values()):
            hint = "endpoint_public_access and endpoint_private_access are both off: AWS refuses that"
            return UsageError(f"{name} has no API endpoint", where="--to", hint=hint)
        open_ = [i for i in self._estate.interfaces if i.kind not in NAMED_ONLY]
        further = [i for i in (*self._estate.interfaces, *self._estate.passive) if i.kind in NAMED_ONLY]
        known = tuple(dict.fromkeys(i.resource for i in (*open_, *further)))
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.8)
        listed = ", ".join(known[:_MOST_NAMES]) or "none"
        more = f" and {len(known) - _MOST_NAMES} more" if len(known) > _MOST_NAMES else ""
        hint = f"did you mean {' or '.join(near)}?" if near else f"the inputs have: {listed}{more}"
        return UsageError(f"no interface's address is or starts with {name!r}", where="--to", hint=hint)


_TYPE = re.compile(r"(?:^|[.:])([a-z][a-z0-9]*_[a-z0-9_]+)\.[A-Za-z_][\w-]*(?=\[|$)")
"""The type in a resource's address: what the name at the end follows."""


def listener(interface: Interface, protocol: str, ports: tuple[int, int]) -> tuple[str, str]:
    """Whether something listens there (``yes``, ``no``, ``unknown``) as far as the inputs tell, and why."""
    if interface.resource.startswith("aws_lambda") or ".aws_lambda_function." in interface.resource:
        return "no", "a function takes no connections on its interface"
    low, high = ports
    if protocol == "tcp" and ports == (SSH, SSH):
        if interface.kind in ("control_plane", "fargate"):
            return "no", "nobody can log in there"
        return str(interface.listener_ssh), interface.listener_note
    if protocol == "tcp" and ports == (API, API) and interface.kind == "control_plane":
        return "yes", "the API server"
    if not interface.node.surely or protocol == "icmp":
        return "unknown", ""
    if protocol == "tcp" and ports == (KUBELET, KUBELET):
        return "yes", "the kubelet"
    if protocol == "tcp" and ports == (READ_ONLY_KUBELET, READ_ONLY_KUBELET):
        return "unknown", "the kubelet's read-only port is off unless user data turns it on"
    if NODE_PORTS[0] <= low and high <= NODE_PORTS[1]:
        return "unknown", "a NodePort listens once a Service uses it"
    return "unknown", ""
