"""Which sources were asked for by name (``--from``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eks_checks.naming import UNSHARED, Names
from eks_checks.sets import AddressSet

NOTHING = AddressSet.empty()


@dataclass(frozen=True)
class Selection:
    """``internet``, resource addresses or prefixes, and CIDRs; ``everything`` where nothing was named.

    ``exact`` are whole addresses: looked up rather than compared one by one. With ``known_only`` sources
    that are blocked are of no interest, unless they are ``latent`` ones and these are asked for. ``spelled``
    tells how resources may be named.
    """

    everything: bool = True
    internet: bool = False
    resources: tuple[str, ...] = ()
    addresses: AddressSet = NOTHING
    exact: frozenset[str] = frozenset()
    known_only: bool = False
    latent: bool = False
    spelled: Names = UNSHARED

    @classmethod
    def of(cls, names: Iterable[str], spelled: Names = UNSHARED) -> Selection:
        """Read what the user named: ``internet``, a CIDR or address, else a resource address or prefix."""
        resources: list[str] = []
        addresses = AddressSet.empty()
        internet = False
        given = tuple(names)
        for name in given:
            if name == "internet":
                internet = True
                continue
            cidr = _cidr(name)
            if cidr is None:
                resources.append(name)
            else:
                addresses = addresses | cidr
        return cls(not given, internet, tuple(resources), addresses, spelled=spelled)

    @property
    def open_only(self) -> bool:
        """Whether blocked sources are of no interest, so that what surely does not get in may be left out."""
        return self.everything or self.known_only

    def within(
        self, scope: str, resource: str, addresses: AddressSet, also: Iterable[str] = ()
    ) -> AddressSet:
        """The part of a source's addresses that was asked for; ``also`` are other names for it."""
        # Whoever asks who gets in from the internet, and of nothing else, means by balancers too.
        if self.everything or (scope == "internet" and self.internet):
            return addresses
        if scope == "load_balancer" and self.internet and self.known_only:
            return addresses
        if resource and (resource in self.exact or self._named(resource)):
            return addresses
        if any(self._named(name) for name in also):
            return addresses
        return addresses & self.addresses if self.addresses else NOTHING

    def _named(self, resource: str) -> bool:
        if not self.resources:
            return False
        spellings = self.spelled.spellings(resource)
        return any(matches(spelling, name) for spelling in spellings for name in self.resources)


def matches(address: str, name: str) -> bool:
    """Whether ``name`` is ``address`` or a prefix of it that ends where a step of the address ends."""
    if not address.startswith(name):
        return False
    return len(address) == len(name) or address[len(name)] in ".[" or name.endswith((".", "["))


def _cidr(name: str) -> AddressSet | None:
    try:
        return AddressSet.from_cidr(name) if "/" in name else AddressSet.from_address(name)
    except ValueError:
        return None
