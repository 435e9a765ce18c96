"""Terraform's functions of IP networks."""

from __future__ import annotations

import ipaddress
import re
from typing import TypeAlias

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.kinds import NUMBER, STRING
from eks_checks.terraform.functions.knowledge import UndeterminedError
from eks_checks.terraform.functions.number import Number
from eks_checks.terraform.functions.signature import Function, plain
from eks_checks.terraform.functions.strings import whole
from eks_checks.terraform.value import Unknown

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_LENGTH = re.compile(r"\d{1,3}", re.ASCII)
_LEADING_ZERO = re.compile(r"(^|\.)0+(?=\d)")
# What cidrsubnets() allows, whatever the family; cidrsubnet() has no such limit.
_MOST_NEW_BITS = 32


def _network(prefix: str) -> Network:
    address, slash, length = prefix.partition("/")
    if not slash or not _LENGTH.fullmatch(length):
        raise EvaluationError(f'"{prefix}" is no prefix in CIDR notation')
    # Terraform reads 010.0.0.1 as 10.0.0.1, as it always has.
    decimal = _LEADING_ZERO.sub(r"\1", address) if ":" not in address else address
    try:
        network = ipaddress.ip_network(f"{decimal}/{int(length)}", strict=False)
    except ValueError as error:
        raise EvaluationError(f'"{prefix}" is no prefix in CIDR notation') from error
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped is not None:
        # Terraform 1.11 shifts their bits in a way of its own.
        raise UndeterminedError(Unknown("networks of IPv4-mapped addresses are not evaluated"))
    return network


def _cidrhost(prefix: str, number: Number) -> str:
    network, host = _network(prefix), whole(number, "the number of a host")
    size = network.num_addresses
    if not -size <= host < size:
        raise EvaluationError(f"{prefix} has no host number {host}")
    return _address(network, int(network.network_address) + host % size)


def _cidrnetmask(prefix: str) -> str:
    network = _network(prefix)
    if network.version == 6:
        raise EvaluationError("an IPv6 prefix has no netmask")
    return str(network.netmask)


def _cidrsubnet(prefix: str, new_bits: Number, number: Number) -> str:
    network = _network(prefix)
    bits, subnet = whole(new_bits, "the number of new bits"), whole(number, "the number of a subnet")
    if bits < 0 or subnet < 0:
        # Terraform 1.11 does not refuse these, and answers with networks elsewhere.
        raise UndeterminedError(Unknown("cidrsubnet() of negative numbers is not evaluated"))
    length = _longer(network, bits)
    if subnet >= 1 << (length - network.prefixlen):
        raise EvaluationError(f"{prefix} has no subnet number {subnet}")
    start = int(network.network_address) + (subnet << (network.max_prefixlen - length))
    return f"{_address(network, start)}/{length}"


def _cidrsubnets(prefix: str, *new_bits: Number) -> list[str]:
    network = _network(prefix)
    next_address = int(network.network_address)
    end = next_address + network.num_addresses
    subnets: list[str] = []
    for bits in new_bits:
        if not 1 <= whole(bits, "the number of new bits") <= _MOST_NEW_BITS:
            raise EvaluationError(f"a subnet of cidrsubnets() is extended by 1 to {_MOST_NEW_BITS} bits")
        length = _longer(network, int(bits))
        size = 1 << (network.max_prefixlen - length)
        # Each subnet begins where the one before ends, or at the next multiple of its own size.
        start = -(-next_address // size) * size
        if start + size > end:
            raise EvaluationError(f"{prefix} has no room for all subnets")
        subnets.append(f"{_address(network, start)}/{length}")
        next_address = start + size
    return subnets


def _longer(network: Network, new_bits: int) -> int:
    length = network.prefixlen + new_bits
    if length > network.max_prefixlen:
        raise EvaluationError(f"{network} cannot be extended by {new_bits} bits")
    return length


def _address(network: Network, number: int) -> str:
    return str(ipaddress.IPv4Address(number) if network.version == 4 else ipaddress.IPv6Address(number))


FUNCTIONS: tuple[Function, ...] = (
    plain("cidrhost", [STRING, NUMBER], _cidrhost),
    plain("cidrnetmask", [STRING], _cidrnetmask),
    plain("cidrsubnet", [STRING, NUMBER, NUMBER], _cidrsubnet),
    plain("cidrsubnets", [STRING], _cidrsubnets, variadic=NUMBER),
)
