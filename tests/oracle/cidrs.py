"""The `cidrs` of an answer: is the list as the contract promises, and which addresses does it hold?"""

from __future__ import annotations

import ipaddress

from .addresses import SPECIAL
from .packets import Cidr, cidr, last_of


class CidrList:
    def __init__(self, texts: list[str], family: int) -> None:
        self.texts, self.family = texts, family
        self.blocks = [cidr(text) for text in texts]

    def holds(self, address: int) -> bool:
        return any(block.family == self.family and block.holds(address) for block in self.blocks)

    def within(self, outer: list[Cidr]) -> bool:
        return all(
            any(big.holds(block.base) and big.length <= block.length for big in outer)
            for block in self.blocks
        )

    def borders(self) -> list[int]:
        """First and last address of each block, and their neighbours outside."""
        top = 2 ** (32 if self.family == 4 else 128)
        found = set()
        for block in self.blocks:
            first, last = block.base, last_of(block)
            found.update(address for address in (first - 1, first, last, last + 1) if 0 <= address < top)
        return sorted(found)

    def samples(self) -> list[int]:
        """Enough to find a global address if there is one: beside every special block inside."""
        found = {address for block in self.blocks for address in (block.base, last_of(block))}
        for special in [*SPECIAL, cidr("2000::/3"), cidr("0.0.0.0/0")]:
            if special.family == self.family:
                found.update((special.base - 1, special.base, last_of(special), last_of(special) + 1))
        return sorted(address for address in found if address >= 0 and self.holds(address))

    def faults(self) -> list[str]:
        faults = []
        for text, block in zip(self.texts, self.blocks, strict=False):
            if block.family != self.family:
                faults.append(f"{text} is of the other family")
            elif str(ipaddress.ip_network(text, strict=False)) != text:
                faults.append(f"{text} is not written canonically")
        for before, after in zip(self.blocks, self.blocks[1:], strict=False):
            if after.base <= last_of(before):
                faults.append(f"{after} does not come after {before}")
            elif (
                before.length == after.length
                and before.base ^ after.base == last_of(before) - before.base + 1
            ):
                faults.append(f"the neighbours {before} and {after} make one block")
        return faults
